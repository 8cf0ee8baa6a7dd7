"""Build the classifiers that are fine-tuned, from an encoder."""

from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    BertForSequenceClassification,
    DistilBertForSequenceClassification,
    DistilBertModel,
    PreTrainedModel,
)

from foxhound.errors import FoxhoundError
from foxhound.features.encoder import SAFE, as_distilbert, load_encoder, load_pretrained


class FirstTokenHead(nn.Module):
    """The notes' custom head: a linear layer from DistilBERT's first token to one logit."""

    def __init__(self, encoder: DistilBertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.classifier = nn.Linear(encoder.config.dim, 1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Logits (batch, 1) of token ids (batch, steps)."""
        return self.classifier(self.encoder(input_ids, attention_mask).last_hidden_state[:, 0])


def _distilbert(location: str) -> DistilBertModel:
    """A DistilBERT checkpoint as it is, or one made from a BERT's layers."""
    encoder = load_encoder(location)
    if isinstance(encoder, DistilBertModel):
        return encoder
    if encoder.config.model_type != "bert":
        raise FoxhoundError(f"Encoder {location!r} is a {encoder.config.model_type}; DistilBERT starts from BERT only.")
    return as_distilbert(encoder)


def build_bert(location: str) -> nn.Module:
    """BertForSequenceClassification with two labels."""
    found = AutoConfig.from_pretrained(location, **SAFE).model_type
    if found != "bert":
        raise FoxhoundError(f"Encoder {location!r} is a {found}; BertForSequenceClassification needs a bert.")
    return load_pretrained(BertForSequenceClassification, location, num_labels=2)


def build_distilbert(location: str) -> nn.Module:
    """DistilBertForSequenceClassification with two labels."""
    encoder = _distilbert(location)
    encoder.config.num_labels = 2
    model = DistilBertForSequenceClassification(encoder.config)
    model.distilbert = encoder
    return model


def build_distilbert_head(location: str) -> nn.Module:
    """The custom head on DistilBertModel's first token."""
    return FirstTokenHead(_distilbert(location))


def build_any(location: str) -> nn.Module:
    """The classifier that transformers makes of any kind of encoder: RoBERTa, MPNet, DeBERTa, ModernBERT ..."""
    return load_pretrained(AutoModelForSequenceClassification, location, num_labels=2)


ARCHITECTURES = {
    "BertForSequenceClassification": build_bert,
    "DistilBertForSequenceClassification": build_distilbert,
    "DistilBertModel-first-token": build_distilbert_head,
    "AutoModelForSequenceClassification": build_any,
}


def _pretrained(model: nn.Module) -> PreTrainedModel:
    """The library's part of a model."""
    return model.encoder if isinstance(model, FirstTokenHead) else model
