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
        layer=config["embeddings"]["layer"],
        max_tokens=config["embeddings"]["max_tokens"],
        store=config["embeddings"]["store"] or f"{RESULTS}/embeddings/store",
        code=code_of("embeddings"),
    script:
        "../scripts/embeddings.py"
