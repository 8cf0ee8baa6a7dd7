"""Train an LSTM on token vectors and predict the held-out comments."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from foxhound.compute.batches import length_batches
from foxhound.compute.device import autocast, describe_device, matrix_dtype, send, set_seed
from foxhound.compute.out_of_memory import Halving
from foxhound.features.embedding_store import TokenVectors
from foxhound.models.lstm import LSTMClassifier
from foxhound.models.training import (
    Trained,
    TrainingSettings,
    comment_weights,
    count_weights,
    set_gradients,
    train_epochs,
    weighted_loss,
)


@dataclass(frozen=True)
class LSTMSettings(TrainingSettings):
    """Settings of an LSTM and its training, as under `lstm.training` in config.yaml.

    hidden: width of the states, per direction.
    attention, head: width of the hidden layer that weighs steps, and of the one that classifies.
    padding: `masked`, or `summed` as published: padding is read, and attended to, like words.
    padding_steps: how far `summed` pads.
    loss: `logits`, or `probabilities` as published (`foxhound.models.training.weighted_loss`).
    max_steps: longer comments are cut.
    batch_size: comments per step.
    learning_rate: of Adam, constant.
    class_weights: `none`, or `balanced`: a class weighs inversely to its share.
    """

    hidden: int = 100
    attention: int = 50
    head: int = 150
    padding: str = "masked"
    padding_steps: int = 512
    loss: str = "logits"
    max_steps: int = 128
    batch_size: int = 128
    learning_rate: float = 1e-3
    class_weights: str = "balanced"


class Sequences:
    """Hold token vectors on the device, as they are stored, and gather padded batches from them.

    With `padding: summed` every comment is padded to `padding_steps` with the vector of one last token ([SEP]): an
    encoder gives padding vectors as long as words have, and nearly all alike.
    """

    def __init__(self, vectors: TokenVectors, directions: int, settings: LSTMSettings, device: torch.device) -> None:
        self.dtype = matrix_dtype(device)
        values = torch.from_numpy(vectors.values).to(device)
        masked = settings.padding == "masked"
        # Which vector stands for padding. Where that is masked any does, and no copy with one more is needed.
        self.values = values if masked else torch.cat([values, values[vectors.lengths[0] - 1][None]])
        self.padding = 0 if masked else len(values)
        self.starts = torch.from_numpy(vectors.starts[:-1]).to(device)
        self.steps_read = torch.from_numpy(vectors.lengths.clip(max=settings.max_steps))
        self.lengths = self.steps_read.to(device)
        self.directions = directions
        self.steps = None if masked else max(settings.padding_steps, settings.max_steps)

    def gather_steps(self, positions: np.ndarray) -> tuple[Tensor, Tensor]:
        """Gather vectors (directions, steps, batch, dimensions) of the comments at `positions`, and lengths (batch,).

        The second direction holds every row back to front, from its last token on; where padding is read, from
        the end of the padding on.
        """
        longest = int(self.steps_read[positions].max())  # on the CPU: asking the device would wait for all it has to do
        chosen = send(torch.from_numpy(positions), self.starts.device)
        starts, lengths = self.starts[chosen], self.lengths[chosen]
        steps = torch.arange(self.steps or longest, device=starts.device)[:, None]
        ends = torch.full_like(lengths, len(steps)) if self.steps else lengths
        orders = torch.stack([steps.expand(-1, len(chosen)), ends - 1 - steps][: self.directions])
        index = torch.where((orders >= 0) & (orders < lengths), starts + orders, self.padding)
        return self.values[index].to(self.dtype), lengths


@torch.inference_mode()
def predict_lstm(
    model: LSTMClassifier, sequences: Sequences, positions: np.ndarray, batch_size: int, halving: Halving
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the log-odds of hateful, (positions,), and of each comment the attention on each token that is read.

    Without attention the second is empty. `halving` keeps the size that fits into memory.
    """
    odds = np.empty(len(positions), np.float32)
    attention: dict[int, np.ndarray] = {}
    lengths = sequences.steps_read.numpy()[positions]

    def fill(piece: np.ndarray) -> None:
        with autocast(sequences.values.device):
            logits, weights = model(*sequences.gather_steps(positions[piece]))
        odds[piece] = logits.cpu().numpy()
        if weights is not None:
            for position, row in zip(piece, weights.float().cpu().numpy(), strict=True):
                attention[int(position)] = row[: lengths[position]]

    for batch in length_batches(lengths, batch_size):
        halving.each(fill, batch)
    return odds, [attention[position] for position in sorted(attention)]


def train_lstm(
    vectors: TokenVectors,
    labels: np.ndarray,
    train: np.ndarray,
    scored: np.ndarray,
    epochs: int,
    architecture: str,
    settings: LSTMSettings,
    seed: int,
    device: torch.device,
) -> Trained:
    """Train on the comments at `train`, predict those at `scored` after each of the `epochs`.

    Args:
        vectors: of all comments.
        labels: (comments,) 0 or 1.
        train, scored: positions, disjoint.
        architecture: one of `foxhound.models.lstm.ARCHITECTURES`.
    """
    set_seed(seed)
    generator = np.random.default_rng(seed)
    model = LSTMClassifier(
        vectors.values.shape[1], architecture, settings.hidden, settings.attention, settings.head, settings.padding
    ).to(device)
    sequences = Sequences(vectors, model.lstm.directions, settings, device)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings.learning_rate, fused=True)
    weights = torch.from_numpy(comment_weights(labels[train], settings.class_weights))
    targets = torch.from_numpy(labels[train].astype(np.float32))
    training, predicting = Halving("training the LSTM"), Halving("predicting")
    attention: list[np.ndarray] = []

    def loss(batch: np.ndarray) -> Tensor:
        with autocast(device):
            logits, _ = model(*sequences.gather_steps(train[batch]))
        return weighted_loss(logits, send(targets[batch], device), send(weights[batch], device), settings.loss)

    def step(batch: np.ndarray) -> Tensor:
        batch_loss = set_gradients(loss, batch, optimizer, training)
        optimizer.step()
        return batch_loss

    def predict() -> np.ndarray:
        odds, attention[:] = predict_lstm(model, sequences, scored, settings.batch_size, predicting)
        return torch.from_numpy(odds).sigmoid().numpy()

    trained = train_epochs(
        epochs, step, lambda: length_batches(vectors.lengths[train], settings.batch_size, generator), predict
    )
    trained.attention = attention if model.attention else None
    trained.model, trained.device, trained.weights = model, describe_device(device), count_weights(model)
    return trained
