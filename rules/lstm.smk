rule lstm:
    """Train one LSTM on one partition and score all epochs of interest on the way."""
    input:
        unpack(get_lstm_inputs),
        comments="<results>/corpus/comments.parquet",
        partition="<results>/partitions/{protocol}/{partition}.parquet",
    output:
        predictions="<results>/lstm/{model}/{protocol}/{partition}/seed-{seed}.parquet",
    log:
        "<results>/logs/lstm/{model}/{protocol}/{partition}/seed-{seed}.log",
    benchmark:
        "<results>/benchmarks/lstm/{model}/{protocol}/{partition}/seed-{seed}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=60,
        gpu=1,
    params:
        model=get_lstm_model,
        epochs=lambda wildcards: PLAN.epochs(family="lstm", **wildcards),
        training=config["lstm"]["training"],
    script:
        "../scripts/lstm.py"
