"""Test the page in a real browser, from a file, without a network: it loads, charts, filters, and blurs comments."""

import base64
import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from foxhound.report.error_browser import browser_data
from foxhound.report.page import Picture, build_page
from foxhound.tables import read_table
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from .conftest import COMMENTS, ROOT, TINY, Checkout, copy_checkout

PHONE = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": True}
WIDE = {"width": 1400, "height": 900, "deviceScaleFactor": 1, "mobile": False}
PAPER = {"width": 1050, "height": 720, "deviceScaleFactor": 1, "mobile": False}  # A4 landscape, less its margins
TITLE = "Hate-speech classifiers on demo-comments"
EVENTS = ("requestWillBeSent", "loadingFailed")
ATTENTIVE = "lstm-bert-bidirectional-attention-title, epoch 2"
HOSTILE = [
    "</script><script>document.title = 'stolen'</script> 🤬 they <b>lie</b>",
    '<img src="http://127.0.0.1:9/x" onerror="document.title = \'stolen\'">',
    "\u202eright to left\u2028and a line <!-- <script>",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[webdriver.Chrome]:
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not (browser and driver):
        pytest.skip("no chromium and chromedriver: apt-get install --no-install-recommends chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    # As root, as in most containers, Chromium starts without its sandbox only.
    flags = ["--headless=new", "--disable-dev-shm-usage", "--disable-background-networking", "--window-size=1280,900"]
    for flag in flags + (["--no-sandbox"] if os.getuid() == 0 else []):
        options.add_argument(flag)
    # Any host name is unknown: the network is off.
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    # With the driver's path given, Selenium downloads none.
    os.environ["SE_OFFLINE"] = "true"
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield started
    started.quit()


def load(chromium: webdriver.Chrome, page: Path) -> None:
    chromium.get_log("performance")
    chromium.get_log("browser")
    chromium.get(page.as_uri())


@pytest.fixture
def page(chromium: webdriver.Chrome, finished: tuple[Checkout, Counter[str]]) -> webdriver.Chrome:
    """Return the page of the tiny experiment, loaded, its charts drawn."""
    load(chromium, finished[0].folder / "results/tiny/report.html")
    pictures = chromium.find_elements(By.CSS_SELECTOR, "figure[data-chart] img")
    WebDriverWait(chromium, 60).until(lambda _: not any(picture.is_displayed() for picture in pictures))
    return chromium


def requested(chromium: webdriver.Chrome) -> dict[str, str | None]:
    """Return the addresses requested since the page was loaded, and what blocked each request, if anything."""
    events = [json.loads(entry["message"])["message"] for entry in chromium.get_log("performance")]
    told = {name: [one["params"] for one in events if one["method"] == f"Network.{name}"] for name in EVENTS}
    stopped = {one["requestId"]: one.get("blockedReason") for one in told["loadingFailed"]}
    return {one["request"]["url"]: stopped.get(one["requestId"]) for one in told["requestWillBeSent"]}


def choose(chromium: webdriver.Chrome, name: str, option: str) -> None:
    Select(chromium.find_element(By.NAME, name)).select_by_visible_text(option)


def set_screen(chromium: webdriver.Chrome, size: dict[str, object]) -> None:
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def count(chromium: webdriver.Chrome) -> str:
    return chromium.find_element(By.CLASS_NAME, "count").text


def texts(chromium: webdriver.Chrome) -> list[str]:
    return [box.get_property("textContent") for box in chromium.find_elements(By.CLASS_NAME, "text")]


def blurred(box: WebElement) -> bool:
    return box.value_of_css_property("filter").startswith("blur(")


def test_it_loads_without_a_network_and_without_complaint(page: webdriver.Chrome) -> None:
    first, *others = requested(page)
    assert first.startswith("file:")
    assert not [address for address in others if not address.startswith("data:")]
    assert page.get_log("browser") == []
    assert page.find_element(By.TAG_NAME, "h1").text == TITLE == page.title


def test_its_charts_are_live_and_answer_to_a_pointer(page: webdriver.Chrome) -> None:
    figures = page.find_elements(By.CSS_SELECTOR, "figure")
    assert figures
    for figure in figures:
        words = figure.find_element(By.TAG_NAME, "img").get_attribute("alt")
        chart = figure.find_element(By.CSS_SELECTOR, "[role=figure]")
        assert words and chart.get_attribute("aria-label") == words
        assert chart.find_element(By.CSS_SELECTOR, "svg.marks").size["height"] > 50
    mark = figures[0].find_element(By.CSS_SELECTOR, "g.mark-symbol.role-mark path")
    webdriver.ActionChains(page).move_to_element(mark).perform()
    shown = WebDriverWait(page, 60).until(lambda _: page.find_element(By.CSS_SELECTOR, "#vg-tooltip-element.visible"))
    assert "95 % interval" in shown.text
    assert page.get_log("browser") == []


def test_five_questions_are_answered_before_the_first_fold(page: webdriver.Chrome) -> None:
    set_screen(page, WIDE)
    try:
        answers = page.find_elements(By.CSS_SELECTOR, "#which-model-to-take li")
        asked = [answer.find_element(By.TAG_NAME, "strong").text for answer in answers]
        assert asked == [
            "Which one?", "How sure?", "On new users?", "At what price?", "What next?",
        ]  # fmt: skip
        assert all(
            answer.rect["y"] > 0 and answer.rect["y"] + answer.rect["height"] <= WIDE["height"] for answer in answers
        )
        widths = "const t = document.querySelector('#leaderboard .table'); return t.scrollWidth - t.clientWidth"
        assert page.execute_script(widths) == 0  # no column is cut
        facts = page.find_element(By.CSS_SELECTOR, "main > p").text
        assert (
            f"demo-comments: {COMMENTS} comments" in facts
            and "1 or true in its column label" in facts
            and "Made on " in facts
        )
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Return a checkout with a finished report on a table of texts and words for labels, without users and groups."""
    checkout = copy_checkout(tmp_path_factory.mktemp("foreign") / "copy")
    demo = [json.loads(line) for line in (checkout.folder / "resources/demo-comments.json").open(encoding="utf-8")]
    rows = [(row["text"], "hate" if int(row["label"]) else "neither") for row in demo[:200]]
    pd.DataFrame(rows, columns=["tweet", "class"]).to_csv(checkout.folder / "mine.csv", index=False)
    said = checkout.foxhound(
        *(
            "new-corpus",
            "mine.csv",
            "--text",
            "tweet",
            "--label",
            "class",
            "--positive",
            "hate",
            "--negative",
            "neither",
        )
    )
    assert said.returncode == 0, said.stdout
    own = yaml.safe_load((checkout.folder / "experiments/mine.yaml").read_text())
    no_run = {"learning_rate": None, "epoch": None}
    small = {
        "run": [],
        "baselines": {"protocols": ["stratified-2"]},
        "final": {"model": "recommended", "protocol": "stratified-2"} | no_run,
    }
    overlay = {"corpus": own["corpus"], "pathvars": {"results": "results/foreign"}} | small
    (checkout.folder / "foreign.yaml").write_text(yaml.safe_dump(overlay))
    checkout.done(*TINY, "foreign.yaml")
    return checkout


def test_a_foreign_corpus_has_the_same_answers_and_nothing_of_another_one(
    chromium: webdriver.Chrome, foreign: Checkout
) -> None:
    load(chromium, foreign.folder / "results/foreign/report.html")
    set_screen(chromium, WIDE)
    try:
        answers = chromium.find_elements(By.CSS_SELECTOR, "#which-model-to-take li")
        asked = [answer.find_element(By.TAG_NAME, "strong").text for answer in answers]
        assert asked[:2] == ["Which one?", "How sure?"] and asked[-2:] == ["At what price?", "What next?"]
        assert all(0 < one.rect["y"] <= WIDE["height"] - one.rect["height"] for one in answers)
    finally:
        chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    facts = chromium.find_element(By.CSS_SELECTOR, "main > p").text
    assert "mine: 200 comments" in facts and "hate in its column class" in facts
    report = (foreign.folder / "results/foreign/report.md").read_text()
    assert not re.findall(r"(?i)published|858\.49|fox.news|(?<![\w/-])articles?(?![\w-])", report)
    figures = chromium.find_elements(By.TAG_NAME, "figure")
    drawn = " ".join(figure.get_property("innerHTML") for figure in figures)
    assert len(figures) >= 4 and not re.findall(r"(?i)no model was|(?<![\w/-])articles?(?![\w.-])", drawn)


def test_headings_say_what_they_mean_and_all_metrics_wait_until_asked_for(page: webdriver.Chrome) -> None:
    meant = {
        head.get_property("textContent"): head.get_attribute("title")
        for head in page.find_elements(By.CSS_SELECTOR, "#leaderboard th")
    }
    assert all(meant[name] for name in ("AUROC", "F1, random", "Minus TF-IDF", "No significant difference", "MB"))
    metrics = page.find_element(By.CSS_SELECTOR, "#all-metrics > details")
    assert not metrics.get_property("open")
    page.execute_script("arguments[0].click()", page.find_element(By.CSS_SELECTOR, "nav a[href='#all-metrics']"))
    assert metrics.get_property("open")


def test_the_browser_opens_on_the_recommended_model_and_its_largest_errors(
    page: webdriver.Chrome, finished: tuple[Checkout, Counter[str]]
) -> None:
    taken = json.loads((finished[0].folder / "results/tiny/recommendation.json").read_text())["model"]
    opened = Select(page.find_element(By.NAME, "model")).first_selected_option.text
    assert opened.split(",")[0] == taken
    kinds = {one.text for one in page.find_elements(By.CSS_SELECTOR, ".facts b:first-child")}
    assert kinds <= {"false positive", "false negative"} and kinds
    assert "Comments are invented" in page.find_element(By.ID, "error-browser").text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_charts_and_text_can_be_read_in_light_and_dark(page: webdriver.Chrome, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        paper, ink = (
            page.execute_script(f"return getComputedStyle(document.body).{name}")
            for name in ("backgroundColor", "color")
        )
        assert contrast(paper, ink) > 7
        quiet = page.execute_script("return getComputedStyle(document.querySelector('.count')).color")
        assert contrast(paper, quiet) > 4.5
        figure = page.find_element(By.TAG_NAME, "figure")
        assert (figure.value_of_css_property("filter") != "none") == (scheme == "dark")
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def contrast(*colours: str) -> float:
    """Return the contrast of two colours (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        shares = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted(map(luminance, colours))
    return (high + 0.05) / (low + 0.05)


def test_it_prints_whole(page: webdriver.Chrome) -> None:
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    set_screen(page, PAPER)
    try:
        assert page.execute_script("return document.scrollingElement.scrollWidth") <= PAPER["width"]
        for figure in page.find_elements(By.CSS_SELECTOR, "figure svg.marks"):
            assert figure.rect["x"] + figure.rect["width"] <= PAPER["width"] + 1
        assert page.find_element(By.CSS_SELECTOR, "#all-metrics table").is_displayed()
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    pdf = base64.b64decode(page.execute_cdp_cmd("Page.printToPDF", {"landscape": True})["data"])
    assert pdf.startswith(b"%PDF-") and len(pdf) > 100_000


def test_a_table_is_sorted_by_its_head(page: webdriver.Chrome) -> None:
    table = page.find_element(By.CSS_SELECTOR, "#leaderboard table")
    heads = table.find_elements(By.CSS_SELECTOR, "th button")
    place = [head.get_property("textContent") for head in heads].index("F1, random")
    for order in (-1, 1):
        page.execute_script("arguments[0].click()", heads[place])
        cells = table.find_elements(By.CSS_SELECTOR, f"td:nth-child({place + 1})")
        numbers = [float(cell.get_property("textContent").split()[0]) for cell in cells]
        assert numbers == sorted(numbers, key=lambda one: order * one)
        assert len(set(numbers)) > 2


def test_the_browser_counts_the_errors_that_the_scores_count(
    page: webdriver.Chrome, finished: tuple[Checkout, Counter[str]]
) -> None:
    scores = read_table(finished[0].folder / "results/tiny/scores.parquet", "scores")
    for name in ("tfidf-logistic", "pooled-logistic"):
        row = scores[(scores["model"] == name) & (scores["protocol"] == "stratified-2") & scores["seed"].notna()].iloc[
            0
        ]
        choose(page, "model", name)
        expected = (
            f"{row['fn']:.0f} false negatives, {row['fp']:.0f} false positives, {row['tp'] + row['tn']:.0f} correct."
        )
        assert count(page).endswith(expected)


def test_filters_and_sorting_change_the_comments(page: webdriver.Chrome) -> None:
    choose(page, "model", "tfidf-logistic")
    every = count(page)
    assert len(texts(page)) == 50
    seen = {every}
    for name, option in (
        ("kind", "false negatives: hateful, called not hateful"),
        ("kind", "false positives: not hateful, called hateful"),
        ("disagreement", "by .2 or more"),
    ):
        choose(page, name, option)
        assert count(page) not in seen
        seen.add(count(page))
    for label in page.find_elements(By.CSS_SELECTOR, ".facts span:nth-child(2)"):
        assert label.text == "labelled not hateful"
    choose(page, "disagreement", "by any amount")
    choose(page, "kind", "all comments")
    title = Select(page.find_element(By.NAME, "article")).options[3].text
    choose(page, "article", title)
    assert {one.text for one in page.find_elements(By.CSS_SELECTOR, ".facts span:nth-child(5)")} == {title}
    choose(page, "article", "all articles")
    choose(page, "sort", "p from high to low")
    p = [float(one.text.removeprefix("p ")) for one in page.find_elements(By.CSS_SELECTOR, ".facts b:nth-child(3)")]
    assert p == sorted(p, reverse=True) and p[0] > p[-1]
    first = texts(page)
    page.find_element(By.NAME, "next").click()
    assert count(page).startswith(f"Comments 51 to 100 of {COMMENTS}.")
    assert not set(first) & set(texts(page))
    page.find_element(By.NAME, "search").send_keys("MARSH")
    assert texts(page) and all("marsh" in text.lower() for text in texts(page))
    page.find_element(By.NAME, "search").send_keys("no such words")
    assert count(page).startswith("No comment matches.")


def test_comments_are_blurred_until_asked_for(page: webdriver.Chrome) -> None:
    boxes = page.find_elements(By.CLASS_NAME, "text")
    assert all(map(blurred, boxes))
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", boxes[0])
    boxes[0].click()
    boxes[1].send_keys(Keys.ENTER)
    assert [blurred(box) for box in boxes[:3]] == [False, False, True]
    page.find_element(By.NAME, "show").click()
    assert not any(map(blurred, boxes))
    page.find_element(By.NAME, "next").click()
    assert not any(map(blurred, page.find_elements(By.CLASS_NAME, "text")))
    page.find_element(By.NAME, "show").click()
    assert all(map(blurred, page.find_elements(By.CLASS_NAME, "text")))


def test_a_comment_shows_every_model_and_the_attention_of_those_that_have_it(page: webdriver.Chrome) -> None:
    choose(page, "model", ATTENTIVE)
    whole = texts(page)[0]
    words = page.find_elements(By.CSS_SELECTOR, ".comment:first-child .text span")
    assert [word.get_property("textContent") for word in words[:2]] == re.findall(r"\w+", whole)[:2]
    assert len({word.value_of_css_property("background-color") for word in words}) > 1
    folded = page.find_element(By.CSS_SELECTOR, ".comment details")
    page.execute_script("arguments[0].open = true", folded)
    rows = WebDriverWait(page, 60).until(lambda _: folded.find_elements(By.TAG_NAME, "tr"))
    names = [option.text for option in Select(page.find_element(By.NAME, "model")).options]
    assert [row.find_element(By.TAG_NAME, "td").text for row in rows] == names
    choose(page, "model", "tfidf-logistic")
    assert not page.find_elements(By.CSS_SELECTOR, ".text span")


def test_no_user_name_is_on_the_page(finished: tuple[Checkout, Counter[str]]) -> None:
    raw = [json.loads(line) for line in (finished[0].folder / "resources/demo-comments.json").open(encoding="utf-8")]
    users = {row["user"].casefold() for row in raw if row["user"]}
    assert any(user in row["text"].casefold() for row in raw for user in users)
    page = (finished[0].folder / "results/tiny/report.html").read_text().casefold()
    assert [user for user in users if user in page] == []


def test_it_fits_a_phone(page: webdriver.Chrome) -> None:
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
    try:
        page.refresh()
        page.find_element(By.NAME, "show").click()
        page.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
        assert page.execute_script("return innerWidth") == 360
        assert page.execute_script("return document.scrollingElement.scrollWidth") <= 360
        chart = page.find_element(By.CSS_SELECTOR, "#every-model figure svg.marks")
        assert chart.rect["x"] + chart.rect["width"] <= 360
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_what_a_comment_holds_stays_text(chromium: webdriver.Chrome, tmp_path: Path) -> None:
    ids = [f"c{number}" for number in range(len(HOSTILE))]
    comments = pd.DataFrame({"id": ids, "text": HOSTILE, "label": 1, "title": HOSTILE[0], "thread": "t"})
    comments["masked"] = comments["text"]
    settings = {"embedding": None, "context": None, "learning_rate": np.nan, "attention": None, "seed": 1, "epoch": 0}
    rows = pd.DataFrame({"id": ids, "p_hateful": [0.1, 0.2, 0.3], "model": HOSTILE[0], "fold_or_split": "f/fold-01"})

    def nobody() -> None:
        raise AssertionError("no model has attention")

    parts = ("report.html.jinja", "page.css", "page.js", "error-browser.js")
    template, style, *scripts = ((ROOT / "resources/page" / name).read_text() for name in parts)
    picture = {"f.svg": Picture("<svg xmlns='http://www.w3.org/2000/svg'/>")}
    browser = browser_data(comments, rows.assign(**settings), nobody)
    start = HOSTILE[0].index("they")  # behind an emoji, which is two units of a JavaScript string
    browser |= {"words": [[start, start + 4], [], []], "attention": {"0": [[700], None, None]}}
    html = build_page("# R\n\n## F\n\n![f](f.svg)\n", picture, browser, template, style, scripts)
    (tmp_path / "page.html").write_text(html)
    load(chromium, tmp_path / "page.html")
    chromium.find_element(By.NAME, "show").click()
    assert texts(chromium) == HOSTILE
    assert [word.text for word in chromium.find_elements(By.CSS_SELECTOR, ".text span")] == ["they"]
    assert chromium.title == "R"
    assert chromium.find_elements(By.CSS_SELECTOR, ".comments script, .comments img, .text b") == []
    assert [address for address in requested(chromium) if address.startswith("http")] == []
    assert chromium.get_log("browser") == []


def test_the_policy_stops_a_script_that_is_not_of_the_page(page: webdriver.Chrome) -> None:
    page.execute_script(
        "const s = document.createElement('script'); s.textContent = 'document.title = 1'; document.body.append(s);"
        "document.body.insertAdjacentHTML('beforeend', '<img src=http://127.0.0.1:9/x onerror=\"document.title = 2\">');"
    )
    assert page.title == TITLE
    said = " ".join(entry["message"] for entry in page.get_log("browser"))
    assert said.count("Content Security Policy") >= 2
    assert {address: why for address, why in requested(page).items() if address.startswith("http")} == {
        "http://127.0.0.1:9/x": "csp"
    }
