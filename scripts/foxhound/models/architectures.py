"""Build the classifiers that are fine-tuned, from an encoder."""

from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModelForSequenceClassification,
    BertForSequenceClassification,
    BertModel,
    DistilBertForSequenceClassification,
    DistilBertModel,
    PreTrainedModel,
)

from foxhound.errors import FoxhoundError
from foxhound.features.encoder import SAFE, load_pretrained

# Of the head of transformers' DistilBertForSequenceClassification, as DistilBertConfig has them.
HEAD_DROPOUT, HEAD_DEVIATION = 0.2, 0.02


class FirstTokenHead(nn.Module):
    """Classify by the encoder's first token: the custom head of the published experiment, or that of DistilBERT.

    Args:
        encoder: any that has a first token.
        classifier: from states to logits, (width, logits).
        hidden: layers between the two, if any.
    """

    def __init__(self, encoder: PreTrainedModel, classifier: nn.Linear, *hidden: nn.Module) -> None:
        super().__init__()
        self.encoder, self.hidden, self.classifier = encoder, nn.Sequential(*hidden), classifier

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Return the logits (batch, logits) of token ids (batch, steps)."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        return self.classifier(self.hidden(states[:, 0]))


def require_kind(location: str, kind: str, architecture: str, otherwise: str = "") -> None:
    """Refuse an encoder of another kind than the architecture is of.

    Raises:
        FoxhoundError: names both, and what to do.
    """
    found = AutoConfig.from_pretrained(location, **SAFE).model_type
    if found != kind:
        raise FoxhoundError(f"Encoder {location!r} is a {found}; {architecture} needs a {kind}.{otherwise}")


def build_bert(location: str) -> nn.Module:
    """Build BertForSequenceClassification with two labels; raise as `require_kind` does."""
    require_kind(location, "bert", "BertForSequenceClassification")
    return load_pretrained(BertForSequenceClassification, location, num_labels=2)


def build_bert_relu_head(location: str) -> nn.Module:
    """Build a BERT with the head of transformers' DistilBertForSequenceClassification; raise as `require_kind` does."""
    require_kind(location, "bert", "BertModel-relu-head")
    encoder = load_pretrained(BertModel, location, add_pooling_layer=False)
    width = encoder.config.hidden_size
    first, last = nn.Linear(width, width), nn.Linear(width, 2)
    for linear in (first, last):
        nn.init.normal_(linear.weight, std=HEAD_DEVIATION)
        nn.init.zeros_(linear.bias)
    return FirstTokenHead(encoder, last, first, nn.ReLU(), nn.Dropout(HEAD_DROPOUT))


def build_linear_head(encoder: PreTrainedModel) -> nn.Module:
    """Build one linear layer and one logit on the first token."""
    return FirstTokenHead(encoder, nn.Linear(encoder.config.hidden_size, 1))


def build_bert_linear_head(location: str) -> nn.Module:
    """Build the published custom head on a BERT; raise as `require_kind` does."""
    require_kind(location, "bert", "BertModel-linear-head")
    return build_linear_head(load_pretrained(BertModel, location, add_pooling_layer=False))


def build_distilbert(location: str) -> nn.Module:
    """Build DistilBertForSequenceClassification with two labels; raise as `require_kind` does."""
    otherwise = " For its head on a BERT: `architecture: BertModel-relu-head`, as finetune-bert-relu-head has it."
    require_kind(location, "distilbert", "DistilBertForSequenceClassification", otherwise)
    return load_pretrained(DistilBertForSequenceClassification, location, num_labels=2)


def build_distilbert_head(location: str) -> nn.Module:
    """Build the published custom head on a DistilBERT; raise as `require_kind` does."""
    otherwise = " For its head on a BERT: `architecture: BertModel-linear-head`, as finetune-bert-linear-head has it."
    require_kind(location, "distilbert", "DistilBertModel-first-token", otherwise)
    return build_linear_head(load_pretrained(DistilBertModel, location))


def build_any(location: str) -> nn.Module:
    """Build the classifier that transformers makes of any kind of encoder: RoBERTa, MPNet, DeBERTa, ModernBERT ..."""
    return load_pretrained(AutoModelForSequenceClassification, location, num_labels=2)


ARCHITECTURES = {
    "BertForSequenceClassification": build_bert,
    "BertModel-relu-head": build_bert_relu_head,
    "BertModel-linear-head": build_bert_linear_head,
    "DistilBertForSequenceClassification": build_distilbert,
    "DistilBertModel-first-token": build_distilbert_head,
    "AutoModelForSequenceClassification": build_any,
}


def pretrained_part(model: nn.Module) -> PreTrainedModel:
    """Return the part of a classifier that is a model of transformers."""
    return model.encoder if isinstance(model, FirstTokenHead) else model
