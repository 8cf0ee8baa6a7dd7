import re
from pathlib import Path

import pytest
from foxhound.workflow.progress import PLACES, STAGE_OF, Progress, clock, in_words, stage_of

JOBS = {1: ("corpus", 10.0), 2: ("lstm", 40.0), 3: ("lstm", 40.0), 4: ("finetune", 100.0), 5: ("report", 10.0)}


class Clock:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def time() -> Clock:
    return Clock()


@pytest.fixture
def progress(time: Clock) -> Progress:
    return Progress(JOBS, 100.0, time)  # 200 seconds of processor on two cores


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "under a minute"),
        (59, "under a minute"),
        (60, "a minute"),
        (34 * 60, "34 minutes"),
        (99 * 60, "99 minutes"),
        (2.5 * 3600, "2.5 hours"),
        (2 * 3600, "2 hours"),
        (26 * 3600, "26 hours"),
        (3 * 86400, "3 days"),
    ],
)
def test_times_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


@pytest.mark.parametrize(("seconds", "text"), [(7.4, "0:07"), (725, "12:05"), (7500, "2:05:00"), (59.6, "1:00")])
def test_times_on_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_stages_stand_in_their_order_and_an_unknown_rule_is_one_of_its_own(time: Clock) -> None:
    progress = Progress({1: ("report", 1.0), 2: ("other", 1.0), 3: ("corpus", 1.0), 4: ("column", 1.0)}, 1.0, time)
    assert list(progress.stages) == ["corpus and splits", "report", "other"]
    assert progress.stages["corpus and splits"].jobs == {3, 4}
    assert stage_of("other") == "other"
    assert set(STAGE_OF.values()) == set(PLACES)


def test_every_rule_of_the_workflow_has_a_stage() -> None:
    texts = [path.read_text() for path in (Path(__file__).parents[3] / "rules").glob("*.smk")]
    assert {name for text in texts for name in re.findall(r"^(?:rule|checkpoint) (\w+):", text, re.M)} == set(STAGE_OF)


def test_before_anything_has_run_what_was_expected_is_left(progress: Progress) -> None:
    assert progress.remaining() == pytest.approx(100)
    assert progress.remaining("fine-tuning") == pytest.approx(50)


def test_what_is_left_follows_the_pace_of_the_run(progress: Progress, time: Clock) -> None:
    progress.start(1)
    progress.start(2)
    progress.start(3)
    time.time += 200  # twice as long as all of it was expected to take, for 90 of 200 seconds
    for job in (1, 2, 3):
        progress.finish(job)
    assert 55 * 1.5 < progress.remaining() < 110 * 200 / 90  # 110 seconds of processor are left: 55 were expected
    for job in (4, 5):
        progress.finish(job)
    assert progress.remaining() == 0


def test_a_job_that_runs_is_less_and_less_to_wait_for(progress: Progress, time: Clock) -> None:
    progress.start(4)
    assert progress.remaining("fine-tuning") / progress.remaining("LSTMs") == pytest.approx(100 / 80)
    time.time += 30
    assert progress.remaining("fine-tuning") / progress.remaining("LSTMs") == pytest.approx(70 / 80)
    time.time += 300
    assert progress.remaining("fine-tuning") == 0


def test_lines_say_what_is_done_since_when_and_what_is_left(progress: Progress, time: Clock) -> None:
    lstms = progress.stages["LSTMs"]
    assert progress.line(lstms).split() == ["LSTMs", "0/2"]
    progress.start(2)
    time.time += 65
    assert progress.finish(2) is None
    assert progress.line(lstms).split()[:3] == ["LSTMs", "1/2", "1:05"] and progress.line(lstms).endswith(" left")
    assert progress.active() == [lstms]
    progress.start(3)
    time.time += 5
    assert progress.finish(3) is lstms and progress.finish(3) is None
    assert progress.line(lstms).split() == ["LSTMs", "2/2", "1:10"]
    time.time += 500
    assert progress.line(lstms).split() == ["LSTMs", "2/2", "1:10"]
    assert progress.total_line().split()[:3] == ["all", "2/5", "9:30"]


def test_a_failed_job_is_counted_until_it_is_tried_once_more(progress: Progress) -> None:
    progress.start(4)
    progress.fail(4)
    assert progress.line(progress.stages["fine-tuning"]).endswith("1 failed")
    assert "left" not in progress.total_line()
    progress.start(4)
    assert "failed" not in progress.line(progress.stages["fine-tuning"])


def test_jobs_that_join_are_counted_once(progress: Progress, time: Clock) -> None:
    progress.finish(1)
    time.time += 30
    progress.add({1: ("corpus", 99.0), 6: ("page", 5.0)}, 300.0)
    assert progress.seconds[1] == 10 and progress.done == 1 and progress.expected == 330
    assert progress.stages["report"].jobs == {5, 6}


def test_jobs_that_nobody_knows_change_nothing(progress: Progress) -> None:
    progress.start(77)
    progress.fail(77)
    assert progress.finish(77) is None and progress.done == 0
