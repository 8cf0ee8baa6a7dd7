"""Run jobs' scripts in processes that have their libraries already, forked from one that imports them once.

A job that fine-tunes spends four seconds of processor time on imports, and an experiment has hundreds of jobs. Each job
is a process of its own all the same: it can fail, be killed and be run again by itself, and reads Foxhound's own code
anew. The server is Python's (multiprocessing's `forkserver`); it starts with the first job and ends with the run.
"""

import multiprocessing
import os
import resource
import runpy
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from threading import Lock
from typing import NamedTuple

LIBRARIES = ("snakemake.cli", "pandas", "pyarrow.parquet", "scipy.stats", "sklearn.linear_model", "sklearn.metrics")
HEAVY = ("torch", "transformers", "transformers.optimization", "transformers.models.bert.modeling_bert")
"""What the server imports: nothing of Foxhound, whose code may change between two jobs."""
THREADS = ("OMP", "GOTO", "OPENBLAS", "MKL", "VECLIB", "NUMEXPR")
_one_at_a_time = Lock()


class Usage(NamedTuple):
    """Seconds of processor that a job took, and the most memory that it held, in MB, both with the processes it ran."""

    seconds: float
    megabytes: float


class Started(NamedTuple):
    """A job that runs, and the end of a pipe through which it tells what it used."""

    process: ForkServerProcess
    told: Connection

    def usage(self) -> Usage | None:
        """Return what a job used that has ended; None where it was killed before it could tell."""
        try:
            return Usage(*self.told.recv()) if self.told.poll() else None
        except EOFError:
            return None


def fork_is_safe() -> bool:
    """Say whether processes can be forked safely here: on Linux."""
    return sys.platform == "linux"


def server(heavy: bool) -> ForkServerContext:
    """Return the context of the server, which is not started yet.

    Args:
        heavy: whether it imports what trains models too.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*LIBRARIES, *(HEAVY if heavy else ())])
    return context


def start_script(context: ForkServerContext, script: str, environment: Mapping[str, str]) -> Started:
    """Start a script in a process with one thread; `end_of` waits for it.

    Args:
        script: path of the file.
        environment: what differs from this process's.
    """
    told, teller = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(script, _search_path(), {**os.environ, **environment}, teller))
    with _one_at_a_time:
        before = {name: os.environ.get(name) for name in _thread_variables()}
        os.environ.update(dict.fromkeys(before, "1"))  # libraries read them as they are loaded, in the server
        try:
            process.start()
        finally:
            for name, value in before.items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
            teller.close()
    return Started(process, told)


def end_of(started: Started) -> int:
    """Wait until a process has ended, and return how, as a shell says it: 137 for one that was killed (signal 9).

    What a process ends with can be read once, and whoever starts another reads it too (multiprocessing keeps account
    of all). Where two threads read at the same time, one would find nothing, which counts as a failure.
    """
    process = started.process
    wait([process.sentinel])
    with _one_at_a_time:
        process.join()
    code = process.exitcode
    return 1 if code is None else 128 - code if code < 0 else code


def _thread_variables() -> list[str]:
    last = {"VECLIB": "MAXIMUM_THREADS"}
    return [f"{library}_{last.get(library, 'NUM_THREADS')}" for library in THREADS]


def _search_path() -> list[str]:
    """Return where a new Python looks for modules, behind its script's folder."""
    path, own = sys.path[:], str(Path(__file__).parents[2])
    if path[0] == own:
        path.remove(own)  # as rules/setup.smk put it there
    return path[1:]


def _run(script: str, path: Sequence[str], environment: Mapping[str, str], teller: Connection) -> None:
    """Run a script as `python SCRIPT` does."""
    os.environ.clear()
    os.environ.update(environment, **dict.fromkeys(_thread_variables(), "1"))
    tempfile.tempdir = None
    sys.argv, sys.path[:] = [script], [str(Path(script).resolve().parent), *path]
    try:
        runpy.run_path(script, run_name="__main__")
    finally:
        own, others = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        seconds = sum(one.ru_utime + one.ru_stime for one in (own, others))
        teller.send((seconds, max(own.ru_maxrss, others.ru_maxrss) / 1024))
