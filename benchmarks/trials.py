"""Splits of Fox News that no report shows, to try on them what might make `finetune-bert` better, and what came of it.

Draws 11 to 14 of `balanced-random-700` (3 epochs), three random folds and five folds of whole articles, which are drawn
with the seed that the model has too (2 epochs). Scored on all labels, as they are.
"""

import os
import time
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import material
import numpy as np
import pandas as pd
from foxhound.compute.batches import length_batches
from foxhound.compute.device import set_seed
from foxhound.evaluation.comparisons import compare
from foxhound.evaluation.near_duplicates import duplicate_pairs
from foxhound.evaluation.pairs import compared_pairs, gain
from foxhound.experiment.protocols import describe_protocols
from foxhound.files import atomic_path
from foxhound.markdown import NOTHING, table, with_interval
from foxhound.models.finetuning import FineTuner, FinetuneSettings, build_classifier, build_optimizer
from foxhound.models.training import comment_weights, train_epochs
from foxhound.models.vocabulary import shrink_vocabulary
from foxhound.names import AUROC, GROUPED
from sklearn.model_selection import GroupKFold, StratifiedKFold
from torch import nn
from tqdm import tqdm

FOLDER = material.ROOT / "results" / "trials"
DRAWS, FOLDS, ARTICLES = "draws", "random folds", "whole articles"
EPOCHS = {DRAWS: 3, FOLDS: 2, ARTICLES: 2}
RANDOM_FOLDS, ARTICLE_FOLDS = 3, 5
AS_IT_IS = "as it is"


class Split(NamedTuple):
    """Positions of comments that train and that are scored."""

    protocol: str
    seed: int
    name: str
    train: np.ndarray
    scored: np.ndarray

    @property
    def epochs(self) -> int:
        return EPOCHS[self.protocol]

    def file(self, what: str) -> Path:
        """Return where the predictions of some variants lie."""
        return FOLDER / f"{self.protocol} {self.seed} {self.name} {what}.parquet".replace(" ", "-")


def splits(protocol: str, seed: int) -> Iterator[Split]:
    """Yield the splits of a protocol that a seed draws."""
    comments, labels = material.comments(), material.labels()
    if protocol == DRAWS:
        draw = material.draw(seed)
        yield Split(protocol, seed, "draw", draw.train, draw.scored)
        return
    random = StratifiedKFold(RANDOM_FOLDS, shuffle=True, random_state=seed)
    whole = GroupKFold(ARTICLE_FOLDS, shuffle=True, random_state=seed)
    parts = random.split(labels, labels) if protocol == FOLDS else whole.split(labels, groups=comments["thread"])
    for number, (train, scored) in enumerate(parts, start=1):
        yield Split(protocol, seed, f"fold {number}", train, scored)


def near_comments(texts: list[str]) -> np.ndarray:
    """Say of texts from elsewhere, (texts,), which are equal or nearly equal to a comment."""
    comments, near = material.texts(), np.zeros(len(texts), bool)
    pairs = duplicate_pairs(comments + texts)
    near[[other - len(comments) for one, other, _ in pairs if one < len(comments) <= other]] = True
    return near


