import numpy as np
import torch
from foxhound.compute.batches import fixed_batches, length_batches, pad
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.utils.rnn import pad_sequence

LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=120)
SIZE = st.integers(1, 20)


def padding(lengths: np.ndarray, batches: list[np.ndarray]) -> float:
    """Return the share of padding in the padded batches."""
    padded = sum(lengths[batch].max() * len(batch) for batch in batches)
    return 1 - lengths.sum() / padded


@given(LENGTHS, SIZE, st.none() | st.integers(0, 99), st.integers(1, 5))
def test_batches_cover_every_item_once(lengths, size, seed, window):
    generator = None if seed is None else np.random.default_rng(seed)
    batches = length_batches(np.array(lengths), size, generator, window)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    sizes = sorted(map(len, batches))
    assert sizes[1:] == [size] * (len(batches) - 1)
    assert 1 <= sizes[0] <= size


@given(LENGTHS, SIZE)
def test_evaluation_goes_from_short_to_long(lengths, size):
    order = np.concatenate(length_batches(np.array(lengths), size))
    assert np.array(lengths)[order].tolist() == sorted(lengths)


@given(LENGTHS, SIZE, st.integers(0, 99))
def test_one_window_over_all_gives_the_least_padding(lengths, size, seed):
    array = np.array(lengths)
    # as the batches of evaluation, in another order; the short one may fall elsewhere only by ties
    training = length_batches(array, size, np.random.default_rng(seed), window=len(lengths))
    assert padding(array, training) == padding(array, length_batches(array, size))


@given(LENGTHS, st.integers(0, 60), st.integers(1, 500), st.integers(1, 16))
def test_the_shape_of_a_fixed_batch_follows_from_an_items_length(lengths, extra, tokens, step):
    array, longest = np.array(lengths), max(lengths) + extra
    batches = list(fixed_batches(array, longest, tokens, step))
    order = np.concatenate([positions for positions, _, _ in batches])
    assert sorted(order.tolist()) == list(range(len(lengths)))
    assert array[order].tolist() == sorted(lengths)
    for positions, rows, width in batches:
        assert len(positions) < rows
        assert array[positions].max() <= width <= longest
        for position in positions:
            [(alone, *shape)] = fixed_batches(array[[position]], longest, tokens, step)
            assert (alone.tolist(), shape) == ([0], [rows, width])


def test_training_batches_are_random_and_of_like_length():
    lengths = np.random.default_rng(0).integers(1, 128, 2000)
    first, again, other = (length_batches(lengths, 16, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all((one == two).all() for one, two in zip(first, again, strict=True))
    assert np.concatenate(first).tolist() != np.concatenate(other).tolist()
    shuffled = np.array_split(np.random.default_rng(1).permutation(2000), 125)
    assert padding(lengths, first) < 0.2 < 0.4 < padding(lengths, shuffled)
    means = np.array([lengths[batch].mean() for batch in first])
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.3


def test_epochs_differ():
    lengths, generator = np.random.default_rng(0).integers(1, 128, 200), np.random.default_rng(1)
    first, second = (np.concatenate(length_batches(lengths, 16, generator)) for _ in range(2))
    assert first.tolist() != second.tolist()


@given(st.lists(st.lists(st.integers(1, 30000), max_size=9), min_size=1, max_size=6), st.integers(0, 5))
def test_padding_equals_pytorchs(rows, pad_id):
    ids, mask = pad(rows, pad_id)
    expected = pad_sequence(
        [torch.tensor(row, dtype=torch.long) for row in rows], batch_first=True, padding_value=pad_id
    )
    assert torch.equal(ids, expected)
    assert mask.sum(1).tolist() == [len(row) for row in rows]
    assert (mask.diff(dim=1) <= 0).all()
    assert ids.dtype == mask.dtype == torch.long
