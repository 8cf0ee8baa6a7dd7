"""Train several models alike but for their seeds and samples, and average their log-odds."""

import logging
from collections.abc import Callable

import numpy as np
from scipy.special import expit, logit

from foxhound.models.training import Trained

log = logging.getLogger(__name__)

FINITE_MARGIN = 1e-6  # from 0 and 1: float32 rounds surer probabilities to them, whose log-odds are infinite


def train_copies(
    fit: Callable[[np.ndarray, int], Trained],
    train: np.ndarray,
    labels: np.ndarray,
    copies: int,
    bootstrap: bool,
    seed: int,
) -> Trained:
    """Train `copies` models; return the only one, or the mean of several's predictions and losses, without a model.

    Args:
        fit: trains a model on the comments at these positions, with this seed.
        train: positions to train on.
        labels: of all comments.
        bootstrap: whether each copy has a sample of its own, drawn with replacement from each class (Breiman 1996).
        seed: of the first copy, so that one copy is the model without copies; the others' follow from it.
    """
    trained = []
    for copy in range(copies):
        own = int(np.random.SeedSequence([seed, copy]).generate_state(1)[0]) if copy else seed
        sample = train
        if bootstrap:
            generator = np.random.default_rng(own)
            classes = [train[labels[train] == label] for label in np.unique(labels[train])]
            sample = np.concatenate([generator.choice(positions, len(positions)) for positions in classes])
        if copies > 1:
            log.info("copy %d of %d", copy + 1, copies)
        trained.append(fit(sample, own))
    return trained[0] if copies == 1 else _average(trained)


def _log_odds(probabilities: np.ndarray) -> np.ndarray:
    return logit(probabilities.astype(float).clip(FINITE_MARGIN, 1 - FINITE_MARGIN))


def _average(trained: list[Trained]) -> Trained:
    odds = {
        epoch: np.mean([_log_odds(copy.predictions[epoch]) for copy in trained], axis=0)
        for epoch in trained[0].predictions
    }
    losses = np.mean([copy.losses for copy in trained], axis=0).tolist()
    predictions = {epoch: expit(mean).astype(np.float32) for epoch, mean in odds.items()}
    cost = {name: sum(getattr(copy, name) for copy in trained) for name in ("seconds", "milliseconds", "weights")}
    return Trained(predictions, losses, device=trained[0].device, **cost)
