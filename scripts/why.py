"""Say what `snakemake` would run and because of what, in one line per rule. Runs nothing.

Usage: python scripts/why.py [--configfile FILE ...] [TARGET ...]
"""

import argparse
import logging
import sys
from pathlib import Path
from typing import Any

import yaml
from foxhound.corpus.columns import COLUMNS
from foxhound.corpus.state import definitions, read_state
from foxhound.errors import FoxhoundError
from foxhound.tables import read_table
from foxhound.workflow.rerun_reasons import JobPlan, comment_changes, explain
from snakemake.api import SnakemakeApi
from snakemake.dag import DAG
from snakemake.exceptions import WorkflowError
from snakemake.settings.enums import RerunTrigger
from snakemake.settings.types import ConfigSettings, DAGSettings, OutputSettings, ResourceSettings

PROFILE = Path("profiles/default/config.yaml")


def plan_job(dag: DAG, job: Any) -> JobPlan:
    """What Snakemake knows of why it would run `job`."""
    reason = dag.reason(job)
    serialize = dag.workflow.persistence._serialize_param
    changed = dag.workflow.persistence.params_changed(job)  # `reason` lacks it behind a job that has to run
    known = dag.workflow.persistence.input(job.output[0])
    others = set(map(str, job.input)) - set(known) if known is not None else set()
    touched = {Path(file).parent.name for file in [*reason.updated_input_run, *reason.missing_output, *others]}
    ahead = [dependency.rule.name for dependency in dag.dependencies[job] if dag.needrun(dependency)]
    return JobPlan(
        rule=job.rule.name,
        missing=bool(reason.missing_output),
        forced=reason.forced,
        unfinished=bool(reason.incomplete_output),
        inputs_changed=bool(reason.input_changed),
        newer=[str(file) for file in reason.updated_input],
        after=ahead,
        columns=[column for column in COLUMNS if column in touched],
        old=sorted(changed.only_old) if changed else [],
        new=sorted(changed.only_new) if changed else [],
        names={str(serialize(value)): name for name, value in job.params.items()},
    )


def why(targets: list[str], configfiles: list[Path]) -> list[str]:
    """The lines to print; none where nothing is to be done."""
    profile = yaml.safe_load(PROFILE.read_text(encoding="utf-8"))
    triggers = frozenset(RerunTrigger.parse_choice(name) for name in profile["rerun-triggers"])
    logging.disable(logging.WARNING)  # Snakemake introduces itself
    with SnakemakeApi(OutputSettings(dryrun=True)) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(configfiles=configfiles),
            snakefile=Path("Snakefile"),
        )
        planned = workflow.dag(
            dag_settings=DAGSettings(targets=set(targets), rerun_triggers=triggers, force_incomplete=True)
        )
        planned.execute_workflow(executor="dryrun")
        dag, config = workflow._workflow.dag, workflow._workflow.globals["config"]
        # A target rule makes nothing itself.
        jobs = [plan_job(dag, job) for level in dag.toposorted() for job in level if dag.needrun(job) and job.output]
    results = config["pathvars"]["results"]
    state = read_state(f"resources/private/{results}", **definitions(config))
    table = Path(results) / "corpus" / "comments.parquet"
    before = read_table(table, "comments") if table.is_file() else None
    return explain(jobs, comment_changes(before, state.comments if state else None))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--configfile", type=Path, nargs="+", default=[], metavar="FILE")
    parser.add_argument("targets", nargs="*", metavar="TARGET")
    arguments = parser.parse_args()
    try:
        lines = why(arguments.targets, arguments.configfile)
    except (FoxhoundError, WorkflowError) as error:
        sys.exit(f"Error: {error}")
    print("\n".join(lines) or "Nothing to be done: everything is there and up to date.")
