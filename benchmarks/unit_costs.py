"""Measure what each kind of job costs, its start and each unit of its work: resources/costs.yaml.

Runs the demo and benchmarks/unit_costs.yaml from the start, and fits a line per kind through what their jobs have cost:
seconds of processor over units of work (foxhound/experiment/workload.py), neither below zero, by relative error. With
--check it writes nothing, and sets what was estimated beside what was spent, rule by rule.

Usage: python benchmarks/unit_costs.py [--cores N] [--check OVERLAY[,OVERLAY] ...]
"""

import argparse
import resource
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from foxhound.commands.checkout import ROOT, run_snakemake
from foxhound.commands.experiment import read_experiment
from foxhound.experiment.costs import TABLE, Costs, load_costs, wall_seconds
from foxhound.experiment.sizing import estimate_all
from foxhound.experiment.workload import Workload
from foxhound.files import write_text
from foxhound.workflow.job_costs import spent_seconds
from foxhound.workflow.machine import cores_here, machine_speed
from foxhound.workflow.warm_jobs import fork_is_safe
from scipy.optimize import nnls

MEASURED = ("experiments/demo.yaml", "benchmarks/unit_costs.yaml")
SPREAD = 1.4  # the largest job over the smallest from which a start and a unit can be told apart
ENOUGH = 20  # new jobs from which Snakemake's own share can be told
HEAD = """\
# What each kind of job costs: seconds of processor of its start, and of a unit of its work (what a unit is, says
# foxhound/experiment/workload.py). Measured by benchmarks/unit_costs.py, on a machine that took `machine` seconds for
# the two pieces of work of foxhound/compute/speed.py. `planning`: a run before its first job; `job`: what Snakemake
# itself spends on each; `other`: any job whose kind is not named.
"""


def children_seconds() -> float:
    """Return the processor time of all processes that this one has started and seen end."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def finished_jobs(workload: Workload, results: Path) -> pd.DataFrame:
    """Return a row per job that has ended: rule, kind, units and the seconds of processor that it took."""
    spent = spent_seconds(results / "logs")
    spent |= {path.rpartition("/")[0]: cost for path, cost in spent.items() if path.startswith("corpus/")}
    rows = []
    for job in workload.jobs():
        if job.path in spent:
            work = workload.work(job.rule, job.wildcards)
            rows.append((job.rule, job.path, work.kind, work.units, spent[job.path]))
    return pd.DataFrame(rows, columns=["rule", "path", "kind", "units", "seconds"])


def fit(jobs: pd.DataFrame) -> dict[str, list[float]]:
    """Return of each kind the seconds of a start and of a unit.

    Jobs of about the same size say only what one of them costs: their start is then taken to be the least of any job.
    """
    least = jobs["seconds"].min()
    kinds = {}
    for kind, several in jobs.groupby("kind"):
        units, seconds = several["units"].to_numpy(float), several["seconds"].to_numpy(float)
        if units.max() < SPREAD * units.min():
            start = min(least, seconds.min())
            unit = float(np.mean((seconds - start) / units))
        else:
            scale = units.max()
            start, unit = nnls(np.column_stack([1 / seconds, units / scale / seconds]), np.ones(len(seconds)))[0]
            unit /= scale
        kinds[str(kind)] = [round(float(start), 2), float(f"{unit:.3g}")]
    return kinds


def by_rule(jobs: pd.DataFrame, estimated: list[float]) -> pd.DataFrame:
    """Return a row per rule: jobs, seconds estimated and spent, and their ratio."""
    sums = jobs.assign(estimated=estimated).groupby("rule")[["estimated", "seconds"]].sum()
    sums.insert(0, "jobs", jobs.groupby("rule").size())
    sums.loc["all"] = sums.sum()
    return sums.assign(ratio=sums["estimated"] / sums["seconds"]).round(2)


def elapsed(results: Path) -> float:
    """Return the seconds from the first job's start to the last one's end, by the benchmark files."""
    ends = {path: path.stat().st_mtime for path in (results / "benchmarks").rglob("*.tsv")}
    starts = [end - float(path.read_text().splitlines()[1].split("\t")[0]) for path, end in ends.items()]
    return max(ends.values()) - min(starts)


def check(overlays: str, cores: int) -> None:
    """Print what a finished run was estimated at before it ran, by the table alone, and what it has cost."""
    experiment = read_experiment([overlay for overlay in overlays.split(",") if overlay != "config.yaml"])
    workload = experiment.workload()
    costs = Costs(load_costs(), experiment.costs().speed)
    jobs = finished_jobs(workload, experiment.results)
    estimated = [costs.seconds(workload.work(job.rule, job.wildcards)) for job in workload.jobs()]
    by_path = dict(zip((job.path for job in workload.jobs()), estimated, strict=True))
    print(f"{overlays}: {len(jobs)} of {len(estimated)} jobs have ended, seconds of processor:")
    print(by_rule(jobs, [by_path[path] for path in jobs["path"]]).to_string())
    whole = estimate_all(experiment.config, experiment.comments, costs, cores).wall
    spent = wall_seconds(zip(jobs["rule"], jobs["seconds"], strict=True), cores)
    print(
        f"elapsed on {cores} cores: estimated {whole:.0f} s; true jobs side by side {spent:.0f} s; "
        f"first start to last end {elapsed(experiment.results):.0f} s\n"
    )


def main() -> None:
    """Run, fit, and write the table; or check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cores", type=int, default=cores_here())
    parser.add_argument("--check", nargs="+", metavar="OVERLAY[,OVERLAY]", help="finished runs, or config.yaml")
    arguments = parser.parse_args()
    if arguments.check:
        for overlays in arguments.check:
            check(overlays, arguments.cores)
        return
    tables, kinds = [], load_costs()["kinds"]
    for overlay in MEASURED:
        experiment = read_experiment([overlay])
        if experiment.results.exists():
            sys.exit(f"{experiment.results}: remove it first. What is in its store of vectors costs nothing once more.")
        before, begun = spent_seconds(experiment.results / "logs"), children_seconds()
        if run_snakemake(arguments.cores, ["--configfile", overlay]):
            sys.exit(f"{overlay} does not run.")
        whole = children_seconds() - begun
        tables.append(finished_jobs(experiment.workload(), experiment.results))
        new = spent_seconds(experiment.results / "logs").items() - before.items()
        if len(new) >= ENOUGH:
            begun = children_seconds()
            run_snakemake(arguments.cores, ["--configfile", overlay, "--dry-run"])
            planning = children_seconds() - begun
            own = whole - planning
            if not fork_is_safe():  # the jobs are children of Snakemake then, and not of the server that forks them
                own -= sum(seconds for _, seconds in new)
            kinds |= {"planning": [round(planning, 1), 0], "job": [round(max(0.0, own / len(new)), 3), 0]}
    jobs = pd.concat(tables, ignore_index=True)
    table = {"machine": machine_speed(ROOT / "scripts"), "kinds": kinds | fit(jobs)}
    write_text(TABLE, HEAD + yaml.safe_dump(table, sort_keys=False, width=100, default_flow_style=None))
    print(f"Written to {TABLE}.")


if __name__ == "__main__":
    main()
