# What the final model says of folders of tables, a job per file.
localrules:
    predictions,


rule shard:
    """Score the texts of one table with the final model."""
    input:
        shard=lambda wildcards: edited(get_shards()[wildcards.shard]),
        model="<report>/final/calibrated.zip",
    output:
        answers="<report>/shards/{shard}.parquet",
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
        error_rate=config["predict"]["error_rate"],
        code=code_of("shard"),
    script:
        "../scripts/shard.py"


rule predictions:
    """Gather the answers to all shards in one folder."""
    input:
        lambda wildcards: get_final_predictions()
        and expand("<report>/shards/{shard}.parquet", shard=get_shards()),
    output:
        folder=directory("<report>/predictions"),
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
