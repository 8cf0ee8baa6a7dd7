"""What each try of a finished search is worth: `python benchmarks/tries.py experiments/search.yaml finetune-bert`.

Prints a row per model for the table in docs/search.md, from the results of the experiment of these files: its
difference from the reference in F1 and in AUROC on the draws that both were scored on, with 95 % intervals over users
and draws (foxhound/evaluation/comparisons.py), and what its training runs cost beside the reference's.
"""

import argparse
from pathlib import Path
from typing import Any

import pandas as pd
from foxhound.corpus.columns import load_columns
from foxhound.evaluation.comparisons import compare
from foxhound.evaluation.pairs import compared_pairs
from foxhound.evaluation.read_epochs import read_epochs
from foxhound.experiment.configuration import load_config
from foxhound.experiment.plan import Plan
from foxhound.experiment.protocols import describe_protocols
from foxhound.markdown import NOTHING, table, with_interval
from foxhound.names import AUROC, DRAWS
from foxhound.tables import read_metadata
from foxhound.workflow.job_costs import run_minutes

ROOT = Path(__file__).parents[1]
RATE = "learning_rate"


def read_predictions(plan: Plan, results: str, protocols: dict[str, Any]) -> pd.DataFrame:
    """Return what all models predict at their epochs of interest under these protocols, as `compare` takes it."""
    frames = []
    for path, epochs in plan.predictions().items():
        protocol = path.split("/")[3]
        if protocol in protocols:
            frame = read_epochs(path.replace("<results>", results), epochs)
            rate = frame["settings"].iloc[0][RATE]
            frames.append(frame.drop(columns="settings").assign(protocol=protocol, learning_rate=rate))
    return pd.concat(frames, ignore_index=True)


def differences(comparisons: pd.DataFrame, place: list[str], reference: str) -> dict[str, str]:
    """Map each model of a table of comparisons to its difference from the reference, with its interval."""
    found = {}
    for names, pair in compared_pairs(comparisons, *place).items():
        if reference in names:
            [model] = names - {reference}
            ends = [pair[name] for name in ("difference", "difference_low", "difference_high")]
            if pair["model_a"] == model:
                ends = [-ends[0], -ends[2], -ends[1]]
            found[model] = with_interval(*ends)
    return found


def rows(files: list[str], reference: str) -> str:
    """Return the table."""
    config = load_config([ROOT / "config.yaml", *files], ROOT / "schemas" / "config.yaml")
    plan, results = Plan(config), config["pathvars"]["results"]
    report = config["pathvars"]["report"].replace("<results>", results)
    facts = describe_protocols({name: config["protocols"][name] for name in plan.protocols})
    draws = {name: fact for name, fact in facts.items() if fact["protocol_kind"] == DRAWS}
    predictions = read_predictions(plan, results, draws)
    corpus = read_metadata(f"{report}/comparisons.parquet")["corpus"]
    comments = load_columns(
        {name: f"{results}/corpus/{name}/{corpus[name]}.parquet" for name in ("label", "thread", "user")}
    )
    numbers = config["scores"]
    tables = [
        compare(predictions, comments, by, set(), numbers["draws"], numbers["seed"])
        for by in (draws, {name: fact | {"primary": AUROC} for name, fact in draws.items()})
    ]
    minutes, cells = run_minutes(Path(results) / "benchmarks"), []
    for place in tables[0][["protocol", "part", "draws"]].drop_duplicates().to_numpy().tolist():
        f1, auroc = (differences(one, place, reference) for one in tables)
        for model, difference in f1.items():
            cost = minutes.get((model, place[0]))
            share = NOTHING if cost is None else f"{cost / minutes[reference, place[0]]:.1f}"
            cells.append([model, place[0], place[2], difference, auroc[model], share])
    measure = ", ".join(sorted({fact["primary"] for fact in draws.values()}))
    return table(("Model", "Protocol", "Draws", f"Minus {reference}, {measure}", "AUROC", "Cost"), cells)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("configfiles", nargs="+", help="of the experiment, config.yaml aside, in their order")
    parser.add_argument("reference", help="the model that every other is compared with")
    given = parser.parse_args()
    print(rows(given.configfiles, given.reference))
