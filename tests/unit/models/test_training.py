import logging

import numpy as np
import pytest
import torch
from foxhound.models.training import comment_weights, train_epochs, weighted_loss
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss
from sklearn.utils.class_weight import compute_sample_weight
from torch import nn

ROWS = 48


def run(epochs: list[int], seed: int = 1) -> dict[int, np.ndarray]:
    """Train a small network with dropout on made-up data, at a constant learning rate."""
    torch.manual_seed(seed)
    generator = np.random.default_rng(seed)
    inputs = torch.randn(ROWS, 4, generator=torch.Generator().manual_seed(0))
    labels = (inputs[:, 0] > 0).float()
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

    def step(batch: np.ndarray) -> torch.Tensor:
        optimizer.zero_grad()
        loss = weighted_loss(model(inputs[batch])[:, 0], labels[batch], torch.ones(len(batch)))
        loss.backward()
        optimizer.step()
        return loss

    @torch.inference_mode()
    def predict() -> np.ndarray:
        model.eval()
        probabilities = model(inputs)[:, 0].sigmoid().numpy()
        model.train()
        return probabilities

    return train_epochs(epochs, step, lambda: np.array_split(generator.permutation(ROWS), 6), predict).predictions


def test_one_run_predicts_at_each_epoch_what_a_run_that_stops_there_does():
    together = run(9)
    assert list(together) == list(range(1, 10))
    for epoch in (2, 5):
        np.testing.assert_array_equal(run(epoch)[epoch], together[epoch])
    assert (together[2] != together[5]).any()
    assert (together[2] != run(2, seed=2)[2]).any()


def test_every_epoch_trains_on_all_batches_and_then_predicts():
    calls = []

    def step(batch: np.ndarray) -> torch.Tensor:
        calls.append(int(batch[0]))
        return torch.tensor(1.0)

    def predict() -> np.ndarray:
        calls.append("predict")
        return np.array([calls.count(7)])

    trained = train_epochs(3, step, lambda: [np.array([7]), np.array([8])], predict)
    assert calls == [7, 8, "predict"] * 3
    assert {epoch: value.item() for epoch, value in trained.predictions.items()} == {1: 1, 2: 2, 3: 3}
    assert trained.losses == [2.0] * 3


def test_a_loss_that_is_no_number_is_warned_of(caplog):
    losses = iter([1.0, float("nan"), 1.0])
    with caplog.at_level(logging.WARNING):
        train_epochs(3, lambda batch: torch.tensor(next(losses)), lambda: [np.array([0])], lambda: np.zeros(1))
    assert [record.getMessage() for record in caplog.records] == ["epoch 2: the loss is nan; the run has diverged"]


def test_the_log_says_the_mean_loss_of_an_epoch(caplog):
    losses = iter([1.0, 2.0])
    with caplog.at_level(logging.INFO):
        train_epochs(1, lambda batch: torch.tensor(next(losses)), lambda: [np.array([0])] * 2, lambda: np.zeros(1))
    assert "epoch 1: loss 1.5000" in caplog.text


@given(st.lists(st.integers(0, 1), min_size=2, max_size=30).filter(lambda labels: 0 < sum(labels) < len(labels)))
def test_balanced_weights_equal_scikit_learns(labels):
    array = np.array(labels, np.int8)
    weights = comment_weights(array, "balanced")
    np.testing.assert_allclose(weights, compute_sample_weight("balanced", array), rtol=1e-6)
    assert weights[array == 1].sum() == pytest.approx(weights[array == 0].sum())
    assert weights.dtype == np.float32
    assert comment_weights(array, "none").tolist() == [1] * len(labels)


def test_the_loss_equals_scikit_learns():
    generator = np.random.default_rng(1)
    logits, labels, weights = generator.normal(size=20), generator.integers(0, 2, 20), generator.uniform(0.2, 3, 20)
    loss = weighted_loss(*(torch.from_numpy(values.astype(np.float64)) for values in (logits, labels, weights)))
    # scikit-learn divides by the sum of weights, we by the number of comments
    expected = log_loss(labels, 1 / (1 + np.exp(-logits)), sample_weight=weights) * weights.mean()
    assert loss.item() == pytest.approx(expected)


def test_the_loss_of_extreme_logits_is_finite_and_can_be_learned_from():
    logits = torch.tensor([200.0, -200.0], requires_grad=True)
    loss = weighted_loss(logits, torch.tensor([0.0, 1.0]), torch.ones(2))
    loss.backward()
    assert loss.item() == 200
    assert logits.grad.tolist() == [0.5, -0.5]


def test_the_loss_of_probabilities_is_the_same_until_it_is_cut_off_and_nothing_can_be_learned():
    logits, labels = torch.tensor([2.0, -1.0, 0.5]), torch.tensor([0.0, 1.0, 1.0])
    one, other = (weighted_loss(logits, labels, torch.ones(3), of) for of in ("logits", "probabilities"))
    assert one.item() == pytest.approx(other.item(), rel=1e-6)
    logits = torch.tensor([200.0, -200.0], requires_grad=True)
    loss = weighted_loss(logits, torch.tensor([0.0, 1.0]), torch.ones(2), "probabilities")
    loss.backward()
    assert loss.item() == 100
    assert logits.grad.tolist() == [0, 0]
