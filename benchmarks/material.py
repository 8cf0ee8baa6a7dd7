"""What both sides of a measurement work on: Fox News as the experiment reads it, and the embedded encoder."""

import os
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import yaml
from foxhound.corpus import load_comments
from foxhound.device import keep_freed_memory
from foxhound.encoder import find_encoder, load_encoder, load_tokenizer
from foxhound.encoding import encode
from foxhound.partitions import draw_partition, fold_assignment

ROOT = Path(__file__).parents[1]
CPU = torch.device("cpu")
FOLD = 1
RATE = 1e-4


def start_worker(threads: int) -> None:
    """What a job does before it computes: the thread count, and memory that is kept."""
    os.environ["OMP_NUM_THREADS"] = os.environ["TOKENIZERS_PARALLELISM"] = str(threads)
    torch.set_num_threads(threads)
    keep_freed_memory()


@cache
def config() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


@cache
def comments() -> Any:
    definition = config()["corpora"]["fox-news"]
    return load_comments(ROOT / definition["path"], definition)


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


@cache
def vectors() -> list[np.ndarray]:
    """Token vectors (tokens, dimensions) float16 of every comment."""
    rows = dict(encode(load_encoder(encoder()), tokenizer(), texts(), None, -1, CPU))
    return [rows[position] for position in range(len(rows))]
