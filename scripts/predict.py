"""Ask the saved model about sentences, a file or standard input: probability, decision, and the words that carried it.

    python scripts/predict.py "a sentence" "another one"
    python scripts/predict.py --file comments.csv --column text --output answers.csv
    some-command | python scripts/predict.py

Sentences are answered for people; files and standard input in JSON Lines, or in the format that --output ends in. For
millions of comments: snakemake results/predictions (README.md).
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from foxhound.corpus.texts import read_texts, split_scorable
from foxhound.errors import FoxhoundError
from foxhound.files import atomic_path
from foxhound.inference.saved_model import SavedModel, load_saved
from foxhound.inference.word_effects import strongest_effects, word_effects
from tqdm import tqdm

WINDOW = 512  # texts per batch of answers
FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"  # at the start of a cell; the last four are the first in full width


def arguments(given: list[str] | None) -> argparse.Namespace:
    """The command line, checked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sentences", nargs="*", help="what to ask about")
    parser.add_argument("--model", default="results/model", help="folder of the model (default: %(default)s)")
    parser.add_argument("--file", help="a text per line, or .csv, .tsv, .jsonl, .parquet; - is standard input")
    parser.add_argument("--column", default="text", help="where the texts stand in a table (default: %(default)s)")
    parser.add_argument("--output", type=Path, help="write answers there: .jsonl, .csv or .parquet")
    parser.add_argument("--words", type=int, help="how many words to name (default: 5 for sentences, 0 for files)")
    parser.add_argument("--title", help="the article's title, for models that read it")
    found = parser.parse_args(given)
    if found.sentences and found.file:
        parser.error("give sentences or --file, not both")
    if not found.sentences and not found.file:
        if sys.stdin.isatty():
            parser.error("nothing to ask about: give a sentence in quotes, or --file")
        found.file = "-"
    if found.output and found.output.suffix not in WRITERS:
        parser.error(f"--output ends in {found.output.suffix!r}; it can end in {', '.join(WRITERS)}")
    if found.words is None:
        found.words = 0 if found.file else 5
    return found


def answers(model: SavedModel, texts: list[Any], words: int) -> Iterator[dict[str, Any]]:
    """One answer per text, in their order: row, text, p_hateful, hateful, words, reason (why there is no answer)."""
    with tqdm(total=len(texts), disable=len(texts) <= WINDOW, unit="text") as progress:
        for start in range(0, len(texts), WINDOW):
            window = texts[start : start + WINDOW]
            reasons, good = split_scorable(window)
            found = iter(model.probabilities(good).tolist())
            for row, (text, reason) in enumerate(zip(window, reasons, strict=True), start):
                answer = {"row": row, "text": text if isinstance(text, str) and reason is None else None}
                if reason is None:
                    p = next(found)
                    carried = strongest_effects(word_effects(model, text), words) if words else []
                    yield answer | {"p_hateful": p, "hateful": p >= model.threshold, "words": carried, "reason": None}
                else:
                    yield answer | {"p_hateful": None, "hateful": None, "words": [], "reason": reason}
            progress.update(len(window))


def for_people(answer: dict[str, Any]) -> str:
    """One answer in two lines."""
    if answer["reason"]:
        return f"no answer              {answer['reason']}"
    decision = "hateful" if answer["hateful"] else "not hateful"
    lines = [f"{decision:12} {answer['p_hateful']:.3f}     {answer['text']}"]
    if answer["words"]:
        lines.append(f"{'':22}carried by {', '.join(f'{word} {effect:+.2f}' for word, effect in answer['words'])}")
    return "\n".join(lines)


def spreadsheet_safe(text: str | None) -> str | None:
    """Text that a spreadsheet does not take for a formula (OWASP, "CSV Injection")."""
    return f"'{text}" if text and text[0] in FORMULA else text


def named(answer: dict[str, Any]) -> str:
    """The words of an answer as one cell."""
    return "; ".join(f"{word} {effect:+.3f}" for word, effect in answer["words"])


def write_jsonl(path: Path, found: Iterator[dict[str, Any]]) -> None:
    """A JSON object per line."""
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(answer, ensure_ascii=False) + "\n" for answer in found)


def write_csv(path: Path, found: Iterator[dict[str, Any]]) -> None:
    """Comma-separated, safe to open in a spreadsheet."""
    import csv

    with open(path, "w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, ["row", "text", "p_hateful", "hateful", "words", "reason"])
        rows.writeheader()
        for answer in found:
            cells = {"text": spreadsheet_safe(answer["text"]), "words": spreadsheet_safe(named(answer))}
            rows.writerow(answer | cells)


def write_parquet(path: Path, found: Iterator[dict[str, Any]]) -> None:
    """Parquet, the words as one text per row."""
    import pandas as pd

    rows = [answer | {"words": named(answer)} for answer in found]
    frame = pd.DataFrame(rows, columns=["row", "text", "p_hateful", "hateful", "words", "reason"])
    frame.astype({"p_hateful": "float32", "hateful": "boolean"}).to_parquet(path, index=False)


WRITERS = {".jsonl": write_jsonl, ".csv": write_csv, ".parquet": write_parquet}


def main(given: list[str] | None = None) -> None:
    """Answer what the command line asks."""
    asked = arguments(given)
    texts = asked.sentences or read_texts(asked.file, asked.column)
    model = load_saved(asked.model, threads=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    if asked.title is not None:
        print(f"{asked.model} reads no titles: --title changes nothing.", file=sys.stderr)
    found = answers(model, texts, asked.words)
    if asked.output:
        with atomic_path(asked.output) as temporary:
            WRITERS[asked.output.suffix](temporary, found)
    elif asked.file:
        for answer in found:
            print(json.dumps(answer, ensure_ascii=False))
    else:
        print("\n".join(map(for_people, found)))
        print(f"\nA comment is called hateful from {model.threshold:.3f} on.")


if __name__ == "__main__":
    try:
        main()
    except FoxhoundError as error:
        sys.exit(f"Error: {error}")
    except BrokenPipeError:  # the reader, for instance `head`, has seen enough
        sys.stderr.close()
