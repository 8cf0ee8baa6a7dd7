"""Count texts that stand in several rows, and those whose labels contradict each other; keep or merge them."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MODES = ("keep", "majority", "drop")


@dataclass(frozen=True)
class Repeats:
    """What stands in several rows.

    texts: that do. rows: that these texts take. contradicting: texts whose rows have different labels.
    """

    texts: int
    rows: int
    contradicting: int


def _groups(texts: Sequence[str]) -> dict[str, list[int]]:
    """Return text, but for space around it -> the positions of its rows."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for position, text in enumerate(texts):
        groups[text.strip()].append(position)
    return groups


def count_repeats(texts: Sequence[str], labels: Sequence[int]) -> Repeats:
    """Count the texts that stand in several rows."""
    several = [rows for rows in _groups(texts).values() if len(rows) > 1]
    contradicting = sum(len({labels[row] for row in rows}) > 1 for rows in several)
    return Repeats(len(several), sum(map(len, several)), contradicting)


def resolve(texts: Sequence[str], labels: Sequence[int], mode: str) -> dict[int, int]:
    """Return the rows that stay, position -> label, in their order.

    Args:
        mode: `keep`: every row. `majority`: the first row of each text, with the label that most of its rows have; a
            text without one is left out. `drop`: the first row of each text; texts whose labels contradict each other
            are left out.
    """
    if mode == "keep":
        return dict(enumerate(labels))
    kept = {}
    for rows in _groups(texts).values():
        votes = Counter(labels[row] for row in rows)
        (label, most), *others = votes.most_common()
        if not others or (mode == "majority" and most > others[0][1]):
            kept[rows[0]] = label
    return dict(sorted(kept.items()))


def describe_repeats(found: Mapping[str, Any]) -> str | None:
    """Return what there is to say about rows that repeat a text or were left out, or None.

    Args:
        found: as `read_comments` returns.
    """
    parts = []
    if found["left_out"]:
        parts.append(f"{found['left_out']} rows are left out for their labels (`left_out`).")
    if found["repeated"]:
        done = {
            "keep": "every row is kept",
            "majority": f"each counts once, with the label of most of its rows ({found['merged']} rows fewer)",
            "drop": f"each counts once, and those with contradicting labels do not ({found['merged']} rows fewer)",
        }[found["duplicates"]]
        parts.append(
            f"{found['repeated']} texts stand in several rows, {found['repeated_rows']} in all; "
            f"{found['contradicting']} of these texts have contradicting labels; {done} (`duplicates`)."
        )
    return " ".join(parts) or None
