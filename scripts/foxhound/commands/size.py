"""Write an overlay with as much of the experiment as fits a budget."""

import argparse
from pathlib import Path

from foxhound.commands.checkout import require_checkout

EXAMPLES = """\
  foxhound size --minutes 30                                  writes experiments/sized.yaml
  foxhound size --minutes 120 --cores 8
  foxhound size --minutes 30 --configfile experiments/my.yaml   writes experiments/my-sized.yaml"""
MARK = "# Sized by "


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--minutes", type=float, required=True, metavar="M", help="what a run from the start may take")
    parser.add_argument("--cores", type=int, metavar="N", help="jobs side by side (default: one per processor core)")
    parser.add_argument("--configfile", nargs="+", default=[], metavar="FILE", help="overlays of config.yaml")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the overlay to write")


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Write the overlay, and say what is in it and how to run it."""
    require_checkout()
    from foxhound.commands.experiment import read_experiment
    from foxhound.errors import FoxhoundError
    from foxhound.experiment.sizing import Sizer, cost_sentence, estimate_all, load_steps, whole_grid, write_overlay
    from foxhound.files import write_text
    from foxhound.workflow.machine import cores_here
    from foxhound.workflow.progress import in_words

    name = Path(arguments.configfile[-1]).stem + "-sized" if arguments.configfile else "sized"
    output = arguments.output or Path("experiments") / f"{name}.yaml"
    if output.exists() and not output.read_text(encoding="utf-8").startswith(MARK):
        raise FoxhoundError(
            f"{output}: is there already, and was not written by `foxhound size`. Name another: --output."
        )
    experiment = read_experiment(arguments.configfile)
    cores, costs = arguments.cores or cores_here(), experiment.costs()
    sized = Sizer(experiment.config, experiment.comments, costs, cores, load_steps()).fit(60 * arguments.minutes)
    whole = estimate_all(whole_grid(experiment.config), experiment.comments, costs, cores).wall
    asked = f"foxhound size --minutes {arguments.minutes:g} --cores {cores}"
    text = write_overlay(sized, in_words, cost_sentence(sized, in_words, whole, cores), asked)
    write_text(output, text)
    print("\n".join(line.removeprefix("# ") for line in text.splitlines() if line.startswith("#")))
    files = " ".join(map(str, [*arguments.configfile, output]))
    print(f"Written to {output}. To run it:\n  foxhound report --configfile {files}")
