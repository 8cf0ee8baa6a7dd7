"""Explain a kept model's answers by words, and test the explanations by leaving these words out.

Of any model it is done by leaving words out one at a time; of a transformer also by integrated gradients (Sundararajan
et al. 2017, from padding) and gradient times input, both by Captum.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from captum.attr import LayerGradientXActivation, LayerIntegratedGradients
from torch import Tensor
from tqdm import tqdm
from transformers import PreTrainedModel

from foxhound.checks.faithfulness import RANDOM, RANDOM_DRAWS, compare_with_random, size_left_out
from foxhound.inference.kept_model import KeptModel
from foxhound.inference.transformer_model import TransformerModel
from foxhound.inference.word_effects import WORD, count_words_read, leave_out, word_effects

STEPS = 20  # on the path along which gradients are integrated

Explain = Callable[[str], np.ndarray]
"""Text -> share of each of its words in the log-odds of hateful, (words,)."""


def leaving_out(saved: KeptModel) -> dict[str, Explain]:
    """Return what explains any model, under its name."""
    return {"leaving one word out": lambda text: np.array([effect for _, effect in word_effects(saved, text)])}


def explanation_methods(model: PreTrainedModel, saved: TransformerModel) -> dict[str, Explain]:
    """Return method -> a function that gives each word of a text its share in the log-odds of hateful.

    Args:
        model: in evaluation mode, float32, on the CPU.
        saved: the same model, from `load_saved`.
    """

    def odds(ids: Tensor, mask: Tensor) -> Tensor:
        logits = model(input_ids=ids, attention_mask=mask).logits
        return logits[:, saved.hateful] - logits[:, 1 - saved.hateful]

    layer = model.get_input_embeddings()
    integrated, product = LayerIntegratedGradients(odds, layer), LayerGradientXActivation(odds, layer)
    return leaving_out(saved) | {
        "integrated gradients": lambda text: _word_shares(
            saved,
            text,
            lambda ids, blank, mask: integrated.attribute(ids, blank, additional_forward_args=mask, n_steps=STEPS),
        ),
        "gradient times input": lambda text: _word_shares(
            saved, text, lambda ids, blank, mask: product.attribute(ids, additional_forward_args=mask)
        ),
    }


def _word_shares(
    saved: TransformerModel, text: str, attribute: Callable[[Tensor, Tensor, Tensor], Tensor]
) -> np.ndarray:
    """Return each word's share, (words,): the sum of what `attribute` gives its tokens.

    Args:
        attribute: token ids, the same with padding for words, and the mask, all (1, tokens) -> (1, tokens, width).
    """
    encoding = saved.tokenizer.encode(text)
    ids, special = torch.tensor([encoding.ids]), torch.tensor([encoding.special_tokens_mask], dtype=torch.bool)
    blank = torch.where(special, ids, saved.padding)
    values = attribute(ids, blank, torch.ones_like(ids)).detach().sum(dim=-1)[0].double().numpy()
    starts = np.array([word.start() for word in WORD.finditer(text)])
    shares = np.zeros(len(starts))
    for (start, end), value in zip(encoding.offsets, values, strict=True):
        if end > start:  # special tokens stand for no part of the text
            shares[np.searchsorted(starts, start, side="right") - 1] += value
    return shares


def measure_faithfulness(
    saved: KeptModel, explain: Mapping[str, Explain], texts: Sequence[str], draws: int, seed: int
) -> pd.DataFrame:
    """Return the table `explanations`: how far log-odds fall when the words that a method names are left out.

    A fifth of each text's words (at least one) is left out: those with the largest share in the class that the model
    chose, or as many at random. Texts of fewer than two words are not counted.

    Args:
        explain: from `explanation_methods`.
        draws, seed: of the bootstrap over comments (percentile), and of the random words.

    Raises:
        FoxhoundError: fewer than two texts are counted.
    """
    generator = np.random.default_rng(seed)
    falls: dict[str, list[float]] = {name: [] for name in [*explain, RANDOM]}
    for text in tqdm(texts, desc="explaining", mininterval=10):
        words = count_words_read(saved, text)
        if words < 2:
            continue
        size = size_left_out(words)
        [whole], [p] = saved.log_odds([text]), saved.probabilities([text])
        sign = 1 if p >= saved.threshold else -1
        choices = [np.argsort(-sign * function(text)[:words])[:size] for function in explain.values()]
        choices += [generator.permutation(words)[:size] for _ in range(RANDOM_DRAWS)]
        text_falls = sign * (whole - saved.log_odds([leave_out(text, positions.tolist()) for positions in choices]))
        for name, fall in zip(explain, text_falls, strict=False):
            falls[name].append(float(fall))
        falls[RANDOM].append(float(text_falls[len(explain) :].mean()))
    return compare_with_random(falls, draws, seed)
