"""Ask the saved model about sentences, a file or standard input: probability, decision, and the words that carried it.

Sentences are answered for people; files and standard input in JSON Lines, or in the format that --output ends in.
"""

import argparse
import json
import math
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from foxhound.commands.kept_models import DEFAULT, missing_model
from foxhound.corpus.texts import Texts, open_texts, reason_unscorable
from foxhound.evaluation.conformal import RATES, Limits
from foxhound.files import atomic_path
from foxhound.inference.empty_texts import NO_TOKEN
from foxhound.inference.kept_model import KeptModel
from foxhound.inference.model_folder import limits_of
from foxhound.inference.saved_model import load_saved
from foxhound.inference.word_effects import strongest_effects, word_effects

EXAMPLES = """\
  foxhound predict "a sentence" "another one"
  foxhound predict --model results/demo/model "a sentence"
  foxhound predict --file comments.csv --column text --keep id --output answers.csv
  foxhound predict --error-rate 0.1 --file comments.csv --output answers.csv    who decides, it or a person
  some-command | foxhound predict
For millions of comments: snakemake results/predictions (docs/final-model.md)."""
FORMATS = ("csv", "tsv", "jsonl", "parquet", "workbook", "txt")
ENDINGS = ".csv, .tsv, .tab, .json, .jsonl, .parquet, .xlsx, .xls"
QUOTING = ("quotes", "backslash", "none")
FIELDS = ("row", "text", "p_hateful", "hateful")
ANSWER = "answer"
WINDOW = 512  # texts per batch of answers
FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # at the start of a cell; the last four are the first in full width


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("sentences", nargs="*", metavar="SENTENCE", help="what to ask about")
    add_model(parser)
    parser.add_argument("--file", help=f"a table ({ENDINGS}), or .txt: a text per line; - is standard input")
    parser.add_argument("--column", default="text", help="where the texts stand in a table (default: %(default)s)")
    parser.add_argument(
        "--keep", action="append", default=[], metavar="COLUMN", help="also write this column; may be repeated"
    )
    parser.add_argument("--output", type=Path, help="write answers there: .jsonl, .csv or .parquet")
    parser.add_argument(
        "--error-rate",
        type=_rate,
        metavar="SHARE",
        help="answer only as far as at most this share of either class is answered wrongly, and ask a person otherwise",
    )
    parser.add_argument("--words", type=int, help="how many words to name (default: 5 for sentences, 0 for files)")
    parser.add_argument("--title", help="the article's title, for models that read it")
    parser.add_argument(
        "--spreadsheet", action="store_true", help="put a ' before texts that a spreadsheet would take for formulas"
    )
    add_reading(parser)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add what says which model is asked."""
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FOLDER",
        help=f"of the model (default: {DEFAULT}; of the demo: results/demo/model)",
    )


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add what says how a file is read."""
    parser.add_argument("--format", choices=FORMATS, help="of the file, where its name does not tell it")
    parser.add_argument("--encoding", help="of text that is not UTF-8")
    parser.add_argument("--quoting", choices=QUOTING, help="whether quotation marks enclose fields")
    parser.add_argument("--sheet", help="of a workbook (default: the first that is a table)")


def _rate(text: str) -> float:
    rate = float(text)
    if not RATES[0] <= rate <= RATES[-1]:
        raise argparse.ArgumentTypeError(f"{text} is not between {RATES[0]:g} and {RATES[-1]:g}")
    return rate


def is_same(output: Path, file: str) -> bool:
    """Say whether `output` is the file that is read, whatever it is called; `-` is standard input."""
    if not output.exists() or (file != "-" and not Path(file).exists()):
        return False
    return os.path.samestat(output.stat(), os.fstat(sys.stdin.fileno()) if file == "-" else os.stat(file))


