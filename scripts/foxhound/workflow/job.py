"""Start and end a job: a log, and errors a person can read."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import foxhound
from foxhound.errors import FoxhoundError
from foxhound.files import system_errors_in_words
from foxhound.workflow.code_digests import edited_code

FORMAT = "%(asctime)s %(message)s"


def _refuse_other_checkout(scripts: str) -> None:
    """Refuse a foxhound that does not lie beside the job's script: digests would be of other code than what runs.

    Snakemake puts the script's folder last on the path, so that an installed foxhound comes first.
    """
    here, beside = Path(foxhound.__file__).resolve().parents[1], Path(scripts).resolve()
    if here != beside:
        raise FoxhoundError(
            f"This environment belongs to another checkout: its foxhound lies in {here}, the job's script in {beside}. "
            f"Install this checkout into it: pip install --no-deps --no-build-isolation --editable {beside.parent}"
        )


def _refuse_edited_code(snakemake: Any) -> None:
    """Refuse code that was edited after the run was planned: its result would be recorded as that of the older code."""
    edited = edited_code(Path(snakemake.scriptdir), snakemake.params.get("code") or ())
    if edited:
        raise FoxhoundError(
            f"{', '.join(edited)}: edited after this run was planned. Nothing is written that was made with other code "
            "than the run knows of. Run again."
        )


def _log_to(path: str) -> None:
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    handler.setFormatter(logging.Formatter(FORMAT))
    logging.getLogger().addHandler(handler)


@contextmanager
def start_job(snakemake: Any) -> Iterator[SimpleNamespace]:
    """Log to the rule's log file and the console; end with an error's message, if it is the user's, and exit code 1.

    Yields a namespace: `input`, `output`, `wildcards` as Snakemake gives them, `params` as a plain dict,
    and `gpu`, whether the rule was given one. Snakemake has set the thread counts of all libraries by then.

    Args:
        snakemake: what Snakemake puts into a script's globals.
    """
    logging.basicConfig(level=logging.INFO, format=FORMAT, stream=sys.stderr, force=True)
    logging.getLogger("gensim").setLevel(logging.WARNING)
    logging.raiseExceptions = False  # a full disk has no room for the log either; the console has it all
    # Digests of code and of files are for Snakemake, which reruns the job when they change. It compares params as a
    # set, without their names: numbers stand together in one, so that two that change places are seen.
    params = {name: value for name, value in snakemake.params.items() if name not in ("code", "content", "numbers")}
    try:
        with system_errors_in_words():
            for path in snakemake.log:
                _log_to(path)
            _refuse_other_checkout(snakemake.scriptdir)
            _refuse_edited_code(snakemake)
            yield SimpleNamespace(
                input=snakemake.input,
                output=snakemake.output,
                wildcards=snakemake.wildcards,
                params=params | dict(snakemake.params.get("numbers") or {}),
                gpu=bool(snakemake.resources.get("gpu", 0)),
            )
            _refuse_edited_code(snakemake)  # some modules are imported late
    except FoxhoundError as error:
        logging.error("Error: %s", error)
        sys.exit(1)
    except Exception:
        logging.exception("This is a fault in Foxhound; please report it with the log.")
        sys.exit(1)
