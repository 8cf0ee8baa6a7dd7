"""Look at a table of labelled comments, propose which column is what, write the overlay that says so, and check it.

make new-corpus FILE=my.csv
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import yaml
from foxhound.corpus.column_guesses import guess_columns, overlay, slug
from foxhound.corpus.loading import load_comments, summary
from foxhound.corpus.readers import FORMATS, format_of, read_raw
from foxhound.errors import FoxhoundError
from foxhound.experiment.adaptation import fit
from foxhound.experiment.configuration import check_config
from foxhound.files import write_text

ROOT = Path(__file__).parents[1]
ENCODINGS = ("utf-8", "cp1252")  # what is not UTF-8 is most often made by a Windows program of Western Europe


def read(path: str) -> tuple[Any, dict[str, str]]:
    """The table, and the encoding where it is not the usual one."""
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
    """Write experiments/NAME.yaml for the corpus at `path`; what to tell its owner.

    Raises:
        FoxhoundError: the file cannot be read or has no column for text or label, what was guessed does not hold, or
            an overlay of this name is there already. Nothing is written then.
    """
    frame, how = read(path)
    guess = guess_columns(frame, path)
    target = Path("experiments") / f"{slug(path)}.yaml"
    text = overlay(path, guess, how)
    if target.exists() and target.read_text(encoding="utf-8") != text:
        raise FoxhoundError(
            f"{target}: is there already, and says something else. Rename or remove it, then run again."
        )
    proposed = yaml.safe_load(text)
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    config |= {"pathvars": proposed["pathvars"], "corpus": config["corpus"] | proposed["corpus"]}
    check_config(config, ROOT / "schemas/config.yaml", ["config.yaml", str(target)] if target.exists() else [])
    comments = load_comments(path, config["corpus"])
    facts = summary(comments)
    _, fitted = fit(config, comments)
    write_text(target, text)
    told = [f"{key:<9} {'-' if name is None else name}" for key, name in guess.columns.items()]
    if guess.positive is not None and guess.negative is not None:
        told += [f"{'hateful':<9} {', '.join(guess.positive)}", f"{'not':<9} {', '.join(guess.negative)}"]
    told.append(f"{facts['comments']} comments, {facts['hateful']} of them hateful.")
    told += [f"NOT SURE  {doubt}" for doubt in guess.doubts]
    told += ["Fitted to this corpus:", *(f"  {line}" for line in fitted)] if fitted else []
    shown = ["encoding  cp1252, because it is not UTF-8: look at letters with accents"] if how else []
    return [*told, *shown, f"Written to {target}: look at it, then", f"  snakemake --cores 2 --configfile {target}"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", metavar="FILE", help="CSV, TSV, JSON Lines or Parquet; text may be .gz or .zst")
    try:
        print("\n".join(propose(parser.parse_args().file)))
    except FoxhoundError as error:
        sys.exit(f"Error: {error}")
