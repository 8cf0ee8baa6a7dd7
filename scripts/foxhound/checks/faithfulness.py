"""Is an explanation true? What leaving out the words that it names does to the answer.

An explanation is faithful where its words matter more to the model than words at random: the comprehensiveness of
DeYoung et al. 2020 ("ERASER", section 4.2), in log-odds.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from foxhound.compute.out_of_memory import Halving
from foxhound.errors import FoxhoundError
from foxhound.features.embedding_store import TokenVectors
from foxhound.models.lstm import LSTMClassifier
from foxhound.models.lstm_training import LSTMSettings, Sequences, predict_lstm

SHARE = 0.2  # of what is read that is left out
RANDOM_DRAWS = 5
RANDOM = "random"


def size_left_out(read: int) -> int:
    """How many of `read` words (or tokens) are left out, at least one."""
    return max(1, round(SHARE * read))


def compared_with_random(falls: Mapping[str, Sequence[float]], draws: int, seed: int) -> pd.DataFrame:
    """The table `explanations`: by how much more the answer falls without a method's words than without random ones.

    Args:
        falls: method (and RANDOM) -> fall in log-odds of the class that the model chose, comment by comment.
        draws, seed: of the bootstrap over comments (percentile).

    Raises:
        FoxhoundError: fewer than two comments.
    """
    if len(falls[RANDOM]) < 2:
        raise FoxhoundError("Too few comments of two words or more to test explanations on: raise `checks.explained`.")
    rows = []
    for name in [method for method in falls if method != RANDOM]:
        difference = np.subtract(falls[name], falls[RANDOM])
        options = {"n_resamples": draws, "method": "percentile", "rng": np.random.default_rng(seed)}
        low, high = stats.bootstrap((difference,), np.mean, **options).confidence_interval
        means = {"drop": np.mean(falls[name]), "random": np.mean(falls[RANDOM]), "difference": difference.mean()}
        rows.append({"method": name, "comments": len(difference), **means, "low": low, "high": high})
    return pd.DataFrame(rows)


def attention_falls(
    model: LSTMClassifier, vectors: TokenVectors, positions: np.ndarray, settings: LSTMSettings, seed: int
) -> dict[str, list[float]]:
    """What `compared_with_random` compares, for an LSTM's attention: tokens are left out instead of words.

    The encoder read the whole comment before, so that the vectors that stay still know of the ones that are left out.

    Args:
        vectors: of all comments.
        positions: the comments to test on; those of fewer than two tokens are not counted.
        settings: of the model.
        seed: of the random tokens.
    """
    device = next(model.parameters()).device
    generator = np.random.default_rng(seed)
    size, halving = settings.batch_size, Halving("predicting")

    def answer(some: TokenVectors, which: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        sequences = Sequences(some, model.lstm.directions, settings, device)
        return predict_lstm(model, sequences, which, size, halving)

    whole, attention = answer(vectors, positions)
    counted = [place for place, weights in enumerate(attention) if len(weights) > 1]
    rows = []
    for place in counted:
        read = len(attention[place])
        left_out = [np.argsort(-attention[place])[: size_left_out(read)]]
        left_out += [generator.permutation(read)[: size_left_out(read)] for _ in range(RANDOM_DRAWS)]
        rows += [np.delete(vectors[positions[place]][:read], some, axis=0) for some in left_out]
    if not rows:
        return {"attention": [], RANDOM: []}
    shorter = TokenVectors(np.concatenate(rows), np.cumsum([0, *map(len, rows)]))
    odds = answer(shorter, np.arange(len(rows)))[0].reshape(len(counted), 1 + RANDOM_DRAWS)
    fell = np.sign(whole[counted])[:, None] * (whole[counted][:, None] - odds)
    return {"attention": fell[:, 0].tolist(), RANDOM: fell[:, 1:].mean(axis=1).tolist()}
