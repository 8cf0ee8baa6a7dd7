"""How often 95 % intervals hold the truth, on simulated corpora like Fox News: `make coverage`, some minutes.

A kind of interval is right for what it draws anew, and for nothing else: other comments by the same users, other users
on the same articles, or other articles. So each stands beside each of these truths. The corpora have Fox News' sizes
(1,528 comments, 678 users, most with one comment and one with 56, ten articles), and effects of users and articles that
give labels the correlations they have there (`latent_effects`). Scores are about as good as those of TF-IDF with
logistic regression (F1 .56, AUROC .77), and know of users and articles about as much.

Results go to results/coverage.md. (A file called coverage.py would stand in the way of the package of that name.)
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from foxhound.checks.hatecheck import read_cases, score_cases
from foxhound.evaluation.bootstrap import (
    cluster_weights,
    mean_of_these_seeds,
    mean_over_seeds,
    percentile_intervals,
    resampling_weights,
    weighted_metrics,
    weights_within_folds,
)
from foxhound.evaluation.calibration import measure_calibration
from foxhound.evaluation.diagnostics import RECALLS, precision_at_recalls
from foxhound.evaluation.paired_tests import Pair, difference_interval
from foxhound.evaluation.proportions import Confusion, confusion_intervals, wilson
from foxhound.replication.claim_tests import Outcome, collapse_difference
from scipy.optimize import brentq
from scipy.special import expit

COMMENTS_OF_USERS = {
    **{1: 452, 2: 111, 3: 35, 4: 17, 5: 17, 6: 9, 7: 8, 8: 3, 9: 6, 10: 3, 11: 3, 12: 1, 14: 1, 15: 3, 16: 1, 17: 1},
    **dict.fromkeys((21, 27, 29, 30, 36, 42, 56), 1),
}
"""How many users wrote so many comments."""
ARTICLES = (246, 193, 165, 163, 162, 157, 141, 122, 114, 65)
HATEFUL, FOLDS = 0.285, 10
OF_USERS, OF_ARTICLES = 0.204, 0.044  # correlation of two labels of one user, and of two users on one article
SIGNAL, ARTICLE, USER, NOISE = 0.65, 0.2, 0.2, 0.85  # a score's parts: the label, standard effects, its own noise
CUT, STEEPNESS = 0.5, 1.5  # the score that stands for a probability of .5, and log-odds per unit of score
METRICS = ("f1", "accuracy", "precision", "recall", "auroc", "average_precision", "brier", "ece")
SAME, USERS, OTHERS = "other comments", "other users", "other articles"
Row = tuple[str, str, str, float]
"""Kind of interval, what is drawn anew, what it is of, share of intervals that held the truth."""


def mean_over_normal(function: Callable[[np.ndarray], np.ndarray]) -> float:
    """Return the mean of a function of a standard normal number (Gauss and Hermite)."""
    places, weights = np.polynomial.hermite_e.hermegauss(60)
    return float(function(places) @ weights / weights.sum())


def latent_effects(share: float, of_users: float, of_articles: float) -> tuple[float, float, float]:
    """Return level, standard deviation over articles and over users, in log-odds, of labels with these correlations.

    Args:
        share: of hateful comments.
        of_users: correlation of two labels of one user (on one article), of_articles: of two users on one article.
    """
    variance = share * (1 - share)

    def level(spread: float) -> float:
        return brentq(lambda mean: mean_over_normal(lambda z: expit(mean + spread * z)) - share, -9, 9)

    def together(spread: float) -> float:
        mean = level(spread)
        return (mean_over_normal(lambda z: expit(mean + spread * z) ** 2) - share**2) / variance

    spread = brentq(lambda one: together(one) - of_users, 0, 9)
    mean = level(spread)

    def apart(article: float) -> float:
        user = np.sqrt(spread**2 - article**2)
        chances = np.vectorize(lambda a: mean_over_normal(lambda z: expit(mean + article * a + user * z)))
        return (mean_over_normal(lambda a: chances(a) ** 2) - share**2) / variance

    article = brentq(lambda one: apart(one) - of_articles, 0, spread * (1 - 1e-9))
    return mean, article, float(np.sqrt(spread**2 - article**2))


def label_correlation(labels: np.ndarray, groups: np.ndarray) -> float:
    """Return the correlation of two labels of one group, over all such pairs of comments."""
    centred = labels - labels.mean()
    sums, squares, sizes = (np.bincount(groups, values) for values in (centred, centred**2, np.ones(len(labels))))
    return float((sums**2 - squares).sum() / (sizes * (sizes - 1)).sum() / labels.var())


class World:
    """Corpora of one layout.

    users, articles, folds: number of each comment's, shape (comments,); folds are random.
    """

    def __init__(self, comments_of_users: Mapping[int, int] = COMMENTS_OF_USERS, articles: tuple[int, ...] = ARTICLES):
        generator = np.random.default_rng(0)
        sizes = generator.permutation(np.repeat(list(comments_of_users), list(comments_of_users.values())))
        self.users = np.repeat(np.arange(len(sizes)), sizes)
        ends = np.cumsum(articles) / sum(articles) * len(self.users)
        # A user's comments stand in a row, and so does an article's: few users write under two, as on Fox News.
        self.articles = np.searchsorted(ends, np.arange(len(self.users)), side="right")
        self.folds = generator.permutation(np.arange(len(self.users)) % FOLDS)
        self.level, self.of_article, self.of_user = latent_effects(HATEFUL, OF_USERS, OF_ARTICLES)

    def effects(self, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return standard effects of articles and of users."""
        return generator.normal(size=self.articles.max() + 1), generator.normal(size=self.users.max() + 1)

    def labels(self, generator: np.random.Generator, articles: np.ndarray, users: np.ndarray) -> np.ndarray:
        """Return a label per comment."""
        odds = self.level + self.of_article * articles[self.articles] + self.of_user * users[self.users]
        return (generator.random(len(odds)) < expit(odds)).astype(np.int64)

    def scores(
        self, generator: np.random.Generator, labels: np.ndarray, articles: np.ndarray, users: np.ndarray
    ) -> np.ndarray:
        """Return the score of each comment but for a model's own noise."""
        return SIGNAL * labels + ARTICLE * articles[self.articles] + USER * users[self.users]

    def corpus(
        self, generator: np.random.Generator, articles: np.ndarray, users: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return labels and probabilities of one model."""
        labels = self.labels(generator, articles, users)
        scores = self.scores(generator, labels, articles, users) + NOISE * generator.normal(size=len(labels))
        return labels, expit(STEEPNESS * (scores - CUT))

    def drawn_anew(
        self, generator: np.random.Generator, anew: str, articles: np.ndarray, users: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the effects of another corpus, of which only what is drawn anew differs."""
        if anew == SAME:
            return articles, users
        others, people = self.effects(generator)
        return (articles if anew == USERS else others), people


def _points(world: World, labels: np.ndarray, p: np.ndarray) -> np.ndarray:
    found = weighted_metrics(labels, p, np.ones((len(p), 1), np.float32), None, world.folds)
    return np.array([found[name][0] for name in METRICS])


def _held(ends: Mapping[str, tuple[float, float]], truth: np.ndarray) -> np.ndarray:
    return np.array([ends[name][0] <= value <= ends[name][1] for name, value in zip(METRICS, truth, strict=True)])


def scores_coverage(corpora: int, draws: int, truths: int, worlds: int = 20, seed: int = 1) -> Iterator[Row]:
    """Yield how often intervals of scores over comments, users and articles hold what other corpora score.

    Args:
        corpora: per thing that is drawn anew.
        draws: resamples behind an interval.
        truths: corpora behind each truth.
        worlds: sets of articles (and users) that corpora are drawn from, where these stay.
    """
    world, generator = World(), np.random.default_rng(seed)
    size = len(world.users)
    within = weights_within_folds(tuple(world.folds.tolist()), draws, 0)
    kinds = {
        "comments": (resampling_weights(size, draws, 0), within, None),
        "users": (cluster_weights(world.users, draws, 0), None, int(world.users.max()) + 1),
        "articles": (cluster_weights(world.articles, draws, 0), None, int(world.articles.max()) + 1),
    }
    for anew in (SAME, USERS, OTHERS):
        held = {kind: np.zeros(len(METRICS)) for kind in kinds}
        places = 1 if anew == OTHERS else worlds
        for _ in range(places):
            effects = world.effects(generator)
            several = (world.drawn_anew(generator, anew, *effects) for _ in range(truths // places))
            truth = np.mean([_points(world, *world.corpus(generator, *one)) for one in several], axis=0)
            for _ in range(corpora // places):
                labels, p = world.corpus(generator, *world.drawn_anew(generator, anew, *effects))
                for kind, (weights, own, units) in kinds.items():
                    samples = weighted_metrics(labels, p, weights, None, world.folds, own)
                    held[kind] += _held(percentile_intervals(samples, units), truth)
        for kind, counts in held.items():
            shares = counts / (corpora // places * places)
            yield from ((kind, anew, name, share) for name, share in zip(METRICS, shares.tolist(), strict=True))


def differences_coverage(corpora: int, draws: int, truths: int, worlds: int = 20, seed: int = 2) -> Iterator[Row]:
    """Yield how often paired intervals of a difference in F1 hold the difference on other corpora."""
    world, generator = World(), np.random.default_rng(seed)
    everyone = np.arange(len(world.users))
    kinds = {"comments": resampling_weights(len(everyone), draws, 0), "users": cluster_weights(world.users, draws, 0)}

    def pair(effects: tuple[np.ndarray, np.ndarray]) -> Pair:
        labels = world.labels(generator, *effects)
        shared = world.scores(generator, labels, *effects) + 0.6 * generator.normal(size=len(labels))
        bents = [generator.normal(0, 0.5, world.users.max() + 1)[world.users] for _ in range(2)]
        one, other = (shared + bent + 0.5 * generator.normal(size=len(labels)) for bent in bents)
        return Pair(everyone, labels, (one >= CUT).astype(int), (other + 0.1 * labels >= CUT).astype(int))

    def difference(one: Pair) -> float:
        from_a, from_b = (2 * (one.labels * called).sum() / (called.sum() + one.labels.sum()) for called in one[2:])
        return float(from_b - from_a)

    for anew in (SAME, USERS):
        held = dict.fromkeys(kinds, 0)
        for _ in range(worlds):
            effects = world.effects(generator)
            several = (world.drawn_anew(generator, anew, *effects) for _ in range(truths // worlds))
            truth = np.mean([difference(pair(one)) for one in several])
            for _ in range(corpora // worlds):
                one = pair(world.drawn_anew(generator, anew, *effects))
                for kind, weights in kinds.items():
                    low, high = difference_interval([one], weights, 0)
                    held[kind] += low <= truth <= high
        yield from ((f"difference, {kind}", anew, "f1", count / corpora) for kind, count in held.items())


def seeds_coverage(
    corpora: int, draws: int, seeds: int, spread: float, train: int | None = None, seed: int = 3
) -> Iterator[Row]:
    """Yield how often intervals of F1 over seeds and comments hold the mean over all seeds and comments.

    Args:
        spread: of what models of different seeds know of the label: .02, .05 and .1 give F1 a standard deviation of
            about .01, .02 and .03.
        train: how many comments each seed draws to be scored on, as in draws; None: all.
    """
    generator, size = np.random.default_rng([seed, seeds, int(1000 * spread), train or 0]), 1528
    weights = resampling_weights(size, draws, 0)

    def run() -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        labels = (generator.random(size) < HATEFUL).astype(np.int64)
        shared = SIGNAL * labels + 0.75 * generator.normal(size=size)
        runs = []
        for skill in generator.normal(0, spread, seeds):
            rows = np.arange(size) if train is None else np.sort(generator.permutation(size)[:train])
            scores = (shared + skill * labels + 0.2 * generator.normal(size=size))[rows]
            runs.append((rows, labels[rows], expit(STEEPNESS * (scores - CUT))))
        return runs

    def point(runs: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> np.ndarray:
        one = np.ones((size, 1), np.float32)
        return np.array([weighted_metrics(labels, p, one[: len(p)])["f1"][0] for _, labels, p in runs])

    several = [point(run()) for _ in range(max(400, 4000 // seeds))]
    truth, deviation = float(np.mean(several)), float(np.mean([one.std(ddof=1) for one in several]))
    held = {"seeds and comments": 0, "comments, these models": 0}
    for _ in range(corpora):
        samples = [{"f1": weighted_metrics(labels, p, weights[rows])["f1"]} for rows, labels, p in run()]
        for kind, drawn in zip(held, (mean_over_seeds(samples), mean_of_these_seeds(samples)), strict=True):
            low, high = percentile_intervals(drawn)["f1"]
            held[kind] += low <= truth <= high
    what = f"other comments and {'draws' if train else 'seeds'}"
    of = f"f1, {seeds} {'draws' if train else 'seeds'}, their sd {deviation:.3f}"
    yield from ((kind, what, of, count / corpora) for kind, count in held.items())


def training_coverage(corpora: int, draws: int, seed: int = 4) -> Iterator[Row]:
    """Yield how often intervals over comments hold what models score that are trained on other comments too."""
    generator, size, width = np.random.default_rng(seed), 1528, 60
    truth_of = generator.normal(size=width)
    truth_of *= 1.5 / np.linalg.norm(truth_of)
    folds = np.arange(size) % FOLDS
    weights, within = resampling_weights(size, draws, 0), weights_within_folds(tuple(folds.tolist()), draws, 0)
    points, ends = [], []
    one = np.ones((size, 1), np.float32)
    for _ in range(corpora):
        features = generator.normal(size=(size, width))
        labels = (generator.random(size) < expit(features @ truth_of - 1.2)).astype(np.int64)
        p = np.empty(size)
        for fold in range(FOLDS):
            train, targets = folds != fold, 2.0 * labels - 1
            gram = features[train].T @ features[train] + 20 * np.eye(width)
            p[~train] = expit(4 * (features[~train] @ np.linalg.solve(gram, features[train].T @ targets[train])))
        points.append([weighted_metrics(labels, p, one, None, folds)[name][0] for name in ("f1", "auroc")])
        found = percentile_intervals(weighted_metrics(labels, p, weights, None, folds, within))
        ends.append([found[name] for name in ("f1", "auroc")])
    truth, ends_of = np.mean(points, axis=0), np.array(ends)
    held = ((ends_of[:, :, 0] <= truth) & (truth <= ends_of[:, :, 1])).mean(axis=0)
    yield from (("comments", "other comments, models trained anew", name, share)
                for name, share in zip(("f1", "auroc"), held.tolist(), strict=True))  # fmt: skip


def proportions_coverage(corpora: int, truths: int, seed: int = 5) -> Iterator[Row]:
    """Yield how often Wilson's intervals hold: of an article's scores, of shares of comments or runs, and of gaps."""
    world, generator = World(), np.random.default_rng(seed)
    articles = np.flatnonzero(np.bincount(world.articles))

    def tables(effects: tuple[np.ndarray, np.ndarray]) -> list[Confusion]:
        labels, p = world.corpus(generator, *effects)
        called = p >= 0.5
        cells = (labels & called, (1 - labels) & called, labels & ~called, (1 - labels) & ~called)
        counts = np.stack([np.bincount(world.articles, cell, len(articles)) for cell in cells], axis=1)
        return [Confusion(*map(int, row)) for row in counts]

    worlds = 10
    for anew in (SAME, USERS):
        held = {"f1": 0, "accuracy": 0}
        for _ in range(worlds):
            effects = world.effects(generator)
            several = [tables(world.drawn_anew(generator, anew, *effects)) for _ in range(truths // worlds)]
            counts = np.mean(several, axis=0)
            truth = {
                "f1": 2 * counts[:, 0] / (2 * counts[:, 0] + counts[:, 1] + counts[:, 2]),
                "accuracy": (counts[:, 0] + counts[:, 3]) / counts.sum(axis=1),
            }
            for _ in range(corpora // worlds):
                for article, table in enumerate(tables(world.drawn_anew(generator, anew, *effects))):
                    ends = confusion_intervals(table)
                    for name in held:
                        held[name] += ends[name][0] <= truth[name][article] <= ends[name][1]
        for name, count in held.items():
            yield "one article (Wilson)", anew, name, count / corpora / len(articles)
    shares = np.linspace(0.05, 0.95, 19)
    for trials in (2, 4, 10, 150):
        found = generator.binomial(trials, shares, (corpora, len(shares)))
        ends = np.array([wilson(count, trials) for count in range(trials + 1)])[found]
        inside = ((ends[..., 0] <= shares) & (shares <= ends[..., 1])).mean(axis=0)
        of = f"share of {trials}, mean of {len(shares)} true shares"
        yield "a share (Wilson)", "other comments or runs", of, float(inside.mean())
        yield "a share (Wilson)", "other comments or runs", f"share of {trials}, the worst of them", float(inside.min())
    for trials in (4, 10):
        inside = [0, 0]
        for _ in range(corpora):
            one, other = generator.random(2)
            runs = [_runs(generator.random(trials) < share) for share in (one, other)]
            result = collapse_difference(*runs)
            inside[0] += result.low <= one - other <= result.high
        yield "a gap of shares (Newcombe)", "other runs", f"{trials} against {trials} runs", inside[0] / corpora


def _runs(collapsed: np.ndarray) -> list[Outcome]:
    """Return runs on two comments, which are called the same where a run has collapsed."""
    both = np.arange(2)
    return [Outcome(seed, both, both, np.array([0.9, 0.9 if one else 0.1])) for seed, one in enumerate(collapsed)]


def bands_coverage(corpora: int, draws: int, seed: int = 6) -> Iterator[Row]:
    """Yield how often the band of a precision-recall curve and intervals of calibration hold, for iid comments."""
    generator, size = np.random.default_rng(seed), 1528
    weights, places = resampling_weights(size, draws, 0), [19, 49, 79]

    def corpus(comments: int) -> tuple[np.ndarray, np.ndarray]:
        labels = (generator.random(comments) < HATEFUL).astype(np.int64)
        return labels, expit(STEEPNESS * (SIGNAL * labels + 0.8 * generator.normal(size=comments) - CUT))

    truth = precision_at_recalls(*corpus(1_000_000), np.ones((1_000_000, 1)))[places, 0]
    held = np.zeros(len(places))
    for _ in range(corpora // 4):
        low, high = np.percentile(precision_at_recalls(*corpus(size), weights)[places], [2.5, 97.5], axis=1)
        held += (low <= truth) & (truth <= high)
    for place, share in zip(places, (held / (corpora // 4)).tolist(), strict=True):
        yield "precision-recall band", SAME, f"precision at recall {RECALLS[place]:.1f}", share
    names, found = [f"c{number}" for number in range(size)], []
    for _ in range(corpora // 4):
        labels, p = corpus(size)
        frame = pd.DataFrame({"id": names, "label": labels, "p_hateful": p.astype(np.float32)})
        found.append(measure_calibration(frame.assign(fold_or_split=np.arange(size) % FOLDS), draws, 0))
    brier = float(np.mean([one.brier[0] for one in found]))
    held = float(np.mean([low <= brier <= high for _, low, high in (one.brier for one in found)]))
    yield "calibrated on other comments", SAME, f"brier (truth {brier:.3f})", held


class Sentences(NamedTuple):
    """What HateCheck-like cases belong to, arrays of shape (cases,), and the model's chance to call one hateful."""

    cases: pd.DataFrame
    log_odds: np.ndarray


def made_up_sentences(functions: int = 6, families: int = 20, groups: int = 7) -> Sentences:
    """Return cases of so many functions: even ones hateful, each odd one a variant of the one before it."""
    rows = [
        {
            **{"function": f"f{function}", "label": (function + 1) % 2, "target": f"g{group}", "text": ""},
            "family": f"{function // 2}-{family}",
        }
        for function in range(functions)
        for family in range(families)
        for group in range(groups)
    ]
    cases = pd.DataFrame(rows)
    return Sentences(cases, np.linspace(-1.5, 1.5, functions)[pd.factorize(cases["function"])[0]])


def real_sentences(path: str) -> Sentences:
    """Return HateCheck's cases, each function as often called hateful as TF-IDF on Fox News does, roughly."""
    cases = read_cases(path)
    return Sentences(cases, np.linspace(-2.5, 0.8, 29)[pd.factorize(cases["function"])[0]])


def hatecheck_coverage(sentences: Sentences, corpora: int, seed: int = 7) -> Iterator[Row]:
    """Yield how often HateCheck's intervals hold what the same functions give with other sentences.

    Sentences of a family are called hateful or not together, by an effect of the family and one of each variant.
    """
    generator = np.random.default_rng(seed)
    cases, odds = sentences
    families, functions, targets = (pd.factorize(cases[name])[0] for name in ("family", "function", "target"))
    odds = odds + np.linspace(-0.5, 0.5, targets.max() + 1)[targets]
    chance = np.array([mean_over_normal(lambda z, one=one: expit(one + np.sqrt(2) * z)) for one in np.unique(odds)])
    chance = chance[np.searchsorted(np.unique(odds), odds)]
    right = np.where(cases["label"] == 1, chance, 1 - chance)
    variants = pd.factorize(families * 1000 + functions)[0]
    held: dict[str, list[float]] = {}
    for _ in range(corpora):
        drawn = odds + generator.normal(size=families.max() + 1)[families]
        drawn += generator.normal(size=variants.max() + 1)[variants]
        table = score_cases(cases, {"model": generator.random(len(cases)) < expit(drawn)})
        for row in table[table["kind"] != "gap"].itertuples():
            named = cases[row.kind] == row.name if row.kind != "all" else np.ones(len(cases), bool)
            members = named & (cases["label"] == row.label if row.kind == "target" else True)
            held.setdefault(row.kind, []).append(row.low <= right[members].mean() <= row.high)
    for kind, inside in held.items():
        yield (
            "HateCheck",
            "other sentences",
            {"all": "all cases", "target": "a target group"}.get(kind, "a function"),
            float(np.mean(inside)),
        )


def report(rows: list[Row], corpora: int) -> str:
    """Return the coverages as a Markdown table, a row per kind and thing drawn anew; in bold what is not 93 to 97 %."""
    lines = ["| interval over | truth: the score on | of | held |", "|---|---|---|---:|"]
    for kind, anew, of, share in rows:
        shown = f"{100 * share:.1f} %"
        lines.append(f"| {kind} | {anew} | {of} | {shown if 0.93 <= share <= 0.97 else f'**{shown}**'} |")
    error = 100 * np.sqrt(0.95 * 0.05 / corpora)
    return "\n".join(
        [f"{corpora} corpora per row; the simulation's own standard error is {error:.1f} points.", "", *lines]
    )


def measured(corpora: int) -> Iterator[Row]:
    """Yield all rows."""
    yield from scores_coverage(corpora, 500, 3000)
    yield from differences_coverage(corpora, 500, 4000)
    for seeds, spread in ((2, 0.02), (3, 0.02), (10, 0.02), (2, 0.05), (3, 0.05), (10, 0.05), (3, 0.1), (10, 0.1)):
        yield from seeds_coverage(corpora, 500, seeds, spread)
    for seeds in (2, 10):
        yield from seeds_coverage(corpora, 500, seeds, 0.05, 170)
    yield from training_coverage(corpora, 500)
    yield from proportions_coverage(corpora, 4000)
    yield from bands_coverage(corpora, 300)
    found = Path(__file__).parents[1] / "resources" / "hatecheck-test-suite-cases.csv"
    yield from hatecheck_coverage(real_sentences(str(found)) if found.is_file() else made_up_sentences(), corpora // 4)


if __name__ == "__main__":
    corpora = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    text = report(list(measured(corpora)), corpora)
    results = Path(__file__).parents[1] / "results"
    results.mkdir(exist_ok=True)
    (results / "coverage.md").write_text(text + "\n", encoding="utf-8")
    print(text)
