"""Write Markdown that GitHub renders as meant, whatever the names in it contain."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any

# As character references these signs are no markup and no column border; a line break would end a table row.
_REFERENCES = {ord(sign): f"&#{ord(sign)};" for sign in "&<>|`$\\*_[]~"} | {ord("\n"): " ", ord("\r"): " "}
NOTHING = "–"


def escape(value: Any) -> str:
    """Return a value from data as plain Markdown text that fits into a table cell."""
    return str(value).translate(_REFERENCES)


def number(value: float | None) -> str:
    """Return three decimals without a leading zero (.612, 1.000, -.020), or a dash for null."""
    if value is None or not math.isfinite(value):
        return NOTHING
    text = f"{value:.3f}"
    return text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text


def p_value(p: float) -> str:
    """Return three decimals of a p value, and `< .001` where it is smaller: it is never 0 (Phipson & Smyth 2010)."""
    return "< .001" if p < 0.001 else number(p)


def with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """Return `.612 [.570, .653]`, a dash where there is no value, and words where there is no interval."""
    if number(value) == NOTHING:
        return NOTHING
    if NOTHING in (number(low), number(high)):
        return f"{number(value)} (no interval: counts not published)"
    return f"{number(value)} [{number(low)}, {number(high)}]"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, the first column aligned left and the others right. Cells must be escaped already.

    Raises:
        ValueError: a row has another number of cells than the header.
    """
    alignment = [":---"] + ["---:"] * (len(header) - 1)
    lines = [header, alignment, *rows]
    for line in lines:
        if len(line) != len(header):
            raise ValueError(f"{len(line)} cells under {len(header)} headings: {line}")
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def in_words_of(group: str, text: str) -> str:
    """Return a text with another word for what comments are on, where they are not on articles.

    Names of models (`article-only`), of protocols and of files are left as they are.
    """
    return re.sub(
        r"(?<![\w/.`-])([Aa])rticle(s?)(?![\w`-])",
        lambda found: (group.capitalize() if found[1] == "A" else group) + found[2],
        text,
    )
