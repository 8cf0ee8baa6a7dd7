"""Find the confusion tables that printed figures can come from, whichever way they were printed.

What is tried, alone and together:
    digits: rounded (half up or half to even), cut, or of a number in float32; shares or per cent.
    F1: of the counts, or of the printed precision and recall.
    ratios of 0 to 0 (no comment is called hateful, or none is): printed as 0, as 1, as nan, or not at all.
    meaning: the hateful class, or the micro, macro or weighted average of both classes, as scikit-learn defines them.
    number of comments: as claimed, or a round number that stands for it.
Means over folds or runs come from no single table and are not tried.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from foxhound.evaluation.bootstrap import ratio
from foxhound.evaluation.proportions import Confusion
from foxhound.replication.printed_digits import ANYTHING, FIGURES, Figures, Span, spans

MEANINGS = ("hateful class", "micro average", "macro average", "weighted average")
WAYS = (
    "digits rounded, cut or of float32; F1 of the counts or of the printed precision and recall; nothing called "
    "hateful; the hateful class, or a micro, macro or weighted average; a round number of comments"
)
BLOCK = 1 << 17  # candidates in memory at a time
MOST = 10**7  # candidates of averages that are tried: seconds


def _ranges(low: np.ndarray, high: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the whole numbers from `low` to `high` of each place, about BLOCK at a time: their places, and they."""
    counts = np.maximum(high - low + 1, 0)
    ends = np.cumsum(counts)
    start = 0
    while start < len(counts):
        done = ends[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(ends, done + BLOCK)))
        places = np.repeat(np.arange(start, stop), counts[start:stop])
        if len(places):
            yield places, low[places] + np.arange(len(places)) + done - (ends - counts)[places]
        start = stop


