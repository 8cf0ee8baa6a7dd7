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
    """Classify by DistilBERT's first token: the custom head of the published experiment, with one logit."""

    def __init__(self, encoder: DistilBertModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.classifier = nn.Linear(encoder.config.dim, 1)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the logits (batch, 1) of token ids (batch, steps)."""
        return self.classifier(self.encoder(input_ids, attention_mask).last_hidden_state[:, 0])


def load_distilbert(location: str) -> DistilBertModel:
    """Load a DistilBERT checkpoint as it is, or make one from a BERT's layers.

    Raises:
        FoxhoundError: it is of another kind.
    """
    encoder = load_encoder(location)
    if isinstance(encoder, DistilBertModel):
        return encoder
    if encoder.config.model_type != "bert":
        raise FoxhoundError(f"Encoder {location!r} is a {encoder.config.model_type}; DistilBERT starts from BERT only.")
    return as_distilbert(encoder)


def build_bert(location: str) -> nn.Module:
    """Build BertForSequenceClassification with two labels.

    Raises:
        FoxhoundError: the encoder is no BERT.
    """
    kind = AutoConfig.from_pretrained(location, **SAFE).model_type
    if kind != "bert":
        raise FoxhoundError(f"Encoder {location!r} is a {kind}; BertForSequenceClassification needs a bert.")
    return load_pretrained(BertForSequenceClassification, location, num_labels=2)


def build_distilbert(location: str) -> nn.Module:
    """Build DistilBertForSequenceClassification with two labels."""
    encoder = load_distilbert(location)
    encoder.config.num_labels = 2
    model = DistilBertForSequenceClassification(encoder.config)
    model.distilbert = encoder
    return model


def build_distilbert_head(location: str) -> nn.Module:
    """Build the custom head on DistilBertModel's first token."""
    return FirstTokenHead(load_distilbert(location))


def build_any(location: str) -> nn.Module:
    """Build the classifier that transformers makes of any kind of encoder: RoBERTa, MPNet, DeBERTa, ModernBERT ..."""
    return load_pretrained(AutoModelForSequenceClassification, location, num_labels=2)


ARCHITECTURES = {
    "BertForSequenceClassification": build_bert,
    "DistilBertForSequenceClassification": build_distilbert,
    "DistilBertModel-first-token": build_distilbert_head,
    "AutoModelForSequenceClassification": build_any,
}


def pretrained_part(model: nn.Module) -> PreTrainedModel:
    """Return the part of a classifier that is a model of transformers."""
    return model.encoder if isinstance(model, FirstTokenHead) else model
