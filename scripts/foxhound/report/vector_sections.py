"""Write the report's section on word vectors: which were used, and how many of the words have one."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from foxhound.markdown import escape, number, table

ABOUT = """\
*Own* vectors are trained on each fold's training comments, so that no scored comment shapes one; their shares are of
the scored comments' words, means over folds and seeds. *Pretrained* ones were trained by others, on far more text. A
model skips words without a vector."""
NONE_PRETRAINED = "No pretrained vectors were used here; `experiments/pretrained-vectors.yaml` adds them."
OF_PUBLISHED = """\
The published experiment read pretrained vectors (300 dimensions, Google News): only such vectors replicate it. Without
them the claims about them are not run."""


def vector_sections(
    models: Sequence[Mapping[str, Any]], vectors: Sequence[Mapping[str, Any]], replicated: bool
) -> list[str]:
    """Return a row per kind of vectors and cleaning that a model reads; nothing where no model reads words.

    Args:
        models: what each model is, as `experiment.model_descriptions.describe_models` returns them.
        vectors: footers of the tables `word_vectors` that were read.
        replicated: whether the corpus is that of the published experiment.
    """
    used = dict.fromkeys((row["vectors"], row["cleaning"]) for row in models if row.get("vectors"))
    cells = []
    for kind, cleaning in sorted(used):
        made = [one for one in vectors if (one["vectors"] == "own") == (kind == "own") and cleaning in one["coverage"]]
        if not made:
            continue
        shares = [
            number(float(np.mean([one["coverage"][cleaning][share] for one in made])))
            for share in ("different", "running")
        ]
        name = kind if kind == "own" else f"pretrained: {made[0]['vectors']}"
        cells.append([escape(name), escape(cleaning), str(made[0]["dimensions"]), *shares])
    if not cells:
        return []
    header = ("Vectors", "Cleaning", "Dimensions", "Share of different words with a vector", "Share of all words read")
    missing = [] if any(kind == "pretrained" for kind, _ in used) else [NONE_PRETRAINED]
    missing += [OF_PUBLISHED] if replicated else []
    return ["## Word vectors", ABOUT, *missing, table(header, cells)]
