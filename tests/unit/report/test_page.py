"""Test that on the page comments stay text, the report keeps its order, and nothing asks the network."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import pytest
from foxhound.errors import FoxhoundError
from foxhound.markdown import escape
from foxhound.report.page import BROWSER, Picture, build_page, read_report, script_code, script_json, with_browser

RESOURCES = Path(__file__).parents[3] / "resources" / "page"
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><text>drawn</text></svg>'
HOSTILE = ["</script><script>alert(1)</script>", "<!--<script>", "a\u2028b\u2029c", "👩‍🚀 & שלום \u202e", "\\u003c"]
REPORT = """\
# Foxhound report

## Corpus

| A | B |
| :--- | ---: |
| x | .612 [.570, .653] |

## At a glance

![F1 of "all"](figures/f1.svg)

![The rate](figures/rate.svg)

## Scores

| A |
| :--- |
"""
REPORT += "| x |\n" * 9 + "\n## How it was made\n\n| A |\n| :--- |\n| x |\n"
BROWSED = {
    "protocol": "stratified-10", "models": ["m"], "attention": {"0": []}, "text": HOSTILE, "first": 0, "group": "thread",
    "invented": False,
}  # fmt: skip


def spec() -> dict[str, Any]:
    return json.loads(alt.Chart(pd.DataFrame({"x": [1]})).mark_point().encode(x="x").to_json())


def page(markdown: str = REPORT, browser: dict[str, Any] | None = BROWSED) -> str:
    pictures = {"figures/f1.svg": Picture(SVG, spec()), "figures/rate.svg": Picture(SVG)}
    template, style, *scripts = (
        (RESOURCES / name).read_text() for name in ("report.html.jinja", "page.css", "page.js", "error-browser.js")
    )
    return build_page(markdown, pictures, browser, template, style, scripts)


class Elements(HTMLParser):
    """Every element's tag and attributes, and what stands in every script."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and data.strip():
            self.scripts.append((self.found[-1][1], data))


def test_json_in_a_script_is_inert_and_whole() -> None:
    written = str(script_json({"text": HOSTILE}))
    assert not re.search("[<>&\u2028\u2029]", written)
    assert json.loads(written) == {"text": HOSTILE}


def test_comments_cannot_end_their_script() -> None:
    parsed = Elements(page())
    blocks = {kind["id"]: text for kind, text in parsed.scripts if kind.get("type") == "application/json"}
    assert json.loads(blocks["browser-data"])["text"] == HOSTILE
    assert len(parsed.scripts) == 2 + 3  # the data of a chart and of the comments; Vega and two scripts


def test_code_cannot_end_its_script() -> None:
    assert script_code("x = '</script><!--'\r\n") == "x = '<\\/script>\\x3c!--'\n"


def test_the_policy_allows_the_scripts_of_the_page_and_no_network() -> None:
    parsed = Elements(page())
    policy = next(one["content"] for tag, one in parsed.found if one.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe-eval" not in policy and "http" not in policy
    code = [text for kind, text in parsed.scripts if "type" not in kind]
    for text in code:
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy
    assert len(code) == policy.count("sha256-") == 3


def test_nothing_in_the_page_names_a_network_address_to_load() -> None:
    for tag, attributes in Elements(page()).found:
        for name in ("src", "href", "srcset", "data", "action"):
            assert re.match(r"data:|#|$", attributes.get(name) or ""), (tag, attributes)
    assert not re.search(r"@import|url\(", (RESOURCES / "page.css").read_text())


def test_pictures_are_in_the_page_with_their_words() -> None:
    parsed = Elements(page())
    pictures = [one for tag, one in parsed.found if tag == "img"]
    assert [one["alt"] for one in pictures] == ['F1 of "all"', "The rate"]
    assert all(base64.b64decode((one["src"] or "").split(",")[1]).decode() == SVG for one in pictures)
    live = [one.get("data-chart") for tag, one in parsed.found if tag == "figure"]
    assert live == ["chart-figures-f1-svg", None]
    blocks = {kind["id"]: text for kind, text in parsed.scripts if "id" in kind}
    assert json.loads(blocks["chart-figures-f1-svg"]) == spec()


def test_a_page_without_live_charts_carries_no_vega() -> None:
    template = (RESOURCES / "report.html.jinja").read_text()
    html = build_page("# R\n\n![a](f.svg)\n", {"f.svg": Picture(SVG)}, None, template, "", [])
    assert len(html) < 3000
    assert "script-src 'none'" in html
    assert "error-browser" not in html


def test_an_unknown_picture_is_an_error() -> None:
    with pytest.raises(FoxhoundError, match=r"shows figures/f1.svg, which is not among its figures: other.svg"):
        read_report(REPORT, {"other.svg": Picture(SVG)})


def test_a_chart_of_another_vega_lite_is_an_error() -> None:
    other = {"$schema": "https://vega.github.io/schema/vega-lite/v3.4.0.json"}
    with pytest.raises(FoxhoundError, match=r"v3.4.0.json, not Vega-Lite "):
        build_page("", {"f.svg": Picture(SVG, other)}, None, "", "", [])


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<b onclick=x>b</b>", "<!-- c -->", "a <img src=x> b"])
def test_html_in_the_report_stays_text(text: str) -> None:
    for written in (text, escape(text)):
        _, _, sections = read_report(f"# R\n\n## S\n\n{written}\n\n| a |\n| :--- |\n| {escape(text)} |\n", {})
        assert not re.search(r"<(script|b|img|!--)", sections[0].html)
        assert str(sections[0].html).count("&lt;") >= 2


def test_a_link_that_would_run_code_stays_text() -> None:
    _, head, _ = read_report("# R\n\n[x](javascript:alert(1)) ![x](javascript:alert(1))\n", {})
    assert "<a" not in head and "<img" not in head


def test_a_warning_before_the_title_comes_first_on_the_page() -> None:
    html = page("**WARNING: these are NOT scores on fox-news.**\n\n" + REPORT)
    body = html[html.index("<body>") :]
    assert re.match(r'<body>\s*<div class="warning" role="alert"><p><strong>WARNING: these are NOT', body)
    assert 'class="warning"' not in page()


def test_long_tables_fold_away_and_the_browser_comes_before_how_it_was_made() -> None:
    _, _, sections = read_report(REPORT, {"figures/f1.svg": Picture(SVG), "figures/rate.svg": Picture(SVG)})
    assert [section.folds for section in sections] == [False, False, True, False]
    assert ".612 [.570,\u00a0.653]" in sections[0].html
    titles = [section.title for section in with_browser(sections, BROWSED)]
    assert titles == ["Corpus", "At a glance", "Scores", "Error browser", "How it was made"]
    assert [section.id for section in with_browser(sections[:2], BROWSED)][-1] == BROWSER
    assert with_browser(sections, None) == sections
