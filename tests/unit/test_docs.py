"""What the documentation links to is there, and every command that it shows exists: who follows it meets no dead end."""

import re
import shlex
import subprocess
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from foxhound.commands.main import COMMANDS, overview, subcommand
from foxhound.report.headline import END, START
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]
GENERATED = "docs/config.md"  # by `foxhound config-docs`
OUTSIDE = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "benchmarks/README.md")
PAGES = [*sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")), *OUTSIDE]
SHOWING = [page for page in PAGES if page == "README.md" or (page.startswith("docs/") and page != GENERATED)]
"""Pages whose commands a reader types."""
MOST_WORDS = 700  # of the README: a screen and a half
MARKDOWN = MarkdownIt("commonmark").enable("table")


@cache
def tokens(page: str) -> list[Token]:
    return MARKDOWN.parse((ROOT / page).read_text(encoding="utf-8"))


# Links and anchors.


def links(page: str) -> Iterator[str]:
    """Yield where every link and picture leads."""
    for token in tokens(page):
        for child in token.children or []:
            if child.type in ("link_open", "image"):
                yield str(child.attrs.get("href") or child.attrs.get("src"))


def headings(page: str) -> list[str]:
    """Return the text of every heading, as it is read."""
    parsed = tokens(page)
    inside = [parsed[place + 1] for place, token in enumerate(parsed) if token.type == "heading_open"]
    return ["".join(child.content for child in token.children or []) for token in inside]


def github_anchor(heading: str) -> str:
    """Return the anchor that GitHub gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def site_anchor(heading: str) -> str:
    """Return the anchor that MkDocs gives to a heading (Python-Markdown's `slugify`)."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


@cache
def anchors(page: str) -> set[str]:
    """Return the anchors that a heading has on GitHub and on the site alike; of equal headings, the first has it."""
    return {github_anchor(one) for one in headings(page)} & {site_anchor(one) for one in headings(page)}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for link in links(page):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.resolve().is_relative_to(ROOT) and target.exists(), f"{page}: {link}"
        if anchor:
            name = target.resolve().relative_to(ROOT).as_posix()
            assert anchor in anchors(name), f"{page}: {link}. {name} has: {', '.join(sorted(anchors(name)))}"


def test_anchors_are_as_github_and_mkdocs_make_them() -> None:
    assert github_anchor("What reruns, and why") == site_anchor("What reruns, and why") == "what-reruns-and-why"
    assert github_anchor("0.1.0") == site_anchor("0.1.0") == "010"
    assert (github_anchor("F1 – at .5"), site_anchor("F1 – at .5")) == ("f1--at-5", "f1-at-5")


def test_every_page_is_in_the_menu_of_the_site() -> None:
    menu = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]

    def files(entry: object) -> list[str]:
        if isinstance(entry, str):
            return [entry]
        below = entry if isinstance(entry, list) else [*entry.values()] if isinstance(entry, dict) else []
        return [file for one in below for file in files(one)]

    taken_in = re.findall(r'^    "(.+)": "(.+)",$', (ROOT / "docs/pages_outside.py").read_text(), flags=re.MULTILINE)
    assert [path for path, _ in taken_in] and {path for path, _ in taken_in} == {*OUTSIDE}
    expected = [page.removeprefix("docs/") for page in PAGES if page not in OUTSIDE] + [page for _, page in taken_in]
    assert sorted(files(menu)) == sorted(expected)


# The README.


def test_the_readme_is_a_screen_and_a_half() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.count(START) == readme.count(END) == 1
    before, _, rest = readme.partition(START)
    words = len((before + rest.partition(END)[2]).split())
    assert words <= MOST_WORDS, f"{words} words: move what is no first step into docs/"


# Commands.


class Shown(NamedTuple):
    """A command that a page shows.

    test: what runs it, as `file::function` in tests/; empty where no test does.
    note: how what is run differs, or why none is.
    """

    test: str
    note: str = ""


COMMAND = re.compile(r"(?:^|[;|&])\s*(?:[A-Z_]+=\S+\s+)*(?:make|foxhound|snakemake)(?:\s|$)")


def split_line(line: str) -> list[str]:
    """Return the commands of a line that start with make, foxhound or snakemake, without comments, quoted alike."""
    if not COMMAND.search(line):
        return []
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";|&")
    lexer.whitespace_split = True
    commands: list[list[str]] = [[]]
    for word in lexer:
        if word and set(word) <= set(";|&"):
            commands.append([])
        else:
            commands[-1].append(word)
    return [shlex.join(words) for words in commands if words and COMMAND.search(shlex.join(words))]


