"""A job whose forkserver is that of the tests: it writes to the streams of its run, not to those of the server."""

import os
import sys
from multiprocessing.context import ForkServerProcess
from typing import Any


def write_to(path: str) -> None:
    """Have this process write both streams to the end of a file."""
    with open(path, "ab", buffering=0) as file:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            os.dup2(file.fileno(), stream.fileno())


class ForkedJob(ForkServerProcess):
    """What `multiprocessing` starts in a run that is a fork itself (run_here.py)."""

    output = ""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.streams = self.output

    def run(self) -> None:
        """Do the work."""
        write_to(self.streams)
        super().run()
