# These read files that are only where Snakemake was started; a partition takes a second, less than a place in a queue.
localrules:
    source,
    corpus,
    column,
    partition,


checkpoint source:
    """Fetch the raw corpus where it is not at its path: the pinned download, or the fallback."""
    output:
        raw=f"{PRIVATE}/raw",
        origin=f"{PRIVATE}/origin.json",
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
        **what_to_fetch(**CORPUS_SPEC),  # and not the code: a checksum vouches for the file
    script:
        "../scripts/source.py"


rule corpus:
    """Check the corpus row by row, apply the corrections, and write the comments table."""
    input:
        unpack(get_corpus_inputs),
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
        **CORPUS_SPEC,
        # Where private files lie is no part of a result: what takes `output` is not compared with the last run.
        folder=lambda wildcards, output: PRIVATE,
        columns=lambda wildcards: corpus_state() and corpus_state().columns,
        code=code_of("corpus"),
    script:
        "../scripts/corpus.py"


rule column:
    """Write one column of the comments. Its name says what it holds: a change makes another file and leaves this one."""
    output:
        column="<results>/corpus/{column}/{digest}.parquet",
    log:
        "<results>/logs/corpus/{column}/{digest}.log",
    benchmark:
        "<results>/benchmarks/column/{column}/{digest}.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=15,
    params:
        # Neither the raw file nor the code counts here, and so neither stands among the inputs and params: the digest
        # in the name vouches for the content. What takes `output` is not compared with the last run.
        asked=lambda wildcards, output: {"folder": PRIVATE, **CORPUS_SPEC},
    script:
        "../scripts/column.py"


rule partition:
    """Say who trains and who is scored in one fold or draw."""
    input:
        unpack(lambda wildcards: find_columns("label", *PLAN.group(wildcards.protocol))),
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
        code=code_of("partition"),
    script:
        "../scripts/partition.py"
