"""Foxhound: compare hate-speech classifiers on a small labelled corpus, with honest error bars."""

from snakemake.utils import min_version

min_version("9.27")

if not os.path.isfile("config.yaml"):
    raise WorkflowError(
        f"{os.getcwd()}: there is no config.yaml here, where --directory has Snakemake work. Copy it and resources/ "
        f"there, or leave --directory out: {workflow.basedir} is where they are."
    )


configfile: "config.yaml"


include: "rules/setup.smk"
include: "rules/common.smk"
include: "rules/corpus.smk"
include: "rules/features.smk"
include: "rules/models.smk"
include: "rules/evaluation.smk"
include: "rules/checks.smk"
include: "rules/report.smk"
include: "rules/final.smk"
include: "rules/inference.smk"


snakemake_internals.cache_signatures()
snakemake_internals.name_full_disks(WRITTEN_TO)
snakemake_internals.keep_records(Records(RESULTS, PRIVATE))
if IS_MAIN_PROCESS:
    snakemake_internals.rerun_only_what_is_stale()
    snakemake_internals.show_progress(workflow, estimate_run, get_answer)


onstart:
    snakemake_internals.resume_gc()
    explained(remove_halves, RESULTS)
    explained(check_room, WRITTEN_TO)
    snakemake_internals.lift_job_rate_limit(workflow)
    snakemake_internals.share_imports(workflow)
    explained(take_over, workflow)


onsuccess:
    snakemake_internals.end_progress(explained(get_answer))


onerror:
    snakemake_internals.end_progress(
        f"Run it again to go on. What Snakemake said: {' '.join(log)}"
    )


rule all:
    """The whole experiment, up to the report."""
    default_target: True
    input:
        "<report>/report.md",
        "<report>/report.html",
