rule baselines:
    """Run one yardstick on all folds, or on one draw, of a protocol."""
    input:
        unpack(get_baseline_columns),
        unpack(get_baseline_inputs),
    output:
        predictions="<results>/baselines/{baseline}/{protocol}/{piece}.parquet",
    log:
        "<results>/logs/baselines/{baseline}/{protocol}/{piece}.log",
    benchmark:
        "<results>/benchmarks/baselines/{baseline}/{protocol}/{piece}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=30,
    params:
        seed=lambda wildcards: PLAN.seed(wildcards.piece),
        code=code_of("baselines"),
    script:
        "../scripts/baselines.py"
