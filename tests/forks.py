"""Run a module as `python -m` does, in a fork of a process that has imported all libraries (run_here.py)."""

import multiprocessing
import runpy
import subprocess
import tempfile
from collections.abc import Mapping
from multiprocessing import forkserver
from pathlib import Path

from foxhound.workflow.warm_jobs import HEAVY, LIBRARIES

RUN_HERE = Path(__file__).parent / "workflow/run_here.py"
LONGEST = 900  # seconds

# The libraries of a plan, of a run and of its jobs, imported once for all of them.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [*LIBRARIES, "jsonschema", "snakemake_executor_plugin_slurm", "snakemake.report.html_reporter", *HEAVY]
)


def run_forked(
    module: str, arguments: tuple[str, ...], folder: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run it in a folder and return what it printed (both streams, in stdout). PYTHONPATH has to lead to `tests`."""
    with tempfile.NamedTemporaryFile() as file:
        forkserver.ensure_running()
        given = {"folder": folder, "environment": dict(environment), "output": file.name}
        given |= {"module": module, "arguments": arguments, "server": forkserver._forkserver._forkserver_address}
        process = FORKS.Process(target=runpy.run_path, args=(str(RUN_HERE), given))
        process.start()
        process.join(LONGEST)
        assert process.exitcode is not None, f"no end after {LONGEST} seconds"
        return subprocess.CompletedProcess(arguments, process.exitcode, file.read().decode())
