"""Halve batches that do not fit into memory, and those that come after them.

A GPU's memory is known, what a batch takes of it is not: that depends on lengths, on the encoder and on what else
runs there. Nothing here imports torch before memory has run out.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from foxhound.errors import FoxhoundError

log = logging.getLogger(__name__)

Result = TypeVar("Result")

# Not every library under PyTorch raises its OutOfMemoryError: cuBLAS and the allocator of the CPU raise RuntimeErrors.
SIGNS = ("out of memory", "ALLOC_FAILED", "can't allocate memory")


def ran_out(error: BaseException) -> bool:
    """Say whether memory ran out, on a GPU or on the CPU."""
    return isinstance(error, RuntimeError) and any(sign in str(error) for sign in SIGNS)


class Halving:
    """Work on batches whole, and in smaller pieces once one did not fit.

    The size that fitted is remembered: one `Halving` per kind of work (training takes more memory than predicting).
    """

    def __init__(self, work: str) -> None:
        """Name the work as the log does."""
        self.work = work
        self.largest: int | None = None

    def pieces(self, batch: np.ndarray) -> list[np.ndarray]:
        """Split the batch (items,) into as few pieces as fit, of like sizes."""
        return np.array_split(batch, -(-len(batch) // (self.largest or len(batch))))

    def __call__(self, function: Callable[[list[np.ndarray]], Result], batch: np.ndarray) -> Result:
        """Return what `function` makes of the batch's pieces; where memory runs out, start again on smaller ones.

        Raises:
            FoxhoundError: not even one item fits.
        """
        while True:
            pieces = self.pieces(batch)
            try:
                return function(pieces)
            except RuntimeError as error:
                if not ran_out(error):
                    raise
                reason = str(error).splitlines()[0]
            # Here and not above: while the error is handled, its traceback holds all that the failed piece computed.
            self._shrink(max(map(len, pieces)), reason)

    def each(self, function: Callable[[np.ndarray], Result], batch: np.ndarray) -> list[Result]:
        """Return what `function` makes of each of the batch's pieces, in their order."""
        return self(lambda pieces: list(map(function, pieces)), batch)

    def _shrink(self, size: int, reason: str) -> None:
        import torch

        torch.cuda.empty_cache()  # does nothing where no GPU is used
        if size == 1:
            raise FoxhoundError(
                f"{self.work}: not even one comment at a time fits into memory ({reason}). Use a GPU with more memory, "
                "end what else runs on this one (nvidia-smi names it), start fewer jobs per GPU (--resources gpu=1), "
                "or lower `max_tokens` (of an LSTM: `max_steps`) in config.yaml."
            )
        self.largest = size // 2
        log.warning("%s: out of memory (%s); from now on %d comments at a time", self.work, reason, self.largest)
