"""Share what both training loops need: settings, losses, gradients, and a prediction after every epoch."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from foxhound.compute.out_of_memory import Halving

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingSettings:
    """Settings of a training run; each family of models has its own fields."""

    @classmethod
    def from_config(cls, training: Mapping[str, Any]) -> Self:
        """Take every field from `training` of a family in config.yaml; keys that are no fields are passed over.

        Raises:
            KeyError: a field is missing.
        """
        return cls(**{setting.name: training[setting.name] for setting in fields(cls)})


@dataclass
class Trained:
    """The result of a training run.

    predictions: epoch, from 1 -> probability of hateful, shape (scored,).
    losses: of each epoch, the sum of its batches' mean losses.
    attention: of each scored comment, the weights (steps,) of its tokens after the last epoch; None without attention.
    model: the module as it is after the last epoch.
    device: what it was trained on and in which precision, as results record it.
    seconds, milliseconds: that training took, without predictions, and the last prediction per scored comment.
    weights: how many numbers were trained.
    """

    predictions: dict[int, np.ndarray] = field(default_factory=dict)
    losses: list[float] = field(default_factory=list)
    attention: list[np.ndarray] | None = None
    model: Any = None
    device: str = ""
    seconds: float = 0.0
    milliseconds: float = 0.0
    weights: int = 0


def comment_weights(labels: np.ndarray, class_weights: str) -> np.ndarray:
    """Return a weight per comment, (comments,): 1 for `none`, inversely to its class's share for `balanced`."""
    if class_weights == "none":
        return np.ones(len(labels), np.float32)
    # As scikit-learn's compute_class_weight, whose import takes a second that every training job would pay.
    return (len(labels) / (2 * np.bincount(labels, minlength=2)))[labels].astype(np.float32)


def weighted_loss(logits: Tensor, labels: Tensor, weights: Tensor, of: str = "logits") -> Tensor:
    """Return the mean cross-entropy over a batch, each comment weighted; all of shape (batch,).

    `of="probabilities"` takes the sigmoid first, as the published experiment did: PyTorch then counts a comment as 100
    at most, and once the sigmoid has saturated there is no gradient left to learn from.
    """
    if of == "probabilities":
        return nn.functional.binary_cross_entropy(logits.sigmoid(), labels, weight=weights)
    return nn.functional.binary_cross_entropy_with_logits(logits, labels, weight=weights)


def count_weights(model: nn.Module) -> int:
    """Return how many numbers a model is made of."""
    return sum(parameter.numel() for parameter in model.parameters())


def set_gradients(
    loss: Callable[[np.ndarray], Tensor], batch: np.ndarray, optimizer: torch.optim.Optimizer, halving: Halving
) -> Tensor:
    """Replace the gradients by those of a batch's mean loss, and return the loss.

    In one piece or many, where memory is short, the result is the same up to rounding and dropout.

    Args:
        loss: gives the mean loss of positions.
        batch: the positions.
        halving: keeps the size that fits into memory.
    """

    def add_up(pieces: list[np.ndarray]) -> Tensor:
        optimizer.zero_grad(set_to_none=True)
        losses = []
        for piece in pieces:
            part = loss(piece) * (len(piece) / len(batch))
            part.backward()
            losses.append(part.detach())
        return torch.stack(losses).sum()

    return halving(add_up, batch)


def train_epochs(
    epochs: int,
    step: Callable[[np.ndarray], Tensor],
    batches: Callable[[], list[np.ndarray]],
    predict: Callable[[], np.ndarray],
) -> Trained:
    """Train for `epochs`, and predict after each of them, so that an epoch of interest can be added later.

    Args:
        epochs: how many.
        step: takes a batch's positions, updates the model, returns the loss.
        batches: the batches of the next epoch.
        predict: probabilities of the scored comments under the model as it is.
    """
    trained = Trained()
    # One line every ten seconds: enough to see life in a log file, few enough to read it.
    for epoch in (progress := tqdm(range(1, epochs + 1), desc="epochs", mininterval=10)):
        start = time.perf_counter()
        losses = [step(batch).detach() for batch in batches()]
        total = float(torch.stack(losses).sum())
        trained.seconds += time.perf_counter() - start
        loss = total / len(losses)
        progress.set_postfix(loss=f"{loss:.4f}")
        if not np.isfinite(loss):
            log.warning("epoch %d: the loss is %s; the run has diverged", epoch, loss)
        log.info("epoch %d: loss %.4f, sum %.4f", epoch, loss, total)
        trained.losses.append(total)
        start = time.perf_counter()
        trained.predictions[epoch] = predict()
        trained.milliseconds = 1000 * (time.perf_counter() - start) / max(1, len(trained.predictions[epoch]))
    return trained