def check_arguments(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuse arguments that do not go together, and fill in those that depend on others."""
    if arguments.sentences and arguments.file:
        parser.error("give sentences or --file, not both")
    if not arguments.sentences and not arguments.file:
        if sys.stdin.isatty():
            parser.error("nothing to ask about: give a sentence in quotes, or --file")
        arguments.file = "-"
    if arguments.output and arguments.output.suffix not in WRITERS:
        parser.error(f"--output ends in {arguments.output.suffix!r}; it can end in {', '.join(WRITERS)}")
    if arguments.output and arguments.file and is_same(arguments.output, arguments.file):
        parser.error(f"--output {arguments.output} is the file that is read: name another one")
    if taken := sorted({*FIELDS, ANSWER, "words", "reason"} & {*arguments.keep}):
        parser.error(f"--keep {taken[0]}: the answers have a column of this name. Rename yours")
    if arguments.keep and not arguments.file:
        parser.error("--keep names columns of a table: give --file")
    if arguments.spreadsheet and (not arguments.output or arguments.output.suffix != ".csv"):
        parser.error("--spreadsheet is for --output that ends in .csv")
    if arguments.words is None:
        arguments.words = 0 if arguments.file else 5


def answers(
    model: KeptModel, texts: Texts, words: int, keep: Sequence[str] = (), limits: Limits | None = None
) -> Iterator[dict[str, Any]]:
    """Yield an answer per text, in their order: row, text, p_hateful, hateful, kept columns, words, reason for none.

    Texts are taken a window at a time, and so memory does not grow with the file.

    Args:
        limits: between which a person is asked; with them there is one more field, `answer`.
    """
    first = 0
    with tqdm(total=texts.count, disable=texts.count is None or texts.count <= WINDOW, unit="text") as progress:
        while window := list(islice(texts.values, WINDOW)):
            reasons, scorable = [], []
            for text, _ in window:
                reason = reason_unscorable(text) or (NO_TOKEN if model.finds_nothing(text) else None)
                reasons.append(reason)
                scorable += [text] if reason is None else []
            probabilities = iter(model.probabilities(scorable).tolist())
            for row, ((text, kept), reason) in enumerate(zip(window, reasons, strict=True), first):
                p = None if reason else next(probabilities)
                carried = strongest_effects(word_effects(model, text), words) if words and not reason else []
                answer = {"row": row, "text": None if reason else text, "p_hateful": p}
                answer["hateful"] = None if p is None else p >= model.threshold
                if limits:
                    answer[ANSWER] = None if p is None else str(limits.answers(np.array([p]))[0])
                yield answer | dict(zip(keep, kept, strict=True)) | {"words": carried, "reason": reason}
            first += len(window)
            progress.update(len(window))


def for_people(answer: dict[str, Any]) -> str:
    """Return one answer in two lines."""
    if answer["reason"]:
        return f"no answer              {answer['reason']}"
    decision = answer.get(ANSWER) or ("hateful" if answer["hateful"] else "not hateful")
    lines = [f"{decision:12} {answer['p_hateful']:.3f}     {answer['text']}"]
    if answer["words"]:
        lines.append(f"{'':22}carried by {', '.join(f'{word} {effect:+.2f}' for word, effect in answer['words'])}")
    return "\n".join(lines)


def spreadsheet_safe(text: str | None) -> str | None:
    """Return text that a spreadsheet does not take for a formula (OWASP, "CSV Injection")."""
    return f"'{text}" if text and text[0] in FORMULA else text


def named(answer: dict[str, Any]) -> str:
    """Return the words of an answer as one cell."""
    return "; ".join(f"{word} {effect:+.3f}" for word, effect in answer["words"])


def plain(value: Any) -> Any:
    """Return the value of a kept column as JSON knows it: what it does not is written as text."""
    if isinstance(value, float) and value != value:
        return None
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _line(answer: dict[str, Any]) -> str:
    """Return an answer as a line of JSON."""
    return json.dumps(
        {name: value if name == "words" else plain(value) for name, value in answer.items()}, ensure_ascii=False
    )


def write_jsonl(path: Path, results: Iterator[dict[str, Any]], keep: Sequence[str], safe: bool) -> None:
    """Write a JSON object per line."""
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(_line(answer) + "\n" for answer in results)


def write_csv(path: Path, results: Iterator[dict[str, Any]], keep: Sequence[str], safe: bool) -> None:
    """Write CSV.

    Args:
        safe: whether to change texts that a spreadsheet would take for formulas; these no longer equal what was read.
    """
    import csv

    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, [*FIELDS, *keep, "words", "reason"])
        rows.writeheader()
        for answer in results:
            cells = answer | {"words": named(answer)}
            if safe:
                cells = {
                    name: spreadsheet_safe(value) if isinstance(value, str) else value for name, value in cells.items()
                }
            rows.writerow(cells)


def write_parquet(path: Path, results: Iterator[dict[str, Any]], keep: Sequence[str], safe: bool) -> None:
    """Write Parquet, a window at a time; the words, and what is kept, are text, so that every window is of one kind."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {"row": pa.int64(), "text": pa.string(), "p_hateful": pa.float32(), "hateful": pa.bool_()}
    schema = pa.schema(kinds | dict.fromkeys([*keep, "words", "reason"], pa.string()))
    with pq.ParquetWriter(path, schema) as writer:
        while window := list(islice(results, WINDOW)):
            kept = {name: [_text(answer[name]) for answer in window] for name in keep}
            columns = {name: [answer[name] for answer in window] for name in (*kinds, "reason")} | kept
            writer.write_table(pa.table(columns | {"words": [named(answer) for answer in window]}, schema))


def _text(value: Any) -> str | None:
    return None if plain(value) is None else str(value)


WRITERS = {".jsonl": write_jsonl, ".csv": write_csv, ".parquet": write_parquet}


def named_model(named: Path | None) -> tuple[Path, KeptModel]:
    """Return folder and model that the command line names, or those of the default.

    Raises:
        FoxhoundError: there is none.
    """
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    folder = named or DEFAULT
    if not folder.is_dir():
        raise missing_model(named)
    return folder, load_saved(folder, threads)


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Answer what the command line asks."""
    check_arguments(arguments, parser)
    texts = _asked(arguments)
    folder, model = named_model(arguments.model)
    if arguments.title is not None:
        print(f"{folder} reads no titles: --title changes nothing.", file=sys.stderr)
    rate = arguments.error_rate
    limits = None if rate is None else limits_of(folder, rate)
    results = answers(model, texts, arguments.words, arguments.keep, limits)
    if arguments.output:
        with atomic_path(arguments.output) as temporary:
            columns = [*([ANSWER] if limits else []), *arguments.keep]
            WRITERS[arguments.output.suffix](temporary, results, columns, arguments.spreadsheet)
    elif arguments.file:
        for answer in results:
            print(_line(answer))
    else:
        print("\n".join(map(for_people, results)))
        print(f"\n{_decided(model, limits, rate)}")


def _decided(model: KeptModel, limits: Limits | None, rate: float | None) -> str:
    """Say how decisions come about."""
    if limits is None or rate is None:
        return f"A comment is called hateful from {model.threshold:.3f} on."
    promise = (
        f"On average no more than {100 * rate:g} % of hateful comments like the labelled ones, and of the others, are "
        "answered wrongly"
    )
    if math.isinf(limits.low) and math.isinf(limits.high):
        return f"{promise}: the labelled comments are too few for that, and so a person is asked about every comment."
    if math.isinf(limits.low) or math.isinf(limits.high):
        lacking, ends = ("not hateful", f"up to {limits.high:.3f}") if math.isinf(limits.low) else (
            "hateful", f"from {limits.low:.3f} on")  # fmt: skip
        return f"{promise}: a person is asked {ends}. There are too few labelled comments to call any {lacking}."
    return f"{promise}: a person is asked from {limits.low:.3f} to {limits.high:.3f}."


def _asked(arguments: argparse.Namespace) -> Texts:
    """Return the texts that the command line asks about."""
    if not arguments.file:
        return Texts(((sentence, []) for sentence in arguments.sentences), len(arguments.sentences))
    return opened(arguments)


def opened(arguments: argparse.Namespace) -> Texts:
    """Return the texts of the file that the command line names, and tell of what is in doubt about it."""
    reading = {name: getattr(arguments, name) for name in ("format", "encoding", "quoting", "sheet")}
    texts = open_texts(arguments.file, arguments.column, arguments.keep, **reading)
    for note in texts.notes:
        print(f"{arguments.file}: {note}", file=sys.stderr)
    return texts
