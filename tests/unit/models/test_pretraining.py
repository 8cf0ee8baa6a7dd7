import numpy as np
import pytest
import torch
from foxhound.errors import FoxhoundError
from foxhound.features.encoder import load_encoder, load_tokenizer
from foxhound.models.pretraining import MASKED, hide, mask_token, pretrain
from tiny_models import WORDS, save_model
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

CPU = torch.device("cpu")
MASK = WORDS.index("town")  # a word nobody writes here


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> str:
    return save_model(tmp_path_factory.mktemp("bert"))


@pytest.mark.parametrize("name", ["[MASK]", "<mask>"])
def test_the_token_that_hides_is_found(name):
    assert mask_token(Tokenizer(WordLevel({"a": 0, name: 1}, unk_token="a"))) == 1


def test_a_tokenizer_without_one_is_refused(tiny):
    with pytest.raises(FoxhoundError, match=r"\[MASK\] or <mask>.*pretraining: 0"):
        mask_token(load_tokenizer(tiny, 24))


def test_the_shares_of_what_is_hidden_replaced_and_kept():
    generator = np.random.default_rng(0)
    before = generator.integers(10, 1000, (400, 500))
    free = np.ones_like(before)
    free[:, 0] = free[:, -1] = 0
    ids = before.copy()
    hidden = hide(ids, free.astype(bool), 5, 1000, generator)
    assert not hidden[:, [0, -1]].any()
    assert (ids[~hidden] == before[~hidden]).all()
    assert hidden[:, 1:-1].mean() == pytest.approx(MASKED, abs=0.005)
    masked, same = ids[hidden] == 5, ids[hidden] == before[hidden]
    assert masked.mean() == pytest.approx(0.8, abs=0.01)
    assert same.mean() == pytest.approx(0.1, abs=0.01)


def test_of_a_batch_with_one_word_that_word_is_hidden():
    free = np.array([[False, True, False]])
    for seed in range(20):
        assert (hide(np.array([[2, 9, 3]]), free, 5, 10, np.random.default_rng(seed)) == free).all()


def test_hidden_words_that_follow_from_their_neighbours_are_learned(tiny, precision, monkeypatch):
    monkeypatch.setattr("foxhound.models.pretraining.LEARNING_RATE", 1e-2)
    targets: set[int] = set()
    entropy = torch.nn.functional.cross_entropy
    monkeypatch.setattr(
        "torch.nn.functional.cross_entropy",
        lambda logits, right: targets.update(right.tolist()) or entropy(logits, right),
    )
    generator = np.random.default_rng(0)
    encoder = load_encoder(tiny).train()
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    tokenizer = load_tokenizer(tiny, 24)
    words = ["all", "our", "neighbours", "came"]
    encodings = tokenizer.encode_batch([" ".join([words[row % 4]] * 10) for row in range(64)] + [""])
    tokens = [encoding.ids for encoding in encodings]
    losses = pretrain(encoder, tokens, encodings, MASK, 0, 40, generator, CPU)
    assert len(losses) == 40
    assert targets == {WORDS.index(word) for word in words}  # and not what hides them
    assert losses[-1] < 0.5 * losses[0]
    assert any((value != before[name]).any() for name, value in encoder.state_dict().items())
