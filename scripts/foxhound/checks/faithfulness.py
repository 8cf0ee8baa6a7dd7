"""Test whether an explanation is faithful, by leaving out the words that it names.

It is faithful where these words matter more to the model than words at random: the comprehensiveness of DeYoung et al.
2020 ("ERASER", section 4.2), in log-odds.
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

SHARE = 0.2  # of the words read: so many are left out
RANDOM_DRAWS = 5  # of random words, per text
RANDOM = "random"


def size_left_out(words: int) -> int:
    """Return how many of so many words (or tokens) are left out, at least one."""
    return max(1, round(SHARE * words))


def compare_with_random(falls: Mapping[str, Sequence[float]], draws: int, seed: int) -> pd.DataFrame:
    """Return the table `explanations`: how much further log-odds fall without a method's words than without others.

    Args:
        falls: method (and RANDOM) -> fall in log-odds of the class that the model chose, for each comment.
        draws, seed: of the bootstrap over comments (percentile).

    Raises:
        FoxhoundError: there are fewer than two comments.
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
    """Return what `compare_with_random` compares, for an LSTM's attention: tokens are left out instead of words.

    The encoder has read the whole comment, so that the vectors of other tokens still depend on those that are left out.

    Args:
        vectors: of all comments.
        positions: of the comments to test on; those of fewer than two tokens are not counted.
        settings: of the model.
        seed: of the random tokens.
    """
    device = next(model.parameters()).device
    generator = np.random.default_rng(seed)
    size, halving = settings.batch_size, Halving("predicting")

    def predict(comments: TokenVectors, rows: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        sequences = Sequences(comments, model.lstm.directions, settings, device)
        return predict_lstm(model, sequences, rows, size, halving)

    whole, attention = predict(vectors, positions)
    counted = [row for row, weights in enumerate(attention) if len(weights) > 1]
    shortened = []
    for row in counted:
        tokens = len(attention[row])
        choices = [np.argsort(-attention[row])[: size_left_out(tokens)]]
        choices += [generator.permutation(tokens)[: size_left_out(tokens)] for _ in range(RANDOM_DRAWS)]
        shortened += [np.delete(vectors[positions[row]][:tokens], left_out, axis=0) for left_out in choices]
    if not shortened:
        return {"attention": [], RANDOM: []}
    comments = TokenVectors(np.concatenate(shortened), np.cumsum([0, *map(len, shortened)]))
    odds = predict(comments, np.arange(len(shortened)))[0].reshape(len(counted), 1 + RANDOM_DRAWS)
    falls = np.sign(whole[counted])[:, None] * (whole[counted][:, None] - odds)
    return {"attention": falls[:, 0].tolist(), RANDOM: falls[:, 1:].mean(axis=1).tolist()}
