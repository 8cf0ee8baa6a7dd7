"""Train an LSTM on token vectors and predict the held-out comments."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foxhound.batches import length_batches
from foxhound.device import autocast, set_seed
from foxhound.embedding_store import TokenVectors
from foxhound.lstm import LSTMClassifier
from foxhound.training import Predictions, comment_weights, train_epochs, weighted_loss


class Sequences:
    """Token vectors on the device, in bfloat16, from which padded batches are gathered."""

    def __init__(
        self, vectors: TokenVectors, directions: int, padding: str, max_steps: int, device: torch.device
    ) -> None:
        values = torch.from_numpy(vectors.values).to(device, torch.bfloat16)
        # The row past the end is the padding.
        self.values = torch.cat([values, values.new_zeros(1, values.shape[1])])
        self.starts = torch.from_numpy(vectors.starts[:-1]).to(device)
        self.lengths = torch.from_numpy(vectors.lengths.clip(max=max_steps)).to(device)
        self.directions = directions
        self.masked = padding == "masked"

    def gather_steps(self, positions: np.ndarray) -> tuple[Tensor, Tensor]:
        """Vectors (directions, longest, batch, dimensions) of the comments at `positions`, and lengths (batch,).

        The second direction holds every row back to front, from its last token on; where padding is read, from
        the end of the padding on.
        """
        chosen = torch.from_numpy(positions).to(self.starts.device)
        starts, lengths = self.starts[chosen], self.lengths[chosen]
        steps = torch.arange(int(lengths.max()), device=starts.device)[:, None]
        ends = lengths if self.masked else torch.full_like(lengths, len(steps))
        orders = torch.stack([steps.expand(-1, len(chosen)), ends - 1 - steps][: self.directions])
        index = torch.where((orders >= 0) & (orders < lengths), starts + orders, len(self.values) - 1)
        return self.values[index], lengths


def train_lstm(
    vectors: TokenVectors,
    labels: np.ndarray,
    train: np.ndarray,
    scored: np.ndarray,
    epochs: int,
    architecture: str,
    settings: dict[str, Any],
    seed: int,
    device: torch.device,
) -> Predictions:
    """Train on the comments at `train`, predict those at `scored` after each of the `epochs`.

    Args:
        vectors: of all comments.
        labels: (comments,) 0 or 1.
        train, scored: positions, disjoint.
        architecture: one of `foxhound.lstm.ARCHITECTURES`.
        settings: the `lstm` slice of config.yaml: hidden, attention, head, padding, max_steps, batch_size,
            learning_rate, class_weights.

    Returns:
        epoch -> probability of hateful, shape (scored,).
    """
    set_seed(seed)
    generator = np.random.default_rng(seed)
    sizes = {name: settings[name] for name in ("hidden", "attention", "head", "padding")}
    model = LSTMClassifier(vectors.values.shape[1], architecture, **sizes).to(device)
    sequences = Sequences(vectors, model.lstm.directions, settings["padding"], settings["max_steps"], device)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings["learning_rate"], fused=True)
    weights = torch.from_numpy(comment_weights(labels[train], settings["class_weights"])).to(device)
    targets = torch.from_numpy(labels[train].astype(np.float32)).to(device)
    lengths = vectors.lengths

    def logits(positions: np.ndarray) -> Tensor:
        with autocast(device):
            return model(*sequences.gather_steps(positions))

    def step(batch: np.ndarray) -> Tensor:
        optimizer.zero_grad(set_to_none=True)
        loss = weighted_loss(logits(train[batch]), targets[batch], weights[batch])
        loss.backward()
        optimizer.step()
        return loss

    @torch.inference_mode()
    def predict() -> np.ndarray:
        probabilities = np.empty(len(scored), np.float32)
        for batch in length_batches(lengths[scored], settings["batch_size"]):
            probabilities[batch] = logits(scored[batch]).sigmoid().cpu().numpy()
        return probabilities

    return train_epochs(
        epochs, step, lambda: length_batches(lengths[train], settings["batch_size"], generator), predict
    )
