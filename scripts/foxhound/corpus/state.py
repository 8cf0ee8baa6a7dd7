"""Read the state of the corpus, before anything runs: what it holds, and a digest per column.

Each column has a file of its own, named after its digest, so that a change reaches only the rules that read it.
The Snakefile and the scripts call the same function. A raw corpus that has yet to be downloaded has no state.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from foxhound.corpus.corrections import apply_corrections
from foxhound.corpus.download import check_digest, obtain
from foxhound.corpus.loading import column_digests, read_comments, summary
from foxhound.corpus.pseudonyms import NameMasker, load_key, pseudonyms
from foxhound.errors import FoxhoundError, suggestion
from foxhound.files import sha256, write_text

RAW, ORIGIN, KEY = "raw", "origin.json", "users.key"


@dataclass(frozen=True)
class CorpusState:
    """A corpus whose files are there.

    raw, corrections: the files it is made from; corrections is None where there is no such file.
    comments: the comments table, corrected, with pseudonyms for users and the column `masked`.
    facts: corpus, asked_for, origin, fallback, reason, corrections (how many), the counts of `summary`, and what
        `read_comments` found.
    columns: column -> digest.
    """

    raw: str
    corrections: str | None
    comments: pd.DataFrame
    facts: dict[str, Any]
    columns: dict[str, str]


def _file_keys(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a corpus's definition that decide which file it is."""
    return {key: definition[key] for key in ("path", "url", "sha256", "bytes") if key in definition}


def what_to_fetch(name: str, definition: Mapping[str, Any], fallback: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a fetched file depends on, and no more: a change in how its columns are read repeats no download."""
    other = {"name": fallback["name"], "definition": _file_keys(fallback["definition"])} if fallback else None
    return {"name": name, "definition": _file_keys(definition), "fallback": other}


def corpus_name(path: str) -> str:
    """Return what the report calls a corpus: its file's name without endings."""
    return Path(path).name.lstrip(".").split(".")[0]


def definitions(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return name, definition and fallback of the selected corpus: they decide which raw file is used."""
    corpus = config["corpus"]
    demo = corpus.get("fallback") if corpus["path"] in config["downloads"] else None
    reading = {key: value for key, value in corpus.items() if key not in ("path", "fallback", "corrections")}
    files = {"path": corpus["path"], "corrections": corpus.get("corrections")}
    return {
        "name": corpus_name(corpus["path"]),
        "definition": reading | files | config["downloads"].get(corpus["path"], {}),
        "fallback": {"name": corpus_name(demo), "definition": reading | {"path": demo}} if demo else None,
    }


def fetch_corpus(folder: Path, name: str, definition: dict[str, Any], fallback: dict[str, Any] | None) -> None:
    """Put the raw corpus (downloaded, or the fallback) into `folder`, with a note beside it on where it came from.

    Raises:
        FoxhoundError: as `obtain` does.
    """
    origin = obtain(name, definition, fallback["definition"] if fallback else None, None, folder / RAW)
    request = what_to_fetch(name, definition, fallback)
    write_text(folder / ORIGIN, json.dumps(origin | {"asked": request}, indent=1))


def _read_origin(folder: Path, request: dict[str, Any]) -> dict[str, Any] | None:
    """Return the origin of the raw file in `folder`, or None where there is none or it answers another request.

    Raises:
        FoxhoundError: one of the two files is damaged or was changed.
    """
    if not ((folder / RAW).is_file() and (folder / ORIGIN).is_file()):
        return None
    remedy = f"Delete both, so that the corpus is fetched again:\n  rm {folder / ORIGIN} {folder / RAW}"
    try:
        origin = json.loads((folder / ORIGIN).read_text(encoding="utf-8"))
        if origin["asked"] != request:
            return None
        intact = sha256(folder / RAW) == origin["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise FoxhoundError(f"{folder / ORIGIN}: damaged. {remedy}") from error
    if not intact:
        raise FoxhoundError(
            f"{folder / RAW}: not the file that was fetched. Write fixes into corrections.csv. {remedy}"
        )
    return origin


def _suggest_file(path: str) -> str:
    """Return ` Did you mean ...?` with a file beside `path` of a like name, or nothing."""
    folder = Path(path).parent
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return suggestion(Path(path).name, names)


def _hide_names(comments: pd.DataFrame, key: Path) -> pd.DataFrame:
    """Return the comments with pseudonyms for users, and in `masked` the texts with users' names dotted out."""
    masked = list(map(NameMasker(comments["user"].unique()).mask, comments["text"]))
    if comments["user"].notna().any():
        names = pd.Series(pseudonyms(comments["user"].tolist(), load_key(key)), comments.index, object)
        comments = comments.assign(user=names)
    return comments.assign(masked=masked)


def read_state(
    folder: str | Path,
    name: str,
    definition: dict[str, Any],
    fallback: dict[str, Any] | None,
    must_exist: bool = False,
) -> CorpusState | None:
    """Return the state of the corpus, or None where its raw file has to be fetched first.

    Args:
        folder: where `fetch_corpus` puts the raw file, and where the users' key lies.
        name, definition, fallback: as `definitions` gives them.
        must_exist: whether to refuse a file that is not there and cannot be downloaded, as where Snakemake is started.

    Raises:
        FoxhoundError: the raw file is missing or not the pinned one, or it or the corrections have mistakes.
    """
    folder = Path(folder)
    used, origin = name, {"origin": definition["path"], "fallback": False, "reason": ""}
    raw = definition["path"]
    if Path(raw).is_file():
        check_digest(raw, definition.get("sha256"), raw)
    elif must_exist and "url" not in definition:
        raise FoxhoundError(f"{raw}: there is no such file (config key `corpus.path`).{_suggest_file(raw)}")
    else:
        fetched = _read_origin(folder, what_to_fetch(name, definition, fallback))
        if fetched is None:
            return None
        origin, raw = {key: fetched[key] for key in origin}, (folder / RAW).as_posix()
        if fetched["fallback"] and fallback:
            used, definition = fallback["name"], fallback["definition"]
    comments, found = read_comments(raw, definition)
    corrections = definition.get("corrections")
    corrections = corrections if corrections and Path(corrections).is_file() else None
    applied = 0
    if corrections:
        comments, applied = apply_corrections(comments, corrections)
    comments = _hide_names(comments, folder / KEY)
    facts = {"corpus": used, "asked_for": name, **origin, "corrections": applied, **summary(comments), **found}
    return CorpusState(raw, corrections, comments, facts, column_digests(comments))
