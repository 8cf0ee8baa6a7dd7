"""Why an LSTM fold-epoch stays below the machine's rate: what oneDNN's LSTM takes, and what its products reach."""

import time

import limits
import material
import ours
import torch
from torch.nn import functional
from torch.profiler import ProfilerActivity, profile

KERNEL = "mkldnn_rnn_layer"  # forwards and backwards, in PyTorch's names


def recurrent_rate(batch: int, hidden: int, seconds: float = 1.0) -> float:
    """Operations per second of one step's recurrent product, (batch, hidden) by (hidden, 4 hidden), in bfloat16."""
    states = torch.randn(batch, hidden).to(torch.bfloat16)
    weights = torch.randn(4 * hidden, hidden).to(torch.bfloat16)
    start, count = time.perf_counter(), 0
    while (taken := time.perf_counter() - start) < seconds:
        functional.linear(states, weights)
        count += 1
    return 2 * batch * hidden * 4 * hidden * count / taken


def measured(operations: float) -> str:
    """Return the sentence on one process; `operations` are those of the fold-epoch."""
    settings = material.config()["lstm"]["training"]
    ours.lstm_epoch(0)
    with profile(activities=[ProfilerActivity.CPU]) as found:
        ours.lstm_epoch(0)
    rows = found.key_averages()
    kernel = sum(row.self_cpu_time_total for row in rows if KERNEL in row.key) / 1e6
    everything = sum(row.self_cpu_time_total for row in rows) / 1e6
    rate = limits.matrix_rate(torch.bfloat16)
    recurrent = recurrent_rate(settings["batch_size"], settings["hidden"])
    return (
        f"Of an LSTM fold-epoch, {everything:.2f} s under the profiler, oneDNN's LSTM takes {kernel:.2f} s "
        f"({100 * kernel / everything:.0f} %), and by itself stands at {100 * operations / kernel / rate:.0f} % of the "
        f"limit; its recurrent products reach {100 * recurrent / rate:.0f} % of the rate."
    )
