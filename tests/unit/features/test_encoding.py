"""Check the vectors of batches against transformers on each text alone."""

import numpy as np
import pytest
import torch
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import load_encoder, load_tokenizer, place
from foxhound.features.encoding import encode
from tiny_models import FILLER, save_model
from transformers import AutoModel

CPU = torch.device("cpu")
LENGTHS = [3, 11, 1, 18, 7, 2, 9]
TITLES = ["our town", "neighbours came back today", "vermin"] * 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    return save_model(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def texts() -> list[str]:
    generator = np.random.default_rng(0)
    return [" ".join(generator.choice(FILLER, length)) for length in LENGTHS]


@pytest.mark.parametrize("titles", [None, TITLES[: len(LENGTHS)]])
@pytest.mark.parametrize("layer", [-1, -2, 0])
def test_every_text_has_the_vectors_it_has_alone(layer, titles, folder, texts, precision):
    tokenizer = load_tokenizer(folder, 24)
    model = place(load_encoder(folder), CPU, frozen=True)
    vectors = dict(encode(model, tokenizer, texts, titles, layer, CPU, batch_size=3))
    alone = AutoModel.from_pretrained(folder).eval()
    assert sorted(vectors) == list(range(len(texts)))
    for position, text in enumerate(texts):
        encoding = tokenizer.encode(titles[position], text) if titles else tokenizer.encode(text)
        with torch.inference_mode():
            states = alone(
                torch.tensor([encoding.ids]),
                token_type_ids=torch.tensor([encoding.type_ids]),
                output_hidden_states=True,
            ).hidden_states[layer][0]
        assert vectors[position].dtype == np.float16
        assert vectors[position].shape == (len(encoding.ids), 16)
        np.testing.assert_allclose(vectors[position], states, atol=0.005 if precision == "float32" else 0.1)


def test_texts_come_from_short_to_long(folder, texts):
    tokenizer, model = load_tokenizer(folder, 24), place(load_encoder(folder), CPU)
    positions = [position for position, _ in encode(model, tokenizer, texts, None, -1, CPU, batch_size=2)]
    assert positions == np.argsort(LENGTHS).tolist()


@pytest.mark.parametrize("layer", [-4, 3])
def test_a_layer_that_the_encoder_lacks_is_refused(layer, folder):
    with pytest.raises(FoxhoundError, match=r"2 layers, and `embeddings\.layer` is -?\d: it can be -3 to 2"):
        next(encode(load_encoder(folder), load_tokenizer(folder, 24), ["town"], None, layer, CPU))
