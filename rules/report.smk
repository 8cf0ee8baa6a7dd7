# Who started Snakemake reads it, and it takes seconds.
localrules:
    report,
    search,


FIGURES = [
    "f1",
    "learning-rate",
    "collapse",
    "learning-curves",
    "ladder",
    "calibration",
    "precision-recall",
    "articles",
]


rule report:
    """Give every claim its verdict, and set every score beside its interval, its yardstick and the published figure."""
    input:
        **get_checks(),
        scores="<results>/scores.parquet",
        comparisons="<results>/comparisons.parquet",
        claims="<results>/claims.parquet",
        leaks="<results>/leaks.parquet",
        epochs="<results>/epochs.parquet",
        picked="<results>/picked.parquet",
        calibration="<results>/calibration.parquet",
        precision_recall="<results>/precision_recall.parquet",
        articles="<results>/articles.parquet",
        # Read by people, and here so that a report comes with it.
        comments=ancient("<results>/corpus/comments.parquet"),
        published=local("resources/published-results.json"),
    output:
        [get_figure(name) for name in FIGURES],
        expand("<results>/figures/{name}.json", name=FIGURES),
        report=report(
            "<results>/report.md", caption="captions/report.rst", category="Report"
        ),
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
        models=PLAN.model_facts(),
        source=get_corpus_facts,
        benchmarks=f"{RESULTS}/benchmarks",
        code=code_of("report"),
    script:
        "../scripts/report.py"


rule search:
    """Tell what was tried for a better model, and what each try is worth."""
    input:
        scores="<results>/scores.parquet",
        comparisons="<results>/comparisons.parquet",
    output:
        page="<results>/search.md",
    log:
        "<results>/logs/search.log",
    benchmark:
        "<results>/benchmarks/search.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=15,
    params:
        reference=config["final"]["model"],
        made_of=PLAN.made_of(),
        benchmarks=f"{RESULTS}/benchmarks",
        code=code_of("search"),
    script:
        "../scripts/search.py"
