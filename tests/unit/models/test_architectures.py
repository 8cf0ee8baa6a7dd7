"""Check what the fine-tuned models start from."""

import pytest
import torch
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import load_encoder
from foxhound.models.architectures import ARCHITECTURES, build_distilbert, build_distilbert_head, pretrained_part
from tiny_models import save_model
from transformers import PreTrainedModel

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


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_part_of_transformers_holds_the_word_embeddings(architecture, tiny):
    words = load_encoder(tiny).get_input_embeddings().weight
    model = ARCHITECTURES[architecture](tiny)
    part = pretrained_part(model)
    assert isinstance(part, PreTrainedModel)
    assert torch.equal(part.get_input_embeddings().weight, words)
    assert any(module is part for module in model.modules())


def test_the_first_tokens_head_is_a_linear_layer_on_its_state(tiny):
    torch.manual_seed(1)
    model = build_distilbert_head(tiny).eval()
    ids = torch.tensor([[2, 5, 6, 7, 3], [2, 12, 3, 0, 0]])
    mask = (ids != 0).long()
    with torch.inference_mode():
        alone = torch.cat(
            [model.encoder(row[seen == 1][None]).last_hidden_state[:, 0] for row, seen in zip(ids, mask, strict=True)]
        )
        torch.testing.assert_close(model(ids, mask), alone @ model.classifier.weight.T + model.classifier.bias)


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
