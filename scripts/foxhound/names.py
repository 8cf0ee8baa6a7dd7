"""Name what several stages share: baselines, measures, pieces and kinds of protocols, learning rates in paths."""

from decimal import Decimal


def learning_rate_name(learning_rate: float) -> str:
    """Return a learning rate as it stands in paths: 0.0001 -> 1e-4, 2.5e-05 -> 2.5e-5."""
    return f"{Decimal(str(learning_rate)):e}"


FOLDS = "folds-"
"""Before a seed, the piece of a fold protocol: all its folds with that seed. A piece of a draw protocol is one draw."""

ALARMS = ("article-only", "user-only")
"""Baselines that never read a comment."""

DRAW = "draw-"

STRATIFIED, GROUPED, CONTIGUOUS, DRAWS = "stratified folds", "grouped folds", "contiguous folds", "draws"
"""The kinds of protocols."""

ALWAYS, NEVER, TFIDF, POOLED = "always-hateful", "never-hateful", "tfidf-logistic", "pooled-logistic"

RECOMMENDED = "recommended"
"""In place of a model's name: the one that the experiment recommends."""

FINETUNE = "finetune"
"""Kind of what is fine-tuned, in plans and in what is kept."""

CONFIDENCE_MARGIN = 1e-4
"""How far from 0 and 1 the probabilities of an ensemble's members are kept: a surer one would outvote all others, even
where it is mistaken."""

DUMMIES = (ALWAYS, NEVER)
"""Baselines that are a decision, the same for every comment."""

TUNED, AT_HALF, AUROC = "f1_tuned", "f1", "auroc"
MEASURE_WORDS = {TUNED: "F1 at a chosen threshold", AT_HALF: "F1 at .5", AUROC: "AUROC"}
"""What models are compared by. Which of them is the primary measure is a fact of the protocol."""

BASELINE_WORDS = {ALWAYS: "always hateful", TFIDF: "TF-IDF logistic regression"}
