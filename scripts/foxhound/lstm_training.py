"""Train an LSTM on token vectors and predict the held-out comments."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foxhound.batches import length_batches
from foxhound.device import set_seed
from foxhound.embedding_store import TokenVectors
from foxhound.lstm import LSTMClassifier
from foxhound.training import Predictions, comment_weights, train_epochs, weighted_loss


def _padded(vectors: TokenVectors, positions: np.ndarray, device: torch.device) -> tuple[Tensor, Tensor]:
    """Vectors (batch, longest, dimensions) float32, zero on padding, and lengths (batch,)."""
    lengths = vectors.lengths[positions]
    padded = np.zeros((len(positions), lengths.max(), vectors.values.shape[1]), np.float32)
    for row, position in enumerate(positions):
        padded[row, : lengths[row]] = vectors[position]
    return torch.from_numpy(padded).to(device), torch.from_numpy(lengths)


def train_lstm(
    vectors: TokenVectors,
    labels: np.ndarray,
    train: np.ndarray,
    scored: np.ndarray,
    epochs: list[int],
    architecture: str,
    settings: dict[str, Any],
    seed: int,
    device: torch.device,
) -> Predictions:
    """Train on the comments at `train`, predict those at `scored` after each of `epochs`.

    Args:
        vectors: of all comments.
        labels: (comments,) 0 or 1.
        train, scored: positions, disjoint.
        architecture: one of `foxhound.lstm.ARCHITECTURES`.
        settings: the `lstm` slice of config.yaml: hidden, attention, head, padding, batch_size, learning_rate,
            class_weights.

    Returns:
        epoch -> probability of hateful, shape (scored,).
    """
    set_seed(seed)
    generator = np.random.default_rng(seed)
    sizes = {name: settings[name] for name in ("hidden", "attention", "head", "padding")}
    model = LSTMClassifier(vectors.values.shape[1], architecture, **sizes).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings["learning_rate"], fused=True)
    weights = torch.from_numpy(comment_weights(labels[train], settings["class_weights"])).to(device)
    targets = torch.from_numpy(labels[train].astype(np.float32)).to(device)
    lengths = vectors.lengths

    def step(batch: np.ndarray) -> Tensor:
        optimizer.zero_grad(set_to_none=True)
        loss = weighted_loss(model(*_padded(vectors, train[batch], device)), targets[batch], weights[batch])
        loss.backward()
        optimizer.step()
        return loss

    @torch.inference_mode()
    def predict() -> np.ndarray:
        model.eval()
        probabilities = np.empty(len(scored), np.float32)
        for batch in length_batches(lengths[scored], settings["batch_size"]):
            probabilities[batch] = model(*_padded(vectors, scored[batch], device)).sigmoid().cpu().numpy()
        model.train()
        return probabilities

    return train_epochs(epochs, step, lambda: length_batches(lengths[train], settings["batch_size"], generator), predict)
