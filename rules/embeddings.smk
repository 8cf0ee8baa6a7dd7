rule embeddings:
    """Encode every comment whose text, encoder or settings are new."""
    input:
        comments="<results>/corpus/comments.parquet",
    output:
        embeddings=update("<results>/embeddings/{encoder}/{context}.parquet"),
    log:
        "<results>/logs/embeddings/{encoder}/{context}.log",
    benchmark:
        "<results>/benchmarks/embeddings/{encoder}/{context}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 2
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=60,
        gpu=1,
    params:
        encoder=lambda wildcards: config["encoders"][wildcards.encoder],
        layer=config["embeddings"]["layer"],
        max_tokens=config["embeddings"]["max_tokens"],
    script:
        "../scripts/embeddings.py"
