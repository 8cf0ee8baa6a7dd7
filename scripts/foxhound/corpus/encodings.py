"""Find out in which encoding a text was written, and name the line and byte where it was not."""

import codecs
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from foxhound.corpus.unpacking import open_bytes
from foxhound.errors import FoxhoundError

MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order mark -> encoding; that of UTF-32 begins with that of UTF-16."""
OLDER: tuple[str, ...] = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "iso-8859-1")
OLDER += ("iso-8859-2", "iso-8859-15", "koi8-r", "mac-roman", "shift_jis", "euc-jp", "euc-kr", "big5", "gb18030")
"""Encodings of one alphabet, as config.yaml names them."""
MOSTLY = 2  # characters beyond ASCII that are UTF-8, for each byte that is not: other encodings have few by chance
MIXED = 0.5  # from here on, two encodings are mixed
SAMPLE = 1 << 16  # bytes that tell an encoding
PIECE = 1 << 20  # bytes that are checked at once
WESTERN = set("àâäáãåæçèéêëíìîïñóòôöõøœúùûüÿßÀÂÄÁÃÅÆÇÈÉÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜ€£©®°±·«»¿¡“”‘’‚„–—…•™´`¨§\xa0")  # noqa: RUF001
WEST = ("cp1252", "iso-8859-15", "mac-roman")
INNER_SIGN = re.compile(
    r"[a-z]([\u00c0-\u00de\u0152\u0178\u017d\u0160]"
    r"|[\u2022\u00b1\u00ab\u00bb\u00bf\u00a1\u00a9\u00ae\u00b0\u00a8\u00a7\u2122][a-z])"
)
"""A capital, or a sign that is no letter, inside a word."""
WORD_BEYOND = re.compile(r"[a-zA-Z][^\W\d_a-zA-Z]|[^\W\d_a-zA-Z][a-zA-Z]")
TWO_BYTES = ("shift_jis", "euc-jp", "euc-kr", "big5", "gb18030")
BEYOND = re.compile(rb"[\x80-\xff][^\x00-\x20,;]*")  # from a byte that is not ASCII to the end of the word
EXAMPLE = 30  # characters of the text that a message shows
BAD = re.compile("[\udc80-\udcff]")  # what Python makes of bytes that are not UTF-8


class OtherEncodingError(FoxhoundError):
    """A text is in another encoding; `looks_like` names one that fits, or is None; `example` shows words in it."""

    def __init__(self, message: str, looks_like: str | None, example: str = "") -> None:
        super().__init__(message)
        self.looks_like = looks_like
        self.example = example


@dataclass(frozen=True)
class Encoding:
    """How a text is decoded.

    errors: `strict`, or `replace` where single bytes of a file in UTF-8 are damaged.
    doubt: what the user should know of these.
    """

    name: str
    errors: str = "strict"
    doubt: str | None = None


@dataclass
class _Survey:
    """What was found: characters beyond ASCII, bytes that fit nothing, and the first of these."""

    beyond_ascii: int = 0
    bad: int = 0
    line: int = 0
    byte: int = 0
    offset: int = 0


def _survey_utf8(stream: io.BufferedReader) -> _Survey:
    """Read a stream as UTF-8, and count what is not."""
    found = _Survey()
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    line, offset = 1, 0
    while True:
        piece = stream.read(PIECE)
        text = decoder.decode(piece, not piece)
        if not text.isascii():
            bad = list(BAD.finditer(text))
            found.beyond_ascii += len(re.findall(r"[^\x00-\x7f]", text)) - len(bad)
            if bad and not found.bad:
                before = text[: bad[0].start()]
                found.line, found.byte = line + before.count("\n"), ord(bad[0][0]) - 0xDC00
                found.offset = offset + len(before.encode("utf-8", "surrogateescape"))
            found.bad += len(bad)
        line += text.count("\n")
        offset += len(text.encode("utf-8", "surrogateescape"))
        if not piece:
            return found


def _first_failure(stream: io.BufferedReader, encoding: str) -> str | None:
    """Return where a stream is not in this encoding, in words, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, offset = 1, 0
    while True:
        piece = stream.read(PIECE)
        try:
            text = decoder.decode(piece, not piece)
        except UnicodeDecodeError as error:
            # What the decoder kept back of the last piece stands before this one.
            kept = len(error.object) - len(piece)
            place = min(max(0, error.start), len(error.object) - 1)
            before = error.object[:place].decode(encoding, "ignore")
            return _place(line + before.count("\n"), error.object[place], offset - kept + place)
        line += text.count("\n")
        offset += len(piece)
        if not piece:
            return None


