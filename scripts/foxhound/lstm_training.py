"""Train an LSTM on token vectors and predict the held-out comments."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from foxhound.batches import length_batches
from foxhound.device import autocast, matrix_dtype, send, set_seed
from foxhound.embedding_store import TokenVectors
from foxhound.lstm import LSTMClassifier
from foxhound.memory import Halving
from foxhound.training import Trained, backward, comment_weights, train_epochs, weighted_loss


class Sequences:
    """Token vectors on the device, as they are stored, from which padded batches are gathered.

    `settings` are those of the training. With `padding: summed` every comment is padded to `padding_steps` with the
    vector of one last token ([SEP]): an encoder gives padding vectors as long as words have, and nearly all alike.
    """

    def __init__(self, vectors: TokenVectors, directions: int, settings: dict[str, Any], device: torch.device) -> None:
        self.dtype = matrix_dtype(device)
        values = torch.from_numpy(vectors.values).to(device)
        masked = settings["padding"] == "masked"
        # The row past the end is the padding.
        padding = torch.zeros_like(values[:1]) if masked else values[vectors.lengths[0] - 1][None]
        self.values = torch.cat([values, padding])
        self.starts = torch.from_numpy(vectors.starts[:-1]).to(device)
        self.read = torch.from_numpy(vectors.lengths.clip(max=settings["max_steps"]))
        self.lengths = self.read.to(device)
        self.directions = directions
        self.steps = None if masked else max(settings["padding_steps"], settings["max_steps"])

    def gather_steps(self, positions: np.ndarray) -> tuple[Tensor, Tensor]:
        """Vectors (directions, steps, batch, dimensions) of the comments at `positions`, and lengths (batch,).

        The second direction holds every row back to front, from its last token on; where padding is read, from
        the end of the padding on.
        """
        longest = int(self.read[positions].max())  # read here: asking the device would wait for all it has to do
        chosen = send(torch.from_numpy(positions), self.starts.device)
        starts, lengths = self.starts[chosen], self.lengths[chosen]
        steps = torch.arange(self.steps or longest, device=starts.device)[:, None]
        ends = torch.full_like(lengths, len(steps)) if self.steps else lengths
        orders = torch.stack([steps.expand(-1, len(chosen)), ends - 1 - steps][: self.directions])
        index = torch.where((orders >= 0) & (orders < lengths), starts + orders, len(self.values) - 1)
        return self.values[index].to(self.dtype), lengths


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
) -> Trained:
    """Train on the comments at `train`, predict those at `scored` after each of the `epochs`.

    Args:
        vectors: of all comments.
        labels: (comments,) 0 or 1.
        train, scored: positions, disjoint.
        architecture: one of `foxhound.lstm.ARCHITECTURES`.
        settings: `lstm.training` of config.yaml, with what the model overrides.
    """
    set_seed(seed)
    generator = np.random.default_rng(seed)
    sizes = {name: settings[name] for name in ("hidden", "attention", "head", "padding")}
    model = LSTMClassifier(vectors.values.shape[1], architecture, **sizes).to(device)
    sequences = Sequences(vectors, model.lstm.directions, settings, device)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings["learning_rate"], fused=True)
    weights = torch.from_numpy(comment_weights(labels[train], settings["class_weights"]))
    targets = torch.from_numpy(labels[train].astype(np.float32))
    training, predicting = Halving("training the LSTM"), Halving("predicting")
    lengths = vectors.lengths
    attention: list[np.ndarray] = [np.empty(0, np.float32)] * len(scored)

    def forward(positions: np.ndarray) -> tuple[Tensor, Tensor | None]:
        with autocast(device):
            return model(*sequences.gather_steps(positions))

    def loss(batch: np.ndarray) -> Tensor:
        right, counts = send(targets[batch], device), send(weights[batch], device)
        return weighted_loss(forward(train[batch])[0], right, counts, settings["loss"])

    def gradients(pieces: list[np.ndarray]) -> Tensor:
        optimizer.zero_grad(set_to_none=True)
        return backward(loss, pieces)

    def step(batch: np.ndarray) -> Tensor:
        total = training(gradients, batch)
        optimizer.step()
        return total

    @torch.inference_mode()
    def predict() -> np.ndarray:
        probabilities = np.empty(len(scored), np.float32)

        def fill(piece: np.ndarray) -> None:
            logits, weights = forward(scored[piece])
            probabilities[piece] = logits.sigmoid().cpu().numpy()
            if weights is not None:
                for position, row in zip(piece, weights.float().cpu().numpy(), strict=True):
                    attention[position] = row[: lengths[scored[position]]]

        for batch in length_batches(lengths[scored], settings["batch_size"]):
            predicting.each(fill, batch)
        return probabilities

    trained = train_epochs(
        epochs, step, lambda: length_batches(lengths[train], settings["batch_size"], generator), predict
    )
    trained.attention = attention if model.attention else None
    return trained
