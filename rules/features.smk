rule cleaning:
    """Turn every comment into the words that word2vec reads."""
    input:
        unpack(columns("text")),
    output:
        tokens="<results>/cleaning/{cleaning}.parquet",
    log:
        "<results>/logs/cleaning/{cleaning}.log",
    benchmark:
        "<results>/benchmarks/cleaning/{cleaning}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=15,
    params:
        code=code_of("cleaning"),
    script:
        "../scripts/cleaning.py"


rule word2vec:
    """Train word vectors on one partition's training texts."""
    input:
        unpack(get_pretrained),
        tokens="<results>/cleaning/{cleaning}.parquet",
        partition="<results>/partitions/{protocol}/{partition}.parquet",
    output:
        words="<results>/word2vec/{cleaning}/{protocol}/{partition}.parquet",
    log:
        "<results>/logs/word2vec/{cleaning}/{protocol}/{partition}.log",
    benchmark:
        "<results>/benchmarks/word2vec/{cleaning}/{protocol}/{partition}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=30,
    params:
        settings=config["word2vec"],
        content=digests(config["word2vec"]["pretrained"]),
        seed=1,
        code=code_of("word2vec"),
    script:
        "../scripts/word2vec.py"


rule embeddings:
    """Encode every comment whose text, encoder or settings are new."""
    input:
        unpack(get_encoded_columns),
    output:
        embeddings="<results>/embeddings/{encoder}/{context}.parquet",
    log:
        "<results>/logs/embeddings/{encoder}/{context}.log",
    benchmark:
        "<results>/benchmarks/embeddings/{encoder}/{context}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=60,
        gpu=1,
    params:
        encoder=lambda wildcards: get_encoder(wildcards.encoder),
        numbers={name: config["embeddings"][name] for name in ("layer", "max_tokens")},
        # Where vectors are kept is no part of a result: what takes `output` is not compared with the last run.
        store=lambda wildcards, output: config["embeddings"]["store"]
        or f"{RESULTS}/embeddings/store",
        code=code_of("embeddings"),
    script:
        "../scripts/embeddings.py"
