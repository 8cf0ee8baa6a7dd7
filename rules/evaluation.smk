PREDICTIONS = explained(selections.scored_predictions, PLAN)


rule scores:
    """Compute every metric and its intervals, once, from predictions and who wrote what where."""
    input:
        unpack(columns("thread", "user")),
        predictions=list(PREDICTIONS),
    output:
        scores="<report>/scores.parquet",
        standings="<report>/standings.parquet",
        ladder="<report>/ladder.parquet",
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
        epochs=list(PREDICTIONS.values()),
        protocols=get_protocol_facts,
        numbers=config["scores"],
        code=code_of("scores"),
    script:
        "../scripts/scores.py"


rule comparisons:
    """Test every pair of models on the comments that both were scored on."""
    input:
        unpack(columns("label", "thread", "user")),
        predictions=list(PREDICTIONS),
        scores="<report>/scores.parquet",
    output:
        comparisons="<report>/comparisons.parquet",
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
        epochs=list(PREDICTIONS.values()),
        protocols=get_protocol_facts,
        numbers=config["scores"],
        code=code_of("comparisons"),
    script:
        "../scripts/comparisons.py"


rule claims:
    """Give every claim of the published experiment its verdict."""
    input:
        unpack(columns("thread", "user")),
        predictions=list(PREDICTIONS),
        claims=edited("resources/claims.yaml"),
        published=edited("resources/published-results.json"),
    output:
        claims="<report>/claims.parquet",
    log:
        "<results>/logs/claims.log",
    benchmark:
        "<results>/benchmarks/claims.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=60,
    params:
        content=digests("resources/claims.yaml", "resources/published-results.json"),
        protocols=get_protocol_facts,
        numbers=config["scores"] | {"margin": config["claims"]["margin"]},
        code=code_of("claims"),
    script:
        "../scripts/claims.py"


rule leaks:
    """List the near-duplicates of the corpus, and those that a split puts on both sides."""
    input:
        unpack(columns("text", "label")),
        partitions=PLAN.all_partitions(),
    output:
        leaks="<report>/leaks.parquet",
        duplicates="<report>/duplicates.parquet",
    log:
        "<results>/logs/leaks.log",
    benchmark:
        "<results>/benchmarks/leaks.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=30,
    params:
        code=code_of("leaks"),
    script:
        "../scripts/leaks.py"


rule curves:
    """Follow every epoch, measure the optimism of picking one, and show where models err."""
    input:
        unpack(columns("thread")),
        predictions=list(PREDICTIONS),
    output:
        epochs="<report>/epochs.parquet",
        picked="<report>/picked.parquet",
        calibration="<report>/calibration.parquet",
        precision_recall="<report>/precision_recall.parquet",
        articles="<report>/articles.parquet",
        operating="<report>/operating.parquet",
        answered="<report>/answered.parquet",
    log:
        "<results>/logs/curves.log",
    benchmark:
        "<results>/benchmarks/curves.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=60,
    params:
        numbers=config["scores"],
        protocols=get_protocol_facts,
        wished=config["recommendation"]["operating"],
        code=code_of("curves"),
    script:
        "../scripts/curves.py"


rule recommendation:
    """Recommend a model by the configuration's rule."""
    input:
        scores="<report>/scores.parquet",
        comparisons="<report>/comparisons.parquet",
    output:
        recommendation="<report>/recommendation.json",
    log:
        "<results>/logs/recommendation.log",
    benchmark:
        "<results>/benchmarks/recommendation.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=15,
    params:
        keepable=explained(keepable, PLAN),
        prefer=config["recommendation"]["prefer"],
        code=code_of("recommendation"),
    script:
        "../scripts/recommendation.py"
