"""Fine-tune one transformer on one partition and write its predictions after every epoch.

Reads texts (with titles in the context `title`), labels and the partition. The schedule of the learning rate decays to
the last epoch.
"""

from typing import Any

from foxhound.compute.device import choose_device
from foxhound.compute.model_costs import log_cost
from foxhound.corpus.columns import column_files, corpus_digests
from foxhound.corpus.partition import load_partition
from foxhound.features.encoder import find_encoder, load_tokenizer
from foxhound.models.finetuning import FinetuneSettings, finetune
from foxhound.models.predictions import predictions_frame
from foxhound.tables import write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance


def train(
    columns: dict[str, str],
    partition: str,
    output: str,
    name: str,
    encoder_name: str,
    encoder: dict[str, Any],
    epochs: int,
    learning_rate: float,
    training: dict[str, Any],
    seed: int,
    gpu: bool,
) -> None:
    """Write the predictions of one fine-tuned model on one partition."""
    device = choose_device(gpu)
    members = load_partition(columns, partition)
    location = find_encoder(encoder)
    texts = members.comments["text"].tolist()
    if "title" in columns:
        texts = list(zip(members.comments["title"].fillna(""), texts, strict=True))
    tokenizer = load_tokenizer(location, training["max_tokens"])
    settings = FinetuneSettings.from_config(training)
    trained = finetune(
        location, tokenizer, texts, members.labels, members.train, members.scored,
        epochs, learning_rate, settings, seed, device,
    )  # fmt: skip
    log_cost(trained.seconds, trained.milliseconds, trained.weights)
    described: dict[str, Any] = {"architecture": settings.architecture, "class_weights": settings.class_weights}
    described |= {"family": "finetune", "encoder": encoder_name, "learning_rate": learning_rate}
    if "title" in columns:
        described["context"] = "title"
    frame = predictions_frame(members, trained.predictions, name, seed, described)
    facts = {"seed": seed, "training": training, "corpus": corpus_digests(columns), "losses": trained.losses}
    made = provenance(device=trained.device, **facts)
    write_table(frame, output, "predictions", made)


if __name__ == "__main__":
    with start_job(snakemake) as job:
        train(
            column_files(job.input),
            job.input.partition,
            job.output.predictions,
            job.wildcards.model,
            learning_rate=float(job.wildcards.learning_rate),
            seed=int(job.wildcards.seed),
            gpu=job.gpu,
            **job.params,
        )
