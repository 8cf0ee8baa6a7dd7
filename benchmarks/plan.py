"""Time and memory of planning a very large run: 78 seeds of every sweep, and 10,000 files to score. Runs no job.

Exit code 1 above a minute or 2 GB. The files are empty: nobody reads them before their jobs run.
"""

import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
FILES, SEEDS = 10_000, 78
SECONDS, MEGABYTES = 60, 2_000


def main() -> None:
    """Plan, print, and say whether it took too much."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        shards, overlay = Path(folder) / "shards", Path(folder) / "overlay.yaml"
        shards.mkdir()
        for number in range(FILES):
            (shards / f"part-{number:05d}.parquet").touch()
        large = {
            "pathvars": {"results": "results/plan"},
            "corpus": {"path": "resources/demo-comments.json", "corrections": None},
        }
        large["sweeps"] = {name: {"seeds": list(range(1, SEEDS + 1))} for name in config["sweeps"]}
        large["predict"] = {"input": str(shards), "column": "text"}
        overlay.write_text(yaml.safe_dump(large), encoding="utf-8")
        targets = ["results/plan/report.md", "results/plan/report.html", "results/plan/predictions"]
        command = [sys.executable, "-m", "snakemake", "--dry-run", "--quiet", "rules", "--configfile", str(overlay)]
        start = time.perf_counter()
        ran = subprocess.run([*command, "--", *targets], cwd=ROOT, capture_output=True, text=True)
        seconds = time.perf_counter() - start
    if ran.returncode:
        sys.exit(ran.stdout + ran.stderr)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    memory = used.ru_maxrss / 1024
    jobs = re.search(r"^total +(\d+)$", ran.stdout + ran.stderr, flags=re.MULTILINE)
    print(f"{int(jobs[1]):,} jobs" if jobs else "an unknown number of jobs", end=" planned in ")
    print(f"{seconds:.0f} s ({used.ru_utime + used.ru_stime:.0f} s of processor time), {memory:.0f} MB")
    if seconds > SECONDS or memory > MEGABYTES:
        sys.exit(f"More than {SECONDS} s or {MEGABYTES} MB.")


if __name__ == "__main__":
    main()
