# Seconds of arithmetic on small tables: less than a place in a cluster's queue.
localrules:
    ensembles,


rule ensembles:
    """Combine the log-odds of several models on all folds, or on one draw, of a protocol."""
    input:
        predictions=lambda wildcards: [
            path for member in PLAN.members(**wildcards) for path in member
        ],
    output:
        predictions="<results>/ensembles/{ensemble}/{protocol}/{piece}.parquet",
    log:
        "<results>/logs/ensembles/{ensemble}/{protocol}/{piece}.log",
    benchmark:
        "<results>/benchmarks/ensembles/{ensemble}/{protocol}/{piece}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=15,
    params:
        epochs=lambda wildcards: [
            list(member.values()) for member in PLAN.members(**wildcards)
        ],
        stacked=lambda wildcards: wildcards.ensemble in config["stacks"],
        seed=lambda wildcards: PLAN.seed(wildcards.piece),
        code=code_of("ensembles"),
    script:
        "../scripts/ensembles.py"
