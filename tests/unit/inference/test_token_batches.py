import numpy as np
from foxhound.inference import token_batches
from foxhound.inference.token_batches import end_of_tokens, in_batches
from tiny_models import FILLER, WORDS, save_tokenizer
from tokenizers import Tokenizer


def test_every_text_gets_its_row_in_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(token_batches, "BATCH", 3)
    monkeypatch.setattr(token_batches, "WINDOW", 5)
    save_tokenizer(tmp_path)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    generator = np.random.default_rng(0)
    texts = [" ".join(generator.choice(FILLER, length)) for length in generator.integers(0, 20, 23)]
    shapes = []

    def compute(ids, mask):
        shapes.append(ids.shape)
        assert ids.dtype == mask.dtype == np.int64 and (ids[mask == 0] == 7).all()
        return (ids * mask).sum(axis=1)

    rows = in_batches(tokenizer, 7, compute, texts)
    assert rows == [sum(tokenizer.encode(text).ids) for text in texts]
    assert max(shape[0] for shape in shapes) == 3 and sum(shape[0] for shape in shapes) == 23
    assert in_batches(tokenizer, 7, compute, []) == []


def test_the_end_is_that_of_the_last_token(tmp_path):
    save_tokenizer(tmp_path)
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert (end_of_tokens(tokenizer, "our vermin  "), end_of_tokens(tokenizer, ""), len(WORDS)) == (10, 0, 16)
    tokenizer.enable_truncation(3)
    assert end_of_tokens(tokenizer, "our vermin") == 3
