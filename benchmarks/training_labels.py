"""Say what other training labels are worth to `finetune-bert` on Fox News: fewer of them, or a teacher's beside them.

    .venv/peers/bin/python benchmarks/training_labels.py --unlabelled FORUM.csv TWEETS.csv

Of every split (benchmarks/trials.py) the training comments alone say what is doubtful and what the teacher thinks:
three models are trained in three folds within them (random, stratified), `finetune-bert`, `pooled-logistic` and
`tfidf-logistic`. The variants, all named with their settings before any was run:

- as it is: the training comments with their labels;
- without doubtful labels: those that cleanlab leaves out by what `finetune-bert` says of each comment in the fold that
  it did not train on, calibrated on the other folds (confident learning: Northcutt et al. 2021), its defaults;
- without the most doubtful 5 %: those whose label has the lowest such probability, the order of second-look.csv;
- without as many at random: as many of each class as the first leaves out;
- with a teacher's labels: beside the training comments 3,000 unlabelled texts, drawn from the files in equal parts,
  each with the probability of a stack: logistic regression on the three models' log-odds in the inner folds;
- for as many steps: as it is, for as many epochs as make as many steps as the teacher's labels do.

A split that was run lies in results/trials and is not run again.
"""

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import material
import numpy as np
import pandas as pd
import trials
from cleanlab.filter import find_label_issues
from foxhound.corpus.texts import read_texts
from foxhound.evaluation.calibration import cross_calibrated
from foxhound.evaluation.platt import log_odds
from foxhound.features.encoder import load_encoder, place
from foxhound.features.encoding import encode
from foxhound.models.baselines import run_baseline
from foxhound.models.training import comment_weights
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from trials import Split

INNER, DOUBTFUL = 3, 0.05
UNLABELLED, DRAWN_WITH = 3000, 11
WHAT, OF_TEACHER = "labels", "teacher"
PRUNED, FEWER, RANDOM, TAUGHT, LONGER, TEACHER = (
    "without doubtful labels", f"without the most doubtful {100 * DOUBTFUL:.0f} %", "without as many at random",
    "with a teacher's labels", "for as many steps", "the teacher itself",
)  # fmt: skip
COUNTERS = ["pooled-logistic", "tfidf-logistic"]


class Texts(NamedTuple):
    """The comments and behind them the unlabelled texts: text, label (0 where there is none) and mean token vector."""

    frame: pd.DataFrame
    comments: int

    @property
    def texts(self) -> list[str]:
        return self.frame["text"].tolist()

    @property
    def labels(self) -> np.ndarray:
        return self.frame["label"].to_numpy()

    @property
    def unlabelled(self) -> np.ndarray:
        return np.arange(self.comments, len(self.frame))


