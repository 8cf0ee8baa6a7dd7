# Local: they copy and link files, and do nothing that a cluster's node would do better.
localrules:
    model_card,
    model,
    predictions,


# What decides a model's answers.
MODEL_FILES = [
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
]


rule final_training:
    """Train the final model on all comments."""
    input:
        unpack(columns("label", "text")),
    output:
        files=expand("<results>/final/trained/{file}", file=MODEL_FILES),
        record="<results>/final/training.json",
    log:
        "<results>/logs/final_training.log",
    benchmark:
        "<results>/benchmarks/final_training.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=120,
        gpu=1,
    params:
        final={
            name: config["final"][name] for name in ("learning_rate", "epoch", "seed")
        },
        encoder=lambda wildcards: get_encoder(MODELS.encoder(config["final"]["model"])),
        training=MODELS.training(config["final"]["model"]),
        code=code_of("final_training"),
    script:
        "../scripts/final_training.py"


rule final_calibration:
    """Calibrate the final model on its held-out predictions, and choose its threshold."""
    input:
        unpack(columns("text")),
        trained=rules.final_training.output.files,
        predictions=lambda wildcards: get_final_predictions(),
    output:
        files=expand("<results>/final/calibrated/{file}", file=MODEL_FILES),
        record="<results>/final/calibration.json",
    log:
        "<results>/logs/final_calibration.log",
    benchmark:
        "<results>/benchmarks/final_calibration.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=60,
    params:
        epoch=config["final"]["epoch"],
        code=code_of("final_calibration"),
    script:
        "../scripts/final_calibration.py"


rule final_export:
    """Export the calibrated model to ONNX, into a folder with the model's files."""
    input:
        unpack(columns("text")),
        files=rules.final_calibration.output.files,
    output:
        folder=directory("<results>/final/model"),
    log:
        "<results>/logs/final_export.log",
    benchmark:
        "<results>/benchmarks/final_export.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=60,
    params:
        onnx=config["final"]["onnx"],
        code=code_of("final_export"),
    script:
        "../scripts/final_export.py"


rule model_card:
    """Write the final model's card: its scores, how it was made, and what it is not for."""
    input:
        scores="<report>/scores.parquet",
        predictions=lambda wildcards: get_final_predictions(),
        template=edited("resources/model-card.md"),
        trained="<results>/final/training.json",
        calibration="<results>/final/calibration.json",
    output:
        card="<report>/final/README.md",
    log:
        "<results>/logs/model_card.log",
    benchmark:
        "<results>/benchmarks/model_card.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=15,
    params:
        **config["scores"],
        content=digests("resources/model-card.md"),
        final=config["final"],
        training=MODELS.training(config["final"]["model"]),
        source=get_corpus_facts,
        code=code_of("model_card"),
    script:
        "../scripts/model_card.py"


rule model:
    """Gather the final model and its card in one Hugging Face folder."""
    input:
        folder=lambda wildcards: get_final_predictions() and "<results>/final/model",
        card="<report>/final/README.md",
    output:
        folder=directory("<report>/model"),
    log:
        "<results>/logs/model.log",
    benchmark:
        "<results>/benchmarks/model.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=15,
    params:
        code=code_of("model"),
    script:
        "../scripts/model.py"


rule shard:
    """Score the texts of one Parquet file with the final model."""
    input:
        shard=lambda wildcards: edited(get_shards()[wildcards.shard]),
        model=rules.final_calibration.output.files,
    output:
        answers="<results>/shards/{shard}.parquet",
    log:
        "<results>/logs/shards/{shard}.log",
    benchmark:
        "<results>/benchmarks/shards/{shard}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=240,
        gpu=1,
    params:
        content=lambda wildcards: digests(get_shards()[wildcards.shard]),
        column=config["predict"]["column"],
        code=code_of("shard"),
    script:
        "../scripts/shard.py"


rule predictions:
    """Gather the answers to all shards in one folder."""
    input:
        lambda wildcards: get_final_predictions()
        and expand("<results>/shards/{shard}.parquet", shard=get_shards()),
    output:
        folder=directory("<results>/predictions"),
    log:
        "<results>/logs/predictions.log",
    benchmark:
        "<results>/benchmarks/predictions.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=15,
    params:
        shards=lambda wildcards: list(get_shards().values()),
        scored=config["predict"]["input"],
        code=code_of("predictions"),
    script:
        "../scripts/predictions.py"
