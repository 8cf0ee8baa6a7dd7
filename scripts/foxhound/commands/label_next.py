"""Write the comments of a file that are most worth labelling, ready to be labelled and added to the corpus."""

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from foxhound.commands.predict import (
    FIELDS,
    add_model,
    add_reading,
    answers,
    is_same,
    named_model,
    opened,
    plain,
    spreadsheet_safe,
)
from foxhound.errors import FoxhoundError
from foxhound.files import atomic_path

if TYPE_CHECKING:  # pandas takes a second to import
    from foxhound.inference.label_next import Candidate

EXAMPLES = """\
  foxhound label-next new.csv --model results/my/model --output next.csv
  foxhound label-next new.csv --column comment --label is_hate --keep thread --number 200
  foxhound label-next new.csv --known next.csv --output next-2.csv     none of those that are being labelled
  foxhound label-next new.csv --random --output random.csv             to score the model on
What to do with them: docs/own-corpus.md, "Label more"."""
ADDED = ("rank", "p_hateful", "why")
UNCERTAIN, RANDOM = "uncertain", "random"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("file", metavar="FILE", help="with comments: whatever foxhound predict --file reads")
    add_model(parser)
    parser.add_argument("--number", type=_number, default=100, help="of comments to label (default: %(default)s)")
    parser.add_argument("--output", type=Path, default=Path("next.csv"), help="write them there (default: %(default)s)")
    parser.add_argument("--overwrite", action="store_true", help="replace that file, with the labels in it")
    parser.add_argument("--column", default="text", help="where the comments stand in a table (default: %(default)s)")
    parser.add_argument("--label", default="label", help="name of the column to fill in (default: %(default)s)")
    parser.add_argument(
        "--keep", action="append", default=[], metavar="COLUMN", help="also write this column; may be repeated"
    )
    parser.add_argument(
        "--known",
        action="append",
        default=[],
        metavar="FILE",
        help="leave out what stands in this file, or nearly; may be repeated. The model's own corpus, where it lies "
        "beside the model, is left out in any case",
    )
    parser.add_argument("--known-column", metavar="COLUMN", help="where it stands there (default: that of --column)")
    parser.add_argument("--random", action="store_true", help="draw them at random instead, to score the model on")
    parser.add_argument(
        "--spreadsheet", action="store_true", help="put a ' before texts that a spreadsheet would take for formulas"
    )
    add_reading(parser)


def _number(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def check_arguments(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuse arguments that do not go together, and an output that would cost what is there."""
    output = arguments.output
    if output.suffix != ".csv":
        parser.error(f"--output ends in {output.suffix!r}; it has to end in .csv")
    for read in (arguments.file, *arguments.known):
        if is_same(output, read):
            parser.error(f"--output {output} is a file that is read: name another one")
    if output.exists() and not arguments.overwrite:
        parser.error(f"--output {output} is there already, perhaps with labels: name another one, or say --overwrite")
    if taken := sorted({*FIELDS, "words", "reason"} & {*arguments.keep}):
        parser.error(f"--keep {taken[0]}: the answers have a column of this name. Rename yours")
    names = columns(arguments)
    if twice := [name for name in names if names.count(name) > 1]:
        parser.error(f"two columns of {output} would be called {twice[0]!r}: rename yours, or name another --label")


def columns(arguments: argparse.Namespace) -> list[str]:
    """Return the columns that are written."""
    return [arguments.column, arguments.label, *arguments.keep, *ADDED]


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Choose, write, and say what was done."""
    from foxhound.inference.label_next import (
        asked,
        by_chance,
        by_uncertainty,
        known_texts,
        lowest,
        unsure_and_different,
    )

    check_arguments(arguments, parser)
    texts = opened(arguments)
    folder, model = named_model(arguments.model)
    files = [(file, arguments.known_column or arguments.column) for file in arguments.known]
    corpus = folder.parent / "corpus" / "comments.parquet"
    files += [(str(corpus), "text")] if corpus.is_file() else []
    known = known_texts(files)
    if arguments.random:
        chosen = asked(lowest(by_chance(texts, model), arguments.number, known), model)
    else:
        answered = answers(model, texts, 0, arguments.keep)
        unsure = by_uncertainty(answered, arguments.keep, model.threshold)
        chosen = unsure_and_different(unsure, arguments.number, known)
    if not chosen:
        raise FoxhoundError(
            f"{arguments.file}: no comment to label. All are empty, or in {' or '.join(file for file, _ in files)}."
            if files
            else f"{arguments.file}: no comment to label: all are empty."
        )
    with atomic_path(arguments.output) as temporary:
        write(temporary, chosen, columns(arguments), RANDOM if arguments.random else UNCERTAIN, arguments.spreadsheet)
    print("\n".join(told(arguments, chosen, model.threshold, [file for file, _ in files])))


def write(path: Path, chosen: Sequence["Candidate"], names: Sequence[str], why: str, safe: bool) -> None:
    """Write comments as CSV, with an empty column for their labels.

    Args:
        names: of the columns.
        safe: whether to change texts that a spreadsheet would take for formulas.
    """
    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(names)
        for rank, one in enumerate(chosen, 1):
            said = [one.text, "", *map(plain, one.kept)]
            said = [spreadsheet_safe(value) if safe and isinstance(value, str) else value for value in said]
            rows.writerow([*said, rank, round(one.p_hateful or 0, 4), why])


def told(
    arguments: argparse.Namespace, chosen: Sequence["Candidate"], threshold: float, known: Sequence[str]
) -> list[str]:
    """Return what there is to say about what was written."""
    p = [one.p_hateful or 0 for one in chosen]
    lines = [f"Left out: what stands in {', '.join(known)}, or nearly."] if known else []
    if len(chosen) < arguments.number:
        lines.append(
            f"Fewer than {arguments.number}: {arguments.file} has no more that are new, and no near-duplicates."
        )
    lines.append(
        f"{len(chosen)} comments to label: {arguments.output}. The model gives them {min(p):.3f} to {max(p):.3f}, and "
        f"calls comments hateful from {threshold:.3f} on."
    )
    if arguments.random:
        lines.append('They are for scoring: keep them out of the corpus. See docs/own-corpus.md, "Label more".')
    else:
        lines.append(
            f"Fill in {arguments.label!r}, without looking at what the model says, and add them to the corpus."
        )
    return lines
