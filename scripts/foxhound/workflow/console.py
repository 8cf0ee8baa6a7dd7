"""Show a run at a terminal as one block that is drawn anew, and anywhere else as a line now and then."""

import os
import shutil
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TextIO

from foxhound.workflow.progress import Progress

VERBOSE = "VERBOSE"
"""Environment variable that brings back all that Snakemake and the jobs say."""
TAIL = 12  # lines of a failed job's log
REDRAWN = 1.0  # seconds between two drawings of the block
SAID = 60.0  # seconds between two reports where there is no terminal, at least...
SHARE_SAID = 0.02  # ... and as a share of what the run is expected to take: a long one does not fill a log


def is_verbose() -> bool:
    """Say whether the user wants to see everything."""
    return os.environ.get(VERBOSE, "") not in ("", "0")


def last_lines(path: str | Path, lines: int = TAIL) -> list[str]:
    """Return the last lines of a job's log; none where it has none."""
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.splitlines()[-lines:]


def describe_failure(rule: str, outputs: Iterable[str], logs: Iterable[str]) -> str:
    """Return what failed, the last that its log says, and where all of it is."""
    lines = [f"Failed: {rule}, which makes {next(iter(outputs), 'nothing')}"]
    for log in logs:
        lines += [f"    {line}" for line in last_lines(log)]
        lines.append(f"    (the end of {log})" if Path(log).is_file() else f"    (it left no {log})")
    return "\n".join(lines)


class Console:
    """Write messages and the state of a run to a stream.

    Args:
        stream: a terminal or not.
        tick: whether to draw the state again as time passes; tests do it themselves.
    """

    def __init__(self, stream: TextIO, tick: bool = True) -> None:
        self.stream, self.tick = stream, tick
        self.is_terminal = stream.isatty() and os.environ.get("TERM") != "dumb"
        self.progress: Progress | None = None
        self._drawn = 0  # lines of the block on the screen
        self._said = 0.0  # when the last report was, in seconds of the run
        self._lock = threading.RLock()
        self._over = threading.Event()

    def write(self, message: str) -> None:
        """Write a message, above the block if there is one."""
        with self._lock:
            self._erase()
            self.stream.write(message + "\n")
            self._draw()

    def begin(self, progress: Progress) -> None:
        """Follow a run from now on."""
        with self._lock:
            self.progress = progress
            self._draw()
        if self.tick:
            threading.Thread(target=self._keep_drawing, daemon=True).start()

    def change(self, act: Callable[[Progress], object]) -> None:
        """Change the state of the run, and show what has changed."""
        with self._lock:
            if self.progress is None or self._over.is_set():
                return
            before = {stage.name for stage in self.progress.stages.values() if stage.finished}
            act(self.progress)
            if self.is_terminal:
                return  # drawn with the next tick: jobs may end a hundred a second
            for stage in self.progress.stages.values():
                if stage.finished and stage.name not in before:
                    self.stream.write(self.progress.line(stage) + "\n")
            self.stream.flush()

    def refresh(self) -> None:
        """Draw the block anew or, without a terminal, report if it is time."""
        with self._lock:
            if self.progress is None or self._over.is_set():
                return
            if self.is_terminal:
                self._erase()
                self._draw()
            elif self.progress.elapsed - self._said >= max(SAID, SHARE_SAID * self.progress.expected):
                self._said = self.progress.elapsed
                lines = [self.progress.line(stage) for stage in self.progress.active()]
                self.stream.write("\n".join([*lines, self.progress.total_line()]) + "\n")
                self.stream.flush()

    def end(self) -> None:
        """Show the last state, and leave it on the screen. What is written afterwards stands below it."""
        with self._lock:
            if self.progress is None or self._over.is_set():
                return
            self._erase()
            if not self.is_terminal:
                unfinished = [stage for stage in self.progress.stages.values() if not stage.finished]
                lines = [*map(self.progress.line, unfinished), self.progress.total_line()]
                self.stream.write("\n".join(lines) + "\n")
            self._draw()
            self._drawn = 0
            self._over.set()

    def _keep_drawing(self) -> None:
        while not self._over.wait(REDRAWN):
            self.refresh()

    def _erase(self) -> None:
        if self._drawn:
            self.stream.write(f"\x1b[{self._drawn}F\x1b[J")
            self._drawn = 0

    def _draw(self) -> None:
        if self.progress is not None and self.is_terminal and not self._over.is_set():
            width = shutil.get_terminal_size().columns - 1  # a line that wraps could not be counted
            lines = [self.progress.line(stage) for stage in self.progress.stages.values()]
            lines = [line[:width] for line in (*lines, self.progress.total_line())]
            self.stream.write("\n".join(lines) + "\n")
            self._drawn = len(lines)
        self.stream.flush()
