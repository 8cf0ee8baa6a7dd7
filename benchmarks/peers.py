"""What users would otherwise run, as its documentation shows it. Each returns seconds."""

import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

import material
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from sklearn.metrics import f1_score
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


@cache
def _sentence_transformer() -> Any:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(material.encoder(), device="cpu")
    model.max_seq_length = material.max_tokens()  # the same words as ours reads
    return model


def embeddings(_: int) -> dict[str, float]:
    """sentence-transformers, which sorts by length; float16, as ours is stored."""
    texts, model = material.texts(), _sentence_transformer()
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        rows = model.encode(texts, output_value="token_embeddings", show_progress_bar=False)
        vectors = [row.numpy().astype(np.float16).tobytes() for row in rows]
        pq.write_table(pa.table({"vectors": vectors}), Path(folder) / "none.parquet", compression="zstd")
        return {"seconds": time.perf_counter() - start}


class PlainLSTM(nn.Module):
    """nn.LSTM, attention over its states, two linear layers."""

    def __init__(self, settings: dict[str, Any], packed: bool) -> None:
        super().__init__()
        hidden = settings["hidden"]
        self.packed = packed
        self.lstm = nn.LSTM(384, hidden, batch_first=True, bidirectional=True)
        self.score = nn.Sequential(
            nn.Linear(2 * hidden, settings["attention"]), nn.ReLU(), nn.Linear(settings["attention"], 1)
        )
        self.head = nn.Sequential(nn.Linear(2 * hidden, settings["head"]), nn.ReLU(), nn.Linear(settings["head"], 1))

    def forward(self, vectors: Tensor, lengths: Tensor) -> Tensor:
        """Logits (batch,) of (batch, steps, dimensions); padding is skipped where `packed`."""
        if self.packed:
            read = pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False)
            states = pad_packed_sequence(self.lstm(read)[0], batch_first=True)[0]
            mask = torch.arange(states.shape[1]) < lengths[:, None]
            scores = self.score(states).squeeze(-1).masked_fill(~mask, float("-inf"))
        else:
            states = self.lstm(vectors)[0]
            scores = self.score(states).squeeze(-1)
        return self.head((scores.softmax(dim=1)[:, :, None] * states).sum(dim=1)).squeeze(-1)


def _lstm_epoch(longest: int | None, batches: int | None = None) -> float:
    settings, fold = material.config()["lstm"]["training"], material.fold()
    vectors = material.vectors()
    rows = [torch.from_numpy(vectors[row].astype(np.float32)) for row in range(len(vectors.lengths))]
    labels = torch.from_numpy(material.labels().astype(np.float32))
    model = PlainLSTM(settings, packed=longest is None)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings["learning_rate"])
    size = settings["batch_size"]

    def logits(batch: np.ndarray) -> Tensor:
        lengths = torch.tensor([len(rows[position]) for position in batch])
        padded = torch.zeros(len(batch), longest or int(lengths.max()), 384)
        for place, position in enumerate(batch):
            padded[place, : len(rows[position])] = rows[position]
        return model(padded, lengths)

    order = np.random.default_rng(1).permutation(fold.train)
    trained = [order[begin : begin + size] for begin in range(0, len(order), size)][:batches]
    start = time.perf_counter()
    for batch in trained:
        optimizer.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(logits(batch), labels[batch]).backward()
        optimizer.step()
    seconds = (time.perf_counter() - start) * len(order) / sum(map(len, trained))
    start = time.perf_counter()
    with torch.no_grad():
        scored = fold.scored[: size if batches else None]
        for begin in range(0, len(scored), size):
            logits(scored[begin : begin + size])
    return seconds + (time.perf_counter() - start) * len(fold.scored) / len(scored)


def lstm_epoch_notes(_: int) -> dict[str, float]:
    """As published: every comment padded to 512 steps; two batches, scaled to the epoch's 11."""
    return {"seconds": _lstm_epoch(longest=512, batches=2)}


def lstm_epoch_packed(_: int) -> dict[str, float]:
    """As PyTorch's documentation does: padded per batch, padding skipped by packing."""
    return {"seconds": _lstm_epoch(longest=None)}


def finetune_epochs(seed: int, epochs: int = 1) -> dict[str, float]:
    """transformers' Trainer with its defaults, but for the learning rate and the number of epochs."""
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
    )

    draw, labels, texts = material.draw(seed), material.labels(), material.texts()
    tokenizer = AutoTokenizer.from_pretrained(material.encoder())

    def items(positions: np.ndarray) -> list[dict[str, Any]]:
        read = tokenizer([texts[position] for position in positions], truncation=True, max_length=material.max_tokens())
        return [
            {"input_ids": ids, "attention_mask": mask, "labels": int(labels[position])}
            for ids, mask, position in zip(read["input_ids"], read["attention_mask"], positions, strict=True)
        ]

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        model = AutoModelForSequenceClassification.from_pretrained(material.encoder(), num_labels=2)
        arguments = TrainingArguments(
            folder, num_train_epochs=epochs, learning_rate=material.RATE, seed=seed, use_cpu=True,
            report_to=[], disable_tqdm=True, save_strategy="no",
        )  # fmt: skip
        trainer = Trainer(
            model, arguments, train_dataset=items(draw.train), data_collator=DataCollatorWithPadding(tokenizer)
        )
        trainer.train()
        found = [trainer.predict(items(draw.scored)).predictions for _ in range(epochs)]  # ours predicts every epoch
        seconds = time.perf_counter() - start
    called = found[-1].argmax(axis=1)
    return {"seconds": seconds / epochs, "f1": float(f1_score(labels[draw.scored], called))}


@cache
def _pipeline() -> Any:
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    model = AutoModelForSequenceClassification.from_pretrained(material.encoder(), num_labels=2)
    tokenizer = AutoTokenizer.from_pretrained(material.encoder())
    return pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")


def bulk(_: int) -> dict[str, float]:
    """transformers' pipeline in batches of 32."""
    start = time.perf_counter()
    found = _pipeline()(material.texts(), batch_size=32, truncation=True, max_length=material.max_tokens())
    assert len(found) == len(material.texts())
    return {"seconds": time.perf_counter() - start}
