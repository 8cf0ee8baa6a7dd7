# What the model that is kept is put to, beyond its scores. The report has a section for each that is asked for.
localrules:
    hatecheck_cases,


rule hatecheck_cases:
    """Fetch HateCheck's cases: from their path, else the pinned download."""
    output:
        cases="<results>/hatecheck/cases.csv",
    log:
        "<results>/logs/hatecheck_cases.log",
    benchmark:
        "<results>/benchmarks/hatecheck_cases.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=15,
    params:
        # And not the code: a checksum vouches for the file.
        **config["hatecheck"],
    script:
        "../scripts/hatecheck_cases.py"


rule hatecheck:
    """Ask the final model, and a baseline trained on the same comments, HateCheck's cases."""
    input:
        unpack(columns("text", "label")),
        **FINAL_MODEL,
        choice="<report>/final/choice.json",
        cases="<results>/hatecheck/cases.csv",
    output:
        hatecheck="<report>/hatecheck.parquet",
    log:
        "<results>/logs/hatecheck.log",
    benchmark:
        "<results>/benchmarks/hatecheck.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=30,
    params:
        seed=config["scores"]["seed"],
        sha256=config["hatecheck"]["sha256"],
        code=code_of("hatecheck"),
    script:
        "../scripts/hatecheck.py"


rule sentences:
    """Ask the final model about the sentences that the user brings."""
    input:
        **FINAL_MODEL,
        sentences=edited(config["checks"]["sentences"] or []),
    output:
        sentences="<report>/sentences.parquet",
    log:
        "<results>/logs/sentences.log",
    benchmark:
        "<results>/benchmarks/sentences.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=15,
    params:
        content=digests(config["checks"]["sentences"]),
        code=code_of("sentences"),
    script:
        "../scripts/sentences.py"


rule explanations:
    """Explain what the final model says of some comments, and test whether the explanations are faithful."""
    input:
        unpack(columns("text")),
        **FINAL_MODEL,
    output:
        explanations="<report>/explanations.parquet",
    log:
        "<results>/logs/explanations.log",
    benchmark:
        "<results>/benchmarks/explanations.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 3000 * attempt,
        runtime=60,
    params:
        numbers=config["scores"] | {"explained": config["checks"]["explained"]},
        code=code_of("explanations"),
    script:
        "../scripts/explanations.py"


rule attention:
    """Test whether an LSTM's attention names the words that its answer rests on."""
    input:
        unpack(columns("label")),
        unpack(lambda wildcards: explained(selections.attention_run, PLAN)[0]),
    output:
        attention="<results>/attention.parquet",
    log:
        "<results>/logs/attention.log",
    benchmark:
        "<results>/benchmarks/attention.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=60,
        gpu=1,
    params:
        numbers=config["scores"],
        run=lambda wildcards: explained(selections.attention_run, PLAN)[1],
        code=code_of("attention"),
    script:
        "../scripts/attention.py"
