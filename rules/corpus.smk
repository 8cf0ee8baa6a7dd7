rule source:
    """Obtain the raw corpus: local file, pinned download, or the fallback."""
    input:
        unpack(get_raw_corpus),
    output:
        raw="<results>/corpus/raw",
        origin="<results>/corpus/origin.json",
    log:
        "<results>/logs/source.log",
    benchmark:
        "<results>/benchmarks/source.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=15,
    params:
        name=lambda wildcards: get_source_params(wildcards)["name"],
        definition=lambda wildcards: get_source_params(wildcards)["definition"],
        fallback=lambda wildcards: get_source_params(wildcards)["fallback"],
    script:
        "../scripts/source.py"


rule corpus:
    """Check the corpus row by row and write the comments table."""
    input:
        raw="<results>/corpus/raw",
        origin="<results>/corpus/origin.json",
    output:
        comments="<results>/corpus/comments.parquet",
        source="<results>/corpus/source.json",
    log:
        "<results>/logs/corpus.log",
    benchmark:
        "<results>/benchmarks/corpus.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=15,
    params:
        name=config["corpus"]["name"],
        fallback=config["corpus"].get("fallback"),
        definitions=get_corpora,
    script:
        "../scripts/corpus.py"


rule partition:
    """Say who trains and who is scored in one fold or draw."""
    input:
        comments="<results>/corpus/comments.parquet",
    output:
        partition="<results>/partitions/{protocol}/{partition}.parquet",
    log:
        "<results>/logs/partitions/{protocol}/{partition}.log",
    benchmark:
        "<results>/benchmarks/partitions/{protocol}/{partition}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=15,
    params:
        definition=lambda wildcards: config["protocols"][wildcards.protocol],
    script:
        "../scripts/partition.py"
