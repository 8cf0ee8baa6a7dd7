"""Kills, damaged files and a full disk: nothing finished is lost, and no half-written file is taken for a whole one."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from foxhound.files import HALF

from .conftest import COMMENTS, END, TEXTS, TIMED, TINY, Checkout, keep_some_comments

KILLS = 10
ATTENTION = "lstm-bert-bidirectional-attention-title/stratified-2/fold-01/seed-1.parquet"
NAMESPACE = ["unshare", "--map-root-user", "--mount"]
PREDICTIONS = "results/tiny/lstm/lstm-word2vec-classic-base/stratified-2/fold-01/seed-1.parquet"


def kept(checkout: Checkout) -> dict[str, bytes]:
    """Everything a run leaves but what it says and costs."""
    results = checkout.folder / "results" / "tiny"
    files = [path for path in sorted(results.rglob("*")) if path.is_file() and HALF not in path.name]
    files = [path for path in files if path.name != "records.jsonl"]  # in the order in which jobs ended
    kinds = {path.relative_to(results).as_posix(): path for path in files}
    read = {name: path.read_bytes() for name, path in kinds.items() if not name.startswith(("logs/", "benchmarks/"))}
    reports = {name: TIMED.subn("", read[name].decode()) for name in ("report.md", "report.html")}
    assert all(cut >= 2 for _, cut in reports.values())  # the list of contents begins the first on the page
    return read | {name: rest.encode() for name, (rest, _) in reports.items()}


def test_kills_at_random_moments(finished: tuple[Checkout, Counter[str]], checkout: Checkout) -> None:
    undisturbed, jobs = finished
    keep_some_comments(checkout)
    private = Path("resources") / "private"  # the key that makes pseudonyms of users
    shutil.copytree(undisturbed.folder / private, checkout.folder / private)
    moments = random.Random(0)
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *TINY]
    done: Counter[str] = Counter()
    for number in range(KILLS):
        log = checkout.folder / f"killed-{number}.log"
        with open(log, "w") as file:
            where = {"cwd": checkout.folder, "env": checkout.environment, "stdout": file, "stderr": subprocess.STDOUT}
            process = subprocess.Popen(command, start_new_session=True, **where)
            ends = moments.randint(
                0, 1
            )  # of jobs, and not seconds: how long they take depends on how busy the machine is
            while log.read_text().count("Finished jobid:") < ends or "jobid:" not in log.read_text():
                if process.poll() is not None:
                    break
                time.sleep(0.1)
            time.sleep(moments.uniform(0, 2))
            os.killpg(process.pid, signal.SIGKILL)  # the workflow and all its jobs
            process.wait()
        done += Counter(re.findall(r"^Finished jobid: \d+ \(Rule: (\w+)\)", log.read_text(), flags=re.MULTILINE))
        if number:
            shutil.rmtree(checkout.folder / ".snakemake" / "locks")  # as `snakemake --unlock`, in no time
        else:
            assert checkout.run("--unlock", *TINY).returncode == 0
    assert 0 < done.total() < jobs.total()
    done += checkout.done(*TINY)
    # Nothing was done twice. A kill may fall between a job's record and the line that says it has finished.
    assert done - jobs == Counter()
    assert (jobs - done).total() <= KILLS
    assert kept(checkout) == kept(undisturbed)


@pytest.mark.parametrize("damage", ["truncated", "altered"])
def test_a_damaged_file_is_named_and_rebuilt(damage: str, rerun: Checkout) -> None:
    path = rerun.folder / PREDICTIONS
    before = path.read_bytes()
    middle = len(before) // 2
    path.write_bytes(before[:middle] if damage == "truncated" else before[:40] + b"\0\1\2\3" + before[44:])
    refused = rerun.run(*TINY)
    assert refused.returncode != 0
    assert f"Error: {PREDICTIONS}: damaged or not a Parquet file" in refused.stdout
    assert f"rm {PREDICTIONS}" in refused.stdout
    assert f"-- {PREDICTIONS}" in refused.stdout
    path.unlink()
    assert rerun.done(*TINY, "--", PREDICTIONS) == {"lstm": 1}
    assert path.read_bytes() == before
    assert rerun.planned(*TINY) == END


def test_a_full_disk(rerun: Checkout, tmp_path: Path) -> None:
    if not shutil.which("unshare") or subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a small disk in a namespace of their own")
    target = "results/tiny/embeddings/minilm/none.parquet"
    shutil.rmtree(rerun.folder / "results/tiny/embeddings")
    (rerun.folder / "results/tiny/embeddings").mkdir()
    snakemake = f"{sys.executable} -m snakemake --cores 1 {' '.join(TINY)} -- {target}"
    script = f"mount -t tmpfs -o size=300k tmpfs results/tiny/embeddings; {snakemake}; ls -AR results/tiny/embeddings"
    said = rerun.call(*NAMESPACE, "sh", "-c", script).stdout
    assert re.search(r"Error: results/tiny/embeddings/store/\S+: No space left on device. Free some space", said), said
    listing = said[said.rindex("results/tiny/embeddings:") :]
    assert ".parquet" not in listing, listing
    assert rerun.done(*TINY, "--", target) == {"embeddings": 1}


FILLED = """
import os, subprocess, sys, threading, time
from pathlib import Path
folder, *command = sys.argv[1:]
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], check=True)
started = threading.Event()
def fill():
    started.wait()
    with open(Path(folder) / "fill", "wb", 0) as file:
        while True:  # what is freed is taken again
            try:
                file.write(bytes(4096))
            except OSError:
                time.sleep(0.002)