def _place(line: int, byte: int, offset: int) -> str:
    return f"line {line}: byte 0x{byte:02X} (byte {offset} of the file)"


def _share(sample: bytes, encoding: str, fits: Callable[[str], bool]) -> float:
    """Return the share of signs beyond ASCII that fit; 0 where there are none, or the bytes are in another encoding."""
    try:
        beyond = [sign for sign in sample.decode(encoding) if not sign.isascii()]
    except UnicodeDecodeError:
        return 0.0
    return sum(map(fits, beyond)) / len(beyond) if beyond else 0.0


def _is_written(sign: str) -> bool:
    """Say whether a sign is a letter, or one that stands between words."""
    return sign.isalpha() or sign in WESTERN


def _is_western(sample: bytes, encoding: str) -> bool:
    """Say whether bytes read as a language of Western Europe, as programs there write it.

    Statistics of letters often name a neighbour of the right encoding for a short text. Bytes of other alphabets give
    signs that no such language uses, or words without a letter of ASCII; a neighbour gives capitals and signs in words.
    """
    if _share(sample, encoding, WESTERN.__contains__) < 0.98:
        return False
    text = sample.decode(encoding)
    if len(INNER_SIGN.findall(text)) > 0.1 * len(WORD_BEYOND.findall(text)):
        return False
    words = [word for word in re.findall(r"[^\W\d_]{2,}", text) if not word.isascii()]
    mixed = [word for word in words if any(sign.isascii() for sign in word)]
    return len(mixed) >= 0.9 * len(words)


def guess_encoding(sample: bytes, failed: tuple[str, ...] = ()) -> str | None:
    """Return the encoding of `OLDER` that a sample looks like, or None.

    Args:
        failed: encodings that the file is known not to be in.
    """
    telling = b"\n".join(line for line in sample.split(b"\n") if not line.isascii())
    if western := next((name for name in WEST if name not in failed and _is_western(telling, name)), None):
        return western
    from charset_normalizer import from_bytes

    # A wrong neighbour gives fractions, powers and other signs in place of letters, whatever statistics of letters say.
    allowed = [name for name in OLDER if name not in failed]
    plausible = [name for name in allowed if name in TWO_BYTES or _share(telling, name, _is_written) > 0.9]
    allowed = plausible or allowed
    canonical = {codecs.lookup(name).name: name for name in allowed}

    def best(data: bytes) -> str | None:
        match = from_bytes(data, cp_isolation=allowed).best()
        return canonical.get(codecs.lookup(match.encoding).name) if match else None

    # Among much ASCII, statistics of letters miss encodings of two bytes a character: these are looked for alone first.
    if japanese := [name for name in ("shift_jis", "euc-jp") if name in allowed and _has_kana(telling, name)]:
        return japanese[0]
    alone = best(b" ".join(BEYOND.findall(telling)))
    return alone if alone in TWO_BYTES else best(telling) or alone


def _has_kana(data: bytes, encoding: str) -> bool:
    """Say whether much of what is not ASCII is Hiragana or Katakana, without which no Japanese is written."""
    try:
        text = [sign for sign in data.decode(encoding) if not sign.isascii()]
    except UnicodeDecodeError:
        return False
    return sum("\u3040" <= sign <= "\u30ff" for sign in text) > 0.2 * len(text)


def _looks_like(path: Path, failed: tuple[str, ...], bounded: bool) -> str | None:
    """Return the encoding that a whole file can be in and that it looks like, or None."""
    with open_bytes(path, bounded) as stream:
        if 0 in stream.peek(1024):  # UTF-16, or no text
            return None
        sample = bytearray()
        while len(sample) < SAMPLE and (piece := stream.readline(SAMPLE)):
            if piece.isascii():
                continue
            sample += piece
    whole = bytes(sample).rpartition(b"\n")[0] or bytes(sample)  # no line that is cut in the middle of a character
    guess = guess_encoding(whole, failed)
    if guess is None:
        return None
    with open_bytes(path, bounded) as stream:
        return guess if _first_failure(stream, guess) is None else None


