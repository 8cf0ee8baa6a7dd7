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
        self.requests = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/comments.json"


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, promised = website.answers[min(website.requests, len(website.answers) - 1)]
            website.requests += 1
            self.send_response(status)
            self.send_header("Content-Length", str(promised))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    website = Site(server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield website
    server.shutdown()
    server.server_close()


@pytest.fixture
def nobody() -> str:
    """Return an address on this machine where nobody listens."""
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
    """Return the origin that `obtain` gives, and the bytes it wrote."""
    output = folder / "corpus" / "raw"
    origin = obtain("fox-news", definition(url, **changes), fallback, None, output)
    return origin, output.read_bytes()


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(FoxhoundError) as refused:
        act()
    return str(refused.value)


def test_a_good_file_is_downloaded_and_checked(site, tmp_path):
    site.answers = [GOOD]
    origin, content = fetch(tmp_path, site.url)
    assert content == BODY
    assert origin == {"origin": site.url, "sha256": DIGEST, "fallback": False, "reason": ""}
    assert [path.name for path in (tmp_path / "corpus").iterdir()] == ["raw"]


def test_another_file_is_refused_even_with_a_fallback(site, tmp_path, demo):
    site.answers = [(200, BODY[::-1], len(BODY))]
    message = refusal(lambda: fetch(tmp_path, site.url, demo))
    assert site.url in message
    assert DIGEST in message
    assert hashlib.sha256(BODY[::-1]).hexdigest() in message
    assert "corrections.csv" in message


def test_another_file_is_not_kept(site, tmp_path):
    site.answers = [(200, BODY[::-1], len(BODY))]
    refusal(lambda: fetch(tmp_path, site.url))
    assert not (tmp_path / "corpus" / "raw").exists()


def test_a_file_larger_than_promised_is_cut_off_and_not_kept(site, tmp_path, demo):
    site.answers = [GOOD]
    message = refusal(lambda: fetch(tmp_path, site.url, demo, bytes=len(BODY) - 1))
    assert site.url in message
    assert f"more than the {len(BODY) - 1:,} bytes" in message
    assert list((tmp_path / "corpus").iterdir()) == []


def test_a_server_error_is_tried_again(site, tmp_path):
    site.answers = [(500, b"sorry", 5), GOOD]
    assert fetch(tmp_path, site.url)[1] == BODY
    assert site.requests == 2


def test_a_lasting_server_error_is_given_up_after_the_retries(site, tmp_path):
    site.answers = [(503, b"sorry", 5)]
    with pytest.raises(requests.RequestException):
        download(site.url, tmp_path / "raw", 100, retries=1)
    assert site.requests == 2
    assert list(tmp_path.iterdir()) == []


def test_a_missing_page_is_not_kept_as_the_corpus(site, tmp_path):
    site.answers = [(404, b"not here", 8)]
    with pytest.raises(requests.HTTPError):
        download(site.url, tmp_path / "raw", 100)
    assert site.requests == 1
    assert list(tmp_path.iterdir()) == []


def test_a_broken_transfer_keeps_nothing(site, tmp_path, demo):
    site.answers = [(200, BODY[:1000], len(BODY))]
    origin, content = fetch(tmp_path, site.url, demo)
    assert content == b"demo"
    assert "ChunkedEncodingError" in origin["reason"]


def test_without_an_answer_the_fallback_stands_in_and_says_so(nobody, tmp_path, demo, caplog):
    with caplog.at_level(logging.WARNING):
        origin, content = fetch(tmp_path, nobody, demo)
    assert content == b"demo"
    assert origin["fallback"] is True
    assert origin["origin"] == demo["path"]
    assert origin["sha256"] == hashlib.sha256(b"demo").hexdigest()
    for part in ("resources/comments.json does not exist", nobody, "ConnectionError"):
        assert part in origin["reason"]
    assert origin["reason"] in caplog.text
    assert "EVERY NUMBER OF THIS RUN IS ABOUT THE EMBEDDED DEMO CORPUS" in caplog.text


def test_without_an_answer_or_a_fallback_the_error_shows_the_remedy(nobody, tmp_path):
    message = refusal(lambda: fetch(tmp_path, nobody))
    for part in (
        "fox-news: ",
        "resources/comments.json does not exist",
        nobody,
        "corpus:\n    fallback: resources/demo-comments.json",
    ):
        assert part in message
    assert not (tmp_path / "corpus" / "raw").exists()


def test_without_an_address_the_fallback_stands_in(tmp_path, demo):
    origin = obtain("own", {"path": "own.csv"}, demo, None, tmp_path / "raw")
    assert origin["fallback"]
    assert origin["reason"] == "own.csv does not exist"


def test_a_local_file_comes_first_and_nothing_is_downloaded(site, tmp_path, demo):
    local = tmp_path / "local.json"
    local.write_bytes(BODY)
    origin = obtain("fox-news", definition(site.url), demo, local, tmp_path / "new" / "raw")
    assert (tmp_path / "new" / "raw").read_bytes() == BODY
    assert origin == {"origin": str(local), "sha256": DIGEST, "fallback": False, "reason": ""}
    assert site.requests == 0


def test_an_edited_local_file_is_refused_and_not_copied(tmp_path, demo):
    local = tmp_path / "local.json"
    local.write_bytes(BODY + b"\n")
    message = refusal(lambda: obtain("fox-news", definition("http://unused"), demo, local, tmp_path / "raw"))
    assert str(local) in message
    assert DIGEST in message
    assert "Put the original file back" in message
    assert not (tmp_path / "raw").exists()


def test_a_file_without_a_pinned_digest_is_taken_as_it_is(tmp_path):
    (tmp_path / "own.csv").write_bytes(BODY)
    assert check_digest(tmp_path / "own.csv", None, "own.csv") == DIGEST


def test_a_missing_fallback_is_explained(tmp_path):
    refusal(lambda: obtain("own", {"path": "own.csv"}, {"path": str(tmp_path / "gone.json")}, None, tmp_path / "raw"))


def test_what_to_do_instead_is_the_callers_to_say(tmp_path):
    message = refusal(lambda: obtain("own", {"path": "own.csv"}, None, None, tmp_path / "raw", "leave it out"))
    assert message == "own: own.csv does not exist.\nPut the file there, or leave it out"
