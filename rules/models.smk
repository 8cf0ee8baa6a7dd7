# Local: seconds of arithmetic on small tables, less than a place in a cluster's queue.
localrules:
    ensembles,


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
        model=lambda wildcards: MODELS.lstm(wildcards.model),
        epochs=lambda wildcards: PLAN.last_epoch(family="lstm", **wildcards),
        training=lambda wildcards: MODELS.training(wildcards.model),
        code=code_of("lstm"),
    script:
        "../scripts/lstm.py"


rule finetune:
    """Fine-tune one transformer on one partition and predict after every epoch."""
    input:
        unpack(
            lambda wildcards: find_columns(*MODELS.finetune_columns(wildcards.model))
        ),
        partition="<results>/partitions/{protocol}/{partition}.parquet",
    output:
        predictions="<results>/finetune/{model}/{protocol}/{partition}/lr-{learning_rate}/seed-{seed}.parquet",
    log:
        "<results>/logs/finetune/{model}/{protocol}/{partition}/lr-{learning_rate}/seed-{seed}.log",
    benchmark:
        "<results>/benchmarks/finetune/{model}/{protocol}/{partition}/lr-{learning_rate}/seed-{seed}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=120,
        gpu=1,
    params:
        encoder_name=lambda wildcards: MODELS.encoder(wildcards.model),
        encoder=lambda wildcards: get_encoder(MODELS.encoder(wildcards.model)),
        epochs=lambda wildcards: PLAN.last_epoch(family="finetune", **wildcards),
        training=lambda wildcards: MODELS.training(wildcards.model),
        code=code_of("finetune"),
    script:
        "../scripts/finetune.py"


rule baselines:
    """Run one baseline on all folds, or on one draw, of a protocol."""
    input:
        unpack(
            lambda wildcards: find_columns(
                *MODELS.baseline_columns(wildcards.baseline)
            )
        ),
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
