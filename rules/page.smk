# Who started Snakemake reads it, and it takes seconds.
localrules:
    page,


rule page:
    """Make of the report one page that needs no network, with live charts and an error browser."""
    input:
        unpack(columns("text", "label", "title", "thread", "masked")),
        report="<results>/report.md",
        figures=[
            path for path in rules.report.output if path.endswith((".svg", ".json"))
        ],
        # From a function: Snakemake hashes a whole list for each file in it where an input is another rule's output.
        predictions=lambda wildcards: list(PLAN.browsed()),
        template=local("resources/page/report.html.jinja"),
        style=local("resources/page/page.css"),
        scripts=[
            local("resources/page/page.js"),
            local("resources/page/error-browser.js"),
        ],
    output:
        page=report(
            "<results>/report.html", caption="captions/page.rst", category="Report"
        ),
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
        epochs=list(PLAN.browsed().values()),
        encoder=lambda wildcards: get_encoder(config["encoder"]),
        max_tokens=config["embeddings"]["max_tokens"],
        code=code_of("page"),
    script:
        "../scripts/page.py"
