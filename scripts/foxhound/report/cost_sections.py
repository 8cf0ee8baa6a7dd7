"""Say what the experiment cost: stage by stage, and model by model."""

from typing import NamedTuple

import pandas as pd

from foxhound.markdown import NOTHING, escape, table

COSTS = """\
Summed over jobs, so twice the elapsed time where two ran at once. Before a slash: the most that one job of the stage
used. Behind it: what the stage requests (`resources` and `threads` of its rule).
Where a stage uses far less than it requests, request less, so that a scheduler can run more jobs at once:
`snakemake --set-resources RULE:mem_mb=NUMBER`, or `set-resources` in a profile."""

MODELS = """\
All training runs of a model that the experiment has, under every protocol, the most expensive first. An ensemble costs
what its members do, and a little more."""


class Times(NamedTuple):
    """What jobs took: the tables that `stage_times` and `model_times` return."""

    stages: pd.DataFrame
    models: pd.DataFrame


def cost_sections(times: Times | None) -> list[str]:
    """Return the section; it says so where there is nothing to tell."""
    heading = "## What it cost"
    if times is None:
        return [heading, "The report was made where no job's benchmark file was."]
    by_model = [MODELS, models_table(times.models)] if len(times.models) else []
    return [heading, COSTS, times_table(times.stages), *by_model]


def models_table(times: pd.DataFrame) -> str:
    """Return the runs of each model, their processor time, and that of one run."""
    cells = [
        [escape(str(model)), f"{row['runs']:.0f}", f"{row['cpu_s'] / 60:.1f}", f"{row['cpu_s'] / row['runs']:.1f}"]
        for model, row in times.iterrows()
    ]
    return table(("Model", "Runs", "Processor time, min", "One run, s"), cells)


def times_table(times: pd.DataFrame) -> str:
    """Return jobs, wall and processor time of each rule; longest job, memory and cores beside what was requested."""

    def beside(row: pd.Series, used: str, requested: str, digits: int = 0) -> str:
        numbers = (f"{row[used]:.{digits}f}", f"{row[requested]:.0f}")
        return " / ".join(NOTHING if text == "nan" else text for text in numbers)

    cells = []
    for rule, row in times.iterrows():
        minutes = [f"{row[name] / 60:.1f}" for name in ("wall_s", "cpu_s")]
        compared = [beside(row, "longest_s", "asked_s"), beside(row, "peak_mb", "asked_mb")]
        compared.append(beside(row, "cores", "asked_cores", 1))
        gpus = NOTHING if pd.isna(row["asked_gpu"]) else f"{row['asked_gpu']:.0f}"
        cells.append([escape(str(rule)), f"{row['jobs']:.0f}", *minutes, *compared, gpus])
    times_spent = ("Wall time, min", "Processor time, min", "Longest job, s")
    header = ("Stage", "Jobs", *times_spent, "Memory, MB", "Cores", "GPUs requested")
    return table(header, cells)
