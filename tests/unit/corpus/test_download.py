import hashlib
import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from foxhound.corpus.download import check_digest, download, obtain
from foxhound.errors import FoxhoundError

BODY = json.dumps({"text": "Go home!", "label": 1}).encode() * 4000
DIGEST = hashlib.sha256(BODY).hexdigest()
Answer = tuple[int, bytes, int]
"""Status, body, and the length that the header promises."""
GOOD: Answer = (200, BODY, len(BODY))


class Site:
    """A web server on this machine that gives its answers in turn, the last one for ever."""

    def __init__(self, server: ThreadingHTTPServer) -> None:
        self.server = server
        self.answers: list[Answer] = []
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/comments.json"


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, promised = found.answers[min(found.asked, len(found.answers) - 1)]
            found.asked += 1
            self.send_response(status)
            self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Site(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def nobody() -> str:
    """An address on this machine where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{listener.getsockname()[1]}/comments.json"


@pytest.fixture
def demo(tmp_path) -> dict[str, Any]:
    path = tmp_path / "demo.json"
    path.write_bytes(b"demo")
    return {"path": str(path), "format": "jsonl"}


def definition(url: str, **changes: Any) -> dict[str, Any]:
    return {"path": "resources/comments.json", "url": url, "sha256": DIGEST, "bytes": len(BODY)} | changes


def fetch(
    folder: Path, url: str, fallback: dict[str, Any] | None = None, **changes: Any
) -> tuple[dict[str, Any], bytes]:
    """What obtain says, and the bytes it kept."""
    output = folder / "corpus" / "raw"
    found = obtain("fox-news", definition(url, **changes), fallback, None, output)
    return found, output.read_bytes()


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(FoxhoundError) as refused:
        act()
    return str(refused.value)


def test_a_good_file_is_downloaded_and_checked(site, tmp_path):
    site.answers = [GOOD]
    found, kept = fetch(tmp_path, site.url)
    assert kept == BODY
    assert found == {"origin": site.url, "sha256": DIGEST, "fallback": False, "reason": ""}
    assert [path.name for path in (tmp_path / "corpus").iterdir()] == ["raw"]


def test_another_file_is_refused_even_with_a_fallback(site, tmp_path, demo):
    site.answers = [(200, BODY[::-1], len(BODY))]
    said = refusal(lambda: fetch(tmp_path, site.url, demo))
    assert site.url in said
    assert DIGEST in said
    assert hashlib.sha256(BODY[::-1]).hexdigest() in said
    assert "corrections.csv" in said


def test_another_file_is_not_kept(site, tmp_path):
    site.answers = [(200, BODY[::-1], len(BODY))]
    refusal(lambda: fetch(tmp_path, site.url))
    assert not (tmp_path / "corpus" / "raw").exists()


def test_a_file_larger_than_promised_is_cut_off_and_not_kept(site, tmp_path, demo):
    site.answers = [GOOD]
    said = refusal(lambda: fetch(tmp_path, site.url, demo, bytes=len(BODY) - 1))
    assert site.url in said
    assert f"more than the {len(BODY) - 1:,} bytes" in said
    assert list((tmp_path / "corpus").iterdir()) == []


def test_a_server_error_is_tried_again(site, tmp_path):
    site.answers = [(500, b"sorry", 5), GOOD]
    assert fetch(tmp_path, site.url)[1] == BODY
    assert site.asked == 2


def test_a_lasting_server_error_is_given_up_after_the_retries(site, tmp_path):
    site.answers = [(503, b"sorry", 5)]
    with pytest.raises(requests.RequestException):
        download(site.url, tmp_path / "raw", 100, retries=1)
    assert site.asked == 2
    assert list(tmp_path.iterdir()) == []


def test_a_missing_page_is_not_kept_as_the_corpus(site, tmp_path):
    site.answers = [(404, b"not here", 8)]
    with pytest.raises(requests.HTTPError):
        download(site.url, tmp_path / "raw", 100)
    assert site.asked == 1
    assert list(tmp_path.iterdir()) == []


def test_a_broken_transfer_keeps_nothing(site, tmp_path, demo):
    site.answers = [(200, BODY[:1000], len(BODY))]
    found, kept = fetch(tmp_path, site.url, demo)
    assert kept == b"demo"
    assert "ChunkedEncodingError" in found["reason"]


def test_without_an_answer_the_fallback_stands_in_and_says_so(nobody, tmp_path, demo, caplog):
    with caplog.at_level(logging.WARNING):
        found, kept = fetch(tmp_path, nobody, demo)
    assert kept == b"demo"
    assert found["fallback"] is True
    assert found["origin"] == demo["path"]
    assert found["sha256"] == hashlib.sha256(b"demo").hexdigest()
    for part in ("resources/comments.json does not exist", nobody, "ConnectionError"):
        assert part in found["reason"]
    assert found["reason"] in caplog.text
    assert "EVERY NUMBER OF THIS RUN IS ABOUT THE EMBEDDED DEMO CORPUS" in caplog.text


def test_without_an_answer_or_a_fallback_the_error_shows_the_remedy(nobody, tmp_path):
    said = refusal(lambda: fetch(tmp_path, nobody))
    for part in (
        "'fox-news'",
        "resources/comments.json does not exist",
        nobody,
        "corpus:\n    fallback: resources/demo-comments.json",
    ):
        assert part in said
    assert not (tmp_path / "corpus" / "raw").exists()


def test_without_an_address_the_fallback_stands_in(tmp_path, demo):
    found = obtain("own", {"path": "own.csv"}, demo, None, tmp_path / "raw")
    assert found["fallback"]
    assert found["reason"] == "own.csv does not exist"


def test_a_local_file_comes_first_and_nothing_is_downloaded(site, tmp_path, demo):
    local = tmp_path / "local.json"
    local.write_bytes(BODY)
    found = obtain("fox-news", definition(site.url), demo, local, tmp_path / "new" / "raw")
    assert (tmp_path / "new" / "raw").read_bytes() == BODY
    assert found == {"origin": str(local), "sha256": DIGEST, "fallback": False, "reason": ""}
    assert site.asked == 0


def test_an_edited_local_file_is_refused_and_not_copied(tmp_path, demo):
    local = tmp_path / "local.json"
    local.write_bytes(BODY + b"\n")
    said = refusal(lambda: obtain("fox-news", definition("http://unused"), demo, local, tmp_path / "raw"))
    assert str(local) in said
    assert DIGEST in said
    assert "Put the original file back" in said
    assert not (tmp_path / "raw").exists()


def test_a_file_without_a_pinned_digest_is_taken_as_it_is(tmp_path):
    (tmp_path / "own.csv").write_bytes(BODY)
    assert check_digest(tmp_path / "own.csv", None, "own.csv") == DIGEST


def test_a_missing_fallback_is_explained(tmp_path):
    refusal(lambda: obtain("own", {"path": "own.csv"}, {"path": str(tmp_path / "gone.json")}, None, tmp_path / "raw"))


def test_what_to_do_instead_is_the_callers_to_say(tmp_path):
    said = refusal(lambda: obtain("own", {"path": "own.csv"}, None, None, tmp_path / "raw", "leave it out"))
    assert said == "Corpus 'own': own.csv does not exist.\nPut the file there, or leave it out"
