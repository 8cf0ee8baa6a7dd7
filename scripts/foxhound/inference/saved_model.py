"""Load a kept model of any kind from its folder.

PyTorch is imported only where a fine-tuned model has no ONNX export.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from foxhound.errors import FoxhoundError
from foxhound.inference.ensemble_model import EnsembleModel
from foxhound.inference.kept_model import KeptModel, calibration_of
from foxhound.inference.model_folder import kind_of, member_folders, read_config
from foxhound.inference.pooled_model import load_pooled
from foxhound.inference.tfidf_model import load_tfidf
from foxhound.inference.transformer_model import load_transformer
from foxhound.names import FINETUNE, POOLED, TFIDF

Load = Callable[[Path, Mapping[str, Any], int], KeptModel]
"""Folder, content of its config.json, threads -> the model in it."""
LOADERS: dict[str, Load] = {POOLED: load_pooled, TFIDF: load_tfidf}


def load_saved(folder: str | Path, threads: int = 1, fine_tuned: Load = load_transformer) -> KeptModel:
    """Load the final model (`snakemake results/model`), or another classifier of two labels, from its folder.

    Args:
        threads: of ONNX Runtime or PyTorch.
        fine_tuned: loads what is fine-tuned.

    Raises:
        FoxhoundError: the folder or a file is missing or damaged, it is of a kind that is not known, or the labels are
            not two, one of them hateful.
    """
    folder = Path(folder)
    config = read_config(folder)
    kind = kind_of(config)
    if members := member_folders(folder, config):
        loaded = [load_saved(member, threads, fine_tuned) for member in members]
        return EnsembleModel(members=loaded, **calibration_of(config))
    if kind == FINETUNE:
        return fine_tuned(folder, config, threads)
    if kind not in LOADERS:
        raise FoxhoundError(
            f"{folder}: a model of the kind {kind!r}, which this version does not know. Update Foxhound, or make the "
            "model again."
        )
    return LOADERS[kind](folder, config, threads)
