"""Read what a chart holds and shows, for the tests of pictures."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import altair as alt
from foxhound.report.figure_style import save_chart


def save_and_read(chart: alt.TopLevelMixin, folder: Path) -> tuple[list[str], dict[str, Any]]:
    """Check a chart and save it; return the lines of text in its SVG and the specification in the JSON beside it."""
    chart.to_dict()  # against the schema of Vega-Lite, which `save_chart` takes as given
    save_chart(chart, folder / "picture.svg")
    tags = [f"{{http://www.w3.org/2000/svg}}{name}" for name in ("text", "tspan")]
    texts = [one.text for one in ET.parse(folder / "picture.svg").iter() if one.tag in tags]
    return [text for text in texts if text], json.loads((folder / "picture.json").read_text(encoding="utf-8"))


def rows_with(spec: dict[str, Any], *fields: str) -> list[dict[str, Any]]:
    """Return all rows of the specification's data that have these fields."""
    return [row for data in spec["datasets"].values() for row in data if set(fields) <= set(row)]


def strings_under(node: Any, key: str) -> list[str]:
    """Return every text anywhere in the specification under this key."""
    if isinstance(node, list):
        return [text for one in node for text in strings_under(one, key)]
    if not isinstance(node, dict):
        return []
    here = [node[key]] if isinstance(node.get(key), str) else []
    return here + [text for one in node.values() for text in strings_under(one, key)]
