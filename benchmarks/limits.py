"""How fast this machine multiplies, and how many operations a piece of work needs at the least."""

import time

import numpy as np
import torch
from torch.nn import functional

HIDDEN, LAYERS, INNER = 384, 6, 1536  # MiniLM


def matrix_rate(dtype: torch.dtype, seconds: float = 1.0) -> float:
    """Operations per second of matrix products of an encoder's shapes, on the threads that PyTorch has; the best of 5.

    A product of (m, k) by (k, n) counts as 2mkn.
    """
    rows, wide = torch.randn(2048, HIDDEN).to(dtype), torch.randn(INNER, HIDDEN).to(dtype)
    best = 0.0
    for _ in range(5):
        start, count = time.perf_counter(), 0
        while (taken := time.perf_counter() - start) < seconds / 5:
            functional.linear(rows, wide)
            count += 1
        best = max(best, 2 * 2048 * HIDDEN * INNER * count / taken)
    return best


def encoder_operations(lengths: np.ndarray) -> float:
    """Of one pass of the encoder over comments of these lengths, without padding: its linear layers and attention."""
    linear = 2 * LAYERS * (4 * HIDDEN * HIDDEN + 2 * HIDDEN * INNER)
    attention = 2 * LAYERS * 2 * HIDDEN
    return float((linear * lengths + attention * lengths.astype(float) ** 2).sum())


def lstm_operations(lengths: np.ndarray, hidden: int, attention: int) -> float:
    """Of one pass of a bidirectional LSTM with attention; training needs thrice as many, less the inputs' gradient."""
    per_token = 2 * 2 * 4 * hidden * (HIDDEN + hidden) + 2 * (2 * hidden * attention + attention)
    return float(per_token * lengths.sum())


def lstm_training_operations(lengths: np.ndarray, hidden: int, attention: int) -> float:
    """Forward, gradient of the weights, gradient of the states; the inputs are frozen and need no gradient."""
    inputs = 2 * 2 * 4 * hidden * HIDDEN * float(lengths.sum())
    return 3 * lstm_operations(lengths, hidden, attention) - inputs