threading.Thread(target=fill, daemon=True).start()
run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
for line in run.stdout:
    print(line, end="", flush=True)
    if "jobid:" in line:
        started.set()
sys.exit(run.wait())
"""


@pytest.mark.parametrize("folder", [".snakemake", "temporary"])
def test_a_disk_that_fills_up_while_a_run_goes_on_is_named(folder: str, rerun: Checkout, tmp_path: Path) -> None:
    if not shutil.which("unshare") or subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a small disk in a namespace of their own")
    (rerun.folder / "temporary").mkdir()
    targets = [f"results/tiny/partitions/stratified-2/fold-0{number}.parquet" for number in (1, 2)]
    for target in targets:
        (rerun.folder / target).unlink()
    snakemake = ["snakemake", "--cores", "1", *TINY, "--", *targets]
    environment = f"TMPDIR={rerun.folder / 'temporary'}"
    ran = rerun.call(
        *NAMESPACE, "env", environment, sys.executable, "-c", FILLED, folder, sys.executable, "-m", *snakemake
    )
    assert ran.returncode == 1, ran.stdout
    name = rerun.folder / folder if folder == "temporary" else folder
    assert f"Error: {name}: No space left on device. Free some space and run again." in ran.stdout, ran.stdout
    assert "Traceback" not in ran.stdout, ran.stdout
    assert rerun.run(*TINY, "--", *targets).returncode == 0
    assert all((rerun.folder / target).is_file() for target in targets)


def test_only_code_that_decides_stored_bytes_encodes_anew(rerun: Checkout) -> None:
    target, log = "results/tiny/embeddings/minilm/none.parquet", "results/tiny/logs/embeddings/minilm/none.log"
    # 22 comments have the text of another one.
    expected = {
        "embedding_store": f"encoded 0 of {COMMENTS}, reused {COMMENTS}",
        "vector_rows": f"encoded {TEXTS} of {COMMENTS}, reused {COMMENTS - TEXTS}",
    }
    edits = {
        "embedding_store": ("return np.diff(self.starts)", "return np.diff(self.starts) + 0"),
        "vector_rows": ("<f2", "<f4"),
    }
    for module, line in expected.items():
        path = rerun.folder / f"scripts/foxhound/features/{module}.py"
        before = path.read_text()
        path.write_text(before.replace(*edits[module]))
        assert path.read_text() != before
        assert rerun.done(*TINY, "--", target) == {"embeddings": 1}
        assert line in (rerun.folder / log).read_text()


def test_code_that_is_edited_while_a_run_goes_on_makes_no_result(rerun: Checkout) -> None:
    module = rerun.folder / "scripts/foxhound/models/attention.py"
    planned, target = module.read_text(), rerun.folder / "results/tiny/lstm" / ATTENTION
    before = target.read_bytes()
    for path in (target, rerun.folder / "results/tiny/partitions/stratified-2/fold-01.parquet"):
        path.unlink()
    command = [sys.executable, "-m", "snakemake", "--cores", "1", *TINY, "--", str(target.relative_to(rerun.folder))]
    log = rerun.folder / "edited.log"
    with open(log, "w") as file:
        where = {"cwd": rerun.folder, "env": rerun.environment, "stdout": file, "stderr": subprocess.STDOUT}
        run = subprocess.Popen(command, **where)
        while "rule partition:" not in log.read_text() and run.poll() is None:
            time.sleep(0.02)
        module.write_text(planned.replace("nn.ReLU()", "nn.Tanh()"))
        assert run.wait(300) == 1
    assert "foxhound/models/attention.py: edited after this run was planned." in log.read_text()
    assert not target.is_file()
    module.write_text(planned)
    assert rerun.done(*TINY, "--", str(target.relative_to(rerun.folder))) == {"lstm": 1}
    assert target.read_bytes() == before
