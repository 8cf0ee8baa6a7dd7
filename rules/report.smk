rule report:
    """Set every score beside its interval, its yardstick and the published figure."""
    input:
        scores="<results>/scores.parquet",
        comparisons="<results>/comparisons.parquet",
        # Read by people, and here so that a report comes with it.
        comments=ancient("<results>/corpus/comments.parquet"),
        published="resources/published-results.json",
    output:
        report="<results>/report.md",
        forest="<results>/figures/f1.svg",
        sweep="<results>/figures/learning-rate.svg",
    log:
        "<results>/logs/report.log",
    benchmark:
        "<results>/benchmarks/report.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=15,
    params:
        models=get_model_facts,
        source=get_corpus_facts,
        code=code_of("report"),
    script:
        "../scripts/report.py"
