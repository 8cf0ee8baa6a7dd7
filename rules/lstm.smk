rule lstm:
    """Train one LSTM on one partition and predict after every epoch."""
    input:
        unpack(columns("label")),
        unpack(get_lstm_inputs),
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
        # The vectors of all comments are in memory: of 100,000 a few GB.
        mem_mb=lambda wildcards, attempt: attempt
        * (2000 + 400 * (get_corpus_facts(wildcards).get("comments", 0) // 10_000)),
        runtime=60,
        gpu=1,
    params:
        model=lambda wildcards: PLAN.lstm(wildcards.model),
        epochs=lambda wildcards: PLAN.last_epoch(family="lstm", **wildcards),
        training=lambda wildcards: PLAN.training(wildcards.model),
        code=code_of("lstm"),
    script:
        "../scripts/lstm.py"
