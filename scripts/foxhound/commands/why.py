"""Say what Snakemake would run and because of what, in one line per rule. Runs nothing."""

import argparse
from pathlib import Path

from foxhound.commands.checkout import require_checkout

EXAMPLES = """\
  foxhound why
  foxhound why --configfile experiments/demo.yaml
  foxhound why results/model"""
PROFILE = Path("profiles/default/config.yaml")
REDO = "foxhound report --redo-other-versions"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="files to make (default: the report)")
    parser.add_argument(
        "--configfile", type=Path, nargs="+", default=[], metavar="FILE", help="overlays of config.yaml"
    )


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Print a line per rule, or that there is nothing to do."""
    require_checkout()
    # Imported late, as in all commands: `foxhound why --help` waits for none of it.
    import yaml

    from foxhound.corpus.state import definitions, read_state
    from foxhound.experiment.configuration import check_files
    from foxhound.tables import read_table
    from foxhound.workflow.rerun_reasons import comment_changes, count, explain
    from foxhound.workflow.snakemake_internals import plan_jobs
    from foxhound.workflow.versions import other_versions, tables_of

    check_files(arguments.configfile)
    triggers = yaml.safe_load(PROFILE.read_text(encoding="utf-8"))["rerun-triggers"]
    jobs, config = plan_jobs(arguments.targets, arguments.configfile, triggers)
    results = config["pathvars"]["results"]
    state = read_state(f"resources/private/{results}", **definitions(config))
    table = Path(results) / "corpus" / "comments.parquet"
    before = read_table(table, "comments") if table.is_file() else None
    lines = explain(jobs, comment_changes(before, state.comments if state else None))
    print("\n".join(lines) or "Nothing to be done: everything is there and up to date.")
    for version, paths in other_versions(tables_of(Path(results))).items():
        print(f"{count(len(paths), 'result')} made with {version}. To make them again: {REDO}")