def _example(path: Path, encoding: str, bounded: bool) -> str:
    """Return some words of the text, so that its owner sees whether the encoding is right."""
    with open_bytes(path, bounded) as stream:
        line = next((line for line in iter(lambda: stream.readline(SAMPLE), b"") if not line.isascii()), b"")
    text = line.decode(encoding, "ignore")
    place = next((place for place, sign in enumerate(text) if not sign.isascii()), 0)
    return f" (\u201c{text[max(0, place - EXAMPLE // 2) : place + EXAMPLE // 2].strip()}\u201d)" if text else ""


def _refuse(path: Path, where: str, tried: str, bounded: bool) -> OtherEncodingError:
    """Return the error of a file that is not in the encoding that was tried, with one that it looks like."""
    looks_like = _looks_like(path, (tried,), bounded)
    example = _example(path, looks_like, bounded) if looks_like else ""
    if looks_like:
        remedy = (
            f"It looks like {looks_like}{example}: name that (`encoding: {looks_like}` "
            f"under `corpus` in config.yaml; --encoding {looks_like}), or save the file as UTF-8."
        )
    else:
        remedy = "It looks like none that Foxhound knows: save it as UTF-8."
    tried = "UTF-8" if tried.startswith("utf-8") else tried
    return OtherEncodingError(f"{path}: not {tried} in {where}. {remedy}", looks_like, example)


def utf16_without_mark(start: bytes) -> str | None:
    """Return which UTF-16 the first bytes of a text show, or None: of a Latin alphabet, every second byte is zero."""
    half = len(start) // 2
    even, odd = start[::2].count(0), start[1::2].count(0)
    if half and min(even, odd) < 0.2 * half and max(even, odd) > 0.6 * half:
        return "utf-16-be" if even > odd else "utf-16-le"
    return None


def find_encoding(path: Path, asked: str | None = None, bounded: bool = True) -> Encoding:
    """Return the encoding of a text; a byte order mark overrules what is asked for, and UTF-8 is the usual one.

    Raises:
        OtherEncodingError: the text is not in the encoding that is asked for, or not in UTF-8. Names line and byte, and
            what it looks like.
    """
    with open_bytes(path, bounded) as stream:
        start = stream.peek(1024)[:1024]
        name = next((name for mark, name in MARKS.items() if start.startswith(mark)), asked)
        name = name or utf16_without_mark(start)
        if name is None or codecs.lookup(name).name in ("utf-8", "utf-8-sig"):
            name = "utf-8-sig"  # which does without a mark, too
            found = _survey_utf8(stream)
            if not found.bad:
                return Encoding(name)
            where = _place(found.line, found.byte, found.offset)
            if found.bad * MIXED < found.beyond_ascii < MOSTLY * found.bad:
                raise OtherEncodingError(
                    f"{path}: not UTF-8 in {where}, and much of the rest is: it looks like files of two encodings put "
                    "together. Save each of them as UTF-8 first.",
                    None,
                )
            if found.beyond_ascii < MOSTLY * found.bad:
                raise _refuse(path, where, "utf-8", bounded)
            others = f", and {found.bad - 1} more" if found.bad > 1 else ""
            doubt = f"{where} is not UTF-8{others}: the rest is, and such bytes are read as \N{REPLACEMENT CHARACTER}"
            return Encoding(name, "replace", doubt)
        failure = _first_failure(stream, name)
    if failure is not None:
        raise _refuse(path, failure, name, bounded)
    return Encoding(name)


@contextmanager
def open_text(path: Path, encoding: Encoding, bounded: bool = True, newline: str = "") -> Iterator[TextIO]:
    """Open a text, unpacked where it is packed."""
    with open_bytes(path, bounded) as stream:
        yield io.TextIOWrapper(stream, encoding=encoding.name, errors=encoding.errors, newline=newline)
