import numpy as np
import pytest
import torch
from foxhound.models.attention import AttentionPooling
from scipy.special import softmax

BATCH, STEPS, WIDTH, HIDDEN = 4, 7, 5, 3
LENGTHS = torch.tensor([7, 4, 1, 6])
MASK = torch.arange(STEPS) < LENGTHS[:, None]


@pytest.fixture
def pooling() -> AttentionPooling:
    torch.manual_seed(1)
    return AttentionPooling(WIDTH, HIDDEN)


@pytest.fixture
def states() -> torch.Tensor:
    return torch.randn(BATCH, STEPS, WIDTH, generator=torch.Generator().manual_seed(2))


def test_pooling_equals_the_formula_row_by_row(pooling, states):
    first, _, second = pooling.score
    pooled, weights = pooling(states, MASK)
    assert pooled.shape == (BATCH, WIDTH)
    assert weights.shape == (BATCH, STEPS)
    for row, length in enumerate(LENGTHS):
        steps = states[row, :length].numpy()
        hidden = np.maximum(steps @ first.weight.detach().numpy().T + first.bias.detach().numpy(), 0)
        scores = hidden @ second.weight.detach().numpy()[0] + second.bias.item()
        expected = softmax(scores)
        np.testing.assert_allclose(weights[row, :length].detach(), expected, atol=1e-6)
        np.testing.assert_allclose(pooled[row].detach(), expected @ steps, atol=1e-6)


def test_masked_steps_have_no_weight_whatever_they_hold(pooling, states):
    pooled, weights = pooling(states, MASK)
    assert (weights[~MASK] == 0).all()
    torch.testing.assert_close(weights.sum(1), torch.ones(BATCH))
    other = states.masked_fill(~MASK[..., None], 1e4)
    torch.testing.assert_close(pooling(other, MASK)[0], pooled)


def test_equal_scores_give_the_mean(pooling, states):
    torch.nn.init.zeros_(pooling.score[2].weight)
    expected = torch.stack([states[row, :length].mean(0) for row, length in enumerate(LENGTHS)])
    torch.testing.assert_close(pooling(states, MASK)[0], expected)


def test_the_only_step_is_taken_as_it_is(pooling, states):
    torch.testing.assert_close(pooling(states, MASK)[0][2], states[2, 0])


def test_gradients_are_finite_and_reach_unmasked_steps_only(pooling, states):
    states.requires_grad_()
    pooling(states, MASK)[0].square().sum().backward()
    assert states.grad.isfinite().all()
    assert (states.grad[~MASK] == 0).all()
    assert (states.grad[MASK] != 0).any(1).all()
    assert all(parameter.grad.isfinite().all() for parameter in pooling.parameters())
