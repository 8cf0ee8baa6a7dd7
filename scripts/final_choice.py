"""Say which model is kept, and what it takes to train it: the one that the configuration names, or the one recommended.

Reads the recommendation, where there is one to go by. What is written says nothing else, so that it stays the same, and
nothing is trained again, as long as the choice does.
"""

import json
from typing import Any

from foxhound.errors import FoxhoundError
from foxhound.files import read_json, write_text
from foxhound.names import FINETUNE
from foxhound.workflow.job import start_job


def choose(recommendation: str | None, choices: dict[str, Any], output: str) -> None:
    """Write the model and its settings.

    Args:
        choices: model -> what it takes to train it (`foxhound.experiment.keepable.final_choices`); one of them where
            there is no recommendation.

    Raises:
        FoxhoundError: what is recommended is none of them.
    """
    if recommendation is None:
        [name] = choices
        chosen = choices[name]
    else:
        keys = ("model", "learning_rate", "epoch")
        read = read_json(recommendation, keys)
        name, rate, epoch = (read[key] for key in keys)
        if name is None:
            raise FoxhoundError(
                f"{recommendation}: nothing can be recommended, as no model that can be kept runs under every kind of "
                "folds and ranks comments better than chance there. Label more comments, or name a model in "
                f"config.yaml, under `final`: {', '.join(choices)}."
            )
        if name not in choices:
            raise FoxhoundError(
                f"{recommendation}: recommends {name!r}, which cannot be kept. What can be kept here: "
                f"{', '.join(choices)}. Name one of them in config.yaml, under `final`."
            )
        chosen = choices[name] | {"learning_rate": rate, "epoch": epoch}
        members = chosen["members"]
        if [member["model"] for member in members] == [name] and members[0]["kind"] == FINETUNE:
            chosen["members"] = [members[0] | {"learning_rate": rate, "epoch": epoch}]
    write_text(output, json.dumps({"model": name} | chosen, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    with start_job(snakemake) as job:
        choose(job.input.get("recommendation"), job.params["choices"], job.output.choice)
