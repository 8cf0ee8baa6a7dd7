"""Kept baselines and ensembles, fitted on the demo corpus's first comments, for the tests of what asks them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from foxhound.inference.baseline_export import save_mean_encoder, save_pooled, save_tfidf
from foxhound.inference.model_folder import new_member_folders
from foxhound.models.baselines import fit_baseline, probability_of_hateful
from foxhound.names import POOLED, TFIDF
from tiny_models import save_classifier, save_model

DEMO = Path(__file__).parents[2] / "resources" / "demo-comments.json"
CALIBRATION = {"slope": 0.5, "intercept": -0.25, "threshold": 0.4}


def demo_comments(count: int | None = None) -> pd.DataFrame:
    rows = [json.loads(line) for line in DEMO.read_text(encoding="utf-8").splitlines()]
    return pd.DataFrame(rows)[["text", "label"]].astype({"label": np.int8}).head(count or len(rows))


def keep_tfidf(folder: Path, comments: pd.DataFrame) -> np.ndarray:
    """Save TF-IDF + logistic regression into `folder`; the probabilities of what was fitted."""
    fitted = fit_baseline(TFIDF, comments, np.arange(len(comments)), 1)
    save_tfidf(fitted, folder)
    return probability_of_hateful(fitted, comments)


def keep_pooled(folder: Path, comments: pd.DataFrame, location: str, layer: int = -1) -> np.ndarray:
    """Save logistic regression on mean vectors into `folder`; the probabilities of what was fitted."""
    means = save_mean_encoder(location, layer, 24, folder).means(comments["text"].tolist())
    pooled = comments.assign(pooled=list(means))
    fitted = fit_baseline(POOLED, pooled, np.arange(len(comments)), 1)
    save_pooled(fitted, means.shape[1], folder)
    return probability_of_hateful(fitted, pooled)


def keep_ensemble(folder: Path, with_tuned: bool = True) -> Path:
    """Save an ensemble of three kinds of models (or of baselines) into `folder`, calibrated; return it."""
    comments = demo_comments(60)
    names = ["tuned", POOLED, TFIDF] if with_tuned else [POOLED, TFIDF]
    *tuned, pooled, counting = new_member_folders(folder, "ensemble", names)
    for one in tuned:
        save_classifier(one)
    (folder.parent / f"{folder.name}-encoder").mkdir()
    keep_pooled(pooled, comments, save_model(folder.parent / f"{folder.name}-encoder"))
    keep_tfidf(counting, comments)
    change_config(folder, **CALIBRATION)
    return folder


def change_config(folder: Path, **changes: object) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