def shown_on(page: str) -> Iterator[str]:
    """Yield every command in a code block of a page."""
    for token in tokens(page):
        if token.type in ("fence", "code_block") and token.info not in ("yaml", "python"):
            for line in token.content.splitlines():
                yield from split_line(line)


def words_of(command: str) -> list[str]:
    """Return a command's words, without the variables before it."""
    words = shlex.split(command)
    while re.match(r"[A-Z_]+=", words[0]):
        words.pop(0)
    return words


@cache
def every_command() -> dict[str, str]:
    """Command -> a page that shows it."""
    return {command: page for page in SHOWING for command in shown_on(page)}


DRY_RUN = "workflow/test_dry_run.py::test_every_overlay_is_planned"
LESSON = Shown("workflow/test_dry_run.py::test_every_lesson_is_planned", "planned with -n; a run takes minutes")
MODEL = "workflow/test_model.py::test_what_is_recommended_is_kept_and_another_model_trains_nothing"
SMALL = "of a small experiment"
PLANNED = "planned with -n; a run takes half an hour or more"
TABLE = {
    "make demo": Shown("", "installs 2 GB; `make cluster-test` runs the demo's experiment"),
    "make test": Shown("", "is what runs the tests"),
    "make demo TORCH=cpu": Shown("unit/test_pytorch_build.py::test_the_user_has_the_last_word", "without make"),
    "make demo TORCH=default": Shown("unit/test_pytorch_build.py::test_the_user_has_the_last_word", "without make"),
    "make demo TORCH=https://download.pytorch.org/whl/cu126": Shown(
        "unit/test_pytorch_build.py::test_the_user_has_the_last_word", "without make"
    ),
    "make demo LOCKED=1": Shown("", "installs 2 GB; `unit/test_pins.py` reads the locks"),
    "make compat": Shown("", "takes half an hour; `unit/test_compat.py` tests when it is skipped"),
    "make container-check": Shown("", "takes half an hour; `unit/test_compat.py` tests when it is skipped"),
    "make trials FORUM=forum.csv TWEETS=tweets.csv": Shown("", "takes two hours and corpora that are not ours"),
    "make locks": Shown("", "installs packages of its own, and needs a network"),
    "foxhound demo": Shown("", "is `make demo`, less its installation"),
    "make report VERBOSE=1": Shown("", "takes half an hour"),
    "make fuzz": Shown("", "takes some minutes; the suite runs the same tests with fewer examples"),
    "make audit": Shown("", "installs packages of its own, and needs a network"),
    "make sbom": Shown("", "installs packages of its own"),
    "make benchmark": Shown(
        "", "installs other libraries, needs the Fox News corpus and a machine with nothing else to do"
    ),
    "make growth": Shown("", "takes half an hour"),
    "make docs": Shown("", "installs packages of its own"),
    "make costs CORE_HOUR=0.05": Shown("", "needs the Fox News corpus and a machine with nothing else to do"),
    "make plan-benchmark": Shown("", "takes a minute of processor and 1.2 GB"),
    "make cluster-test": Shown("", "starts a Slurm as root, and takes minutes"),
    "make kubernetes-check": Shown("", "installs packages of its own, and takes minutes"),
    "foxhound --help": Shown("unit/commands/test_main.py::test_the_overview_lists_every_command_with_a_line"),
    "foxhound --version": Shown("unit/commands/test_main.py::test_the_version_is_told"),
    "foxhound why": Shown("workflow/test_reruns.py::test_nothing", SMALL),
    "foxhound why --configfile experiments/demo.yaml experiments/lessons/leakage.yaml": Shown(
        "workflow/test_reruns.py::test_nothing", SMALL
    ),
    "foxhound size --minutes 30": Shown(
        "unit/commands/test_size.py::test_a_corpus_that_has_yet_to_be_fetched_is_sized_too", "another budget"
    ),
    "foxhound size --minutes 120 --configfile experiments/my.yaml": Shown(
        "unit/commands/test_size.py::test_a_budget_becomes_an_overlay", "another budget, and another overlay"
    ),
    "foxhound label-next new.csv": Shown(
        "unit/commands/test_label_next.py::test_those_nearest_to_the_threshold_are_written_with_an_empty_label",
        "a Parquet file",
    ),
    "foxhound label-next new.csv --model results/my/model --column comment --label is_hate --keep thread": Shown(
        "unit/commands/test_label_next.py::test_those_nearest_to_the_threshold_are_written_with_an_empty_label",
        "other columns",
    ),
    "foxhound label-next new.csv --model results/my/model --column comment --label is_hate --random --number 300 "
    "--output random.csv": Shown(
        "unit/commands/test_label_next.py::test_random_ones_are_drawn_for_scoring_and_scored", "another number"
    ),
    "foxhound label-next new.csv --model results/my/model --column comment --label is_hate --known random.csv": Shown(
        "unit/commands/test_label_next.py::test_random_ones_are_drawn_for_scoring_and_scored"
    ),
    "foxhound predict --model results/my/model --file random.csv --column comment --keep is_hate --output said.csv": Shown(
        "unit/commands/test_label_next.py::test_random_ones_are_drawn_for_scoring_and_scored"
    ),
    "foxhound times": Shown(
        "unit/commands/test_main.py::test_times_says_what_to_do_where_nothing_ran", "in a folder without results"
    ),
    "foxhound gpu-check": Shown(
        "unit/commands/test_gpu_findings.py::test_the_command_ends_with_an_error_and_its_words_on_a_machine_without_a_gpu"
    ),
    "foxhound new-corpus my.csv": Shown("unit/commands/test_new_corpus.py::test_flags_settle_what_is_not_clear"),
    "foxhound new-corpus my.csv --text tweet --label class --positive 0": Shown(
        "unit/commands/test_new_corpus.py::test_flags_settle_what_is_not_clear"
    ),
    "foxhound new-corpus my.csv --label toxic --label threat --label insult": Shown(
        "workflow/test_dry_run.py::test_any_of_several_label_columns_is_planned", "with two columns"
    ),
    "foxhound new-corpus my.csv --threshold 0.5 --left-out '' --duplicates majority": Shown(
        "unit/commands/test_new_corpus.py::test_flags_leave_rows_out_and_merge_duplicates", "without a threshold"
    ),
    "foxhound report --configfile experiments/my.yaml": Shown(
        "workflow/test_dry_run.py::test_foxhound_report_hands_its_options_to_snakemake", f"another overlay, {PLANNED}"
    ),
    "foxhound report --configfile experiments/my.yaml -- all results/my/model": Shown(MODEL, f"by snakemake, {SMALL}"),
    "foxhound report --configfile experiments/sized.yaml": Shown(
        "workflow/test_console.py::test_the_sized_demo_is_planned_without_a_loss", f"another overlay, {PLANNED}"
    ),
    "foxhound report --configfile experiments/demo.yaml experiments/lessons/leakage.yaml": LESSON,
    "foxhound report --configfile experiments/demo.yaml experiments/lessons/seed-luck.yaml": LESSON,
    "foxhound report --configfile experiments/demo.yaml experiments/lessons/collapse.yaml": LESSON,
    "foxhound predict 'a sentence'": Shown("unit/commands/test_predict.py::test_a_sentence", "with --model"),
    "foxhound predict 'a sentence' 'another one'": Shown(
        "unit/commands/test_predict.py::test_a_sentence", "with --model"
    ),
    "foxhound predict --model results/demo/model 'a sentence'": Shown(
        "unit/commands/test_predict.py::test_a_sentence", "another model"
    ),
    "foxhound predict --model results/demo/model 'They came back, and nobody wants them here.'": Shown(
        "workflow/test_model.py::test_a_model_of_each_kind_is_kept_asked_and_looked_into", SMALL
    ),
    "foxhound predict --model results/my/model 'a comment'": Shown(
        "workflow/test_model.py::test_a_model_of_each_kind_is_kept_asked_and_looked_into", SMALL
    ),
    "foxhound predict --file comments.csv --column text --keep id --output answers.csv": Shown(
        "unit/commands/test_predict.py::test_the_column_that_names_rows_comes_with_the_answers", "from Parquet"
    ),
    "foxhound predict --error-rate 0.1 --file comments.csv --output answers.csv": Shown(
        "unit/commands/test_predict.py::test_at_a_wished_error_rate_the_doubtful_go_to_a_person", "with --model"
    ),
    "foxhound predict --words 3": Shown(
        "unit/commands/test_predict.py::test_standard_input_gives_a_line_for_each_line", "with --model, and two words"
    ),
    "snakemake -n": Shown("workflow/test_console.py::test_a_dry_run_of_the_default_is_short"),
    "snakemake --cores 8": Shown("workflow/test_run.py::test_every_rule_runs_and_the_report_is_there", SMALL),
    "VERBOSE=1 snakemake --cores 8": Shown("workflow/test_run.py::test_every_rule_runs_and_the_report_is_there", SMALL),
    "snakemake --cores 8 results/report.md": Shown(
        "workflow/test_dry_run.py::test_the_default_experiment_is_planned", PLANNED
    ),
    "snakemake --cores 8 results/lstm/lstm-bert-base/stratified-3/fold-01/seed-1.parquet": Shown(
        "workflow/test_console.py::test_a_part_of_the_experiment_has_no_answer", f"another piece, {SMALL}"
    ),
    "snakemake --cores 8 --forcerun embeddings": Shown(
        "workflow/test_run.py::test_a_model_trained_again_gives_the_same_bytes", f"other stages, {SMALL}"
    ),
    "snakemake --cores 8 results/model": Shown(MODEL, SMALL),
    "snakemake --cores 8 results/predictions --config 'predict={input: my-folder, column: text}'": Shown(
        "workflow/test_model.py::test_every_row_of_every_shard_is_answered_and_nothing_twice", SMALL
    ),
    "snakemake --cores 8 --config 'checks={sentences: sentences.txt}'": Shown(
        "workflow/test_model.py::test_the_report_tells_what_was_asked_of_the_model", f"by an overlay, {SMALL}"
    ),
    "snakemake --cores 8 --configfile experiments/whole-grid.yaml": Shown(DRY_RUN, PLANNED),
    "snakemake --cores 8 --configfile experiments/bert-base.yaml": Shown(DRY_RUN, PLANNED),
    "snakemake --cores 8 --configfile experiments/own-corpus.yaml": Shown(DRY_RUN, PLANNED),
    "snakemake --cores 8 --configfile experiments/checks.yaml": Shown(DRY_RUN, PLANNED),
    "snakemake --cores 8 --configfile experiments/pretrained-vectors.yaml": Shown(DRY_RUN, PLANNED),
    "snakemake --cores 8 --configfile experiments/search.yaml -- results/search/search.md": Shown(
        DRY_RUN, f"its report, {PLANNED}"
    ),
    "snakemake -n --configfile experiments/large-batch.yaml": Shown(
        "unit/test_extending.py::test_a_new_model_is_trained_on_every_fold", "its plan, without Snakemake"
    ),
    "snakemake --cores 8 --configfile experiments/large-batch.yaml": Shown(
        "unit/test_extending.py::test_a_new_model_is_trained_on_every_fold", "its plan, without Snakemake"
    ),
    "snakemake --report report.zip": Shown("", "needs a finished default experiment"),
    "snakemake --cores 8 --resources gpu=2": Shown("", "needs two GPUs"),
    "snakemake --cores 4 --sdm conda": Shown("", "needs conda, which downloads an environment"),
    "snakemake --profile profiles/slurm results/report.md": Shown(
        "workflow/test_dry_run.py::test_the_slurm_profile_is_planned", "planned with -n; needs a cluster"
    ),
    "snakemake --profile profiles/kubernetes --container-image REGISTRY/foxhound "
    "--default-storage-prefix s3://BUCKET/FOLDER": Shown(
        "", "needs a cluster; `make kubernetes-check` goes without one"
    ),
}
"""Every command that a page shows."""
WRITTEN_BY_READERS = re.compile(r"experiments/(my|sized|large-batch)\.yaml")
"""Overlays that commands or pages have a reader write."""


