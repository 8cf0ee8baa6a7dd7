"""Build report.html: the report as one page that needs no network, with live charts and an error browser."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import jinja2
import vl_convert
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from foxhound.errors import FoxhoundError
from foxhound.report.score_tables import METRICS_TITLE

LAST = "How it was made"
CLOSED = (METRICS_TITLE,)
"""Sections that are folded away until they are asked for."""
GLOSSARY = {
    "F1": "Harmonic mean of precision and recall of the hateful class",
    "AUROC": "Chance that a hateful comment gets a higher probability than another one; .5 knows nothing",
    "Minus TF-IDF": "Difference in F1 to TF-IDF + logistic regression, with its 95 % interval",
    "No significant difference": "Models that share a letter show none, in paired tests adjusted for their number",
    "Training": "Of one run, on one core",
    "ms a comment": "Milliseconds to ask about a comment, on one core",
    "MB": "Megabytes of weights, in float32",
    "Can be kept": "Whether `final` in config.yaml can keep the model",
    "Brier": "Mean squared error of the probabilities; lower is better",
    "ECE": "Expected calibration error: how far probabilities lie from the shares of hateful comments",
    "Average precision": "Mean precision over all recalls",
    "Of those, hateful": "Precision",
    "Of all hateful, caught": "Recall",
}
"""Start of a table's heading -> what it means, for a pointer over it."""
NARROW = 640  # pixels: a picture that can be read at the width of a telephone
LONG = 8  # rows, of all tables of a section
BROWSER, BROWSER_DATA = "error-browser", "browser-data"
# What could end a script element, or open another, whatever it stands in; and what JavaScript takes for a line break.
_ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
ABOUT_BROWSER = """\
Every comment with the models' probabilities of hateful (p) under the protocol {protocol}: each model at its last epoch,
mean over seeds; called hateful at p of .5 or more. A false positive is called hateful and is not labelled so; a false
negative is labelled hateful and not called so. Disagreement is the standard deviation of p over models. {comments}:
they are blurred until you show them. What follows an @, and names of this corpus's users, are dotted out."""
REAL, INVENTED = "Comments are real and some are vile", "Comments are invented, and some are ugly"
ABOUT_ATTENTION = """\
Words are shaded by the model's attention for {models}: the darker, the more, relative to the largest in the comment."""


@dataclass(frozen=True)
class Picture:
    """A figure of the report: its SVG, and its Vega-Lite specification where there is one."""

    svg: str
    spec: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Section:
    """What stands under a heading of the second level; `folds`: the reader can fold it away; `closed`: it is."""

    id: str
    title: str
    html: Markup
    folds: bool = False
    closed: bool = False


def script_json(value: Any) -> Markup:
    """Return JSON that is inert inside a script element, whatever text it holds."""
    return Markup(json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES))


def script_code(code: str) -> Markup:
    """Return JavaScript that cannot end its script element; in valid code the two marks stand in strings only."""
    return Markup(code.replace("\r", "").replace("</script", "<\\/script").replace("<!--", "\\x3c!--"))


