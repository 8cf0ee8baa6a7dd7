"""Foxhound: compare hate-speech classifiers on a small labelled corpus, with honest error bars."""

from snakemake.utils import min_version

min_version("9.27")


configfile: "config.yaml"


include: "rules/common.smk"
include: "rules/corpus.smk"
include: "rules/cleaning.smk"
include: "rules/embeddings.smk"
include: "rules/lstm.smk"
include: "rules/finetune.smk"
include: "rules/baselines.smk"
include: "rules/evaluation.smk"
include: "rules/report.smk"


onstart:
    remove_halves(RESULTS)


rule all:
    """The whole experiment, up to the report."""
    default_target: True
    input:
        "<results>/report.md",
