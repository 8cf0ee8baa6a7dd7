"""List mistakes of a file in one error: the first with their lines, the others counted."""

from pathlib import Path

from foxhound.errors import FoxhoundError

SHOWN = 5  # problems (or labels) that a message lists


def raise_problems(path: str | Path, problems: list[str], remedy: str = "") -> None:
    """Raise one error, if there are problems, that lists the first, counts the others, and says what to do."""
    if problems:
        more = f"\n  ... and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
        remedy = f"\n{remedy}" if remedy else ""
        raise FoxhoundError(f"{path}: {len(problems)} problem(s)\n  " + "\n  ".join(problems[:SHOWN]) + more + remedy)
