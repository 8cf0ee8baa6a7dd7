"""Random edits of a small experiment: what runs is what an independent model says, and results are those of a clean run.

FOXHOUND_SOAK times (once; `make soak` 50 times) an edit or a few at once, from the seed FOXHOUND_SOAK_SEED.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from foxhound.tables import read_table

from tests.workflow.conftest import TIMED

from .dependencies import READ_BY_REPORT_ONLY, Dependencies, expected_jobs
from .edits import Soak

EDITS = int(os.environ.get("FOXHOUND_SOAK", "1"))
SEED = int(os.environ.get("FOXHOUND_SOAK_SEED", "11"))
BESIDE = ("logs", "benchmarks", "store", "records.jsonl", ".snakemake")
"""What lies among the results and is none."""


def merged(base: Any, overlay: Any) -> Any:
    """Return the configuration as Snakemake merges it."""
    if not (isinstance(base, dict) and isinstance(overlay, Mapping)):
        return overlay
    return base | {key: merged(base.get(key), value) for key, value in overlay.items()}


def executed(soak: Soak, *options: str) -> set[str]:
    """Run the experiment to its end; the first file of each job that ran, relative to the results."""
    ran = soak.checkout.run("--configfile", "soak.yaml", *options)
    assert ran.returncode == 0, ran.stdout
    outputs = re.findall(r"^(?:local)?(?:rule|checkpoint) \w+:\n(?:    .*\n)*?    output: ([^,\n]+)", ran.stdout, re.M)
    return {Path(path).relative_to(soak.overlay["pathvars"]["results"]).as_posix() for path in outputs}


def state(soak: Soak) -> str:
    """Digest all that a clean run would read."""
    overlay = merged(soak.overlay, {"pathvars": {"results": ""}, "embeddings": {"store": None}})
    digest = hashlib.sha256(json.dumps(overlay | {"run": sorted(overlay["run"])}, sort_keys=True).encode())
    for part in ("config.yaml", "Snakefile", "rules", "scripts", "schemas", "resources"):
        path = soak.folder / part
        for file in sorted(path.rglob("*") if path.is_dir() else [path]):
            if file.is_file() and not {"__pycache__", "private"} & set(file.parts):
                digest.update(file.relative_to(soak.folder).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def clean_run(soak: Soak) -> Path:
    """Return the results of the same experiment, run from nothing in a folder of its own."""
    folder = soak.base / "clean" / state(soak)
    results = folder / "results/soak"
    if not (soak.base / "clean").exists():  # the first run is one
        shutil.copytree(soak.results, results)
    elif not folder.exists():
        shutil.copytree(
            soak.folder, folder, ignore=shutil.ignore_patterns("results", ".snakemake", "elsewhere", "__pycache__")
        )
        clean = Soak.__new__(Soak)
        clean.checkout, clean.overlay = type(soak.checkout)(folder), merged(soak.overlay, {})
        clean.overlay = merged(clean.overlay, {"pathvars": {"results": "results/soak"}, "embeddings": {"store": None}})
        clean.write_overlay()
        executed(clean)
    return results


def files(results: Path) -> set[str]:
    every = {path.relative_to(results) for path in results.rglob("*") if path.is_file()}
    return {path.as_posix() for path in every if not set(BESIDE) & set(path.parts)}


def shown(path: Path) -> Any:
    """Return what a result holds, less the times that jobs took, the day, and the key that pseudonyms are made with."""
    if path.name == "training.json":
        return {name: value for name, value in json.loads(path.read_text()).items() if name != "seconds"}
    if path.match("corpus/comments.parquet") or path.match("corpus/user/*"):
        table = read_table(path, path.parent.name if path.parent.name == "user" else "comments")
        return table.assign(user=table["user"].factorize()[0]).to_json()
    if path.name in ("report.md", "report.html"):
        # The command that keeps the model names the folder, which edits rename.
        return re.sub(r"results/soak\d*", "results", TIMED.sub("", path.read_text(encoding="utf-8")))
    return path.read_bytes()


def columns(results: Path) -> dict[str, str]:
    """Map each column of the comments to its file in a clean run."""
    return {path.parent.name: path.relative_to(results).as_posix() for path in (results / "corpus").glob("*/*.parquet")}


def model(soak: Soak, clean: Path) -> Dependencies:
    comments = read_table(clean / "corpus/comments.parquet", "comments")
    facts = [len(comments), int(comments["label"].sum()), int(comments["thread"].nunique())]
    config = merged(yaml.safe_load((soak.folder / "config.yaml").read_text()), soak.overlay)

    def made(path: str) -> str:
        return hashlib.sha256((clean / path).read_bytes()).hexdigest()

    return Dependencies(soak.folder, config, dict(soak.versions), columns(clean), facts, made)


def test_what_runs_is_what_an_independent_model_says(tmp_path: Path) -> None:
    soak = Soak(tmp_path, SEED)
    made: dict[str, str] = {}
    said: list[str] = ["the first run"]
    for _ in range(EDITS + 1):
        there = {path for path in made if (soak.results / path).exists()}
        lost = {job for path, job in READ_BY_REPORT_ONLY.items() if made and not (soak.results / path).exists()}
        ran = executed(soak)
        clean = clean_run(soak)
        dependencies = model(soak, clean)
        now = dependencies.signatures()
        expected = expected_jobs(dependencies.jobs, now, made, there, lost)
        print(f"{len(ran):3} jobs  {'; '.join(said)}", flush=True)
        assert not ran - expected, f"{said} redid what it need not: {sorted(ran - expected)}"
        assert not expected - ran, f"{said} left stale: {sorted(expected - ran)}"
        made |= {path: now[path] for path in ran}
        wanted = sorted(files(clean))
        lost = [name for name in wanted if not (soak.results / name).exists()]
        assert soak.deleted >= set(lost), f"{said} lost {lost}"
        different = [name for name in set(wanted) - set(lost) if shown(clean / name) != shown(soak.results / name)]
        assert not different, f"{said}: not as a clean run makes them: {different}"
        said = [soak.edit() for _ in range(soak.random.choice([1, 1, 2, 3]))]
