import io
import re
from pathlib import Path

import pytest
from foxhound.workflow.console import SAID, Console, describe_failure, is_verbose, last_lines
from foxhound.workflow.progress import Progress

JOBS = {1: ("corpus", 10.0), 2: ("lstm", 40.0), 3: ("lstm", 40.0)}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def screen(self) -> list[str]:
        """Return the lines that are on the screen, by the two codes that the console writes."""
        lines: list[str] = []
        for part in re.split(r"(\x1b\[\d+F\x1b\[J)", self.getvalue()):
            if up := re.match(r"\x1b\[(\d+)F", part):
                del lines[-int(up[1]) :]
            else:
                lines += part.splitlines()
        return lines


class Clock:
    time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


def names(lines: list[str]) -> list[str]:
    return [line.split()[0] for line in lines if line]


def test_a_terminal_shows_one_block_that_is_drawn_anew(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    console = Console(terminal, tick=False)
    console.begin(Progress(JOBS, 45.0, clock))
    assert names(terminal.screen()) == ["corpus", "LSTMs", "all"]
    console.change(lambda progress: progress.start(1))
    console.change(lambda progress: progress.finish(1))
    console.refresh()
    console.write("a warning")
    console.refresh()
    assert names(terminal.screen()) == ["a", "corpus", "LSTMs", "all"]
    assert "1/3" in terminal.screen()[-1]
    console.end()
    console.refresh()
    console.write("the end")
    assert names(terminal.screen()) == ["a", "corpus", "LSTMs", "all", "the"]


def test_a_line_never_wraps(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    Console(terminal, tick=False).begin(Progress(JOBS, 45.0, clock))
    assert max(map(len, terminal.screen())) < 30


def test_a_dumb_terminal_gets_no_codes(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal()
    console = Console(terminal, tick=False)
    console.begin(Progress(JOBS, 45.0, clock))
    console.end()
    assert "\x1b" not in terminal.getvalue()


def test_a_file_gets_a_line_when_a_stage_ends_and_a_report_once_a_minute(clock: Clock) -> None:
    stream = io.StringIO()
    console = Console(stream, tick=False)
    console.begin(Progress(JOBS, 45.0, clock))
    assert stream.getvalue() == ""
    console.change(lambda progress: progress.start(1))
    console.change(lambda progress: progress.finish(1))
    assert names(stream.getvalue().splitlines()) == ["corpus"]
    console.change(lambda progress: progress.start(2))
    for _ in range(5):
        clock.time += SAID / 4
        console.refresh()
    assert names(stream.getvalue().splitlines()) == ["corpus", "LSTMs", "all"]
    console.change(lambda progress: progress.finish(2))
    assert len(stream.getvalue().splitlines()) == 3
    console.end()
    console.end()
    assert names(stream.getvalue().splitlines())[3:] == ["LSTMs", "all"]
    assert "\x1b" not in stream.getvalue()


def test_a_run_of_many_hours_fills_no_log(clock: Clock) -> None:
    stream = io.StringIO()
    console = Console(stream, tick=False)
    console.begin(Progress(JOBS, 10 * 3600.0, clock))
    for _ in range(10 * 60):
        clock.time += 60
        console.refresh()
    assert 40 < len(stream.getvalue().splitlines()) <= 51


def test_a_failure_shows_the_end_of_its_log_and_where_it_is(tmp_path: Path) -> None:
    log = tmp_path / "job.log"
    log.write_text("".join(f"line {number}\n" for number in range(100)) + "Error: the label is missing\n")
    said = describe_failure("lstm", ["results/lstm/a.parquet"], [str(log)])
    assert said.startswith("Failed: lstm, which makes results/lstm/a.parquet")
    assert "Error: the label is missing" in said and str(log) in said
    assert "line 99" in said and "line 80" not in said


def test_a_failure_without_a_log_says_so(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "lost.log") == []
    assert f"it left no {tmp_path / 'lost.log'}" in describe_failure("lstm", [], [str(tmp_path / "lost.log")])


@pytest.mark.parametrize(("value", "verbose"), [("1", True), ("yes", True), ("0", False), ("", False), (None, False)])
def test_verbose_is_asked_for_by_a_variable(value: str | None, verbose: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VERBOSE", raising=False)
    if value is not None:
        monkeypatch.setenv("VERBOSE", value)
    assert is_verbose() == verbose
