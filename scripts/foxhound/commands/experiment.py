"""Read an experiment as Snakemake does, and what its jobs cost here, without Snakemake."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from foxhound.commands.checkout import ROOT
from foxhound.corpus.state import definitions, read_state
from foxhound.experiment.adaptation import adapt_to_corpus
from foxhound.experiment.configuration import load_config
from foxhound.experiment.costs import Costs, known_costs, load_costs
from foxhound.experiment.plan import Plan
from foxhound.experiment.workload import Workload
from foxhound.workflow.job_costs import spent_seconds
from foxhound.workflow.machine import machine_speed


@dataclass(frozen=True)
class Experiment:
    """A configuration, and the corpus that it is about.

    config: as it is written, merged and checked, and not adapted to the corpus.
    comments: the comments table; None where the corpus has yet to be fetched.
    """

    config: dict[str, Any]
    comments: pd.DataFrame | None

    def workload(self) -> Workload:
        """Return the jobs of the experiment, adapted to the corpus."""
        adapted, _ = adapt_to_corpus(self.config, self.comments)
        return Workload(Plan(self.config | adapted), self.comments)

    @property
    def results(self) -> Path:
        """The folder of its results."""
        return Path(self.config["pathvars"]["results"])

    def costs(self) -> Costs:
        """Return what its jobs cost on this machine."""
        spent = spent_seconds(self.results / "logs")
        return known_costs(load_costs(), self.workload(), machine_speed(ROOT / "scripts"), spent)


def read_experiment(config_files: Sequence[str | Path]) -> Experiment:
    """Read config.yaml of this folder with overlays, and the corpus if it is there.

    Raises:
        FoxhoundError: one of them has a mistake.
    """
    config = load_config(["config.yaml", *config_files], ROOT / "schemas/config.yaml")
    state = read_state(f"resources/private/{config['pathvars']['results']}", **definitions(config))
    return Experiment(config, state.comments if state else None)