def _misses(hits: np.ndarray, within: Span, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the fewest and the most misses, at most `most`, for which hits / (hits + misses) is within the span."""
    low, high, undefined = within
    fewest = np.full(len(hits), most + 1)
    if high > 0:
        fewest = np.minimum(np.ceil(hits * ((1 - high) / high) - 1e-9), most + 1).astype(np.int64)
    largest = np.full(len(hits), most)
    if low > 0:
        largest = np.minimum(np.floor(hits * ((1 - low) / low) + 1e-9), most).astype(np.int64)
    none = hits == 0
    fewest[none] = 0 if undefined else 1
    largest[none] = most if low <= 0 <= high else 0
    return np.maximum(fewest, 0), largest


class _Bands(NamedTuple):
    """Tables that differ in few of their counts, arrays of equal length: tp, fp + fn, and the range of tn."""

    tp: np.ndarray
    errors: np.ndarray
    tn_low: np.ndarray
    tn_high: np.ndarray


def _bands(within: Mapping[str, Span], largest: int, smallest: int) -> Iterator[_Bands]:
    """Yield all tables of `smallest` to `largest` comments that give the figures of the hateful class.

    Given tp, precision bounds fp, recall bounds fn, and F1 their sum, which accuracy leaves a range of tn: so no
    search is deeper than tp and that sum.
    """
    tp = np.arange(largest + 1)
    fp_low, fp_high = _misses(tp, within["precision"], largest)
    fn_low, fn_high = _misses(tp, within["recall"], largest)
    tp, fp_low, fp_high, fn_low, fn_high = (
        values[(fp_low <= fp_high) & (fn_low <= fn_high)] for values in (tp, fp_low, fp_high, fn_low, fn_high)
    )
    low, high = _misses(2 * tp, within["f1"], 2 * largest)
    low, high = np.maximum(low, fp_low + fn_low), np.minimum(np.minimum(high, fp_high + fn_high), largest - tp)
    low_accuracy, high_accuracy, _ = within["accuracy"]
    share_of_errors = Span(1 - high_accuracy, 1 - low_accuracy, True)
    for place, errors in _ranges(low, high):
        hits = tp[place]
        right_low, right_high = _misses(errors, share_of_errors, largest)
        tn_low = np.maximum(np.maximum(right_low - hits, 0), smallest - hits - errors)
        tn_high = np.minimum(right_high - hits, largest - hits - errors)
        fits = tn_low <= tn_high
        yield _Bands(hits[fits], errors[fits], tn_low[fits], tn_high[fits])


def tables_printed_as(figures: Figures, largest: int, smallest: int = 1) -> list[Confusion]:
    """Return all confusion tables of `smallest` to `largest` comments whose figures print as these.

    Args:
        figures: accuracy, precision, recall and F1 of the hateful class, as printed.
        largest: number of comments, at most.
        smallest: number of comments, at least.
    """
    within = spans(figures)
    tables: list[Confusion] = []
    for tp, errors, tn_low, tn_high in _bands(within, largest, smallest):
        fp_low, fp_high = _misses(tp, within["precision"], largest)
        fn_low, fn_high = _misses(tp, within["recall"], largest)
        for place, fp in _ranges(np.maximum(fp_low, errors - fn_high), np.minimum(fp_high, errors - fn_low)):
            for which, tn in _ranges(tn_low[place], tn_high[place]):
                whole = place[which]
                counts = np.stack([tp[whole], fp[which], errors[whole] - fp[which], tn], axis=1)
                tables += [Confusion(*row) for row in counts.tolist()]
    return tables


class Reading(NamedTuple):
    """What printed figures can mean, and the fewest comments that give them; None where that was too much to try."""

    meaning: str
    comments: int | None


def fewest_comments(figures: Figures, largest: int, smallest: int = 1) -> Reading | None:
    """Return the first of MEANINGS under which a table of `smallest` to `largest` comments gives the figures, if any.

    Args:
        figures: accuracy, precision, recall and F1, as printed.
        largest: number of comments, at most.
        smallest: number of comments, at least.
    """
    within = spans(figures)
    # Where few digits are printed, few comments are enough, and many would be slow.
    limits = [*(limit for limit in (1 << 7, 1 << 10, 1 << 13, 1 << 16) if smallest < limit < largest), largest]
    for limit in limits:
        sizes = [bands.tp + bands.errors + bands.tn_low for bands in _bands(within, limit, smallest)]
        if any(map(len, sizes)):
            return Reading(MEANINGS[0], int(np.concatenate(sizes).min()))
    for meaning, search in zip(MEANINGS[1:], (_fewest_of_micro, _fewest_of_macro, _fewest_of_weighted), strict=True):
        try:
            comments = search(within, largest, smallest)
        except _TooMany:
            return Reading(f"perhaps {meaning}", None)
        if comments is not None:
            return Reading(meaning, comments)
    return None


class _TooMany(Exception):
    """More candidates than MOST."""


def _count(tried: int, candidates: np.ndarray) -> int:
    """Return how many candidates have been tried with these, or raise _TooMany."""
    if tried + len(candidates) > MOST:
        raise _TooMany
    return tried + len(candidates)


def _common(*several: Span) -> Span:
    """Return the values that all of the spans allow."""
    return Span(max(one.low for one in several), min(one.high for one in several), False)


def _right_answers(accuracy: Span, largest: int, smallest: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield numbers of comments, rising, and of right answers among them that give the accuracy."""
    comments = np.arange(smallest, largest + 1)
    low = np.ceil(np.clip(comments * accuracy.low, 0, largest + 1) - 1e-9).astype(np.int64)
    high = np.floor(np.clip(comments * accuracy.high, -1, comments) + 1e-9).astype(np.int64)
    for place, right in _ranges(low, high):
        yield comments[place], right


def _fewest_of_micro(within: Mapping[str, Span], largest: int, smallest: int) -> int | None:
    """Search for a table whose accuracy is all four figures."""
    for comments, _ in _right_answers(_common(*within.values()), largest, smallest):
        return int(comments[0])
    return None


def _fewest_of_macro(within: Mapping[str, Span], largest: int, smallest: int) -> int | None:
    """Search for a table of which precision, recall and F1 are means over both classes."""
    return _fewest_of_averages(within, largest, smallest, weighted=False)


def _fewest_of_weighted(within: Mapping[str, Span], largest: int, smallest: int) -> int | None:
    """Search for a table of which precision, recall and F1 are means weighted by class; that of recall is accuracy."""
    accuracy = _common(within["accuracy"], within["recall"])
    return _fewest_of_averages({**within, "accuracy": accuracy, "recall": ANYTHING}, largest, smallest, weighted=True)


def _fewest_of_averages(within: Mapping[str, Span], largest: int, smallest: int, weighted: bool) -> int | None:
    """Search all tables with both classes; averages do not tell these apart, so the first is the smaller one.

    Raises:
        _TooMany: there are more candidates than MOST.
    """
    precision, recall, f1 = (within[name] for name in FIGURES[1:])
    if f1.low > (precision.high + recall.high) / 2:  # no F1 is above the mean of its precision and recall
        return None
    tried = 0
    for comments, right in _right_answers(within["accuracy"], largest, max(smallest, 2)):
        for place, first in _ranges(np.ones(len(comments), np.int64), comments // 2):
            total, correct = comments[place], right[place]
            share = first / total if weighted else np.full(len(first), 0.5)
            found: list[int] = []
            tried = _count(tried, place)
            for low, high in _true_positives(total, correct, first, share, recall, f1):
                for which, tp in _ranges(low, high):
                    tried = _count(tried, tp)
                    counts = tp, total[which], correct[which], first[which]
                    good = _gives(*counts, share[which], precision, f1)
                    found += total[which[good]][:1].tolist()
            if found:
                return int(min(found))
    return None


def _true_positives(
    total: np.ndarray, correct: np.ndarray, first: np.ndarray, share: np.ndarray, recall: Span, f1: Span
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield ranges of whole numbers with all tp of the first class for which mean recall and F1 are within the spans.

    Args:
        total, correct: numbers of comments, and of right answers.
        first: how many comments the first class has.
        share: its weight in a mean.
    """
    second = total - first
    with np.errstate(divide="ignore", invalid="ignore"):
        # Mean recall is linear in tp where it is unweighted; a weighted one is accuracy, and bounds nothing here.
        low, high = (np.nan_to_num((2 * end - correct / second) / (1 / first - 1 / second)) for end in recall[:2])
    low, high = np.maximum(low, np.maximum(0, correct - second)), np.minimum(high, np.minimum(first, correct))
    (least, most), (over, under) = (_where_f1_reaches(end, total, total - correct, share) for end in f1[:2])
    low, high = np.maximum(low, least), np.minimum(high, most)
    never_over = over > under
    for start, end in ((low, np.where(never_over, high, np.minimum(high, over))),
                       (np.where(never_over, np.inf, np.maximum(low, under)), high)):  # fmt: skip
        bounds = np.ceil(np.minimum(start, total + 1) - 1e-3), np.floor(np.maximum(end, -1) + 1e-3)
        yield bounds[0].astype(np.int64), bounds[1].astype(np.int64)


def _where_f1_reaches(
    bound: float, total: np.ndarray, errors: np.ndarray, share: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return from which to which tp mean F1 is at least `bound`; from infinity to minus infinity where it never is.

    With u = 2 tp + errors it is 1 - errors (share / u + (1 - share) / (2 total - u)): a quadratic inequality in u.
    """
    errors = np.maximum(errors, 1e-9)
    k = max(1 - bound, 1e-15) / errors
    b = 1 - 2 * share - 2 * total * k
    square = b * b - 8 * k * total * share
    # The two roots without the difference of nearly equal numbers (Press et al. 2007, section 5.6).
    q = -(b + np.where(b < 0, -1, 1) * np.sqrt(np.maximum(square, 0))) / 2
    roots = [(u - errors) / 2 for u in (q / k, 2 * total * share / q)]
    return np.where(square < 0, np.inf, np.minimum(*roots)), np.where(square < 0, -np.inf, np.maximum(*roots))


def _gives(
    tp: np.ndarray,
    total: np.ndarray,
    correct: np.ndarray,
    first: np.ndarray,
    share: np.ndarray,
    precision: Span,
    f1: Span,
) -> np.ndarray:
    """Say for which tables mean precision and F1 are within the spans; an undefined precision is 0, 1 or left out."""
    tn, fn, errors = correct - tp, first - tp, total - correct
    good = _mean(share, ratio(2 * tp, 2 * tp + errors, 0.0), ratio(2 * tn, 2 * tn + errors, 0.0), f1)
    one, other = ratio(tp, tp + errors - fn, np.nan), ratio(tn, tn + fn, np.nan)
    fitting = np.zeros(len(tp), bool)
    for undefined in (0.0, 1.0, np.where(np.isnan(one), other, one)):
        first_precision, second_precision = (np.where(np.isnan(value), undefined, value) for value in (one, other))
        fitting |= _mean(share, first_precision, second_precision, precision)
    return good & fitting


def _mean(share: np.ndarray, one: np.ndarray, other: np.ndarray, within: Span) -> np.ndarray:
    """Say where the mean of two classes' figures, of which the first has this share, is within the span."""
    mean = share * one + (1 - share) * other
    return (within.low <= mean) & (mean <= within.high)
