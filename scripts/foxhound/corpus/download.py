"""Get the raw corpus: from a local file, a pinned download or, where the configuration allows it, the demo corpus."""

import logging
import shutil
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from foxhound.errors import FoxhoundError
from foxhound.files import atomic_path, sha256

log = logging.getLogger(__name__)
USE_FALLBACK = """\
run on the embedded demo corpus instead, by adding to config.yaml:
  corpus:
    fallback: resources/demo-comments.json"""
SECONDS_TO_CONNECT, SECONDS_TO_READ = 5, 30


def download(url: str, path: str | Path, max_bytes: int, digest: str | None = None, retries: int = 2) -> None:
    """Fetch `url` into `path`, which appears only when it is whole and its SHA-256 is `digest`.

    Args:
        max_bytes: the most that is accepted.
        retries: after errors of the connection or of the server.

    Raises:
        requests.RequestException: no answer came after all retries, or an HTTP error.
        FoxhoundError: more than `max_bytes` came, or the file has another digest.
    """
    session = requests.Session()
    retry = Retry(
        total=retries, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), respect_retry_after_header=False
    )
    session.mount("https://", HTTPAdapter(max_retries=retry))
    session.mount("http://", HTTPAdapter(max_retries=retry))
    with session.get(url, stream=True, timeout=(SECONDS_TO_CONNECT, SECONDS_TO_READ)) as response:
        response.raise_for_status()
        received = 0
        with atomic_path(path) as temporary:
            with open(temporary, "wb") as file:
                for chunk in response.iter_content(1 << 16):
                    received += len(chunk)
                    if received > max_bytes:
                        raise FoxhoundError(f"{url}: sent more than the {max_bytes:,} bytes expected; nothing saved.")
                    file.write(chunk)
            check_digest(temporary, digest, url)


def check_digest(path: str | Path, expected: str | None, origin: str) -> str:
    """Return the file's SHA-256.

    Args:
        expected: the pinned digest, or None where none is pinned.
        origin: what the message calls the file.

    Raises:
        FoxhoundError: it is not the pinned one.
    """
    digest = sha256(path)
    if expected and digest != expected:
        raise FoxhoundError(
            f"{origin}: not the file this experiment pins.\n  expected sha256 {expected}\n  found    sha256 {digest}\n"
            "Put the original file back (or delete yours, so that it is downloaded), and record label or text fixes\n"
            "in corrections.csv: see docs/own-corpus.md."
        )
    return digest


def obtain(
    name: str,
    definition: dict[str, Any],
    fallback: dict[str, Any] | None,
    local: str | Path | None,
    output: str | Path,
    remedy: str = USE_FALLBACK,
) -> dict[str, Any]:
    """Copy the raw corpus to `output` and say where it came from.

    Args:
        name: the corpus's name in config.yaml.
        definition: its entry there: `path`, optional `url`, `sha256`, `bytes`.
        fallback: the definition of the corpus that is used where there is neither a file nor a download, or None.
        local: `path` where that file exists, else None.
        output: where the raw file goes.
        remedy: what the message advises where there is neither.

    Returns:
        origin, sha256, fallback (bool), reason.

    Raises:
        FoxhoundError: there is no file, no download and no fallback, or a checksum differs.
    """
    output = Path(output)
    if local:
        digest = check_digest(local, definition.get("sha256"), str(local))
        output.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(output) as temporary:
            shutil.copyfile(local, temporary)
        return {"origin": str(local), "sha256": digest, "fallback": False, "reason": ""}
    url = definition.get("url")
    reason = f"{definition['path']} does not exist"
    if url:
        try:
            log.info("%s: there is no such file; downloading %s", definition["path"], url)
            download(url, output, definition["bytes"], definition["sha256"])
            return {"origin": url, "sha256": definition["sha256"], "fallback": False, "reason": ""}
        except requests.RequestException as error:
            reason += f" and {url} cannot be reached ({type(error).__name__})"
    if fallback is None:
        raise FoxhoundError(f"{name}: {reason}.\nPut the file there, or {remedy}")
    return _copy_fallback(name, fallback, reason, output)


def _copy_fallback(name: str, fallback: dict[str, Any], reason: str, output: Path) -> dict[str, Any]:
    """Copy the fallback to `output`, with a warning that cannot be overlooked; return what `obtain` does."""
    if not Path(fallback["path"]).is_file():
        raise FoxhoundError(f"Corpus {name!r}: {reason}, and its fallback {fallback['path']} does not exist either.")
    log.warning("!" * 100)
    log.warning("!! Corpus %r: %s.", name, reason)
    log.warning("!! `corpus.fallback` is used instead: EVERY NUMBER OF THIS RUN IS ABOUT THE EMBEDDED DEMO CORPUS.")
    log.warning("!" * 100)
    origin = obtain("fallback", fallback, None, fallback["path"], output)
    return origin | {"fallback": True, "reason": reason}
