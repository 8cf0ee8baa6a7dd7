"""Run the experiment, up to its report."""

import argparse
from pathlib import Path

from foxhound.commands.checkout import require_checkout, run_snakemake

EXAMPLES = """\
  foxhound report                                          the experiment of config.yaml
  foxhound report --configfile experiments/my.yaml         with an overlay
  foxhound report --dry-run                                say which jobs would run
  foxhound report -- --profile profiles/slurm              what follows -- goes to Snakemake"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("--configfile", nargs="+", default=[], metavar="FILE", help="overlays of config.yaml")
    parser.add_argument("--cores", type=int, metavar="N", help="jobs side by side (default: one per processor core)")
    parser.add_argument("--dry-run", action="store_true", help="say which jobs would run, and run none")
    parser.add_argument(
        "--redo-other-versions",
        action="store_true",
        help="also make again what was made with other versions of the libraries (foxhound why names it)",
    )
    parser.add_argument("options", nargs="*", metavar="-- OPTION", help="options of Snakemake, and targets")


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Run Snakemake; what follows `--` comes last, since it may name targets."""
    require_checkout()
    from foxhound.experiment.configuration import check_files

    check_files(arguments.configfile)
    overlays = ["--configfile", *arguments.configfile] if arguments.configfile else []
    dry_run = ["--dry-run"] if arguments.dry_run else []
    redone = outdated(arguments.configfile) if arguments.redo_other_versions else []
    # A flag behind the list of files, which would go on to the targets.
    forced = ["--forcerun", *redone, "--rerun-incomplete"] if redone else []
    # Snakemake takes every name behind --configfile for a file.
    set_apart = ["--"] if overlays and arguments.options and not arguments.options[0].startswith("-") else []
    return run_snakemake(arguments.cores, [*dry_run, *forced, *overlays, *set_apart, *arguments.options])


def outdated(config_files: list[str]) -> list[str]:
    """Return the results that were made with other versions of the libraries than are installed."""
    import yaml

    from foxhound.workflow.versions import other_versions, tables_of

    require_checkout()
    configs = [yaml.safe_load(Path(name).read_text(encoding="utf-8")) for name in ("config.yaml", *config_files)]
    results = [config["pathvars"]["results"] for config in configs if "pathvars" in config][-1]
    paths = {path for several in other_versions(tables_of(Path(results))).values() for path in several}
    return sorted(map(str, paths))
