import numpy as np
import pandas as pd
import pytest
from foxhound.evaluation import standings
from foxhound.evaluation.scoring import combine_predictions, score_predictions
from foxhound.evaluation.standings import score_common_draws
from foxhound.experiment.protocols import describe_protocols
from foxhound.tables import read_table, write_table
from made_up import PROTOCOLS, guesses, predictions

FACTS = describe_protocols(PROTOCOLS)
TUNED = {"family": "finetune", "learning_rate": 1e-4}


def drawn(model: str, seed: int, skill: float, epoch: int = 0, settings: dict | None = None) -> pd.DataFrame:
    where = {"fold_or_split": f"balanced-random-700/draw-{seed}", "seed": seed, "epoch": epoch}
    return predictions(
        guesses(seed + 7 * epoch, skill, 80), model, settings=settings or {"family": "baseline"}, **where
    )


FRAMES = [
    *(drawn("long", seed, 0.4, epoch, TUNED) for seed in (1, 2, 3) for epoch in (2, 3)),
    *(drawn("short", seed, 0.3, 3, TUNED) for seed in (1, 2)),
    *(drawn("tfidf-logistic", seed, 0.2) for seed in (1, 2, 3)),
]
FRAME = pd.concat(FRAMES, ignore_index=True)
TABLE = score_common_draws(combine_predictions([FRAME]), FACTS, 50, 0)


def test_a_model_is_scored_over_the_draws_that_others_share_at_its_last_epoch():
    found = {(row.model, row.draws): (row.seeds, row.epoch) for row in TABLE.itertuples()}
    assert found == {
        ("long", "1, 2"): (2, 3), ("short", "1, 2"): (2, 3), ("tfidf-logistic", "1, 2"): (2, 0),
        ("long", "1 to 3"): (3, 3), ("tfidf-logistic", "1 to 3"): (3, 0),
    }  # fmt: skip
    own = score_predictions(FRAME[(FRAME["model"] == "long") & (FRAME["epoch"] == 3)], 50, 0)
    runs = own[own["seed"].notna()]
    for draws, seeds in (("1, 2", [1, 2]), ("1 to 3", [1, 2, 3])):
        row = TABLE[(TABLE["model"] == "long") & (TABLE["draws"] == draws)].iloc[0]
        assert row["auroc"] == pytest.approx(runs[runs["seed"].isin(seeds)]["auroc"].mean())
        assert row["auroc_low"] < row["auroc"] < row["auroc_high"]


def test_what_was_scored_already_is_not_scored_again_and_is_the_same(monkeypatch):
    frame = combine_predictions([FRAME])
    scored = score_predictions(frame, 50, 0)
    asked = []
    monkeypatch.setattr(standings, "score_predictions", lambda *given: asked.append(given) or score_predictions(*given))
    pd.testing.assert_frame_equal(score_common_draws(frame, FACTS, 50, 0, scored=scored), TABLE)
    assert [set(given[0]["model"]) for given in asked] == [{"long", "tfidf-logistic"}]


def test_the_table_fits_its_schema_also_where_nothing_was_drawn(tmp_path):
    folds = combine_predictions([predictions(guesses(1))])
    for place, table in enumerate((TABLE, score_common_draws(folds, FACTS, 50, 0))):
        write_table(table, tmp_path / f"{place}.parquet", "standings", {})
        assert len(read_table(tmp_path / f"{place}.parquet", "standings")) == len(table)
    assert TABLE["primary"].unique().tolist() == ["f1"]
    assert np.isnan(TABLE["f1_tuned"]).all()
