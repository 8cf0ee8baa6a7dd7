"""Test that pseudonyms are stable, keyed and unlike the names, and that names are masked in texts of the same length."""

import stat
import threading
from pathlib import Path

import pytest
from foxhound.corpus.pseudonyms import NameMasker, load_key, pseudonyms
from foxhound.errors import FoxhoundError
from hypothesis import given
from hypothesis import strategies as st

KEY = bytes(32)


@given(st.lists(st.one_of(st.none(), st.text(max_size=6)), max_size=20))
def test_who_wrote_the_same_comments_still_did(names: list[str | None]) -> None:
    hidden = pseudonyms(names, KEY)
    for name, pseudonym in zip(names, hidden, strict=True):
        assert (pseudonym is None) == (not name)
    pairs = {(name, pseudonym) for name, pseudonym in zip(names, hidden, strict=True) if name}
    assert len(pairs) == len({name for name, _ in pairs}) == len({pseudonym for _, pseudonym in pairs})
    assert pseudonyms(names[::-1], KEY) == hidden[::-1]


def test_another_key_gives_other_pseudonyms_and_none_tells_the_name() -> None:
    one, other = (pseudonyms(["ann"], key)[0] for key in (KEY, b"1" * 32))
    assert one != other
    assert "ann" not in str(one)


def test_a_key_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "corpus" / "users.key"
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(load_key(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert load_key(path) == keys[0]
    assert load_key(tmp_path / "other.key") != keys[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["users.key"]


@pytest.mark.parametrize("damage", ["", "00", "z" * 64])
def test_a_damaged_key_is_refused_and_kept(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "users.key"
    path.write_text(damage)
    with pytest.raises(FoxhoundError, match=r"users.key: damaged.*Put the old one back"):
        load_key(path)
    assert path.read_text() == damage


def test_names_of_users_are_dotted_out_letter_by_letter() -> None:
    mask = NameMasker(["Saltfox", "two words", "GP", None, "Owl/7", "!!loud", "***"]).mask
    assert mask("saltfox, ask @nobody5 or Two Words.") == "•••••••, ask @••••••• or •••••••••."
    assert mask("saltfoxes and the GP, me@home.org") == "saltfoxes and the GP, me@home.org"
    assert mask("@GP owl/7🤬 !!LOUD") == "@•• •••••🤬 ••••••"
    assert mask("two wordsmiths, owl/77") == "two wordsmiths, owl/77"
    assert NameMasker([None]).mask("nobody") == "nobody"


@given(st.lists(st.text("aB_ ./é🤬", max_size=5), max_size=4), st.text("aB_ ./é🤬@", max_size=30))
def test_a_masked_text_keeps_its_length_and_all_that_is_no_name(users: list[str], text: str) -> None:
    masked = NameMasker(users).mask(text)
    assert len(masked) == len(text)
    assert all(now in (before, "•") for before, now in zip(text, masked, strict=True))