def fine_tuned(
    texts: list[str], labels: np.ndarray, weights: np.ndarray, train: np.ndarray, epochs: int, seed: int,
    start_from: str | None = None, rate: float = material.RATE, asked: np.ndarray | None = None,
) -> tuple[np.ndarray, float, nn.Module]:  # fmt: skip
    """Fine-tune as `foxhound.models.finetuning.finetune` does, with labels and weights of any kind.

    Args:
        texts, labels, weights: of all texts; a label may be a probability.
        train, asked: positions that train, and whose probabilities are wanted.
        start_from: folder of the encoder; None for the embedded one.

    Returns:
        Probabilities of the texts at `asked`, the seconds of processor that training took, and the model.
    """
    training = material.config()["finetune"]["training"] | {"architecture": "BertForSequenceClassification"}
    settings, start = FinetuneSettings.from_config(training), time.process_time()
    set_seed(seed)
    asked = np.empty(0, int) if asked is None else asked
    generator, used = np.random.default_rng(seed), np.zeros(len(texts), bool)
    used[train], used[asked] = True, True
    model = build_classifier(start_from or material.encoder(), settings, material.CPU)
    read = material.tokenizer().encode_batch([text if needed else "" for text, needed in zip(texts, used, strict=True)])
    tokens = [encoding.ids for encoding in read]
    if len(asked):  # a model that is kept keeps all its words
        tokens = shrink_vocabulary(model, tokens)
    steps = -(-len(train) // settings.batch_size) * epochs
    optimizer, schedule = build_optimizer(model, settings, rate, steps)
    tuner = FineTuner(model, tokens, labels, weights, optimizer, schedule, settings, material.CPU)
    train_epochs(
        epochs,
        step=lambda batch: tuner.step(train[batch]),
        batches=lambda: length_batches(tuner.lengths[train], settings.batch_size, generator),
        predict=lambda: np.empty(0),
    )
    seconds = time.process_time() - start
    return tuner.predict(asked), seconds, model


def on_labels(
    texts: list[str], labels: np.ndarray, train: np.ndarray, asked: np.ndarray, epochs: int, seed: int,
    start_from: str | None = None,
) -> tuple[np.ndarray, float]:  # fmt: skip
    """Fine-tune on labelled texts, classes weighing alike."""
    weights = np.zeros(len(labels), np.float32)
    weights[train] = comment_weights(labels[train], "balanced")
    return fine_tuned(texts, labels, weights, train, epochs, seed, start_from, asked=asked)[:2]


def keep(split: Split, what: str, said: dict[str, np.ndarray], about: dict[str, dict[str, float]]) -> None:
    """Write what variants say of the scored comments, with the facts `about` each."""
    frames = [
        material.comments().iloc[split.scored][["id", "label"]].assign(p_hateful=p, model=name, **about.get(name, {}))
        for name, p in said.items()
    ]
    frame = pd.concat(frames).assign(protocol=split.protocol, seed=split.seed, fold_or_split=split.name)
    with atomic_path(split.file(what)) as path:  # or an interrupted run would leave half a file that counts as done
        frame.to_parquet(path)


def run_as_it_is(split: Split) -> None:
    """Fine-tune on the training comments with their labels, which all variants are compared with."""
    p, seconds = on_labels(material.texts(), material.labels(), split.train, split.scored, split.epochs, split.seed)
    keep(split, AS_IT_IS, {AS_IT_IS: p}, {AS_IT_IS: {"seconds": seconds}})


def compared(
    wanted: list[Split], groups: list[str], variants: list[str] | None = None, others: Sequence[tuple[str, str]] = ()
) -> str:
    """Return a row per variant: what it adds to AS_IT_IS under each protocol; and of `others` the first to the second.

    Differences are those of the report (foxhound/evaluation/comparisons.py): in F1 at .5 under draws, else at
    thresholds chosen on the other folds, and in AUROC; with 95 % intervals over users or articles, and seeds. What the
    last training costs is set beside that of AS_IT_IS; what was trained before it is not counted.
    """
    files = [split.file(group) for split in wanted for group in (AS_IT_IS, *groups)]
    frame = pd.concat([pd.read_parquet(file) for file in files if file.is_file()], ignore_index=True)
    frame = frame[frame["model"].isin([AS_IT_IS, *(variants or frame["model"])])]
    config, protocols = material.config(), [name for name in EPOCHS if name in set(frame["protocol"])]
    tries = config["protocols"]["balanced-random-700"], config["protocols"]["stratified-10"] | {"folds": RANDOM_FOLDS}
    facts = describe_protocols(dict(zip((DRAWS, FOLDS), tries, strict=True)))
    facts[ARTICLES] = facts[FOLDS] | {"protocol_kind": GROUPED, "folds": ARTICLE_FOLDS, "grouped_by": "thread"}
    of_tests = frame.assign(part="test", epoch=1, learning_rate=np.nan)
    measures = {"F1": facts, "AUROC": {name: fact | {"primary": AUROC} for name, fact in facts.items()}}
    pairs = {}
    for measure, by in measures.items():
        found = compare(of_tests, material.comments(), by, set(), config["scores"]["draws"], config["scores"]["seed"])
        for protocol in protocols:
            draws = found.loc[found["protocol"] == protocol, "draws"].iloc[0]
            pairs[measure, protocol] = compared_pairs(found, protocol, "test", draws)
    about = frame.groupby(["model", "protocol"]).mean(numeric_only=True)
    named = [(name, AS_IT_IS) for name in frame["model"].unique() if name != AS_IT_IS]
    cells = []
    for name, reference in [*named, *others]:
        differences = [gain(by, name, reference) for by in pairs.values()]
        costs = about["seconds"][name] / about["seconds"][AS_IT_IS]
        cells.append(
            [name if reference == AS_IT_IS else f"{name}, minus {reference}"]
            + [NOTHING if one is None else with_interval(*one) for one in differences]
            + [_range(costs), _range(100 * about["left_out"][name], " %") if "left_out" in about else NOTHING]
        )
    columns = [f"{measure}, {protocol}" for measure, protocol in pairs]
    seeds = frame.groupby("protocol")["seed"].unique()
    told = "; ".join(f"{protocol}: seeds {', '.join(map(str, sorted(seeds[protocol])))}" for protocol in protocols)
    return f"{told}\n\n{table(('Variant', *columns, 'Last training', 'Left out'), cells)}"


def _range(values: pd.Series, unit: str = "") -> str:
    """Return `3.5 to 4.7`, the least and the most over protocols."""
    ends = [f"{end:.1f}" for end in (values.min(), values.max()) if pd.notna(end)]
    return " to ".join(dict.fromkeys(ends)) + unit if ends else NOTHING


def table_file(name: str) -> Path:
    """Return the path of a table that is there: a wrong one should not show after half an hour."""
    if not Path(name).is_file():
        raise ArgumentTypeError(f"no such file: '{name}'. Download it; docs/search.md names the corpora")
    return Path(name)


def arguments(parser: ArgumentParser) -> tuple[Namespace, list[Split]]:
    """Return what the command line says, and the splits that it names."""
    parser.add_argument("--draws", type=int, nargs="*", default=[11, 12, 13, 14])
    parser.add_argument("--folds", type=int, nargs="*", default=[12, 13], help="seeds of random folds")
    parser.add_argument("--articles", type=int, nargs="*", default=[12], help="seeds of folds of whole articles")
    given = parser.parse_args()
    asked = [(DRAWS, given.draws), (FOLDS, given.folds), (ARTICLES, given.articles)]
    return given, [split for protocol, seeds in asked for seed in seeds for split in splits(protocol, seed)]


def side_by_side(work: Callable, tasks: list[tuple]) -> None:
    """Do all tasks, as many at once as there are cores."""
    cores = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(cores, get_context("spawn"), material.start_worker, (1,)) as pool:
        for done in tqdm([pool.submit(work, *task) for task in tasks]):
            done.result()


def run_all_as_they_are(wanted: list[Split]) -> None:
    """Train what the variants are compared with, wherever it was not."""
    side_by_side(run_as_it_is, [(split,) for split in wanted if not split.file(AS_IT_IS).is_file()])
