import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from foxhound.errors import FoxhoundError
from foxhound.workflow.job import TO_LOG_ONLY, start_job

ROOT = Path(__file__).parents[3]
SCRIPT = """
import sys
from types import SimpleNamespace
sys.path.insert(0, {scripts!r})
from foxhound.errors import FoxhoundError
from foxhound.workflow.job import TO_LOG_ONLY, start_job
snakemake = SimpleNamespace(
    input=[], output=[], wildcards=[], params={{}}, resources={{}}, log=[{log!r}], scriptdir={beside!r}
)
with start_job(snakemake) as job:
    {body}
print("reached")
"""


@pytest.fixture(autouse=True)
def root_logger() -> Iterator[None]:
    """start_job sets up the root logger; put it back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = handlers, level


def rule(log: Path | None = None, **resources: int) -> SimpleNamespace:
    return SimpleNamespace(
        input=["comments.parquet"],
        output=["scores.parquet"],
        wildcards=SimpleNamespace(fold="01"),
        params={"seed": 3, "training": {"hidden": 4}},
        resources=resources,
        log=[str(log)] if log else [],
        scriptdir=str(ROOT / "scripts"),
    )


def script(
    folder: Path, body: str, beside: str = str(ROOT / "scripts")
) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run a script with this body under start_job; what happened, and its log file."""
    log = folder / "job.log"
    source = SCRIPT.format(scripts=str(ROOT / "scripts"), log=str(log), body=body, beside=beside)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=False)
    return done, log.read_text(encoding="utf-8")


def test_an_error_for_the_user_is_its_message_and_exit_code_1(tmp_path):
    done, log = script(tmp_path, 'raise FoxhoundError("naïve.csv, line 3: no label.\\nAdd one.")')
    assert done.returncode == 1
    assert done.stdout == ""
    for said in (done.stderr, log):
        assert "Error: naïve.csv, line 3: no label.\nAdd one." in said
        assert "Traceback" not in said


def test_an_error_with_a_cause_shows_no_traceback_either(tmp_path):
    done, log = script(tmp_path, 'raise FoxhoundError("broken") from ValueError("inner")')
    assert done.returncode == 1
    for said in (done.stderr, log):
        assert "Traceback" not in said
        assert "inner" not in said


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise PermissionError(13, 'no', 'claims.yaml')", "claims.yaml: Permission denied. Get the permission"),
        ("raise OSError(28, 'no', 'a', None, 'b')", "b: No space left on device. Free some space"),
        ("raise MemoryError('9 GB')", "Not enough memory (9 GB). Run fewer jobs"),
    ],
)
def test_an_error_of_the_system_is_no_fault_of_ours(body, said, tmp_path):
    done, log = script(tmp_path, body)
    assert done.returncode == 1
    for printed in (done.stderr, log):
        assert f"Error: {said}" in printed
        assert "Traceback" not in printed


def test_a_log_that_cannot_be_written_is_named(capfd):
    log = Path("/sys/foxhound.log")  # where not even root may make a file
    if not os.path.ismount(log.parent):
        pytest.skip("this system has no /sys")
    with pytest.raises(SystemExit), start_job(rule(log)):
        pytest.fail("the job has started")
    assert f"Error: {log}: Permission denied. Get the permission" in capfd.readouterr().err


def test_a_fault_of_ours_is_exit_code_1_and_a_traceback_in_the_log(tmp_path):
    done, log = script(tmp_path, "1 / 0")
    assert done.returncode == 1
    for said in (done.stderr, log):
        assert "a fault in Foxhound; please report it" in said
        assert said.count("ZeroDivisionError: division by zero") == 1


def test_a_job_that_ends_well_goes_on(tmp_path):
    done, log = script(tmp_path, "__import__('logging').info('3 comments')")
    assert (done.returncode, done.stdout) == (0, "reached\n")
    assert "3 comments" in log
    assert "3 comments" in done.stderr


def test_the_job_has_what_snakemake_gives():
    with start_job(rule(gpu=1)) as job:
        assert job.input == ["comments.parquet"]
        assert job.output == ["scores.parquet"]
        assert job.wildcards.fold == "01"
        assert job.params == {"seed": 3, "training": {"hidden": 4}}
        assert job.gpu is True


@pytest.mark.parametrize("resources", [{}, {"gpu": 0}])
def test_a_rule_without_a_gpu_has_none(resources):
    with start_job(rule(**resources)) as job:
        assert job.gpu is False


def test_a_rule_without_a_log_logs_to_the_console(capfd):
    with pytest.raises(SystemExit) as stopped, start_job(rule()):
        raise FoxhoundError("no label")
    assert stopped.value.code == 1
    assert "Error: no label" in capfd.readouterr().err


def test_a_second_run_starts_a_new_log_and_gensim_is_quiet(tmp_path):
    log = tmp_path / "job.log"
    log.write_text("of the first run")
    with start_job(rule(log)):
        logging.getLogger("gensim.models").info("chatter")
        logging.getLogger("foxhound").info("ours")
    said = log.read_text()
    assert "first run" not in said
    assert "chatter" not in said
    assert "ours" in said


def test_a_foxhound_of_another_checkout_is_refused(tmp_path):
    done, log = script(tmp_path, "print('started')", beside=str(tmp_path / "other/scripts"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "This environment belongs to another checkout" in log
    assert f"--editable {tmp_path / 'other'}" in log


def test_a_link_to_the_checkout_is_no_other_one(tmp_path):
    (tmp_path / "link").symlink_to(ROOT)
    done, _ = script(tmp_path, "pass", beside=str(tmp_path / "link/scripts"))
    assert done.returncode == 0


def test_the_last_line_of_a_log_says_what_the_job_cost(tmp_path: Path) -> None:
    _, log = script(tmp_path, "sum(number * number for number in range(3_000_000))")
    assert 0.1 < float(re.search(r"done: ([\d.]+) s of processor\n$", log)[1]) < 60


def test_a_run_that_shows_its_progress_gets_all_that_a_job_says_in_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TO_LOG_ONLY, "1")
    body = "import logging, os, sys; logging.info('mine'); print('a library', file=sys.stderr); os.system('echo other >&2')"
    done, log = script(tmp_path, body)
    assert done.stderr == "" and done.stdout == "reached\n"
    assert "mine" in log and "a library" in log and "other" in log
    assert log.index("mine") < log.index("a library") < log.index("other") < log.index("s of processor")


def test_an_error_is_in_the_log_of_a_run_that_shows_its_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TO_LOG_ONLY, "1")
    done, log = script(tmp_path, "raise FoxhoundError('the label is missing')")
    assert done.returncode == 1 and done.stderr == ""
    assert log.rstrip().endswith("Error: the label is missing")


def test_what_the_log_has_no_room_for_is_on_the_console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TO_LOG_ONLY, "1")
    full = "logging.root.handlers[-1].stream = open('/dev/full', 'w')"
    done, _ = script(tmp_path, f"import logging; {full}; logging.error('no room left')")
    assert "no room left" in done.stderr
