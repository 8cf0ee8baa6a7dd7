"""What both sides of a measurement work on: Fox News as the experiment reads it, and the embedded encoder."""

import os
import sys
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import yaml
from foxhound.compute.device import choose_device
from foxhound.corpus.download import check_digest
from foxhound.corpus.loading import load_comments
from foxhound.corpus.splits import draw_partition, fold_assignment
from foxhound.corpus.state import definitions
from foxhound.features import encoding
from foxhound.features.embedding_store import TokenVectors
from foxhound.features.encoder import find_encoder, load_encoder, load_tokenizer, place

ROOT = Path(__file__).parents[1]
CPU = torch.device("cpu")
FOLD = 1
RATE = 1e-4


def start_worker(threads: int) -> None:
    """What a job does before it computes: the thread count, and memory that is kept."""
    os.environ["OMP_NUM_THREADS"] = str(threads)
    choose_device(gpu=False)


@cache
def config() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


@cache
def comments() -> Any:
    definition = definitions(config())["definition"]
    places = [
        ROOT / definition["path"],
        ROOT / "resources" / "private" / "results" / "raw",
    ]  # put there, or downloaded by a run
    found = [path for path in places if path.is_file()]
    if not found:
        sys.exit(f"The benchmark works on Fox News, and {places[0]} is not there. Put it there, or run: make report")
    check_digest(found[0], definition["sha256"], str(found[0]))
    return load_comments(found[0], definition)


def texts() -> list[str]:
    return comments()["text"].tolist()


def labels() -> np.ndarray:
    return comments()["label"].to_numpy()


@cache
def encoder() -> str:
    return find_encoder(config()["encoders"]["minilm"])


def max_tokens() -> int:
    return config()["embeddings"]["max_tokens"]


@cache
def tokenizer() -> Any:
    return load_tokenizer(encoder(), max_tokens())


@cache
def lengths() -> np.ndarray:
    """(comments,) tokens of each, as both sides cut them."""
    return np.array([len(encoding.ids) for encoding in tokenizer().encode_batch(texts())])


@cache
def fold() -> SimpleNamespace:
    """Positions of one of the ten folds: train, scored."""
    assignment = fold_assignment(comments(), config()["protocols"]["stratified-10"])
    return SimpleNamespace(train=np.flatnonzero(assignment != FOLD), scored=np.flatnonzero(assignment == FOLD))


@cache
def draw(seed: int) -> SimpleNamespace:
    """Positions of one balanced draw of 700 and 170: train, scored."""
    parts = draw_partition(comments(), config()["protocols"]["balanced-random-700"], seed).set_index("id")["part"]
    part = comments()["id"].map(parts)
    return SimpleNamespace(train=np.flatnonzero(part == "train"), scored=np.flatnonzero(part == "test"))


def encoded() -> TokenVectors:
    """Token vectors of all comments, encoded now."""
    model = place(load_encoder(encoder()), CPU)
    rows = dict(encoding.encode(model, tokenizer(), texts(), None, -1, CPU))
    vectors = [rows[position] for position in range(len(rows))]
    return TokenVectors(np.concatenate(vectors), np.cumsum([0, *map(len, vectors)]))


vectors = cache(encoded)
