import hashlib
import json
import os
from pathlib import Path

import pytest
from foxhound.workflow import file_digests
from foxhound.workflow.file_digests import SMALL, content_digest


@pytest.fixture(autouse=True)
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start as a new process does."""
    monkeypatch.setattr(file_digests, "MEMORY", tmp_path / "memory.json")
    forget()


def forget() -> None:
    content_digest.cache_clear()
    file_digests._known.cache_clear()


@pytest.mark.parametrize("size", [10, SMALL + 1])
def test_a_digest_goes_by_content_whatever_the_time(size: int, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"a" * size)
    before = content_digest(str(file))
    assert before == hashlib.sha256(b"a" * size).hexdigest()[:16]
    stat = file.stat()
    file.write_bytes(b"b" * size)
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns - 10**12))  # as `cp -p` of an older file leaves it
    file_digests._remember("")
    forget()
    assert content_digest(str(file)) == hashlib.sha256(b"b" * size).hexdigest()[:16]
    os.utime(file)
    forget()
    assert content_digest(str(file)) == hashlib.sha256(b"b" * size).hexdigest()[:16]


def test_a_large_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "large").write_bytes(b"a" * (SMALL + 1))
    digest = content_digest(str(tmp_path / "large"))
    file_digests._remember("")
    forget()
    monkeypatch.setattr(file_digests, "sha256", lambda path: pytest.fail("read again"))
    assert content_digest(str(tmp_path / "large")) == digest


@pytest.mark.parametrize("memory", [b"", b"[1]", b"{", bytes(range(256))])
def test_a_damaged_memory_is_made_anew(memory: bytes, tmp_path: Path) -> None:
    (tmp_path / "memory.json").write_bytes(memory)
    (tmp_path / "large").write_bytes(b"a" * (SMALL + 1))
    assert len(content_digest(str(tmp_path / "large"))) == 16
    file_digests._remember("")
    assert str(tmp_path / "large") in json.loads((tmp_path / "memory.json").read_text())


def test_no_file_has_no_digest(tmp_path: Path) -> None:
    assert content_digest(str(tmp_path / "lost")) == ""
