"""Give each job of a machine a GPU that no other job of the machine has.

A job holds a lock on a file per GPU, named after the GPU's own id, so that it does not matter who started which job
and which GPUs each of them sees. The kernel frees the lock when the process ends, however it ends.
"""

import fcntl
import logging
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

log = logging.getLogger(__name__)

PAUSE = 1.0  # seconds between two tries where all GPUs are taken


def _open(gpu: str) -> int:
    """Open the lock file of a GPU for reading: that is enough for a lock, also on a file of another user."""
    path = Path(tempfile.gettempdir()) / f"foxhound-gpu-{gpu}.lock"
    with suppress(FileExistsError):
        made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY)
        os.fchmod(made, 0o444)
        os.close(made)
    return os.open(path, os.O_RDONLY)


@cache  # a process keeps the GPU it has
def claim_gpu(gpus: Sequence[str]) -> int:
    """Claim a free GPU for this process and return its position in `gpus`; wait where all are taken.

    Args:
        gpus: the id of every GPU that this process sees.
    """
    files = [_open(gpu) for gpu in gpus]
    waiting = False
    while True:
        for position, file in enumerate(files):
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return position
        if not waiting:
            log.warning(
                "all %d GPUs are taken by other jobs; waiting for one. To start no more jobs than there are GPUs: "
                "snakemake --resources gpu=%d",
                len(gpus),
                len(gpus),
            )
            waiting = True
        time.sleep(PAUSE)
