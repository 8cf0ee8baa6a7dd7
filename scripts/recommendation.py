"""Recommend a model by the configuration's rule (foxhound/evaluation/recommendation.py).

Reads scores and comparisons; writes recommendation.json: model, learning_rate (null without one), epoch (0 without
epochs), name, protocol (the hardest folds). All are null where no model that can be kept runs under every kind of
folds.
"""

import json
import logging

from foxhound.evaluation.recommendation import recommend
from foxhound.evaluation.score_views import over_seeds
from foxhound.files import write_text
from foxhound.tables import read_table
from foxhound.workflow.job import start_job

NONE = dict.fromkeys(("model", "learning_rate", "epoch", "name", "protocol"))


def write_recommendation(scores: str, comparisons: str, output: str, keepable: dict[str, int], prefer: str) -> None:
    """Write the recommended model's facts, from the tables at these paths."""
    tables = read_table(scores, "scores"), read_table(comparisons, "comparisons")
    found = recommend(over_seeds(tables[0]), tables[1], keepable, prefer)
    facts = found.facts() if found else NONE
    logging.info("recommended: %s", facts["name"])
    write_text(output, json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    with start_job(snakemake) as job:
        write_recommendation(job.input.scores, job.input.comparisons, job.output.recommendation, **job.params)
