rule curves:
    """Follow every epoch, say what picking one is worth, and where the mistakes are."""
    input:
        unpack(columns("thread")),
        predictions=list(PREDICTIONS),
    output:
        epochs="<results>/epochs.parquet",
        picked="<results>/picked.parquet",
        calibration="<results>/calibration.parquet",
        precision_recall="<results>/precision_recall.parquet",
        articles="<results>/articles.parquet",
    log:
        "<results>/logs/curves.log",
    benchmark:
        "<results>/benchmarks/curves.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=60,
    params:
        draws=config["scores"]["draws"],
        seed=config["scores"]["seed"],
        code=code_of("curves"),
    script:
        "../scripts/curves.py"
