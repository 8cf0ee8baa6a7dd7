"""Tiny transformers with random weights, saved in safetensors, for the tests of encoders and fine-tuning."""

from pathlib import Path

import numpy as np
import torch
from foxhound.inference.transformer_model import TransformerModel
from foxhound.models.lstm_training import LSTMSettings
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoModelForSequenceClassification,
    BertConfig,
    BertModel,
    DistilBertConfig,
    DistilBertModel,
    RobertaConfig,
    RobertaModel,
)

FILLER = ["all", "our", "neighbours", "came", "back", "to", "town", "today", "vermin", "out", "with", "them"]
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *FILLER]
LSTM_SETTINGS = LSTMSettings(
    hidden=6, attention=4, head=4, padding_steps=9, max_steps=5, batch_size=4, learning_rate=1e-2
)


def save_tokenizer(folder: Path) -> None:
    """Save a tokenizer of whole words."""
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.save(str(folder / "tokenizer.json"))


def save_model(folder: Path, kind: str = "bert", layers: int = 2, **changes: float) -> str:
    """Save a model with its tokenizer, and return its folder. Weights are large, so that layers differ in what they do."""
    torch.manual_seed(0)
    shape = {"vocab_size": len(WORDS), "max_position_embeddings": 24, "pad_token_id": 0, "initializer_range": 0.3}
    wide = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 32, "num_hidden_layers": layers}
    if kind == "bert":
        model = BertModel(BertConfig(**shape, **wide, **changes))
    elif kind == "roberta":
        model = RobertaModel(RobertaConfig(**shape, **wide))
    else:
        model = DistilBertModel(DistilBertConfig(**shape, dim=16, n_heads=2, hidden_dim=32, n_layers=layers))
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:  # biases and normalisation, which start at 0 and 1: nothing shows if they are lost
            torch.nn.init.normal_(parameter, mean=float("LayerNorm.weight" in name), std=0.1)
    model.save_pretrained(folder, safe_serialization=True)
    save_tokenizer(folder)
    return str(folder)


def save_classifier(folder: Path, kind: str = "bert") -> Path:
    """Save a classifier with random weights, as the rule `model` does, without an export; return its folder."""
    model = AutoModelForSequenceClassification.from_pretrained(save_model(folder, kind), num_labels=2)
    model.config.id2label = {0: "not hateful", 1: "hateful"}
    model.config.label2id = {"not hateful": 0, "hateful": 1}
    model.config.threshold, model.config.max_tokens = 0.3, 12
    for name, parameter in model.named_parameters():
        if "classifier" in name:
            torch.nn.init.normal_(parameter, std=3)
    model.save_pretrained(folder)
    return folder


def bag_of_words(folder: Path) -> TransformerModel:
    """Return a model whose log-odds are the sum of its words' weights: -2 for the first of FILLER, up to 3 for the last."""
    save_tokenizer(folder)
    weights = np.zeros(len(WORDS), np.float32)
    weights[4:] = np.linspace(-2, 3, len(FILLER))

    def logits(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
        odds = (weights[ids] * mask).sum(axis=1)
        return np.stack([np.zeros_like(odds), odds], axis=1)

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return TransformerModel(tokenizer, logits, padding=0, hateful=1, threshold=0.5, max_tokens=24)
