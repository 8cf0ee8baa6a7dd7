import gzip
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from foxhound.errors import FoxhoundError
from foxhound.features.word2vec import coverage, look_up, pretrained_word_vectors, train_word_vectors
from foxhound.tables import write_table
from gensim.models import KeyedVectors

VECTORS = Path(__file__).parents[4] / "shared/data/word-vectors.txt.gz"
SETTINGS = {"vector_size": 8, "window": 2, "min_count": 2, "epochs": 3}
TEXTS = [["cats", "eat", "fish"], ["dogs", "eat", "meat"], ["cats", "chase", "dogs"], ["once"]]
WORDS = pd.DataFrame({"word": ["cats", "dogs"], "vector": [np.array([1, 2, 3], "f4"), np.array([4, 5, 6], "f4")]})


def as_dict(words: pd.DataFrame) -> dict[str, list[float]]:
    return {word: vector.tolist() for word, vector in zip(words["word"], words["vector"], strict=True)}


def pretrained(folder, name: str):
    vectors = KeyedVectors(3)
    vectors.add_vectors(["cats", "dogs", "birds"], np.arange(9, dtype=np.float32).reshape(3, 3))
    vectors.save_word2vec_format(str(folder / name), binary=not name.endswith(".txt"))
    return folder / name


def refusal(path, texts=TEXTS) -> str:
    with pytest.raises(FoxhoundError) as refused:
        pretrained_word_vectors(path, texts)
    assert str(path) in str(refused.value)
    return str(refused.value)


def test_words_seen_often_enough_get_a_vector(tmp_path):
    words = train_word_vectors(TEXTS, SETTINGS, seed=1)
    assert sorted(words["word"]) == ["cats", "dogs", "eat"]
    assert {vector.shape for vector in words["vector"]} == {(8,)}
    write_table(words, tmp_path / "words.parquet", "word_vectors", {})


