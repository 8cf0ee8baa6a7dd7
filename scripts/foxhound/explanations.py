"""Which words carry a transformer's answer, and whether that is true: what leaving them out does to the answer.

Integrated gradients (Sundararajan et al. 2017, from padding) and gradient times input by Captum, and leaving words out
one at a time. An explanation is faithful where its words matter more to the model than words at random: the
comprehensiveness of DeYoung et al. 2020 ("ERASER", section 4.2), in log-odds.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from captum.attr import LayerGradientXActivation, LayerIntegratedGradients
from scipy import stats
from torch import Tensor
from tqdm import tqdm
from transformers import PreTrainedModel

from foxhound.errors import FoxhoundError
from foxhound.saved_model import WORD, SavedModel, carried_by, without, words_read

STEPS = 20  # of the path that gradients are integrated along
SHARE = 0.2  # of a comment's words that are left out
RANDOM_DRAWS = 5

Explain = Callable[[str], np.ndarray]


def methods(model: PreTrainedModel, saved: SavedModel) -> dict[str, Explain]:
    """Method -> a function that gives each word of a text its share in the log-odds of hateful.

    Args:
        model: in evaluation mode, float32, on the CPU.
        saved: the same model, as `load_saved` gives it.
    """

    def odds(ids: Tensor, mask: Tensor) -> Tensor:
        logits = model(input_ids=ids, attention_mask=mask).logits
        return logits[:, saved.hateful] - logits[:, 1 - saved.hateful]

    layer = model.get_input_embeddings()
    integrated, product = LayerIntegratedGradients(odds, layer), LayerGradientXActivation(odds, layer)

    def by(attribute: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Explain:
        def explain(text: str) -> np.ndarray:
            encoding = saved.tokenizer.encode(text)
            ids, special = torch.tensor([encoding.ids]), torch.tensor([encoding.special_tokens_mask], dtype=torch.bool)
            blank = torch.where(special, ids, saved.padding)
            found = attribute(ids, blank, torch.ones_like(ids)).detach().sum(dim=-1)[0].double().numpy()
            starts = np.array([word.start() for word in WORD.finditer(text)])
            shares = np.zeros(len(starts))
            for (start, end), value in zip(encoding.offsets, found, strict=True):
                if end > start:  # special tokens stand nowhere
                    shares[np.searchsorted(starts, start, side="right") - 1] += value
            return shares

        return explain

    return {
        "leaving one word out": lambda text: np.array([effect for _, effect in carried_by(saved, text)]),
        "integrated gradients": by(
            lambda ids, blank, mask: integrated.attribute(ids, blank, additional_forward_args=mask, n_steps=STEPS)
        ),
        "gradient times input": by(lambda ids, blank, mask: product.attribute(ids, additional_forward_args=mask)),
    }


def faithfulness(
    saved: SavedModel, explain: Mapping[str, Explain], texts: Sequence[str], draws: int, seed: int
) -> pd.DataFrame:
    """The table `explanations`: how far the answer falls when the words that a method names are left out.

    Of each text a fifth of the words (at least one) is left out: those that most carried the class the model chose, or
    as many at random. Texts of fewer than two words say nothing and are not counted.

    Args:
        explain: as `methods` gives it.
        draws, seed: of the bootstrap over comments (percentile), and of the random words.

    Raises:
        FoxhoundError: fewer than two texts count.
    """
    generator = np.random.default_rng(seed)
    falls: dict[str, list[float]] = {name: [] for name in [*explain, "random"]}
    for text in tqdm(texts, desc="explaining", mininterval=10):
        read = words_read(saved, text)
        if read < 2:
            continue
        size = max(1, round(SHARE * read))
        [whole], [p] = saved.log_odds([text]), saved.probabilities([text])
        sign = 1 if p >= saved.threshold else -1
        left_out = [np.argsort(-sign * function(text)[:read])[:size] for function in explain.values()]
        left_out += [generator.permutation(read)[:size] for _ in range(RANDOM_DRAWS)]
        fell = sign * (whole - saved.log_odds([without(text, some.tolist()) for some in left_out]))
        for name, fall in zip(explain, fell, strict=False):
            falls[name].append(float(fall))
        falls["random"].append(float(fell[len(explain) :].mean()))
    if len(falls["random"]) < 2:
        raise FoxhoundError("Too few comments of two words or more to test explanations on: raise `checks.explained`.")
    rows = []
    for name in explain:
        difference = np.subtract(falls[name], falls["random"])
        options = {"n_resamples": draws, "method": "percentile", "rng": np.random.default_rng(seed)}
        low, high = stats.bootstrap((difference,), np.mean, **options).confidence_interval
        means = {"drop": np.mean(falls[name]), "random": np.mean(falls["random"]), "difference": difference.mean()}
        rows.append({"method": name, "comments": len(difference), **means, "low": low, "high": high})
    return pd.DataFrame(rows)
