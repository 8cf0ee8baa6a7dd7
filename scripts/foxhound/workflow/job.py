"""What every script does first and last: a log, a thread count, and errors a person can read."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from foxhound.errors import FoxhoundError


@contextmanager
def start_job(snakemake: Any) -> Iterator[SimpleNamespace]:
    """Log to the rule's log file and to the console, and turn a FoxhoundError into its message and exit code 1.

    Yields a namespace: `input`, `output`, `wildcards` as Snakemake gives them, `params` as a plain dict,
    and `gpu`, whether the rule was given one. Snakemake has set the thread counts of all libraries by then.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if snakemake.log:
        handlers.append(logging.FileHandler(snakemake.log[0], mode="w", encoding="utf-8"))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", handlers=handlers, force=True)
    logging.getLogger("gensim").setLevel(logging.WARNING)
    try:
        yield SimpleNamespace(
            input=snakemake.input,
            output=snakemake.output,
            wildcards=snakemake.wildcards,
            # The digests of the code are for Snakemake, which reruns the job when they change.
            params={name: value for name, value in snakemake.params.items() if name != "code"},
            gpu=bool(snakemake.resources.get("gpu", 0)),
        )
    except FoxhoundError as error:
        logging.error("Error: %s", error)
        sys.exit(1)
    except Exception:
        logging.exception("This is a fault in Foxhound; please report it with the log.")
        sys.exit(1)
