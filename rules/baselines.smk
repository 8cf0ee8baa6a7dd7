rule baselines:
    """Run one yardstick on every partition of a protocol."""
    input:
        unpack(get_baseline_inputs),
        comments="<results>/corpus/comments.parquet",
    output:
        predictions="<results>/baselines/{baseline}/{protocol}.parquet",
    log:
        "<results>/logs/baselines/{baseline}/{protocol}.log",
    benchmark:
        "<results>/benchmarks/baselines/{baseline}/{protocol}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=30,
    params:
        seeds=lambda wildcards: [
            seed for _, seed in PLAN.baseline_partitions(wildcards.protocol)
        ],
    script:
        "../scripts/baselines.py"
