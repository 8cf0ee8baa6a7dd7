# Local: they take seconds, and are read at this terminal.
localrules:
    report,
    search,
    page,


FIGURES = [
    "f1",
    "operating",
    "learning-rate",
    "collapse",
    "learning-curves",
    "ladder",
    "calibration",
    "precision-recall",
    "articles",
]


rule report:
    """Set every score beside its interval, its baselines and the published figure; give every claim its verdict."""
    input:
        **explained(selections.checks, PLAN),
        **get_published(),
        scores="<report>/scores.parquet",
        standings="<report>/standings.parquet",
        ladder="<report>/ladder.parquet",
        comparisons="<report>/comparisons.parquet",
        leaks="<report>/leaks.parquet",
        duplicates="<report>/duplicates.parquet",
        epochs="<report>/epochs.parquet",
        picked="<report>/picked.parquet",
        calibration="<report>/calibration.parquet",
        precision_recall="<report>/precision_recall.parquet",
        articles="<report>/articles.parquet",
        operating="<report>/operating.parquet",
        answered="<report>/answered.parquet",
        vectors=PLAN.word_vectors(),
        # For readers: a report comes with the comments.
        comments=ancient("<results>/corpus/comments.parquet"),
    output:
        [get_figure(name) for name in FIGURES],
        expand("<report>/figures/{name}.json", name=FIGURES),
        answer="<report>/answer.txt",
        report=report(
            "<report>/report.md", caption="captions/report.rst", category="Report"
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
        models=model_descriptions.describe_models(
            MODELS, sorted({run.model for run in PLAN.runs})
        ),
        content=digests(get_published().get("published")),
        source=get_report_facts,
        folders=lambda wildcards, output: {
            name: f"{RESULTS}/{name}" for name in ("benchmarks", "logs")
        },
        asked=get_asked(),
        planned=get_planned_jobs(),
        code=code_of("report"),
    script:
        "../scripts/report.py"


rule search:
    """Report what was tried for a better model, and what each variant scores."""
    input:
        scores="<report>/scores.parquet",
        standings="<report>/standings.parquet",
        comparisons="<report>/comparisons.parquet",
    output:
        page="<report>/search.md",
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
        reference=selections.reference(config),
        made_of=model_descriptions.describe_differences(MODELS),
        benchmarks=lambda wildcards, output: f"{RESULTS}/benchmarks",
        code=code_of("search"),
    script:
        "../scripts/search.py"


PAGE = [
    "resources/page/report.html.jinja",
    "resources/page/page.css",
    "resources/page/page.js",
    "resources/page/error-browser.js",
]


rule page:
    """Build the report as one page that needs no network, with live charts and an error browser."""
    input:
        unpack(columns("text", "label", "title", "thread", "masked")),
        report="<report>/report.md",
        recommendation="<report>/recommendation.json",
        figures=[
            path for path in rules.report.output if path.endswith((".svg", ".json"))
        ],
        # From a function: Snakemake hashes a whole list for each file in it where an input is another rule's output.
        predictions=lambda wildcards: list(selections.error_browser_predictions(PLAN)),
        template=edited(PAGE[0]),
        style=edited(PAGE[1]),
        scripts=[edited(path) for path in PAGE[2:]],
    output:
        page=report(
            "<report>/report.html", caption="captions/page.rst", category="Report"
        ),
        second_look="<report>/second-look.csv",
    log:
        "<results>/logs/page.log",
    benchmark:
        "<results>/benchmarks/page.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=15,
    params:
        content=digests(*PAGE),
        epochs=list(selections.error_browser_predictions(PLAN).values()),
        about=get_browser_facts,
        encoder=lambda wildcards: get_encoder(config["encoder"]),
        max_tokens=config["embeddings"]["max_tokens"],
        code=code_of("page"),
    script:
        "../scripts/page.py"
