import pandas as pd
import pytest
from chart_reading import rows_with, save_and_read
from foxhound.evaluation.operating_points import THRESHOLD
from foxhound.report.operating_figure import SERIES, operating_plot

MEASURES = {measure: [start, start + 0.1, start + 0.2] for measure, start in zip(SERIES, (0.5, 0.3, 0.1), strict=True)}


@pytest.fixture
def operating() -> pd.DataFrame:
    rows = pd.DataFrame({"rule": [THRESHOLD, THRESHOLD, "precision"], "wish": [0.2, 0.8, 0.9]} | MEASURES)
    for measure in MEASURES:
        rows[f"{measure}_low"], rows[f"{measure}_high"] = rows[measure] - 0.05, rows[measure] + 0.05
    return rows


def test_each_measure_is_drawn_at_each_threshold_and_not_at_what_was_wished_for(operating, tmp_path):
    shown, spec = save_and_read(operating_plot(operating, "stack", "three folds"), tmp_path)
    drawn = {(row["series"], row["threshold"]): row for row in rows_with(spec, "series", "threshold")}
    assert drawn.keys() == {(words, wish) for words in SERIES.values() for wish in (0.2, 0.8)}
    for measure, words in SERIES.items():
        for place, wish in enumerate((0.2, 0.8)):
            row, value = drawn[words, wish], MEASURES[measure][place]
            assert [row[name] for name in ("low", "value", "high")] == pytest.approx(
                [value - 0.05, value, value + 0.05]
            )
    assert {"stack under three folds", *SERIES.values()} <= set(shown)


def test_a_threshold_that_flags_nothing_has_no_precision_and_draws_none(operating, tmp_path):
    operating.loc[1, ["precision", "precision_low", "precision_high"]] = None
    _, spec = save_and_read(operating_plot(operating, "stack", "three folds"), tmp_path)
    precision = [row["threshold"] for row in rows_with(spec, "series") if row["series"] == SERIES["precision"]]
    assert precision == [0.2]


def test_without_a_model_the_picture_says_so(operating, tmp_path):
    shown, _ = save_and_read(operating_plot(operating[operating["rule"] != THRESHOLD], "", ""), tmp_path)
    assert "No model can be recommended." in shown
