"""Know how fast this machine is: measured once, in seconds, and kept in the user's cache."""

import json
import os
import platform
import subprocess
import sys
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from foxhound.errors import FoxhoundError
from foxhound.files import write_text

MEASURE = ["-m", "foxhound.compute.speed"]
LONGEST = 120  # seconds


def cores_here() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def processor_name() -> str:
    """Return what the processor calls itself."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def kept_in() -> Path:
    """Return the file that keeps what was measured, of all machines that share this user's home."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "foxhound" / "machines.json"


def _key() -> str:
    return f"{platform.node()}, {processor_name()}, torch {metadata.version('torch')}"


def _read(path: Path) -> dict[str, dict[str, float]]:
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def machine_speed(scripts: Path) -> dict[str, float] | None:
    """Return the seconds that this machine takes for the two pieces of work of foxhound/compute/speed.py.

    Args:
        scripts: the folder that holds the package.

    Returns:
        `matrix` and `plain`; None where they cannot be measured. An estimate is not worth an error.
    """
    path = kept_in()
    known = _read(path)
    if set(known.get(_key(), {})) == {"matrix", "plain"}:
        return known[_key()]
    environment = os.environ | {"PYTHONPATH": str(scripts), "OMP_NUM_THREADS": "1"}
    try:
        ran = subprocess.run(
            [sys.executable, *MEASURE], env=environment, capture_output=True, text=True, timeout=LONGEST, check=True
        )
        known[_key()] = speed = json.loads(ran.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    with suppress(OSError, FoxhoundError):  # no right to write there: measured again next time
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(known, indent=1))
    result: dict[str, float] = speed
    return result
