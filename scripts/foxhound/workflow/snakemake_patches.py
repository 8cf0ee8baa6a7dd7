"""What makes a plan of ten thousands of jobs quick: two things that Snakemake does for each job, and need doing once.

A quarter of the time of such a plan went into reading the signatures of the same few functions, and into looking
whether the same few scripts are there (benchmarks/README.md). Snakemake has no setting for it, so a function and a
method of it are replaced; `make plan-benchmark` shows what that is worth.
"""

import gc
from functools import cache

import snakemake.api  # before snakemake.dag, which cannot be imported by itself
import snakemake.common
import snakemake.jobs
import snakemake.rules
from snakemake.dag import ScriptProcessor
from snakemake.jobs import Job


def plan_faster() -> None:
    """Have Snakemake read each function's signature once, and look for each rule's script once.

    A plan is millions of objects that all stay: nobody looks through them for garbage before `plan_made`.
    """
    gc.disable()
    signature = cache(snakemake.common.get_function_params)
    for module in (snakemake.common, snakemake.rules, snakemake.jobs):
        module.get_function_params = signature
    look, found = ScriptProcessor.process_job, set()

    def look_once(self: ScriptProcessor, job: Job) -> None:
        # The path of a script here holds no wildcard: what holds for one job of a rule holds for all.
        if job.rule not in found:
            look(self, job)
            found.add(job.rule)

    ScriptProcessor.process_job = look_once


def plan_made() -> None:
    """Collect garbage from now on, if more seldom than Python does: the plan's objects stay."""
    gc.set_threshold(50_000, 20, 50)
    gc.enable()
