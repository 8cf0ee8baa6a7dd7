# Local: links files, and does nothing that a cluster's node would do better.
localrules:
    predictions,


rule model:
    """Train the final model on all comments, and save it as a Hugging Face folder with a model card."""
    input:
        unpack(columns("label", "text")),
        predictions=lambda wildcards: explained(selections.final_predictions, PLAN),
        scores="<results>/scores.parquet",
        card=edited("resources/model-card.md"),
    output:
        folder=directory("<results>/model"),
    log:
        "<results>/logs/model.log",
    benchmark:
        "<results>/benchmarks/model.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=120,
        gpu=1,
    params:
        content=digests("resources/model-card.md"),
        final=config["final"],
        encoder=lambda wildcards: get_encoder(MODELS.encoder(config["final"]["model"])),
        training=MODELS.training(config["final"]["model"]),
        source=get_corpus_facts,
        code=code_of("model"),
    script:
        "../scripts/model.py"


rule shard:
    """Score the texts of one Parquet file with the final model."""
    input:
        shard=lambda wildcards: edited(get_shards()[wildcards.shard]),
        model="<results>/model",
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
        lambda wildcards: expand("<results>/shards/{shard}.parquet", shard=get_shards()),
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
        code=code_of("predictions"),
    script:
        "../scripts/predictions.py"
