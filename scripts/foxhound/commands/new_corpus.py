"""Look at a table of labelled comments, propose which column is what, write the overlay that says so, and check it."""

import argparse
import shlex
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foxhound.commands.checkout import ROOT
from foxhound.corpus.labels import label_word, number
from foxhound.errors import FoxhoundError

if TYPE_CHECKING:  # pandas takes a second to import
    import pandas as pd

    from foxhound.corpus.column_guesses import Guess

EXAMPLES = """\
  foxhound new-corpus my.csv                  writes experiments/my.yaml
  foxhound new-corpus my.csv --text tweet --label class --positive 0 --negative 1 --negative 2
  foxhound new-corpus my.csv --label toxic --label threat --label insult        hateful where any of them is"""
COLUMNS = ("text", "title", "group", "user", "id")
READING = ("format", "encoding", "quoting", "sheet")
Ask = Callable[[str], str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    from foxhound.corpus.duplicates import MODES

    parser.add_argument("file", metavar="FILE", help="CSV, TSV, JSON, Parquet or a workbook; text may be .gz or .zst")
    for name in COLUMNS:
        parser.add_argument(f"--{name}", metavar="COLUMN", help=f"where the {name} stands ('' for none)")
    several = {"action": "append", "metavar": "LABEL"}
    parser.add_argument("--label", action="append", metavar="COLUMN", help="where the label stands; of several, any")
    parser.add_argument("--positive", help="a label that means hateful; may be repeated", **several)  # type: ignore[arg-type]
    parser.add_argument("--negative", help="a label that does not; may be repeated", **several)  # type: ignore[arg-type]
    parser.add_argument("--left-out", help="a label whose rows do not count ('': no label)", **several)  # type: ignore[arg-type]
    parser.add_argument("--threshold", type=float, metavar="NUMBER", help="labels from here on mean hateful")
    parser.add_argument("--duplicates", choices=MODES, help="what becomes of texts that stand in several rows")
    parser.add_argument("--format", help="of the file, where its name does not tell it")
    parser.add_argument("--encoding", help="of text that is not UTF-8")
    parser.add_argument("--quoting", help="quotes, backslash or none: whether quotation marks enclose fields")
    parser.add_argument("--sheet", help="of a workbook")


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Write the overlay, and print what was guessed and what to do next; at a terminal, ask what is not clear."""
    given = {name: value for name, value in vars(arguments).items() if name != "file" and value is not None}
    if labels := given.pop("label", None):
        given["label"] = labels[0] if len(labels) == 1 else {"any": labels}
    ask = input if sys.stdin.isatty() and sys.stdout.isatty() else None
    print("\n".join(propose(arguments.file, given, ask)))


def read_table(path: str, given: Mapping[str, Any]) -> tuple["pd.DataFrame", dict[str, str], list[str], list[str]]:
    """Return the table, the keys of `corpus` that say how it is read, notes, and doubts."""
    from foxhound.corpus.encodings import OtherEncodingError
    from foxhound.corpus.headers import header_problem
    from foxhound.corpus.readers import open_table, to_frame
    from foxhound.corpus.table_file import Reading

    reading = {name: given[name] for name in READING if name in given}
    doubts: list[str] = []
    try:
        table = open_table(path, Reading(**reading))
    except OtherEncodingError as error:
        if error.looks_like is None or "encoding" in given:
            raise
        reading["encoding"] = error.looks_like
        table = open_table(path, Reading(**reading))
        doubts.append(
            f"`encoding: {error.looks_like}`: the file is not UTF-8 and looks like it{error.example}; look at letters "
            "beyond a-z"
        )
    frame = to_frame(path, table)
    if frame.empty or not table.columns:
        raise FoxhoundError(f"{path}: holds no comments.")
    named = [str(name) for name in frame.columns if name != "_line"]
    problem = header_problem({name: frame[name].tolist() for name in named}, frame["_line"].tolist())
    if problem and not {"text", "label"} <= given.keys():
        raise FoxhoundError(f"{path}: {problem} If nothing is wrong with it, say --text COLUMN --label COLUMN.")
    doubts += [problem.partition(" Put ")[0]] if problem else []
    return frame, reading, table.notes, [*dict.fromkeys([*doubts, *table.doubts])]


def _asked(guess: "Guess", ask: Ask) -> dict[str, Any]:
    """Ask what is not clear, and return the answers as keys of `corpus`; an empty line takes what is proposed."""
    answers: dict[str, Any] = {}
    for key in ("text", "label"):
        ranked = guess.candidates[key][:3]
        if key in guess.doubts and len(guess.several) < 2 and len(ranked) > 1:
            print(f"Which column is the {key}?")
            for number, one in enumerate(ranked, 1):
                print(f"  {number}  {one.name}: {one.shows}")
            answer = ask("Its number or name [1]: ").strip() or "1"
            answers[key] = ranked[int(answer) - 1].name if answer in ("1", "2", "3")[: len(ranked)] else answer
    if guess.several and "label" in guess.doubts:
        print(guess.doubts["label"])
        if ask("Is a comment hateful where any of them says so? [y/N]: ").strip().lower().startswith("y"):
            answers["label"] = {"any": guess.several}
    if "label" in answers:
        return answers  # what its labels mean is asked in the next round
    if guess.settings.get("threshold", 0) is None or "threshold" in guess.doubts:
        print(guess.doubts.get("threshold", "The labels are numbers."))
        answer = ask("From which number on is a comment hateful? [0.5]: ").strip() or "0.5"
        try:
            answers["threshold"] = float(answer)
        except ValueError as error:
            raise FoxhoundError(f"{answer!r} is no number.") from error
    kinds = {"h": "positive", "n": "negative", "l": "left_out"}
    for word in guess.unclear:
        answer = (
            ask(f"{word!r}: does it mean (h)ateful, (n)ot hateful, or are its rows (l)eft out? ").strip().lower()[:1]
        )
        if answer not in kinds:
            raise FoxhoundError(f"{word!r} is not settled. Run again, and answer h, n or l.")
        answers.setdefault(kinds[answer], []).append(word)
    if guess.missing:
        print(_missing_labels(guess))
        if ask("Leave these rows out? [Y/n]: ").strip().lower() in ("", "y", "yes"):
            answers.setdefault("left_out", []).append("")
    return answers


def _missing_labels(guess: "Guess") -> str:
    """Return where rows have no label."""
    named = ", ".join(
        f"line {line}" + (f" ({value!r})" if value else "") for line, value in list(guess.missing.items())[:5]
    )
    more = f" and {len(guess.missing) - 5} more" if len(guess.missing) > 5 else ""
    words = sorted({str(label_word(value)) for value in guess.missing.values() if label_word(value) is not None})
    classes = f" (if {words[0]!r} is a class, name it: --positive or --negative {words[0]})" if words else ""
    return f"{len(guess.missing)} rows have no label: {named}{more}{classes}"


def _flag(name: str, value: Any) -> str:
    """Return a flag with its value as a shell takes it; a value that begins with a dash would pass for a flag."""
    word = str(value)
    between = "=" if word.startswith("-") and number(word) is None else " "
    return f"--{name.replace('_', '-')}{between}{shlex.quote(word)}"


def _check_settled(path: str, guess: "Guess", given: Mapping[str, Any]) -> None:
    """Refuse to guess what labels mean, with the command that says it.

    Args:
        given: keys of `corpus` that the owner has settled.

    Raises:
        FoxhoundError: a label may mean hateful or not, scores have no threshold, or rows have no label.
    """
    settings = guess.settings
    label = guess.columns["label"]
    flags = [_flag(name, given[name]) for name in (*READING, "duplicates") if name in given]
    flags += [_flag(name, given[name]) for name in COLUMNS[1:] if name in given]
    flags += [_flag("text", guess.columns["text"])]
    flags += [_flag("label", name) for name in (label["any"] if isinstance(label, dict) else [label])]
    flags += [_flag(key, word) for key in ("positive", "negative", "left_out") for word in settings.get(key) or []]
    flags += [_flag("threshold", given["threshold"])] if "threshold" in given else []
    problems = []
    if guess.unclear:
        shown = ", ".join(map(repr, guess.unclear))
        problems.append(f"it is not clear whether these labels mean hateful: {shown}")
        flags += [_flag("positive|--negative|--left-out", word) for word in guess.unclear]
        if all(number(word) is not None for word in guess.unclear) and len(guess.unclear) > 2:
            problems[-1] += "; or say from which number on they do, with --threshold NUMBER and none of the other flags"
    if "threshold" in settings and settings["threshold"] is None:
        problems.append("the labels are scores, and nothing says from which one on a comment is hateful")
        flags.append("--threshold NUMBER")
    if guess.missing:
        problems.append(_missing_labels(guess))
        flags.append(_flag("left_out", ""))
    if problems:
        listed = "\n  ".join([*problems, *guess.doubts.values()])
        raise FoxhoundError(
            f"{path}: nothing is written, because\n  {listed}\nSay it, with one of each choice:\n"
            f"  foxhound new-corpus {shlex.quote(path)} {' '.join(flags)}\n" + "\n".join(_described(guess))
        )


def _described(guess: "Guess") -> list[str]:
    from foxhound.corpus.column_guesses import describe

    return ["What was found (another column: --text NAME, --label NAME):", *(f"  {line}" for line in describe(guess))]


def propose(path: str, given: Mapping[str, Any] | None = None, ask: Ask | None = None) -> list[str]:
    """Write experiments/NAME.yaml for the corpus at `path`, and return the lines to tell its owner.

    Args:
        given: keys of `corpus` that the owner has settled.
        ask: shows a question and returns the answer; None where nobody can be asked.

    Raises:
        FoxhoundError: the file cannot be read or has no column for text or label, what its labels mean is not clear,
            what was guessed does not hold, or another overlay of this name is there already. Nothing is written then.
    """
    from foxhound.corpus.column_guesses import describe, guess_columns

    settled = dict(given or {})
    frame, reading, notes, doubts = read_table(path, settled)
    try:
        guess = guess_columns(frame, path, settled)
    except FoxhoundError as error:
        raise FoxhoundError("\n  ".join([str(error), *doubts])) from error
    for _ in range(3 if ask else 0):  # the column, then what its labels mean
        if ask is None or not (answers := _asked(guess, ask)):
            break
        for key, answer in answers.items():
            settled[key] = [*settled.get(key, []), *answer] if isinstance(answer, list) else answer
        guess = guess_columns(frame, path, settled)
    guess.doubts.update({f"reading {number}": doubt for number, doubt in enumerate(doubts, 1)})
    _check_settled(path, guess, settled)
    try:
        return [*describe(guess), *_write(path, guess, reading, settled, notes)]
    except FoxhoundError as error:
        raise FoxhoundError("\n".join([str(error), *_described(guess)])) from error


def _write(path: str, guess: "Guess", reading: dict[str, Any], given: Mapping[str, Any], notes: list[str]) -> list[str]:
    """Check what was guessed, write the overlay, and return what to tell of it."""
    import yaml

    from foxhound.commands.grid import size_to_corpus
    from foxhound.corpus.column_guesses import overlay, slug
    from foxhound.corpus.loading import read_comments, summary
    from foxhound.experiment.adaptation import adapt_to_corpus
    from foxhound.experiment.configuration import check_config
    from foxhound.files import write_text

    if "duplicates" in given:
        reading = reading | {"duplicates": given["duplicates"]}
    target = Path("experiments") / f"{slug(path)}.yaml"
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    proposed = yaml.safe_load(overlay(path, guess, reading))
    config |= {"pathvars": config["pathvars"] | proposed["pathvars"], "corpus": config["corpus"] | proposed["corpus"]}
    check_config(config, ROOT / "schemas/config.yaml", ["config.yaml", str(target)] if target.exists() else [])
    comments, found = read_comments(path, config["corpus"])
    if found["contradicting"] and "duplicates" not in given:
        guess.doubts["duplicates"] = (
            f"`duplicates: keep`: {found['contradicting']} texts stand in rows with contradicting labels; "
            "--duplicates majority or drop merges them"
        )
    traces = [doubt for doubt in found["doubts"] if doubt not in guess.doubts.values()]
    guess.doubts.update({f"text {number}": doubt for number, doubt in enumerate(traces, 1)})
    text = overlay(path, guess, reading)
    counts = summary(comments)
    grid, config, cost = size_to_corpus(config, comments, target)
    _, changes = adapt_to_corpus(config, comments)
    text += grid
    if target.exists() and yaml.safe_load(target.read_text(encoding="utf-8")) != yaml.safe_load(text):
        raise FoxhoundError(f"{target}: is there already, with other content. Rename or remove it, then run again.")
    write_text(target, text)
    lines = [f"{counts['comments']} comments, {counts['hateful']} of them hateful."]
    lines += [f"note      {note}" for note in (*notes, *found["notes"]) if note not in found["doubts"]]
    lines += [f"NOT SURE  {doubt}" for doubt in guess.doubts.values()]
    lines += ["Adapted to this corpus:", *(f"  {line}" for line in changes)] if changes else []
    command = f"  foxhound report --configfile {target}"
    if guess.doubts:
        return [
            *lines,
            *cost,
            f"Written to {target}; to run it:",
            command,
            f"NOT SURE (see above): look at {target} before you run it.",
        ]
    return [*lines, *cost, f"Written to {target}: look at it, then", command]