def with_unlabelled(files: list[Path]) -> Texts:
    """Return the comments and UNLABELLED texts of these files that are not near a comment, in equal parts."""
    texts = list(material.texts())
    for file in files:
        found = [*dict.fromkeys(map(str, read_texts(str(file), "text")))]
        near = trials.near_comments(found)
        print(f"{file.name}: {len(found):,} texts, {near.sum()} near a comment left out", flush=True)
        left = np.random.default_rng(DRAWN_WITH).permutation(np.flatnonzero(~near))
        texts += [found[position] for position in left[: UNLABELLED // len(files)]]
    model = place(load_encoder(material.encoder()), material.CPU, frozen=True)
    vectors = dict(encode(model, material.tokenizer(), texts, None, -1, material.CPU))
    means = [vectors[position].astype(np.float32).mean(axis=0) for position in range(len(texts))]
    comments = len(material.texts())
    labels = np.concatenate([material.labels(), np.zeros(len(texts) - comments, int)])
    return Texts(pd.DataFrame({"text": texts, "label": labels, "pooled": means}), comments)


def counted(texts: Texts, train: np.ndarray, asked: np.ndarray, seed: int) -> list[np.ndarray]:
    """Return what the models that are not fine-tuned say at `asked`."""
    return [run_baseline(name, texts.frame, train, asked, seed) for name in COUNTERS]


def within(texts: Texts, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return what the three models say of the training comments in inner folds: (comments, 3), and each one's fold."""
    train, folds = split.train, np.empty(len(split.train), int)
    said = np.empty((len(train), 1 + len(COUNTERS)))
    splitter = StratifiedKFold(INNER, shuffle=True, random_state=split.seed)
    for fold, (inner, held_out) in enumerate(splitter.split(train, texts.labels[train])):
        folds[held_out] = fold
        parts = train[inner], train[held_out]
        tuned, _ = trials.on_labels(texts.texts, texts.labels, *parts, split.epochs, split.seed)
        said[held_out] = np.stack([tuned, *counted(texts, *parts, split.seed)], axis=1)
    return said, folds


def fewer(labels: np.ndarray, tuned: np.ndarray, folds: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Return which of the training comments stay, by variant, each (comments,)."""
    rows = pd.DataFrame({"id": np.arange(len(labels)), "label": labels, "p_hateful": tuned, "fold_or_split": folds})
    p = cross_calibrated(rows)
    flagged = find_label_issues(labels, np.stack([1 - p, p], axis=1), n_jobs=1)
    order = np.argsort(np.where(labels == 1, p, 1 - p), kind="stable")
    generator, random, doubtful = np.random.default_rng(seed), np.zeros_like(flagged), np.zeros_like(flagged)
    doubtful[order[: round(DOUBTFUL * len(labels))]] = True
    for label in (0, 1):
        own = np.flatnonzero(labels == label)
        random[generator.permutation(own)[: flagged[own].sum()]] = True
    return {PRUNED: ~flagged, FEWER: ~doubtful, RANDOM: ~random}


def stacked(inner: np.ndarray, labels: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Return the stack's probabilities where its members say `members`, (texts, 3), learned from the inner folds."""
    model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(log_odds(inner), labels)
    probabilities: np.ndarray = model.predict_proba(log_odds(members))[:, 1]
    return probabilities


def run(texts: Texts, split: Split, teacher_only: bool) -> None:
    """Train every variant on one split, or those with a teacher alone, and keep what each says and costs."""
    train, scored, seed, epochs = split.train, split.scored, split.seed, split.epochs
    asked = np.concatenate([scored, texts.unlabelled])
    tuned, _ = trials.on_labels(texts.texts, texts.labels, train, asked, epochs, seed)
    said, about = {}, {}

    def tried(name: str, outcome: tuple[np.ndarray, float], **facts: float) -> None:
        said[name], about[name] = outcome[0], facts | {"seconds": outcome[1]}

    inner, folds = within(texts, split)
    left = {} if teacher_only else fewer(texts.labels[train], inner[:, 0], folds, seed)
    for name, stay in left.items():
        outcome = trials.on_labels(texts.texts, texts.labels, train[stay], scored, epochs, seed)
        tried(name, outcome, left_out=1 - stay.mean())
    members = np.stack([tuned, *counted(texts, train, asked, seed)], axis=1)
    taught = stacked(inner, texts.labels[train], members)
    said[TEACHER] = taught[: len(scored)]
    soft, weights = texts.labels.astype(float), np.ones(len(texts.labels), np.float32)
    soft[texts.unlabelled] = taught[len(scored) :]
    weights[train] = comment_weights(texts.labels[train], "balanced")
    both = np.concatenate([train, texts.unlabelled])
    tried(TAUGHT, trials.fine_tuned(texts.texts, soft, weights, both, epochs, seed, asked=scored)[:2])
    if not teacher_only:
        as_many = round(epochs * len(both) / len(train))
        tried(LONGER, trials.on_labels(texts.texts, texts.labels, train, scored, as_many, seed))
    trials.keep(split, OF_TEACHER if teacher_only else WHAT, said, about)


def main() -> None:
    """Run what was not run, and print."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument(
        "--unlabelled", type=trials.table_file, nargs="+", required=True, help="tables with a column `text`"
    )
    parser.add_argument("--teacher-only", action="store_true", help="of the variants only those with a teacher")
    given, wanted = trials.arguments(parser)
    trials.run_all_as_they_are(wanted)
    enough = [WHAT, OF_TEACHER] if given.teacher_only else [WHAT]
    todo = [split for split in wanted if not any(split.file(what).is_file() for what in enough)]
    if todo:
        texts = with_unlabelled(given.unlabelled)
        trials.side_by_side(run, [(texts, split, given.teacher_only) for split in todo])
    others = [(TAUGHT, TEACHER)] if given.teacher_only else [(TAUGHT, TEACHER), (PRUNED, RANDOM), (TAUGHT, LONGER)]
    print(trials.compared(wanted, enough, [TEACHER, TAUGHT] if given.teacher_only else None, others))


if __name__ == "__main__":
    main()
