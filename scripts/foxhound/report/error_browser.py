"""Collect what the error browser of report.html shows: comments, probabilities, and attention on words."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from tokenizers import Encoding, Tokenizer

from foxhound.errors import FoxhoundError
from foxhound.evaluation.bootstrap import THRESHOLD
from foxhound.evaluation.score_views import row_names
from foxhound.tables import read_arrow

COLUMNS = ["id", "p_hateful", "fold_or_split", "part", "seed", "epoch", "model", "attention", "settings"]
SETTINGS = ("embedding", "context", "learning_rate")
MODEL = ["model", "learning_rate", "epoch"]


def read_predictions(path: str, epoch: int) -> pd.DataFrame:
    """Return the predictions at `path` for test comments after one epoch, with a column per setting in SETTINGS.

    Raises:
        FoxhoundError: the file holds none after that epoch.
    """
    table = read_arrow(path, "predictions", COLUMNS)
    table = table.filter(pc.and_(pc.equal(table["epoch"], epoch), pc.equal(table["part"], "test")))
    if not table.num_rows:
        raise FoxhoundError(f"{path}: no predictions after epoch {epoch}. Delete it and run Snakemake again.")
    settings = table["settings"]
    fields = {name: pc.struct_field(settings, name) for name in SETTINGS}
    plain = table.drop_columns(["settings", "part"])
    return pa.table({**dict(zip(plain.column_names, plain.columns, strict=True)), **fields}).to_pandas()


def thousandths(p: np.ndarray) -> list[int | None]:
    """Return probabilities as whole thousandths, null where nan; rounding moves none across the threshold."""
    limit = round(1000 * THRESHOLD)
    rounded = np.rint(1000 * p)
    rounded = np.where(p < THRESHOLD, np.minimum(rounded, limit - 1), np.maximum(rounded, limit))
    return [None if np.isnan(value) else int(whole) for value, whole in zip(p, rounded, strict=True)]


def disagreement(p: np.ndarray) -> np.ndarray:
    """Return the standard deviation over models of the probabilities (comments, models), nan where none scored.

    Models that give every comment the same probability are left out.
    """
    known = p[:, [len(np.unique(column[~np.isnan(column)])) > 1 for column in p.T]]
    scored = (~np.isnan(known)).sum(axis=1)
    filled = np.nan_to_num(known)
    counts = np.maximum(scored, 1)
    variance = (filled**2).sum(axis=1) / counts - (filled.sum(axis=1) / counts) ** 2
    return np.where(scored > 0, np.sqrt(np.maximum(variance, 0)), np.nan)


def _words(encoding: Encoding, sequence: int) -> list[int | None]:
    """Return for each token the number of its word in this sequence (of a pair the second is 1), or null."""
    pairs = zip(encoding.word_ids, encoding.sequence_ids, strict=True)
    return [word if of == sequence else None for word, of in pairs]


def word_spans(encoding: Encoding) -> list[int]:
    """Return where each word of a text starts and ends, in code points, in one list: start, end, start, end ...

    The word pieces of an encoder are joined to words.
    """
    spans: dict[int, list[int]] = {}
    for word, (start, end) in zip(_words(encoding, 0), encoding.offsets, strict=True):
        if word is not None:
            spans.setdefault(word, [start, end])[1] = end
    return [offset for word in sorted(spans) for offset in spans[word]]


def word_weights(encoding: Encoding, weights: np.ndarray, sequence: int) -> list[int]:
    """Return the attention on each word of a sequence, in thousandths, summed over its word pieces.

    Args:
        weights: (tokens,) as the model read them; fewer than the encoding has where the model cut the comment.
    """
    words = _words(encoding, sequence)[: len(weights)]
    sums = np.zeros(max((word for word in words if word is not None), default=-1) + 1)
    for word, weight in zip(words, weights, strict=True):
        if word is not None:
            sums[word] += weight
    return np.rint(1000 * sums).astype(int).tolist()


def attention_weights(
    rows: pd.DataFrame, comments: pd.DataFrame, encodings: Sequence[Encoding], sequence: int
) -> list[list[int] | None]:
    """Return for each comment the attention of one model on its words, mean over seeds, or null.

    Args:
        rows: predictions of the model.
        comments: all comments, in the order of `encodings`, which are as the model's encoder read them.

    Raises:
        FoxhoundError: there are more weights than tokens.
    """
    means = rows.groupby("id")["attention"].agg(lambda weights: np.mean(np.stack(weights.tolist()), axis=0))
    result: list[list[int] | None] = []
    for comment, encoding in zip(comments["id"], encodings, strict=True):
        weights = means.get(comment)
        if weights is not None and len(weights) > len(encoding.ids):
            raise FoxhoundError(
                f"Comment {comment}: attention on {len(weights)} tokens where the encoder reads {len(encoding.ids)}. "
                "The predictions were made with another encoder or embeddings.max_tokens: delete them and run again."
            )
        result.append(None if weights is None else word_weights(encoding, weights, sequence))
    return result


def browser_data(
    comments: pd.DataFrame,
    predictions: pd.DataFrame,
    load_tokenizer: Callable[[], Tokenizer],
    first: str | None = None,
    group: str = "article",
    invented: bool = False,
) -> dict[str, Any]:
    """Return what the page's error browser reads: lists in the order of the comments, probabilities in thousandths.

    models, articles: names. first: number of the model that it opens on. group, invented: as given. article: index
    into articles. p: a list per model. words: per comment the starts and ends of its words in code points. attention:
    model's index -> per comment a weight per word.

    Args:
        comments: id, text, label, title, thread, and masked: the text that is shown, with users' names dotted out.
        predictions: rows of `read_predictions`, of one protocol.
        load_tokenizer: the encoder's, truncating as the models' encoder did; called where a model has attention.
        first: the model to open on; one with attention, or the first, where it is not there.
        group: what comments are on: `article` or `thread`.
        invented: whether nobody wrote them.
    """
    predictions = predictions.reset_index(drop=True)
    models = predictions.drop_duplicates(MODEL)
    names = row_names(models).tolist()
    numbers = predictions.groupby(MODEL, sort=False, dropna=False).ngroup()
    means = predictions.groupby([predictions["id"], numbers])["p_hateful"].mean().unstack()
    p = means.reindex(index=comments["id"], columns=range(len(names))).to_numpy(np.float64)
    article = comments["title"].fillna(comments["thread"])
    places, articles = pd.factorize(article, sort=True)
    texts = comments["text"].tolist()
    words: list[list[int]] = []
    attention: dict[str, list[list[int] | None]] = {}
    attentive = predictions["embedding"].eq("bert") & predictions["attention"].notna()
    if attentive.any():
        tokenizer = load_tokenizer()
        plain = tokenizer.encode_batch(texts)
        words = [word_spans(encoding) for encoding in plain]
        for model, rows in predictions[attentive].groupby(numbers):
            titled = rows["context"].eq("title").all()
            pairs = list(zip(comments["title"].fillna(""), texts, strict=True))
            encodings = tokenizer.encode_batch(pairs) if titled else plain
            attention[str(model)] = attention_weights(rows, comments, encodings, int(titled))
    opened = [place for place, name in enumerate(models["model"]) if name == first]
    opened = opened or [int(name) for name in attention] or [0]
    return {
        "first": opened[0],
        "group": group,
        "invented": invented,
        "protocol": str(predictions["fold_or_split"].iloc[0]).split("/")[0],
        "threshold": round(1000 * THRESHOLD),
        "models": names,
        "articles": articles.tolist(),
        "id": comments["id"].tolist(),
        "text": comments["masked"].tolist(),
        "label": comments["label"].astype(int).tolist(),
        "article": places.tolist(),
        "p": [thousandths(column) for column in p.T],
        "disagreement": [None if np.isnan(value) else round(1000 * value) for value in disagreement(p)],
        "words": words,
        "attention": attention,
    }
