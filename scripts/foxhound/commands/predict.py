"""Ask the saved model about sentences, a file or standard input: probability, decision, and the words that carried it.

Sentences are answered for people; files and standard input in JSON Lines, or in the format that --output ends in.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tqdm import tqdm

from foxhound.corpus.texts import read_texts, split_scorable
from foxhound.files import atomic_path
from foxhound.inference.saved_model import SavedModel, load_saved
from foxhound.inference.word_effects import strongest_effects, word_effects

EXAMPLES = """\
  foxhound predict "a sentence" "another one"
  foxhound predict --file comments.csv --column text --output answers.csv
  some-command | foxhound predict
For millions of comments: snakemake results/predictions (README.md)."""
WINDOW = 512  # texts per batch of answers
FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # at the start of a cell; the last four are the first in full width


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.add_argument("sentences", nargs="*", metavar="SENTENCE", help="what to ask about")
    parser.add_argument("--model", default="results/model", help="folder of the model (default: %(default)s)")
    parser.add_argument("--file", help="a text per line, or .csv, .tsv, .jsonl, .parquet; - is standard input")
    parser.add_argument("--column", default="text", help="where the texts stand in a table (default: %(default)s)")
    parser.add_argument("--output", type=Path, help="write answers there: .jsonl, .csv or .parquet")
    parser.add_argument("--words", type=int, help="how many words to name (default: 5 for sentences, 0 for files)")
    parser.add_argument("--title", help="the article's title, for models that read it")


def _is_same(output: Path, file: str) -> bool:
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
    if arguments.output and arguments.file and _is_same(arguments.output, arguments.file):
        parser.error(f"--output {arguments.output} is the file that is read: name another one")
    if arguments.words is None:
        arguments.words = 0 if arguments.file else 5


def answers(model: SavedModel, texts: list[Any], words: int) -> Iterator[dict[str, Any]]:
    """Yield an answer per text, in their order: row, text, p_hateful, hateful, words, reason for no answer."""
    with tqdm(total=len(texts), disable=len(texts) <= WINDOW, unit="text") as progress:
        for start in range(0, len(texts), WINDOW):
            window = texts[start : start + WINDOW]
            reasons, good = split_scorable(window)
            probabilities = iter(model.probabilities(good).tolist())
            for row, (text, reason) in enumerate(zip(window, reasons, strict=True), start):
                answer = {"row": row, "text": text if isinstance(text, str) and reason is None else None}
                if reason is None:
                    p = next(probabilities)
                    carried = strongest_effects(word_effects(model, text), words) if words else []
                    yield answer | {"p_hateful": p, "hateful": p >= model.threshold, "words": carried, "reason": None}
                else:
                    yield answer | {"p_hateful": None, "hateful": None, "words": [], "reason": reason}
            progress.update(len(window))


def for_people(answer: dict[str, Any]) -> str:
    """Return one answer in two lines."""
    if answer["reason"]:
        return f"no answer              {answer['reason']}"
    decision = "hateful" if answer["hateful"] else "not hateful"
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


def write_jsonl(path: Path, results: Iterator[dict[str, Any]]) -> None:
    """Write a JSON object per line."""
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(answer, ensure_ascii=False) + "\n" for answer in results)


def write_csv(path: Path, results: Iterator[dict[str, Any]]) -> None:
    """Write CSV that is safe to open in a spreadsheet."""
    import csv

    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, ["row", "text", "p_hateful", "hateful", "words", "reason"])
        rows.writeheader()
        for answer in results:
            cells = {"text": spreadsheet_safe(answer["text"]), "words": spreadsheet_safe(named(answer))}
            rows.writerow(answer | cells)


def write_parquet(path: Path, results: Iterator[dict[str, Any]]) -> None:
    """Write Parquet, the words as one text per row."""
    import pandas as pd

    rows = [answer | {"words": named(answer)} for answer in results]
    frame = pd.DataFrame(rows, columns=["row", "text", "p_hateful", "hateful", "words", "reason"])
    frame.astype({"p_hateful": "float32", "hateful": "boolean"}).to_parquet(path, index=False)


WRITERS = {".jsonl": write_jsonl, ".csv": write_csv, ".parquet": write_parquet}


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Answer what the command line asks."""
    check_arguments(arguments, parser)
    texts = arguments.sentences or read_texts(arguments.file, arguments.column)
    threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    model = load_saved(arguments.model, threads)
    if arguments.title is not None:
        print(f"{arguments.model} reads no titles: --title changes nothing.", file=sys.stderr)
    results = answers(model, texts, arguments.words)
    if arguments.output:
        with atomic_path(arguments.output) as temporary:
            WRITERS[arguments.output.suffix](temporary, results)
    elif arguments.file:
        for answer in results:
            print(json.dumps(answer, ensure_ascii=False))
    else:
        print("\n".join(map(for_people, results)))
        print(f"\nA comment is called hateful from {model.threshold:.3f} on.")
