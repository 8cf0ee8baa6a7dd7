import codecs
from pathlib import Path

import pytest
import yaml
from foxhound.corpus.encodings import MARKS, OLDER, OtherEncodingError, find_encoding, guess_encoding, open_text
from hypothesis import given
from hypothesis import strategies as st

SCHEMA = yaml.safe_load((Path(__file__).parents[3] / "schemas/config.yaml").read_text(encoding="utf-8"))
SPOKEN = {
    "cp1252": "Ils sont tous des voleurs, d\u00e9gage \u00e0 la maison fran\u00e7aise",
    "cp1251": "\u0412\u0441\u0435 \u043e\u043d\u0438 \u0432\u043e\u0440\u044b \u0438 \u043b\u0436\u0435\u0446\u044b",
    "koi8-r": "\u0412\u0441\u0435 \u043e\u043d\u0438 \u0432\u043e\u0440\u044b \u0438 \u043b\u0436\u0435\u0446\u044b",
    "cp1253": "\u0395\u03af\u03bd\u03b1\u03b9 \u03cc\u03bb\u03bf\u03b9 \u03ba\u03bb\u03ad\u03c6\u03c4\u03b5\u03c2",
    "iso-8859-15": "Une \u0153uvre \u00e0 5 \u20ac, voleurs",
    "mac-roman": "Ils sont tous des voleurs, d\u00e9gage \u00e0 la maison fran\u00e7aise, \u00dcber alles",
    "cp1250": "Wszyscy s\u0105 z\u0142odziejami, \u017c\u0105damy sprawiedliwo\u015bci",
    "shift_jis": "\u6f22\u5b57 \u3068\u3066\u3082\u6b8b\u5ff5\u3067\u3059",
    "euc-jp": "\u6f22\u5b57 \u3068\u3066\u3082\u6b8b\u5ff5\u3067\u3059",
    "gb18030": "\u4ed6\u4eec\u90fd\u662f\u5c0f\u5077,\u5e94\u8be5\u79bb\u5f00\u8fd9\u91cc",
    "euc-kr": "\uadf8\ub4e4\uc740 \ubaa8\ub450 \ub3c4\ub451\uc774\ub2e4",
}


def lines(text: str, encoding: str) -> bytes:
    """Return sixty lines, mostly English, as comments on a site are."""
    return b"\n".join(f"some English words {number} {text},1".encode(encoding) for number in range(60))


@pytest.mark.parametrize("encoding", SPOKEN)
def test_an_encoding_is_recognised_by_what_was_written_in_it(encoding, tmp_path):
    data = lines(SPOKEN[encoding], encoding)
    assert guess_encoding(data) == encoding
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(
        OtherEncodingError, match=f"not UTF-8 in line 1: byte 0x.. .* It looks like {encoding}"
    ) as refused:
        find_encoding(tmp_path / "a.csv")
    assert refused.value.looks_like == encoding


@pytest.mark.parametrize("encoding", SPOKEN)
def test_the_encoding_that_failed_is_never_advised(encoding):
    assert guess_encoding(lines(SPOKEN[encoding], encoding), (encoding,)) != encoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_recognised_with_a_mark_or_without(encoding, tmp_path):
    text = "text\tlabel\nna\u00efve\t1\n"
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    with open_text(tmp_path / "a.csv", find_encoding(tmp_path / "a.csv")) as file:
        assert file.read() == text


def test_every_mark_is_that_of_its_encoding():
    assert all(
        "x"
        in (
            mark
            + "x".encode(
                name.removesuffix("-sig") + ("-le" if mark[:1] == b"\xff" else "-be" if name != "utf-8-sig" else "")
            )
        ).decode(name)
        for mark, name in MARKS.items()
    )


def test_single_bad_bytes_are_named_and_the_rest_stays_utf8(tmp_path):
    good = "".join(f"caf\u00e9 {number}\n" for number in range(40)).encode()
    (tmp_path / "a.csv").write_bytes(good + b"caf\xe9 40\n" + good + b"\xff\n")
    found = find_encoding(tmp_path / "a.csv")
    place = len(good) + 3
    assert found.doubt.startswith(f"line 41: byte 0xE9 (byte {place} of the file) is not UTF-8, and 1 more")
    with open_text(tmp_path / "a.csv", found) as file:
        text = file.read()
    assert text.count("\ufffd") == 2 and text.count("caf\u00e9") == 80


def test_an_encoding_that_is_named_and_does_not_fit_is_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"text\n" + "\u00e9".encode("cp1252") + b"\x81\n")
    with pytest.raises(OtherEncodingError, match=r"not cp1252 in line 2: byte 0x81 \(byte 6 of the file\)") as refused:
        find_encoding(tmp_path / "a.csv", "cp1252")
    assert "encoding: cp1252" not in str(refused.value)


def test_the_schema_allows_what_is_recognised():
    allowed = SCHEMA["properties"]["corpus"]["properties"]["encoding"]["enum"]
    assert set(OLDER) <= set(allowed) and all(map(codecs.lookup, allowed))


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_utf8_is_read_as_it_was_written(text):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.encode())
        if not text.encode().startswith((*MARKS, b"\x1f\x8b")):
            with open_text(path, find_encoding(path)) as file:
                assert file.read() == text


@pytest.mark.parametrize("other", ["cp1252", "cp1251", "shift_jis"])
def test_two_encodings_put_together_are_called_that(other, tmp_path):
    said = {"cp1252": "na\u00efve caf\u00e9", "cp1251": "\u0432\u0441\u0435", "shift_jis": "\u5168\u90e8\u306e"}[other]
    half = f"{said}\n" * 20
    (tmp_path / "a.csv").write_bytes(half.encode() + half.encode(other))
    with pytest.raises(OtherEncodingError, match=r"not UTF-8 in line 21.*two encodings put together") as error:
        find_encoding(tmp_path / "a.csv")
    assert error.value.looks_like is None
    (tmp_path / "a.csv").write_bytes(half.encode(other))
    with pytest.raises(OtherEncodingError) as error:
        find_encoding(tmp_path / "a.csv")
    assert "two encodings" not in str(error.value)
