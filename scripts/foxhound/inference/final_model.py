"""Save the trained final model as a Hugging Face folder."""

from pathlib import Path

import torch
from transformers import AutoModelForSequenceClassification, PreTrainedModel, PreTrainedTokenizerFast

from foxhound.errors import FoxhoundError
from foxhound.features.encoder import load_pretrained, load_tokenizer, most_tokens
from foxhound.inference.model_folder import whole_files

LABELS = {0: "not hateful", 1: "hateful"}


def save_trained_model(model: PreTrainedModel, encoder: str, folder: str | Path, max_tokens: int) -> None:
    """Write the model (safetensors) and its tokenizer into `folder`, so that transformers alone can load them.

    Args:
        model: on the CPU, float32.
        encoder: folder or hub id of the encoder, whose tokenizer the model was trained with.
        max_tokens: longer comments are cut; no more than the model has positions for.

    Raises:
        FoxhoundError: loaded again, it is another model.
    """
    max_tokens = min(max_tokens, most_tokens(model.config) or max_tokens)
    model.config.id2label = dict(LABELS)
    model.config.label2id = {name: label for label, name in LABELS.items()}
    model.config.max_tokens = max_tokens
    # Saved as it was in training: in a folder without tokenizer_config.json, AutoTokenizer may make another one.
    tokenizer = load_tokenizer(encoder, max_tokens)
    with whole_files(folder) as temporary:
        model.save_pretrained(temporary)
        PreTrainedTokenizerFast(
            tokenizer_object=tokenizer,
            model_max_length=max_tokens,
            pad_token=tokenizer.id_to_token(model.config.pad_token_id or 0),
            model_input_names=["input_ids", "attention_mask"],
        ).save_pretrained(temporary)
        if not _same(model, load_pretrained(AutoModelForSequenceClassification, str(temporary))):
            raise FoxhoundError(
                f"{folder}: loaded again, the trained model is not what it was before it was saved. Please report this."
            )


def _same(model: PreTrainedModel, other: PreTrainedModel) -> bool:
    """Say whether the two are of one class and equal bit for bit."""
    mine, others = model.state_dict(), other.state_dict()
    if type(model) is not type(other) or mine.keys() != others.keys():
        return False
    return all(torch.equal(tensor, others[name]) for name, tensor in mine.items())
