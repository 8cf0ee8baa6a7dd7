"""A copy of the checkout to run the workflow in, and the way a user runs it."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.forks import run_forked

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
PARTS = (
    "config.yaml",
    "pyproject.toml",
    "Snakefile",
    "rules",
    "scripts",
    "schemas",
    "envs",
    "experiments",
    "profiles",
    "resources",
    "tests",
)


class Checkout:
    """A folder with the workflow in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run snakemake there, as docs/getting-started.md says, and return what it printed (both streams, in stdout)."""
        return self.fork("snakemake", "--cores", "2", *arguments)

    def fork(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a module as `call` does, but in a fork of a process that has imported all libraries."""
        return run_forked(module, arguments, self.folder, self.environment)

    def call(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command there, and return what it printed."""
        both = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "timeout": 900}
        return subprocess.run(command, cwd=self.folder, env=self.environment, **both)

    def foxhound(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `foxhound` there, and return what it printed."""
        command = ("foxhound.commands.main", *arguments)
        return self.fork(*command) if arguments[0] == "why" else self.call(sys.executable, "-m", *command)

    @property
    def environment(self) -> dict[str, str]:
        # The copy's own package comes before that of the checkout which the environment belongs to.
        outside = {name: value for name, value in os.environ.items() if name != "FOXHOUND_CODE_AT_START"}
        # VERBOSE: what Snakemake itself says is what these tests read.
        own = {"HF_HUB_OFFLINE": "1", "COLUMNS": "200", "PYTHONPATH": str(self.folder / "scripts"), "VERBOSE": "1"}
        return outside | own

    def done(self, *arguments: str) -> Counter[str]:
        """Run snakemake there, insist that it ends well, and count the jobs it finished, by rule."""
        ran = self.run(*arguments)
        assert ran.returncode == 0, ran.stdout
        return Counter(re.findall(r"^Finished jobid: \d+ \(Rule: (\w+)\)", ran.stdout, flags=re.MULTILINE))

    def planned(self, *arguments: str) -> Counter[str]:
        """Count the jobs, by rule, that snakemake -n says would run there."""
        said = self.run("-n", *arguments)
        assert said.returncode == 0, said.stdout
        stats = re.search(r"^Job stats:\njob +count\n-+ +-+\n(.*?)^total", said.stdout, flags=re.MULTILINE | re.DOTALL)
        return Counter({rule: int(count) for rule, count in map(str.split, stats[1].splitlines())} if stats else {})


def copy_checkout(folder: Path) -> Checkout:
    folder.mkdir(exist_ok=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=shutil.ignore_patterns("__pycache__", "fox-news*", "private"))
        else:
            shutil.copy(source, folder / part)
    return Checkout(folder)


COMMENTS, TEXTS = 240, 236
"""Comments of the demo that the tiny experiment reads, and how many different texts they have."""


def keep_some_comments(checkout: Checkout) -> None:
    """Leave the first comments of the demo in its file: what the tiny experiment shows, it shows on those."""
    path = checkout.folder / "resources/demo-comments.json"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)[:COMMENTS]
    assert len({json.loads(line)["text"] for line in lines}) == TEXTS
    path.write_text("".join(lines), encoding="utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A fresh copy, without results and without the Fox News corpus."""
    return copy_checkout(tmp_path)


TIMED = re.compile(
    r"What it cost.*?(?=How it was made|Error browser)"
    r"|At what price\?.*?What next\?"
    r"|Leaderboard.*?F1 of the hateful class at a threshold"  # each score of it is in scores.parquet
    r"|Made on \d+ \w+ \d+",
    flags=re.DOTALL,
)
"""Parts of report.md and report.html that tell what jobs took, or when it was made."""


TINY = ("--configfile", "tests/workflow/tiny.yaml")
"""Every rule once, on the demo corpus."""
REPORT = {"report": 1, "page": 1, "all": 1}
END = {"scores": 1, "comparisons": 1, "claims": 1, "curves": 1, "recommendation": 1, **REPORT}
"""What follows any change of a prediction."""


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Checkout, Counter[str]]:
    """A finished tiny experiment, not to be changed, and the jobs it took; made once for all of pytest's workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "finished"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the first makes it, the others wait
        jobs = folder / "jobs.json"
        checkout = Checkout(folder / "checkout")
        if not jobs.is_file():
            copy_checkout(checkout.folder)
            keep_some_comments(checkout)
            jobs.write_text(json.dumps(checkout.done(*TINY)))
        return checkout, Counter(json.loads(jobs.read_text()))


@pytest.fixture
def rerun(finished: tuple[Checkout, Counter[str]], tmp_path: Path) -> Checkout:
    """A copy of the finished tiny experiment, to change something in and run again."""
    folder = tmp_path / "copy"
    shutil.copytree(finished[0].folder, folder, symlinks=True)
    return Checkout(folder)


@pytest.fixture(scope="session")
def fox_news() -> Path:
    """The corpus, which is never part of the project."""
    path = SHARED / "data" / "fox-news-comments.json"
    if not path.is_file():
        pytest.skip("the Fox News corpus is not beside this checkout (../shared/data/fox-news-comments.json)")
    return path
