rule model:
    """Train the model that is kept on all comments; a Hugging Face folder with a card."""
    input:
        unpack(columns("label", "text")),
        predictions=lambda wildcards: explained(PLAN.final_predictions),
        scores="<results>/scores.parquet",
        card=local("resources/model-card.md"),
    output:
        folder=directory("<results>/model"),
    log:
        "<results>/logs/model.log",
    benchmark:
        "<results>/benchmarks/model.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=120,
        gpu=1,
    params:
        final=config["final"],
        encoder=lambda wildcards: get_encoder(PLAN.encoder(config["final"]["model"])),
        training=PLAN.training(config["final"]["model"]),
        source=get_corpus_facts,
        code=code_of("model"),
    script:
        "../scripts/model.py"
