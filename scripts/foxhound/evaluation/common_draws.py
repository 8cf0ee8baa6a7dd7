"""Group models that ran on different draws, so that they are compared on the draws that all of them share."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Block(NamedTuple):
    """Models that all ran on these draws: `draws` is what the tables call them, `seeds` what drew them."""

    draws: str
    seeds: frozenset[int]
    models: tuple[str, ...]


def draws_text(seeds: Iterable[int]) -> str:
    """Return `1 to 10`, or `1, 2, 5`."""
    ordered = sorted(seeds)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{ordered[0]} to {ordered[-1]}"
    return ", ".join(map(str, ordered))


def common_draws(seeds: Mapping[str, Iterable[int]]) -> list[Block]:
    """Return for each set of draws that some model ran on all models that ran on all of it, where there are several.

    With one model on draws 1 to 10 and one on 1 and 2, a baseline on all: both models and the baseline on 1 and 2, then
    the first model and the baseline on 1 to 10. Draws score different comments, so means over different draws cannot be
    compared.

    Args:
        seeds: model -> the seeds of its draws.
    """
    sets = {model: frozenset(own) for model, own in seeds.items()}
    blocks = []
    for wanted in sorted(set(sets.values()), key=lambda one: (len(one), sorted(one))):
        models = tuple(sorted(model for model, own in sets.items() if own >= wanted))
        if len(models) > 1:
            blocks.append(Block(draws_text(wanted), wanted, models))
    return blocks
