"""Scripts run from the server as Python runs them by itself, each in a process of its own."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from foxhound.workflow.warm_jobs import HEAVY, end_of, fork_is_safe, server, start_script

SEEN = """
import sys
own = sorted(name for name in sys.modules if name.partition(".")[0] == "foxhound")
import json, os, tempfile
seen = {
    "name": __name__, "argv": sys.argv, "folder": os.getcwd(), "first": sys.path[0], "temporary": tempfile.gettempdir(),
    "path": [place for place in sys.path if "site-packages" in place or place.endswith("scripts")],
    "threads": os.environ["OMP_NUM_THREADS"], "extra": os.environ.get("EXTRA"),
    "own": own, "warm": "pandas" in sys.modules, "tasks": len(os.listdir("/proc/self/task")),
}
json.dump(seen, open(sys.argv[0] + ".json", "w"))
"""
pytestmark = pytest.mark.skipif(not fork_is_safe(), reason="forks are safe on Linux only")


@pytest.fixture(scope="module")
def context():
    return server(heavy=False)


def run(context, folder: Path, text: str, **environment: str) -> tuple[int, Path]:
    script = folder / "script.py"
    script.write_text(text)
    return end_of(start_script(context, str(script), environment)), script


def seen_by(script: Path) -> dict[str, Any]:
    return json.loads(Path(f"{script}.json").read_text())


def test_a_script_sees_what_it_would_see_by_itself(context, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    status, script = run(context, tmp_path, SEEN, TMPDIR=str(tmp_path / "temporary"), EXTRA="one")
    assert status == 0
    warm = seen_by(script)
    alone = {**os.environ, "TMPDIR": str(tmp_path / "temporary"), "EXTRA": "one", "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, script], env=alone, check=True)
    plain = seen_by(script)
    assert warm["warm"] and not plain["warm"]
    same = ("name", "argv", "folder", "first", "temporary", "threads", "extra")
    assert {name: warm[name] for name in same} == {name: plain[name] for name in same}
    assert {*plain["path"]} <= {*warm["path"]}
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_the_server_holds_no_code_of_foxhound_and_no_thread_that_computes(context, tmp_path):
    """So that a job reads the code as it is then, and a fork copies no lock that another thread holds."""
    _, script = run(context, tmp_path, SEEN)
    seen = seen_by(script)
    assert seen["own"] == ["foxhound", "foxhound.workflow", "foxhound.workflow.warm_jobs"]
    assert seen["tasks"] == 1


def test_it_tells_what_it_used(context, tmp_path):
    script = tmp_path / "script.py"
    busy = "import time\nheld = bytearray(600 << 20)\nwhile time.process_time() < 0.7: pass\n"
    for text, told in ((busy, True), (busy + "raise SystemExit(3)", True), ("import os; os._exit(0)", False)):
        script.write_text(text)
        started = start_script(context, str(script), {})
        end_of(started)
        usage = started.usage()
        assert (usage is not None) == told
        if usage:
            assert 0.6 < usage.seconds < 10 and 600 < usage.megabytes < 2000


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("import sys; sys.exit(3)", 3), ("1 / 0", 1), ("import os, signal; os.kill(os.getpid(), 9)", 137)],
)
def test_it_ends_as_a_shell_would_say(text, expected, context, tmp_path):
    assert run(context, tmp_path, text)[0] == expected


def test_one_that_fails_leaves_the_next_alone(context, tmp_path):
    assert run(context, tmp_path, "import os; os._exit(5)")[0] == 5
    assert run(context, tmp_path, "")[0] == 0


def test_many_at_once_lose_no_status(context, tmp_path):
    (tmp_path / "script.py").write_text("import sys; sys.exit(int(sys.argv[0] == ''))")

    def statuses(_: int) -> list[int]:
        return [end_of(start_script(context, str(tmp_path / "script.py"), {})) for _ in range(20)]

    with ThreadPoolExecutor(8) as pool:
        assert not any(any(few) for few in pool.map(statuses, range(8)))


def test_what_trains_models_is_imported_where_it_is_wanted(tmp_path):
    """In a process of its own, since there is one server per process."""
    (tmp_path / "job.py").write_text(f"import sys; sys.exit(not all(name in sys.modules for name in {HEAVY!r}))")
    program = (
        "import sys\n"
        "from foxhound.workflow.warm_jobs import end_of, server, start_script\n"
        "sys.exit(end_of(start_script(server(heavy=sys.argv[1] == 'heavy'), 'job.py', {})))\n"
    )
    command = [sys.executable, "-c", program]
    ended = [subprocess.run([*command, kind], cwd=tmp_path, check=False).returncode for kind in ("heavy", "light")]
    assert ended == [0, 1]
