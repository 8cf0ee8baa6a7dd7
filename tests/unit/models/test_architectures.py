"""Check what the fine-tuned models start from, and that a name says what is built."""

import pytest
import torch
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import load_encoder
from foxhound.models.architectures import ARCHITECTURES, pretrained_part
from tiny_models import save_model
from torch import nn
from transformers import (
    BertModel,
    DistilBertConfig,
    DistilBertForSequenceClassification,
    DistilBertModel,
    PreTrainedModel,
)
from transformers.modeling_outputs import BaseModelOutput

BERT, RELU_HEAD, LINEAR_HEAD, DISTILBERT, HEAD, _ = ARCHITECTURES
OF_BERT = (BERT, RELU_HEAD, LINEAR_HEAD)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> str:
    return save_model(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def tiny_distilbert(tmp_path_factory) -> str:
    return save_model(tmp_path_factory.mktemp("distilbert"), kind="distilbert")


@pytest.mark.parametrize("architecture", [*OF_BERT, DISTILBERT, HEAD])
def test_models_start_from_the_encoders_weights(architecture, tiny, tiny_distilbert):
    location = tiny if architecture in OF_BERT else tiny_distilbert
    source = load_encoder(location).state_dict()
    encoder = pretrained_part(ARCHITECTURES[architecture](location)).base_model
    assert isinstance(encoder, BertModel if architecture in OF_BERT else DistilBertModel)
    values = encoder.state_dict()
    assert all(torch.equal(value, source[name]) for name, value in values.items())
    # BERT's pooler is a head of its own, which other heads replace.
    assert {name for name in source if name not in values} == (
        {"pooler.dense.weight", "pooler.dense.bias"} if architecture in (RELU_HEAD, LINEAR_HEAD) else set()
    )


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_part_of_transformers_holds_the_word_embeddings(architecture, tiny, tiny_distilbert):
    location = tiny_distilbert if architecture in (DISTILBERT, HEAD) else tiny
    words = load_encoder(location).get_input_embeddings().weight
    model = ARCHITECTURES[architecture](location)
    part = pretrained_part(model)
    assert isinstance(part, PreTrainedModel)
    assert torch.equal(part.get_input_embeddings().weight, words)
    assert any(module is part for module in model.modules())


IDS = torch.tensor([[2, 5, 6, 7, 3], [2, 12, 3, 0, 0]])
MASK = (IDS != 0).long()


def first_states(encoder: PreTrainedModel) -> torch.Tensor:
    """Return the state of each text's first token, read alone and without padding."""
    rows = zip(IDS, MASK, strict=True)
    return torch.cat([encoder(row[seen == 1][None]).last_hidden_state[:, 0] for row, seen in rows])


@pytest.mark.parametrize("architecture", [LINEAR_HEAD, HEAD])
def test_the_linear_head_is_one_layer_on_the_first_token(architecture, tiny, tiny_distilbert):
    torch.manual_seed(1)
    model = ARCHITECTURES[architecture](tiny if architecture == LINEAR_HEAD else tiny_distilbert).eval()
    with torch.inference_mode():
        expected = first_states(model.encoder) @ model.classifier.weight.T + model.classifier.bias
        assert expected.shape == (2, 1)
        torch.testing.assert_close(model(IDS, MASK), expected)


def test_the_head_of_two_layers_is_that_of_distilbert(tiny):
    """transformers' own classifier, given the same weights and the same states, gives the same logits."""
    torch.manual_seed(1)
    model = ARCHITECTURES[RELU_HEAD](tiny).eval()
    theirs = DistilBertForSequenceClassification(DistilBertConfig(dim=16, n_heads=2, n_layers=1, vocab_size=9)).eval()
    own = [module for module in model.hidden if not isinstance(module, nn.ReLU)]
    assert own[1].p == theirs.dropout.p
    assert own[0].weight.std().item() == pytest.approx(theirs.config.initializer_range, rel=0.2)
    theirs.pre_classifier, theirs.classifier = own[0], model.classifier
    states = torch.randn(2, 5, 16)

    class Given(nn.Module):
        def forward(self, *_, **__):
            return BaseModelOutput(last_hidden_state=states)

    theirs.distilbert = model.encoder = Given()
    with torch.inference_mode():
        torch.testing.assert_close(model(IDS, MASK), theirs(IDS, MASK).logits)


@pytest.mark.parametrize(
    ("kind", "architecture"),
    [
        *(("roberta", name) for name in (*OF_BERT, DISTILBERT, HEAD)),
        *(("distilbert", name) for name in OF_BERT),
        *(("bert", name) for name in (DISTILBERT, HEAD)),
    ],
)
def test_an_encoder_that_does_not_fit_the_architecture_is_refused(kind, architecture, tmp_path):
    location = save_model(tmp_path, kind=kind)
    with pytest.raises(FoxhoundError) as refused:
        ARCHITECTURES[architecture](location)
    assert location in str(refused.value)
    assert f"is a {kind}" in str(refused.value)
    assert "bert" in str(refused.value).split("is a ")[1].lower()


def test_a_bert_is_no_distilbert_and_the_error_names_its_head(tiny):
    for architecture, model in ((DISTILBERT, "finetune-bert-relu-head"), (HEAD, "finetune-bert-linear-head")):
        with pytest.raises(FoxhoundError, match=f"is a bert; {architecture} needs a distilbert.*{model}"):
            ARCHITECTURES[architecture](tiny)
