# The model that is kept. Which one it is, is a file: it may be the one that the scores recommend.
# Local: they read tables of a few rows, copy and link files, and do nothing that a cluster's node would do better.
localrules:
    final_choice,
    held_out,
    model_card,
    model,


rule final_choice:
    """Say which model is kept, and what it takes to train it."""
    input:
        **selections.recommendation(PLAN),
    output:
        choice="<report>/final/choice.json",
    log:
        "<results>/logs/final_choice.log",
    benchmark:
        "<results>/benchmarks/final_choice.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=15,
    params:
        choices=lambda wildcards: final_choices(PLAN, get_encoder),
        code=code_of("final_choice"),
    script:
        "../scripts/final_choice.py"


rule held_out:
    """Gather the held-out predictions of the model that is kept."""
    input:
        choice="<report>/final/choice.json",
        predictions=lambda wildcards: get_final_predictions(),
    output:
        held_out="<report>/final/held_out.parquet",
    log:
        "<results>/logs/held_out.log",
    benchmark:
        "<results>/benchmarks/held_out.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 2000 * attempt,
        runtime=15,
    params:
        code=code_of("held_out"),
    script:
        "../scripts/held_out.py"


rule final_training:
    """Train the final model on all comments."""
    input:
        unpack(columns("label", "text")),
        choice="<report>/final/choice.json",
    output:
        model="<report>/final/trained.zip",
        record="<report>/final/training.json",
    log:
        "<results>/logs/final_training.log",
    benchmark:
        "<results>/benchmarks/final_training.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=120,
        gpu=1,
    params:
        code=code_of("final_training"),
    script:
        "../scripts/final_training.py"


rule final_calibration:
    """Calibrate the final model on its held-out predictions, and choose its threshold."""
    input:
        unpack(columns("text")),
        trained="<report>/final/trained.zip",
        held_out="<report>/final/held_out.parquet",
    output:
        model="<report>/final/calibrated.zip",
        record="<report>/final/calibration.json",
    log:
        "<results>/logs/final_calibration.log",
    benchmark:
        "<results>/benchmarks/final_calibration.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=60,
    params:
        code=code_of("final_calibration"),
    script:
        "../scripts/final_calibration.py"


rule final_export:
    """Unpack the calibrated model into a folder, and export what is fine-tuned to ONNX there."""
    input:
        unpack(columns("text")),
        model="<report>/final/calibrated.zip",
    output:
        folder=directory("<report>/final/model"),
        content="<report>/final/model.json",
    log:
        "<results>/logs/final_export.log",
    benchmark:
        "<results>/benchmarks/final_export.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 4000 * attempt,
        runtime=60,
    params:
        onnx=config["final"]["onnx"],
        code=code_of("final_export"),
    script:
        "../scripts/final_export.py"


rule model_card:
    """Write the final model's card: its scores, how it was made, and what it is not for."""
    input:
        choice="<report>/final/choice.json",
        scores="<report>/scores.parquet",
        held_out="<report>/final/held_out.parquet",
        template=edited("resources/model-card.md"),
        trained="<report>/final/training.json",
        calibration="<report>/final/calibration.json",
    output:
        card="<report>/final/README.md",
    log:
        "<results>/logs/model_card.log",
    benchmark:
        "<results>/benchmarks/model_card.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=15,
    params:
        **config["scores"],
        content=digests("resources/model-card.md"),
        final=config["final"],
        source=get_report_facts,
        code=code_of("model_card"),
    script:
        "../scripts/model_card.py"


rule model:
    """Gather the final model and its card in one folder."""
    input:
        folder=lambda wildcards: get_final_predictions() and FINAL_MODEL["model"],
        content=FINAL_MODEL["content"],
        card="<report>/final/README.md",
    output:
        folder=directory("<report>/model"),
    log:
        "<results>/logs/model.log",
    benchmark:
        "<results>/benchmarks/model.tsv"
    conda:
        "../envs/foxhound.yaml"
    threads: 1
    resources:
        mem_mb=lambda wildcards, attempt: 1000 * attempt,
        runtime=15,
    params:
        code=code_of("model"),
    script:
        "../scripts/model.py"
