"""Write the grid of an own corpus: as much of the experiment as fits half an hour on this machine."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from foxhound.commands.checkout import ROOT
from foxhound.experiment.configuration import merged
from foxhound.experiment.costs import Costs, Speed, load_costs
from foxhound.experiment.sizing import Sizer, cost_sentence, estimate_all, load_steps, whole_grid, write_overlay
from foxhound.workflow.machine import cores_here, machine_speed
from foxhound.workflow.progress import in_words

MINUTES = 30


def size_to_corpus(
    config: Mapping[str, Any], comments: pd.DataFrame, target: object
) -> tuple[str, dict[str, Any], list[str]]:
    """Return the grid as the text of an overlay, the configuration with it, and the lines to tell of it.

    Args:
        config: checked, with the corpus.
        comments: the comments table.
        target: the overlay that the grid becomes a part of.

    Raises:
        FoxhoundError: not even the smallest grid fits.
    """
    speed, cores = machine_speed(ROOT / "scripts"), cores_here()
    costs = Costs(load_costs(), Speed(**speed) if speed else None)
    sized = Sizer(config, comments, costs, cores, load_steps()).fit(60 * MINUTES)
    cost = cost_sentence(sized, in_words, estimate_all(whole_grid(config), comments, costs, cores).wall, cores)
    asked = f"foxhound size --minutes {MINUTES} --cores {cores}"
    lines = [
        f"A run takes {cost}.",
        f"For another budget: foxhound size --minutes M --configfile {target}",
        f"For the whole grid: foxhound report --configfile {target} experiments/whole-grid.yaml",
    ]
    return write_overlay(sized, in_words, cost, asked), merged(dict(config), sized.overlay), lines
