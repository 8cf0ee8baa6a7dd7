"""The corpus as it is now, known before anything runs: what it holds, and a digest per column.

Each column has a file of its own, named after its digest, so that a change reaches the rules that read that column
and no others. The Snakefile and the scripts call the same function; a raw corpus that has to be downloaded has no
state yet.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from foxhound.corpus.corrections import apply_corrections
from foxhound.corpus.download import check_digest, obtain
from foxhound.corpus.loading import column_digests, load_comments, summary
from foxhound.corpus.pseudonyms import load_key, name_masker, pseudonyms
from foxhound.errors import FoxhoundError, suggestion
from foxhound.files import sha256, write_text

RAW, ORIGIN, KEY = "raw", "origin.json", "users.key"


@dataclass(frozen=True)
class CorpusState:
    """A corpus that is at hand.

    raw, corrections: the files it is made from (corrections None where there is no such file).
    comments: the comments table, corrected, with pseudonyms for users, and the column `masked`.
    facts: corpus, asked_for, origin, fallback, reason, corrections (how many), and the counts of `summary`.
    columns: column -> digest.
    """

    raw: str
    corrections: str | None
    comments: pd.DataFrame
    facts: dict[str, Any]
    columns: dict[str, str]


def location(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a corpus's definition that decides which file it is."""
    return {key: definition[key] for key in ("path", "url", "sha256", "bytes") if key in definition}


def what_to_fetch(name: str, definition: Mapping[str, Any], fallback: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a fetched file depends on, and nothing else: a download is not repeated for how its columns are read."""
    stands_in = {"name": fallback["name"], "definition": location(fallback["definition"])} if fallback else None
    return {"name": name, "definition": location(definition), "fallback": stands_in}


def corpus_name(path: str) -> str:
    """What the report calls a corpus: its file's name without its endings."""
    return Path(path).name.lstrip(".").split(".")[0]


def definitions(config: Mapping[str, Any]) -> dict[str, Any]:
    """Name, definition and fallback of the selected corpus: what decides which raw file is used."""
    corpus = config["corpus"]
    fallback = corpus.get("fallback") if corpus["path"] in config["downloads"] else None
    how = {key: value for key, value in corpus.items() if key not in ("path", "fallback", "corrections")}
    stands_in = {"name": corpus_name(fallback), "definition": how | {"path": fallback}} if fallback else None
    kept = {"path": corpus["path"], "corrections": corpus.get("corrections")}
    return {
        "name": corpus_name(corpus["path"]),
        "definition": how | kept | config["downloads"].get(corpus["path"], {}),
        "fallback": stands_in,
    }


def fetch_corpus(folder: Path, name: str, definition: dict[str, Any], fallback: dict[str, Any] | None) -> None:
    """Put the raw corpus (downloaded, or the fallback) into `folder`, and beside it where it came from.

    Raises:
        FoxhoundError: as `obtain` does.
    """
    stands_in = fallback["definition"] if fallback else None
    found = obtain(name, definition, stands_in, None, folder / RAW)
    asked = what_to_fetch(name, definition, fallback)
    write_text(folder / ORIGIN, json.dumps(found | {"asked": asked}, indent=1))


def _fetched(folder: Path, asked: dict[str, Any]) -> dict[str, Any] | None:
    """The origin of the raw file in `folder`, or None where there is none or another one was asked for."""
    if not ((folder / RAW).is_file() and (folder / ORIGIN).is_file()):
        return None
    remedy = f"Delete both, so that the corpus is fetched again:\n  rm {folder / ORIGIN} {folder / RAW}"
    try:
        origin = json.loads((folder / ORIGIN).read_text(encoding="utf-8"))
        if origin["asked"] != asked:
            return None
        intact = sha256(folder / RAW) == origin["sha256"]
    except (ValueError, KeyError, TypeError) as error:
        raise FoxhoundError(f"{folder / ORIGIN}: damaged. {remedy}") from error
    if not intact:
        raise FoxhoundError(f"{folder / RAW}: not the file that was fetched; fixes go into corrections.csv. {remedy}")
    return origin


def _nearest(path: str) -> str:
    """The file beside `path` that may have been meant, if any."""
    folder = Path(path).parent
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return suggestion(Path(path).name, names)


def _without_names(comments: pd.DataFrame, key: Path) -> pd.DataFrame:
    """The comments with pseudonyms for users, and in `masked` the texts with their names dotted out."""
    masked = list(map(name_masker(comments["user"].unique()), comments["text"]))
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
    """The state of the corpus, or None where its raw file has to be fetched first.

    Args:
        folder: where `fetch_corpus` puts what it finds.
        name, definition, fallback: as `definitions` gives them.
        must_exist: whether a file that cannot be downloaded has to be there, as where Snakemake is started.

    Raises:
        FoxhoundError: the raw file is not the pinned one or is nowhere, or it or the corrections have mistakes.
    """
    folder = Path(folder)
    used, origin = name, {"origin": definition["path"], "fallback": False, "reason": ""}
    raw = definition["path"]
    if Path(raw).is_file():
        check_digest(raw, definition.get("sha256"), raw)
    elif must_exist and "url" not in definition:
        raise FoxhoundError(f"{raw}: there is no such file (config key `corpus.path`).{_nearest(raw)}")
    else:
        found = _fetched(folder, what_to_fetch(name, definition, fallback))
        if found is None:
            return None
        origin, raw = {key: found[key] for key in origin}, (folder / RAW).as_posix()
        if found["fallback"] and fallback:
            used, definition = fallback["name"], fallback["definition"]
    comments = load_comments(raw, definition)
    corrections = definition.get("corrections")
    corrections = corrections if corrections and Path(corrections).is_file() else None
    applied = 0
    if corrections:
        comments, applied = apply_corrections(comments, corrections)
    comments = _without_names(comments, folder / KEY)
    facts = {"corpus": used, "asked_for": name, **origin, "corrections": applied, **summary(comments)}
    return CorpusState(raw, corrections, comments, facts, column_digests(comments))
