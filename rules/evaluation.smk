rule scores:
    """Compute every metric and its interval, once, from predictions alone."""
    input:
        predictions=list(PLAN.predictions()),
    output:
        scores="<results>/scores.parquet",
    log:
        "<results>/logs/scores.log",
    benchmark:
        "<results>/benchmarks/scores.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=60,
    params:
        epochs=list(PLAN.predictions().values()),
        draws=config["scores"]["draws"],
        seed=config["scores"]["seed"],
        code=code_of("scores"),
    script:
        "../scripts/scores.py"


rule comparisons:
    """Test every pair of models on the comments that both were scored on."""
    input:
        predictions=list(PLAN.predictions()),
    output:
        comparisons="<results>/comparisons.parquet",
    log:
        "<results>/logs/comparisons.log",
    benchmark:
        "<results>/benchmarks/comparisons.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=60,
    params:
        epochs=list(PLAN.predictions().values()),
        draws=config["scores"]["draws"],
        seed=config["scores"]["seed"],
        code=code_of("comparisons"),
    script:
        "../scripts/comparisons.py"