def test_equal_seeds_give_equal_vectors_and_others_do_not():
    first, again, other = (as_dict(train_word_vectors(TEXTS * 20, SETTINGS, seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_words_of_like_company_come_together():
    # cats and dogs keep the same company, stocks another
    generator = np.random.default_rng(0)
    pets, money = ["fur", "paw", "tail", "vet"], ["bank", "fund", "price", "trade"]
    texts = [[*generator.permutation(pets)[:3], generator.choice(["cats", "dogs"])] for _ in range(300)]
    texts += [[*generator.permutation(money)[:3], "stocks"] for _ in range(300)]
    words = as_dict(train_word_vectors(texts, SETTINGS | {"epochs": 20, "window": 5}, seed=1))
    centre = np.mean(list(words.values()), axis=0)
    unit = {word: (vector - centre) / np.linalg.norm(vector - centre) for word, vector in words.items()}
    assert unit["cats"] @ unit["dogs"] > unit["cats"] @ unit["stocks"] + 0.5


@pytest.mark.parametrize("texts", [[], [[]], [["once"], ["upon"]]])
def test_no_word_often_enough_says_what_to_lower(texts):
    with pytest.raises(FoxhoundError) as refused:
        train_word_vectors(texts, SETTINGS, seed=1)
    for part in ("2 times", f"{len(texts)} training comments", "`word2vec.min_count`", "config.yaml"):
        assert part in str(refused.value)


@pytest.mark.parametrize("name", ["vectors.txt", "vectors.bin", "vectors.bin.gz"])
def test_pretrained_vectors_are_cut_to_the_words_of_the_texts(name, tmp_path):
    words = pretrained_word_vectors(pretrained(tmp_path, name), TEXTS)
    assert as_dict(words) == {"cats": [0, 1, 2], "dogs": [3, 4, 5]}
    assert words["vector"][0].dtype == np.float32


def test_a_pickle_is_refused_without_being_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    for name in ("vectors.kv", "vectors.bin"):
        (tmp_path / name).write_bytes(pickle.dumps(Trap()))
        message = refusal(tmp_path / name)
        assert "can run code" in message
        assert "save_word2vec_format" in message
    assert not (tmp_path / "sprung").exists()


def test_a_missing_file_names_the_key(tmp_path):
    assert "word2vec.pretrained" in refusal(tmp_path / "nothing.bin")


@pytest.mark.parametrize(
    "content", [b"", b"hello\n", b"3 3\ncats 1 2 3\n", b"1 3\ncats 1 2\n", b"1 2\ncats 1 x\n", b"1 1\n\xe9 1\n"]
)
def test_a_file_in_another_format_is_refused(content, tmp_path):
    (tmp_path / "vectors.txt").write_bytes(content)
    assert "not in word2vec format" in refusal(tmp_path / "vectors.txt")


def test_a_cut_off_binary_file_is_refused(tmp_path):
    path = pretrained(tmp_path, "vectors.bin")
    path.write_bytes(path.read_bytes()[:-5])
    assert "not in word2vec format" in refusal(path)


def test_a_gz_that_is_none_is_refused(tmp_path):
    (tmp_path / "vectors.gz").write_bytes(b"hello")
    assert "not in word2vec format" in refusal(tmp_path / "vectors.gz")


def test_compressed_text_is_read(tmp_path):
    (tmp_path / "vectors.txt.gz").write_bytes(gzip.compress(pretrained(tmp_path, "vectors.txt").read_bytes()))
    assert as_dict(pretrained_word_vectors(tmp_path / "vectors.txt.gz", TEXTS)) == {
        "cats": [0, 1, 2],
        "dogs": [3, 4, 5],
    }


@pytest.mark.parametrize("name", ["glove.txt", "glove.txt.gz"])
def test_gloves_own_format_has_no_line_of_counts(name, tmp_path):
    lines = pretrained(tmp_path, "vectors.txt").read_bytes().split(b"\n", 1)[1]
    (tmp_path / name).write_bytes(gzip.compress(lines) if name.endswith(".gz") else lines)
    assert as_dict(pretrained_word_vectors(tmp_path / name, TEXTS)) == {"cats": [0, 1, 2], "dogs": [3, 4, 5]}


def test_the_content_tells_text_from_binary_and_not_the_name(tmp_path):
    binary = gzip.compress(pretrained(tmp_path, "vectors.bin").read_bytes())
    (tmp_path / "as-gensim-names-it.gz").write_bytes(binary)
    text = pretrained(tmp_path, "vectors.txt").rename(tmp_path / "text.bin")
    for path in (tmp_path / "as-gensim-names-it.gz", text):
        assert as_dict(pretrained_word_vectors(path, TEXTS)) == {"cats": [0, 1, 2], "dogs": [3, 4, 5]}


def test_real_vectors_put_like_words_together():
    if not VECTORS.is_file():
        pytest.skip("the word vectors are not beside this checkout (../shared/data/word-vectors.txt.gz)")
    words = ["good", "great", "black", "white", "senator", "governor"]
    vectors = {word: np.array(vector) for word, vector in as_dict(pretrained_word_vectors(VECTORS, [words])).items()}
    unit = {word: vector / np.linalg.norm(vector) for word, vector in vectors.items()}
    assert {vector.shape for vector in unit.values()} == {(100,)}
    for word, partner in zip(words[::2], words[1::2], strict=True):
        others = [other for other in words if other not in (word, partner)]
        assert unit[word] @ unit[partner] > max(unit[word] @ unit[other] for other in others)


def test_coverage_counts_words_once_and_as_often_as_they_are_read():
    assert coverage([["cats", "cats", "cats", "fish"], ["dogs", "meat"]], WORDS) == {
        "different": 0.5,  # of four words cats and dogs
        "running": pytest.approx(4 / 6),
    }
    assert coverage([["fish"]], WORDS) == coverage([[]], WORDS) == {"different": 0.0, "running": 0.0}


def test_pretrained_vectors_that_share_no_word_are_refused(tmp_path):
    assert "no word" in refusal(pretrained(tmp_path, "vectors.bin"), [["xyz"]])


def test_a_text_is_its_known_words_vectors_in_order():
    vectors_of_texts = look_up([["dogs", "chase", "cats", "dogs"], ["cats"]], WORDS)
    assert vectors_of_texts.values.dtype == np.float16
    assert vectors_of_texts.lengths.tolist() == [3, 1]
    assert vectors_of_texts[0].tolist() == [[4, 5, 6], [1, 2, 3], [4, 5, 6]]
    assert vectors_of_texts[1].tolist() == [[1, 2, 3]]


@pytest.mark.parametrize("text", [[], ["xyz"]])
def test_a_text_without_known_words_is_one_zero_vector(text):
    vectors_of_texts = look_up([["cats"], text, ["dogs"]], WORDS)
    assert vectors_of_texts.lengths.tolist() == [1, 1, 1]
    assert vectors_of_texts[1].tolist() == [[0, 0, 0]]
    assert vectors_of_texts[2].tolist() == [[4, 5, 6]]
