"""Start and end a job: a log, and errors a person can read."""

import logging
import os
import resource
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
COST = "done: %.2f s of processor"
"""The last line of a job's log. The rest of a run is estimated from it (`foxhound.workflow.job_costs`)."""
TO_LOG_ONLY = "FOXHOUND_TO_LOG_ONLY"
"""Environment variable of a run that shows its progress: what jobs say goes to their log files, not to the console."""


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


class _LogFile(logging.FileHandler):
    """A log file that everything else which the job writes to its error stream goes to as well, if so asked.

    What cannot be written there, as on a full disk, goes to the stream that the job was started with.
    """

    def __init__(self, path: str, alone: bool) -> None:
        super().__init__(path, mode="w", encoding="utf-8")
        self.setFormatter(logging.Formatter(FORMAT))
        self.console = None
        if alone:
            self.close()
            # Two write to the same file: each behind what is there.
            self.stream = open(path, "a", encoding="utf-8")  # noqa: SIM115
            self.console = open(os.dup(2), "w", encoding="utf-8")  # noqa: SIM115
            os.dup2(self.stream.fileno(), 2)

    def handleError(self, record: logging.LogRecord) -> None:
        if self.console is not None:
            print(self.format(record), file=self.console, flush=True)


def _processor_seconds() -> float:
    """Return the processor time of this process and of those that it has started and seen end."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _log_to(path: str) -> None:
    root, alone = logging.getLogger(), bool(os.environ.get(TO_LOG_ONLY))
    handler = _LogFile(path, alone)
    if alone:
        root.handlers.clear()
    root.addHandler(handler)


@contextmanager
def start_job(snakemake: Any) -> Iterator[SimpleNamespace]:
    """Log to the rule's log file and the console; end with an error's message, if it is the user's, and exit code 1.

    Where the run shows its progress on the console, all that the job says goes to the log file alone.

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
            # Snakemake's benchmark looks twice a second at first and then twice a minute, and misses the end.
            logging.info(COST, _processor_seconds())
    except FoxhoundError as error:
        logging.error("Error: %s", error)
        sys.exit(1)
    except Exception:
        logging.exception("This is a fault in Foxhound; please report it with the log.")
        sys.exit(1)