def content_policy(scripts: Sequence[str]) -> str:
    """Return a content security policy: these scripts, inline styles, pictures inside the page, and nothing else.

    No `unsafe-eval`: vega-embed brings an interpreter for the expressions of charts.
    """
    digests = [base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() for code in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    parts = ["default-src 'none'", f"script-src {allowed}", "style-src 'unsafe-inline'", "img-src data:"]
    return "; ".join([*parts, "base-uri 'none'", "form-action 'none'"])


def chart_id(name: str) -> str:
    """Return the id of the element that holds a chart's specification."""
    return "chart-" + re.sub(r"\W+", "-", name)


def figure(name: str, alt: str, picture: Picture) -> str:
    """Return a picture inside the page; the page's script replaces it by a live chart where it has a specification."""
    data = base64.b64encode(picture.svg.encode()).decode()
    live = f' data-chart="{chart_id(name)}"' if picture.spec else ""
    width = re.search(r'<svg[^>]* width="([\d.]+)"', picture.svg)
    live += ' class="narrow"' if width and float(width[1]) <= NARROW else ""
    # Links and scripts in an SVG are inert inside an img element.
    return f'<figure{live}><img alt="{escape(alt)}" src="data:image/svg+xml;base64,{data}"></figure>\n'


def anchor(title: str) -> str:
    """Return the id of a heading, as GitHub makes it, so that links within the report work in both."""
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def _parser(pictures: Mapping[str, Picture]) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")

    def image(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        name, alt = str(tokens[index].attrs["src"]), tokens[index].content
        if name not in pictures:
            raise FoxhoundError(f"The report shows {name}, which is not among its figures: {', '.join(pictures)}.")
        return figure(name, alt, pictures[name])

    parser.add_render_rule("image", image)
    parser.add_render_rule("table_open", lambda *_: '<div class="table" tabindex="0"><table>\n')
    parser.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return parser


def _pictures_alone(tokens: list[Token]) -> list[Token]:
    """Return the tokens without the paragraph around a lone picture: a figure cannot stand in a paragraph."""
    lone = [
        place
        for place, token in enumerate(tokens)
        if token.type == "inline" and [child.type for child in token.children or []] == ["image"]
    ]
    around = {place + step for place in lone for step in (-1, 1)}
    return [token for place, token in enumerate(tokens) if place not in around]


def read_report(markdown: str, pictures: Mapping[str, Picture]) -> tuple[Markup, Markup, list[Section]]:
    """Return what stands before the report's title (a warning, or nothing), the title, and the sections.

    HTML in the Markdown stays text.

    Args:
        markdown: the report.
        pictures: path as the report has it -> the picture.

    Raises:
        FoxhoundError: the report shows a picture that is not given.
    """
    parser = _parser(pictures)
    tokens = _pictures_alone(parser.parse(markdown))

    def html(start: int, end: int) -> Markup:
        made = parser.renderer.render(tokens[start:end], parser.options, {})
        # A no-break space: an interval stays on one line, below its score where a cell is narrow.
        made = re.sub(r"\[([-\d.]+), ([-\d.]+)\]", "[\\1,\u00a0\\2]", made)
        return Markup(re.sub(r"<th([^>]*)>([^<]+)</th>", explained, made))

    def headings(tag: str) -> list[int]:
        return [place for place, token in enumerate(tokens) if token.type == "heading_open" and token.tag == tag]

    starts = [*headings("h2"), len(tokens)]
    title = min([*headings("h1"), starts[0]])
    images = [
        place for place, token in enumerate(tokens) if any(child.type == "image" for child in token.children or [])
    ]
    sections: list[Section] = []
    for start, end in pairwise(starts):
        name = "".join(child.content for child in tokens[start + 1].children or [])
        # After the first pictures come the long tables; a section with pictures always shows them.
        rows = sum(token.type == "tr_open" for token in tokens[start:end])
        pictured = any(start < place < end for place in images)
        folds = rows > LONG and not pictured and bool(images) and images[0] < start
        sections.append(Section(anchor(name), name, html(start + 3, end), folds, folds and name in CLOSED))
    return html(0, title), html(title, starts[0]), sections


def explained(heading: re.Match[str]) -> str:
    """Return a table's heading with what it means, where GLOSSARY says so."""
    meaning = next((text for name, text in GLOSSARY.items() if heading[2].startswith(name)), None)
    shown = f' title="{escape(meaning)}"' if meaning else ""
    return f"<th{heading[1]}{shown}>{heading[2]}</th>"


def with_browser(sections: Sequence[Section], data: Mapping[str, Any] | None) -> list[Section]:
    """Return the sections with the error browser before the one on how everything was made."""
    if data is None:
        return list(sections)
    about = ABOUT_BROWSER.format(protocol=data["protocol"], comments=INVENTED if data["invented"] else REAL)
    watched = [data["models"][int(model)] for model in data["attention"]]
    if watched:
        about += " " + ABOUT_ATTENTION.format(models=", ".join(watched))
    place = next((place for place, section in enumerate(sections) if section.title == LAST), len(sections))
    browser = Section(BROWSER, "Error browser", Markup("<p>{}</p>").format(about))
    return [*sections[:place], browser, *sections[place:]]


def chart_library(specs: Sequence[Mapping[str, Any]]) -> str:
    """Return Vega, Vega-Lite and vega-embed as one script, of the version that the specifications were written for.

    Raises:
        FoxhoundError: that version is not installed.
    """
    version = re.search(r"/vega-lite/v(\d+\.\d+)", str(specs[0].get("$schema", "")))
    known = vl_convert.get_vegalite_versions()
    if not version or version[1] not in known:
        raise FoxhoundError(f"A figure's $schema is {specs[0].get('$schema')}, not Vega-Lite {' or '.join(known)}.")
    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=version[1])


def build_page(
    markdown: str,
    pictures: Mapping[str, Picture],
    browser: Mapping[str, Any] | None,
    template: str,
    style: str,
    scripts: Sequence[str],
) -> str:
    """Return the whole page.

    Args:
        markdown: the report.
        pictures: path as the report has it -> the picture.
        browser: what `browser_data` of error_browser.py returns, or None for a page without error browser.
        template: of Jinja2; style: CSS; scripts: JavaScript, run in this order.
    """
    warning, head, sections = read_report(markdown, pictures)
    live = {name: picture.spec for name, picture in pictures.items() if picture.spec}
    data = [{"id": chart_id(name), "json": script_json(spec)} for name, spec in live.items()]
    if browser is not None:
        data.append({"id": BROWSER_DATA, "json": script_json(browser)})
    library = [chart_library(list(live.values()))] if live else []
    code = [script_code(script) for script in (*library, *scripts)]
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(template).render(
        title=re.sub(r"<[^>]+>", "", str(head.partition("</h1>")[0])).strip() or "Foxhound report",
        group=browser["group"] if browser else "article",
        policy=Markup(content_policy(code)),
        warning=warning,
        head=head,
        sections=with_browser(sections, browser),
        browser_id=BROWSER,
        style=Markup(style),
        data=data,
        scripts=code,
    )
