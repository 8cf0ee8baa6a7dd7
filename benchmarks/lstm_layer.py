"""Time the LSTM layer, forward and backward, against two one-way nn.LSTM on padded rows, with and without oneDNN.

Both read a batch of 128 rows of 384 dimensions into 100 hidden units per direction; the second direction is given its
rows reversed. They take turns, on one thread; printed are medians of processor time.

    OMP_NUM_THREADS=1 PYTHONPATH=scripts .venv/bin/python benchmarks/lstm_layer.py
"""

import statistics
import time
from itertools import product

import torch
from foxhound.models.lstm_layer import LSTMLayer
from torch import Tensor, nn

BATCH, DIMENSIONS, HIDDEN = 128, 384, 100
STEPS = (20, 40, 128)
TURNS = 7


class TwoLSTMs(nn.Module):
    """Run a one-way nn.LSTM per direction on what `LSTMLayer` is given."""

    def __init__(self) -> None:
        super().__init__()
        self.directions = nn.ModuleList(nn.LSTM(DIMENSIONS, HIDDEN) for _ in range(2))

    def forward(self, vectors: Tensor, back: Tensor) -> Tensor:
        """Return states as `LSTMLayer` does."""
        forwards, backwards = (lstm(rows)[0] for lstm, rows in zip(self.directions, vectors, strict=True))
        index = back[:, :, None].expand_as(backwards)
        return torch.cat([forwards, backwards.gather(0, index)], dim=-1)


def seconds(layer: nn.Module, vectors: Tensor, back: Tensor, half: bool) -> float:
    """Return the processor time of one forward and one backward pass."""
    layer.zero_grad(set_to_none=True)
    start = time.process_time()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        states = layer(vectors, back)
    states.float().sum().backward()
    return time.process_time() - start


def compare(steps: int, half: bool) -> list[float]:
    """Return median milliseconds: of the layer, of two nn.LSTM, and in bfloat16 of two whose states are bfloat16 too.

    nn.LSTM keeps its states in the type that it is given; the layer keeps them in float32.
    """
    lengths = torch.randint(steps // 2, steps + 1, (BATCH,))
    order = torch.arange(steps)[:, None]
    back = torch.where(order < lengths, lengths - 1 - order, order)
    rows = torch.randn(steps, BATCH, DIMENSIONS)
    vectors = torch.stack([rows, rows.gather(0, back[:, :, None].expand_as(rows))])
    ours, theirs = LSTMLayer(DIMENSIONS, HIDDEN, True), TwoLSTMs()
    runs = [(ours, vectors.bfloat16() if half else vectors), (theirs, vectors)]
    runs += [(theirs, vectors.bfloat16())] if half else []
    turns = [[seconds(layer, given, back, half) for layer, given in runs] for _ in range(TURNS + 1)][1:]
    return [1000 * statistics.median(times) for times in zip(*turns, strict=True)]


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print("| oneDNN | precision | steps | LSTMLayer, ms | two nn.LSTM, ms | with states in bfloat16, ms |")
    print("|---|---|---|---|---|---|")
    for on, half, steps in product((False, True), (False, True), STEPS):
        with torch.backends.mkldnn.flags(enabled=on):
            cells = [f"{median:.1f}" for median in compare(steps, half)] + ["–"] * (not half)
        setting = f"{'on' if on else 'off'} | {'bfloat16' if half else 'float32'} | {steps}"
        print(f"| {setting} | {' | '.join(cells)} |", flush=True)
