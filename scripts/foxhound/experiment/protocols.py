"""Say what each protocol is: its definition in the configuration says so, its name need not."""

from collections.abc import Mapping
from typing import Any

from foxhound.names import CONTIGUOUS, DRAWS, GROUPED, STRATIFIED


def describe_protocols(definitions: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the facts of each protocol, which become columns of the table `scores`.

    Args:
        definitions: name -> definition as in config.yaml, adapted to the corpus.

    Returns:
        name -> `protocol_kind` (one of foxhound/names.py); `folds`, how many there are, and `grouped_by`, the column
        whose groups they keep whole; `rebalance` and `train` (training comments asked for) of draws. A fact that does
        not apply is None.
    """
    facts = {}
    for name, definition in definitions.items():
        kind = CONTIGUOUS if definition.get("contiguous") else GROUPED if "group" in definition else STRATIFIED
        facts[name] = {
            "protocol_kind": kind if "folds" in definition else DRAWS,
            "folds": definition.get("folds"),
            "grouped_by": definition.get("group"),
            "rebalance": definition.get("rebalance"),
            "train": definition.get("train"),
        }
    return facts
