# It needs the network, which a cluster's nodes may not have.
localrules:
    vectors_download,


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
    """Train word vectors on one partition's training texts, with the seed of the run that reads them."""
    input:
        tokens="<results>/cleaning/{cleaning}.parquet",
        partition="<results>/partitions/{protocol}/{partition}.parquet",
    output:
        words="<results>/word2vec/{cleaning}/{protocol}/{partition}/seed-{seed}.parquet",
    log:
        "<results>/logs/word2vec/{cleaning}/{protocol}/{partition}/seed-{seed}.log",
    benchmark:
        "<results>/benchmarks/word2vec/{cleaning}/{protocol}/{partition}/seed-{seed}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=30,
    params:
        settings={
            key: value
            for key, value in config["word2vec"].items()
            if key != "pretrained"
        },
        code=code_of("word2vec"),
    script:
        "../scripts/word2vec.py"


rule vectors_download:
    """Fetch the pinned file of pretrained word vectors, where there is none at its path."""
    output:
        vectors="<results>/word2vec/download/{vectors}",
    log:
        "<results>/logs/vectors_download/{vectors}.log",
    benchmark:
        "<results>/benchmarks/vectors_download/{vectors}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=60,
    params:
        # And not the code: a checksum vouches for the file.
        path=config["word2vec"]["pretrained"],
        pin=config["downloads"].get(config["word2vec"]["pretrained"]),
    script:
        "../scripts/vectors_download.py"


rule pretrained_vectors:
    """Cut pretrained word vectors to the words of the comments, however these are cleaned."""
    input:
        unpack(columns("text")),
        vectors=get_pretrained,
    output:
        words="<results>/word2vec/pretrained.parquet",
    log:
        "<results>/logs/pretrained_vectors.log",
    benchmark:
        "<results>/benchmarks/pretrained_vectors.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        # The published 3 million vectors of 300 dimensions are 3.6 GB.
        mem_mb=lambda wildcards, attempt: 5000 * attempt,
        runtime=60,
    params:
        name=config["word2vec"]["pretrained"],
        content=digests(config["word2vec"]["pretrained"]),
        sha256=config["downloads"]
        .get(config["word2vec"]["pretrained"], {})
        .get("sha256"),
        code=code_of("pretrained_vectors"),
    script:
        "../scripts/pretrained_vectors.py"


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