def test_every_command_that_is_shown_is_in_the_table_and_no_other() -> None:
    shown = every_command()
    assert not [f"{page}: {command}" for command, page in shown.items() if command not in TABLE]
    assert not sorted(TABLE.keys() - shown.keys()), "no page shows these any more"


@pytest.mark.parametrize("command", TABLE)
def test_what_runs_a_command_is_a_test_or_there_is_a_reason_why_none_does(command: str) -> None:
    test, note = TABLE[command]
    if not test:
        assert note
        return
    file, _, function = test.partition("::")
    assert f"\ndef {function}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [command for command in TABLE if words_of(command)[0] == "make"])
def test_a_target_of_make_exists(command: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    _, target, *variables = words_of(command)
    assert re.search(rf"^{target}:.* ## ", makefile, flags=re.MULTILINE), "no target that `make` alone lists"
    for variable in variables:
        name = variable.partition("=")[0]
        assert f"$({name})" in makefile or name == "VERBOSE"  # which a run reads from its environment
    planned = subprocess.run(["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert planned.returncode == 0, planned.stderr


@pytest.mark.parametrize("command", [command for command in TABLE if words_of(command)[0] == "foxhound"])
def test_a_command_of_foxhound_takes_these_arguments(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, name, *arguments = words_of(command)
    if name.startswith("-"):
        with pytest.raises(SystemExit) as end:
            overview().parse_args([name])
        assert end.value.code == 0
        return
    assert name in COMMANDS
    _, parser = subcommand(name)
    given = parser.parse_args(arguments)  # exits where there is no such option
    configfiles_exist(getattr(given, "configfile", []))


@pytest.mark.parametrize("command", [command for command in TABLE if words_of(command)[0] == "snakemake"])
def test_a_line_of_snakemake_names_files_that_are_there_and_options_that_it_has(command: str) -> None:
    from snakemake.cli import get_argument_parser

    words = words_of(command)[1:]
    given = get_argument_parser().parse_args(words)
    configfiles_exist(given.configfile or [])
    for profile in given.profile or []:
        assert (ROOT / profile / "config.yaml").is_file()


def configfiles_exist(files: list[str] | list[Path]) -> None:
    for file in map(str, files):
        assert (ROOT / file).is_file() or WRITTEN_BY_READERS.fullmatch(file), file


def test_commands_in_the_text_exist() -> None:
    """`make report` and its like in a sentence: the target or the subcommand is there."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.* ## ", makefile, flags=re.MULTILINE))
    for page in SHOWING:
        for token in tokens(page):
            for child in token.children or []:
                if child.type != "code_inline" or not re.match(r"(make|foxhound) [a-z]", child.content):
                    continue
                program, name, *_ = child.content.split()
                assert name in (targets if program == "make" else COMMANDS), f"{page}: {child.content}"
