"""Run `foxhound`: its subcommands run the experiment, say why, bring a corpus, and ask the final model.

Each subcommand is a module of this package. Only the one that is called is imported, so that `foxhound predict` answers
at once.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from foxhound.errors import FoxhoundError, suggestion
from foxhound.files import system_errors_in_words
from foxhound.version import own_version

COMMANDS = {
    "demo": "Run the demo: the whole pipeline on a small corpus, offline, in minutes.",
    "report": "Run the experiment of config.yaml, up to its report.",
    "why": "Say what a run would do, and because of what, in one line per rule. Runs nothing.",
    "size": "Write an overlay with as much of the experiment as fits a budget of minutes.",
    "new-corpus": "Look at a table of labelled comments, and write the configuration that reads it.",
    "predict": "Ask the final model about sentences, a file or standard input.",
    "label-next": "Choose the comments that are most worth labelling next, from any number of unlabelled ones.",
    "times": "Add up what a finished run took: jobs, time and memory of each rule.",
    "gpu-check": "Say whether a GPU can be used here, and what to do if not.",
    "headline": "Write the main table and figure of a finished experiment into README.md.",
    "config-docs": "Write docs/config.md from the schema and config.yaml.",
}
"""Subcommand -> what it does; its module has the same name, with underscores."""
EPILOG = """\
example:
  foxhound demo

`foxhound COMMAND --help` shows the options of a command, with examples."""


def overview() -> argparse.ArgumentParser:
    """Return the parser of `foxhound` without a subcommand: it knows their names and nothing else."""
    width = max(map(len, COMMANDS))
    listed = "\n".join(f"  {name:<{width}}  {summary}" for name, summary in COMMANDS.items())
    parser = argparse.ArgumentParser(
        prog="foxhound",
        usage="foxhound COMMAND [OPTIONS]",
        description="Compare hate-speech classifiers on a small labelled corpus, with honest error bars.",
        epilog=f"commands:\n{listed}\n\n{EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"foxhound {own_version()}", help="show the version")
    parser.add_argument("command", metavar="COMMAND", help=argparse.SUPPRESS)
    return parser


def subcommand(name: str) -> tuple[ModuleType, argparse.ArgumentParser]:
    """Return the module of a subcommand, and the parser of its arguments."""
    module = import_module(f"foxhound.commands.{name.replace('-', '_')}")
    parser = argparse.ArgumentParser(
        prog=f"foxhound {name}",
        description=COMMANDS[name],
        epilog=f"examples:\n{module.EXAMPLES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    return module, parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a subcommand; return the exit code. A mistake of the user's ends in its message, without a traceback."""
    try:
        try:
            return _run(list(sys.argv[1:] if arguments is None else arguments))
        finally:
            sys.stdout.flush()  # here, and not when Python ends, where nobody could catch it
    except BrokenPipeError:  # the reader, for instance `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _run(given: list[str]) -> int:
    name = given[0] if given else "--help"
    if name not in COMMANDS:
        parser = overview()
        if name.startswith("-"):
            parser.parse_args([name])  # prints the help or refuses the option, and exits
        parser.error(f"there is no command {name!r}.{suggestion(name, [*COMMANDS])} Commands: {', '.join(COMMANDS)}")
    module, parser = subcommand(name)
    try:
        with system_errors_in_words():
            return module.run(parser.parse_args(given[1:]), parser) or 0
    except FoxhoundError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
