"""Foxhound: compare hate-speech classifiers on a small labelled corpus, with honest error bars."""

from snakemake.utils import min_version

min_version("9.27")


configfile: "config.yaml"


include: "rules/common.smk"
include: "rules/corpus.smk"
include: "rules/features.smk"
include: "rules/models.smk"
include: "rules/evaluation.smk"
include: "rules/checks.smk"
include: "rules/report.smk"
include: "rules/inference.smk"


plan_faster()


onstart:
    plan_made()
    remove_halves(RESULTS)
    # A limit on jobs per second protects a cluster's controller. On one machine it only makes Snakemake look at all
    # waiting jobs once a second for every job that has ended: in a long run, a core's worth (benchmarks/README.md).
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None
    if workflow.executor_plugin.name == "slurm":
        explained(take_over, workflow)


rule all:
    """The whole experiment, up to the report."""
    default_target: True
    input:
        "<results>/report.md",
        "<results>/report.html",
