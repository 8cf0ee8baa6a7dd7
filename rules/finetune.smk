rule finetune:
    """Fine-tune one transformer on one partition and predict after every epoch."""
    input:
        unpack(lambda wildcards: find_columns(*PLAN.tuned_columns(wildcards.model))),
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
        encoder_name=lambda wildcards: PLAN.encoder(wildcards.model),
        encoder=lambda wildcards: get_encoder(PLAN.encoder(wildcards.model)),
        epochs=lambda wildcards: PLAN.last_epoch(family="finetune", **wildcards),
        training=lambda wildcards: PLAN.training(wildcards.model),
        code=code_of("finetune"),
    script:
        "../scripts/finetune.py"
