from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation.data_ladder import COLUMNS, METRICS, WIDEST, doubling_gain, ladder_table
from made_up import scored
from scipy.optimize import curve_fit

Curve = Callable[[np.ndarray], np.ndarray]
CURVES: dict[str, Curve] = {
    "steep": lambda size: 0.72 - 20 / size,
    "usual": lambda size: 0.8 - size**-0.3,
    "slow": lambda size: 1.2 - 0.9 * size**-0.1,
    "straight": lambda size: 0.3 + 0.05 * np.log2(size),
    "flat": lambda size: np.full(len(size), 0.6),
    "falling": lambda size: 0.7 - 0.01 * np.log2(size),
}


def experiment(
    curve: Curve, generator: np.random.Generator, sizes=(100, 300, 700), seeds=3, spread=0.02
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sizes and scores of so many runs at each size, which scatter about the curve."""
    runs = np.repeat(np.array(sizes, float), seeds)
    return runs, curve(runs) + generator.normal(0, 1, len(runs)) * np.repeat(np.broadcast_to(spread, len(sizes)), seeds)


@pytest.mark.parametrize(
    ("seeds", "spread", "least"), [(3, 0.02, 0.93), (10, 0.02, 0.93), (3, (0.05, 0.03, 0.02), 0.9)]
)
@pytest.mark.parametrize("name", CURVES)
def test_the_interval_holds_the_true_gain_as_often_as_the_report_says(name, seeds, spread, least):
    curve, generator = CURVES[name], np.random.default_rng(0)
    small, large = curve(np.array([700.0, 1400.0]))
    gains = [doubling_gain(*experiment(curve, generator, seeds=seeds, spread=spread)) for _ in range(400)]
    assert np.mean([one.low <= large - small <= one.high for one in gains]) >= least
    assert np.median([one.gain for one in gains]) == pytest.approx(large - small, abs=0.02)
    assert np.median([one.high - one.low for one in gains]) < WIDEST


def test_with_little_noise_the_curve_is_that_of_scipy():
    sizes = np.repeat([50.0, 100, 200, 400, 800], 3)
    scores = 0.9 - 1.3 * sizes**-0.4 + np.tile([-1e-3, 0, 1e-3], 5)
    (_, b, c), _ = curve_fit(lambda size, a, b, c: a - b * size**-c, sizes, scores, p0=[0.8, 1, 0.5])
    expected = b * (800**-c - 1600**-c)
    assert expected == pytest.approx(1.3 * (800**-0.4 - 1600**-0.4), rel=1e-3)
    gain = doubling_gain(sizes, scores)
    assert gain.gain == pytest.approx(expected, rel=0.02)
    assert gain.low <= expected <= gain.high < 1.1 * expected
    assert gain.misfit > 0.05


def test_more_seeds_say_more_and_a_curve_of_another_shape_is_noticed():
    generator = np.random.default_rng(1)
    few, many = (doubling_gain(*experiment(CURVES["usual"], generator, seeds=seeds)) for seeds in (3, 30))
    assert many.high - many.low < 0.6 * (few.high - few.low)
    late = doubling_gain(
        *experiment(lambda size: 0.5 + 0.2 * (size > 500), generator)
    )  # learns nothing up to 500 comments
    assert late.misfit < 0.01


SIZES = ("ladder-100", "ladder-300", "ladder-700")
BALANCED = {name: "random" for name in SIZES} | {"first-100": "first", "first-700": "first"}
PROTOCOLS = {
    name: {"rebalance": rebalance, "train": int(name.partition("-")[2]), "validation": 0, "test": 100}
    for name, rebalance in BALANCED.items()
}


def drawn(
    protocol: str, seed: int, skill: float, model: str = "tuned", epoch: int = 3, constant: bool = False
) -> pd.DataFrame:
    """Return predictions of one run on 400 comments, right with this probability."""
    generator = np.random.default_rng([seed, epoch, len(protocol), round(1000 * skill)])
    labels = np.tile([0, 1], 200).astype(np.int8)
    p_hateful = (
        np.full(400, 0.9) if constant else np.where(generator.random(400) < skill, labels, 1 - labels) * 0.8 + 0.1
    )
    settings = {"family": "finetune", "learning_rate": 1e-4} | dict.fromkeys(
        ("embedding", "cleaning", "context", "architecture", "encoder", "class_weights"), "none"
    )
    frame = pd.DataFrame(
        {"id": [f"c{row:03d}" for row in range(400)], "label": labels, "p_hateful": p_hateful.astype(np.float32)}
    )
    where = {"fold_or_split": f"{protocol}/draw-{seed}", "part": "test", "seed": seed, "epoch": epoch, "model": model}
    return frame.assign(**where, settings=[settings] * len(frame)).astype({"seed": "int32", "epoch": "int32"})


def ladder(*runs: pd.DataFrame) -> dict[tuple[str, str], pd.Series]:
    """Return the rows of the table by model and metric."""
    table = ladder_table(scored(pd.concat(runs, ignore_index=True), draws=2, protocols=PROTOCOLS))
    assert tuple(table.columns) == COLUMNS
    return {(row["model"], row["metric"]): row for _, row in table.iterrows()}


SKILLS = dict(zip(SIZES, (0.7, 0.76, 0.8), strict=True))
WHOLE = [drawn(name, seed, skill) for name, skill in SKILLS.items() for seed in (1, 2, 3)]


def test_a_model_stands_with_its_gain_at_its_last_epoch():
    earlier = [drawn(name, seed, 0.55, epoch=2) for name in SIZES for seed in (1, 2, 3)]
    elsewhere = [drawn(name, seed, 0.99) for name in ("first-100", "first-700") for seed in (1, 2, 3)]
    rows = ladder(*earlier, *WHOLE, *elsewhere)
    assert set(rows) == {("tuned", metric) for metric in METRICS}
    for row in rows.values():
        assert (row["epoch"], row["sizes"], row["seeds"], row["train"], row["learning_rate"]) == (3, 3, 3, 700, 1e-4)
        assert row["score"] == pytest.approx(0.8, abs=0.03)
        assert row["reason"] is None
        assert row["gain_low"] < row["gain"] < row["gain_high"] <= row["gain_low"] + WIDEST
        assert row["gain"] == pytest.approx(0.03, abs=0.03)


def test_where_nothing_can_be_said_the_reason_stands():
    several = {
        "two sizes": [drawn(name, seed, 0.7, "two sizes") for name in SIZES[:2] for seed in (1, 2, 3)],
        "two seeds": [drawn(name, seed, 0.7, "two seeds") for name in SIZES for seed in (1, 2)],
        "constant": [drawn(name, seed, 0.7, "constant", constant=seed == 3) for name in SIZES for seed in (1, 2, 3)],
        "scattered": [drawn(name, seed, 0.5 + 0.12 * seed, "scattered") for name in SIZES for seed in (1, 2, 3)],
        "late": [drawn(name, seed, 0.9 if name == "ladder-700" else 0.6, "late") for name in SIZES for seed in (1, 2, 3)],
    }  # fmt: skip
    rows = ladder(*(run for runs in several.values() for run in runs))
    assert {model: row["reason"] for (model, metric), row in rows.items() if metric == "f1"} == {
        "two sizes": "it ran at 2 sizes, not 3 or more",
        "two seeds": "a size has 2 seeds, not 3 or more",
        "constant": "3 of 9 runs predict one class only",
        "scattered": "the interval is wider than 0.1",
        "late": "the scores follow no power law",
    }
    assert all(np.isnan(row[name]) for row in rows.values() for name in ("gain", "gain_low", "gain_high"))


def test_a_run_without_an_auroc_leaves_nothing_to_say_of_it():
    table = scored(pd.concat(WHOLE, ignore_index=True), draws=2, protocols=PROTOCOLS)
    table.loc[table["seed"].eq(2) & table["protocol"].eq("ladder-300"), "auroc"] = np.nan
    reasons = ladder_table(table).set_index("metric")["reason"]
    assert pd.isna(reasons["f1"]) and reasons["auroc"].startswith("a run has no such score")


def test_a_model_of_one_size_has_no_row():
    assert ladder(*[drawn("ladder-700", seed, 0.8) for seed in (1, 2, 3)]) == {}
