"""Which of a machine's cards a job computes on: one that no other job of the machine has.

A job holds a lock on a file per card, named after the card's own id, so that it does not matter who started which job
and which cards each of them sees. The kernel frees the lock when the process ends, however it ends.
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

PAUSE = 1.0  # seconds between two looks at cards that are all taken


def _open(card: str) -> int:
    """The lock file of a card, for reading: that is enough for a lock, also on what another user made."""
    path = Path(tempfile.gettempdir()) / f"foxhound-card-{card}.lock"
    with suppress(FileExistsError):
        made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY)
        os.fchmod(made, 0o444)
        os.close(made)
    return os.open(path, os.O_RDONLY)


@cache  # a process keeps the card it has
def take_card(cards: Sequence[str]) -> int:
    """The position in `cards` of one that is now this process's own; waits where all are taken.

    Args:
        cards: the id of every card that this process sees.
    """
    files = [_open(card) for card in cards]
    waiting = False
    while True:
        for position, file in enumerate(files):
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return position
        if not waiting:
            log.warning(
                "all %d cards are taken by other jobs; waiting for one. To start no more jobs than there are cards: "
                "snakemake --resources gpu=%d",
                len(cards),
                len(cards),
            )
            waiting = True
        time.sleep(PAUSE)
