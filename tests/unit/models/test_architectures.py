"""What the fine-tuned models start from."""

import pytest
import torch
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import load_encoder
from foxhound.models.architectures import ARCHITECTURES, build_distilbert, build_distilbert_head
from tiny_models import save_model

BERT, DISTILBERT, HEAD, _ = ARCHITECTURES


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> str:
    return save_model(tmp_path_factory.mktemp("bert"))


def test_models_start_from_the_encoders_weights(tiny):
    source = load_encoder(tiny).state_dict()
    bert = ARCHITECTURES[BERT](tiny)
    for name, value in bert.bert.state_dict().items():
        assert torch.equal(value, source[name]), name
    for model in (build_distilbert(tiny).distilbert, build_distilbert_head(tiny).encoder):
        assert torch.equal(model.embeddings.word_embeddings.weight, source["embeddings.word_embeddings.weight"])
        assert torch.equal(
            model.transformer.layer[1].ffn.lin1.weight, source["encoder.layer.1.intermediate.dense.weight"]
        )


def test_a_distilbert_checkpoint_is_taken_as_it_is(tmp_path):
    location = save_model(tmp_path, kind="distilbert")
    source = load_encoder(location).state_dict()
    for model in (build_distilbert(location).distilbert, build_distilbert_head(location).encoder):
        assert all(torch.equal(value, source[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("kind", "architecture"), [("roberta", DISTILBERT), ("roberta", HEAD), ("roberta", BERT), ("distilbert", BERT)]
)
def test_an_encoder_that_does_not_fit_the_architecture_is_refused(kind, architecture, tmp_path):
    location = save_model(tmp_path, kind=kind)
    with pytest.raises(FoxhoundError) as refused:
        ARCHITECTURES[architecture](location)
    assert location in str(refused.value)
    assert f"is a {kind}" in str(refused.value)
    assert "bert" in str(refused.value).split("is a ")[1].lower()
