"""What both training loops share: class weights, and which epochs are scored on the way."""

import logging
from collections.abc import Callable, Iterable

import numpy as np
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch import Tensor, nn
from tqdm import tqdm

log = logging.getLogger(__name__)
Predictions = dict[int, np.ndarray]


def comment_weights(labels: np.ndarray, class_weights: str) -> np.ndarray:
    """A weight per comment, shape (comments,): 1 for `none`, inversely to its class's share for `balanced`."""
    if class_weights == "none":
        return np.ones(len(labels), np.float32)
    return compute_class_weight("balanced", classes=np.array([0, 1]), y=labels)[labels].astype(np.float32)


def weighted_loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Mean cross-entropy over a batch, each comment weighted; all of shape (batch,)."""
    return nn.functional.binary_cross_entropy_with_logits(logits, labels, weight=weights)


def train_epochs(
    epochs: Iterable[int],
    step: Callable[[np.ndarray], Tensor],
    batches: Callable[[], list[np.ndarray]],
    predict: Callable[[], np.ndarray],
) -> Predictions:
    """Train to the largest of `epochs`, once, and predict after each of them.

    Args:
        epochs: the epochs of interest, from 1.
        step: takes a batch's positions, updates the model, returns the loss.
        batches: the batches of the next epoch.
        predict: probabilities of the scored comments under the model as it is.

    Returns:
        epoch -> probabilities.
    """
    wanted = set(epochs)
    predictions: Predictions = {}
    # One line every ten seconds: enough to see life in a log file, few enough to read it.
    for epoch in (progress := tqdm(range(1, max(wanted) + 1), desc="epochs", mininterval=10)):
        losses = [step(batch).detach() for batch in batches()]
        loss = float(torch.stack(losses).mean())
        progress.set_postfix(loss=f"{loss:.4f}")
        if not np.isfinite(loss):
            log.warning("epoch %d: the loss is %s; the run has diverged", epoch, loss)
        if epoch in wanted:
            log.info("epoch %d: loss %.4f, sum %.4f", epoch, loss, float(torch.stack(losses).sum()))
            predictions[epoch] = predict()
    return predictions
