"""Check the vectors of batches against transformers on each text alone."""

from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import find_encoder, load_encoder, load_tokenizer, place
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
    vectors = dict(encode(model, tokenizer, texts, titles, layer, CPU, batch_tokens=48))
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
    positions = [position for position, _ in encode(model, tokenizer, texts, None, -1, CPU, batch_tokens=48)]
    assert positions == np.argsort(LENGTHS).tolist()


@pytest.mark.parametrize("titled", [False, True])
def test_a_text_has_the_same_bits_whatever_is_encoded_beside_it(titled, precision):
    """The store mixes vectors of many runs: none may show which comments were new in its own."""
    config = yaml.safe_load((Path(__file__).parents[3] / "config.yaml").read_text())
    location = find_encoder(config["encoders"]["minilm"])
    tokenizer, model = load_tokenizer(location, 64), place(load_encoder(location), CPU, frozen=True)
    generator = np.random.default_rng(0)
    # up to longer than what is cut, and several of every width that needs no padding
    lengths = [*generator.integers(1, 80, 60), *[6, 14, 22, 30, 38] * 5]
    texts = [" ".join(generator.choice(["town", "news", "people", "they", "again"], length)) for length in lengths]
    titles = texts[::-1] if titled else None

    def encoded(positions: np.ndarray) -> dict[int, bytes]:
        beside = [titles[position] for position in positions] if titles else None
        rows = encode(model, tokenizer, [texts[position] for position in positions], beside, -1, CPU, 128)
        return {positions[item]: vectors.tobytes() for item, vectors in rows}

    whole = encoded(np.arange(len(texts)))
    assert len(whole) == len(texts)
    for count in (len(texts), 30, 2, 1, 1):
        some = encoded(generator.permutation(len(texts))[:count])
        assert some == {position: whole[position] for position in some}


@pytest.mark.parametrize("layer", [-4, 3])
def test_a_layer_that_the_encoder_lacks_is_refused(layer, folder):
    with pytest.raises(FoxhoundError, match=r"2 layers, and `embeddings\.layer` is -?\d: it can be -3 to 2"):
        next(encode(load_encoder(folder), load_tokenizer(folder, 24), ["town"], None, layer, CPU))
