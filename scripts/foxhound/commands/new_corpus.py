"""Look at a table of labelled comments, propose which column is what, write the overlay that says so, and check it."""

import argparse
from pathlib import Path
from typing import Any

from foxhound.commands.checkout import ROOT
from foxhound.errors import FoxhoundError

EXAMPLES = """\
  foxhound new-corpus my.csv                  writes experiments/my.yaml"""
ENCODINGS = ("utf-8", "cp1252")  # what is not UTF-8 is most often made by a Windows program of Western Europe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("file", metavar="FILE", help="CSV, TSV, JSON Lines or Parquet; text may be .gz or .zst")


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Write the overlay, and print what was guessed and what to do next."""
    print("\n".join(propose(arguments.file)))


def read_table(path: str) -> tuple[Any, dict[str, str]]:
    """Return the table, and the encoding where it is not the usual one."""
    from foxhound.corpus.readers import FORMATS, format_of, read_raw

    format = format_of(path)
    if format is None:
        raise FoxhoundError(f"{path}: its name tells no format. Rename it to end in one of: {', '.join(FORMATS)}.")
    try:
        return read_raw(path, format), {}
    except FoxhoundError as error:
        if not isinstance(error.__cause__, UnicodeDecodeError):
            raise
    return read_raw(path, format, ENCODINGS[1]), {"encoding": ENCODINGS[1]}


def propose(path: str) -> list[str]:
    """Write experiments/NAME.yaml for the corpus at `path`, and return the lines to tell its owner.

    Raises:
        FoxhoundError: the file cannot be read or has no column for text or label, what was guessed does not hold, or
            another overlay of this name is there already. Nothing is written then.
    """
    import yaml

    from foxhound.commands.grid import size_to_corpus
    from foxhound.corpus.column_guesses import guess_columns, overlay, slug
    from foxhound.corpus.loading import load_comments, summary
    from foxhound.experiment.adaptation import adapt_to_corpus
    from foxhound.experiment.configuration import check_config
    from foxhound.files import write_text

    frame, encoding = read_table(path)
    guess = guess_columns(frame, path)
    target = Path("experiments") / f"{slug(path)}.yaml"
    text = overlay(path, guess, encoding)
    proposed = yaml.safe_load(text)
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    config |= {"pathvars": proposed["pathvars"], "corpus": config["corpus"] | proposed["corpus"]}
    check_config(config, ROOT / "schemas/config.yaml", ["config.yaml", str(target)] if target.exists() else [])
    comments = load_comments(path, config["corpus"])
    counts = summary(comments)
    grid, config, cost = size_to_corpus(config, comments, target)
    _, changes = adapt_to_corpus(config, comments)
    text += grid
    if target.exists() and yaml.safe_load(target.read_text(encoding="utf-8")) != yaml.safe_load(text):
        raise FoxhoundError(f"{target}: is there already, with other content. Rename or remove it, then run again.")
    write_text(target, text)
    lines = [f"{key:<9} {'-' if name is None else name}" for key, name in guess.columns.items()]
    if guess.positive is not None and guess.negative is not None:
        lines += [f"{'hateful':<9} {', '.join(guess.positive)}", f"{'not':<9} {', '.join(guess.negative)}"]
    lines.append(f"{counts['comments']} comments, {counts['hateful']} of them hateful.")
    lines += [f"NOT SURE  {doubt}" for doubt in guess.doubts]
    lines += ["Adapted to this corpus:", *(f"  {line}" for line in changes)] if changes else []
    lines += ["encoding  cp1252, because it is not UTF-8: look at letters with accents"] if encoding else []
    return [*lines, *cost, f"Written to {target}: look at it, then", f"  foxhound report --configfile {target}"]
