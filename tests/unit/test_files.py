import errno
import hashlib
import os

import pytest
from foxhound.errors import FoxhoundError
from foxhound.files import atomic_path, remove_halves, sha256, write_text


def test_the_file_appears_only_when_the_block_has_ended(tmp_path):
    target = tmp_path / "new" / "folder" / "scores.parquet"
    with atomic_path(target) as temporary:
        temporary.write_bytes(b"whole")
        assert not target.exists()
        assert temporary.parent == target.parent
        assert temporary.suffix == ".parquet"
    assert target.read_bytes() == b"whole"
    assert os.listdir(target.parent) == ["scores.parquet"]


def test_a_failure_keeps_the_old_file_and_leaves_nothing_behind(tmp_path):
    target = tmp_path / "scores.json"
    target.write_text("old")
    with pytest.raises(RuntimeError), atomic_path(target) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["scores.json"]


def test_a_block_that_writes_nothing_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "empty"):
        pass
    assert os.listdir(tmp_path) == []


def test_text_is_utf_8_and_replaces_what_was_there(tmp_path):
    target = tmp_path / "report.html"
    write_text(target, "long enough to notice a missing truncation")
    write_text(target, "“naïve” 🦊\n")
    assert target.read_bytes() == "“naïve” 🦊\n".encode()


def test_sha256_of_a_published_test_vector(tmp_path):
    # FIPS 180-2, appendix B.1
    (tmp_path / "abc").write_bytes(b"abc")
    assert sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    many = os.urandom(1 << 20)
    (tmp_path / "many").write_bytes(many)
    assert sha256(tmp_path / "many") == hashlib.sha256(many).hexdigest()


def test_halves_of_killed_jobs_are_removed_and_nothing_else(tmp_path):
    (tmp_path / "deep").mkdir()
    whole = tmp_path / "deep" / "whole.parquet"
    write_text(whole, "x")
    (tmp_path / "deep" / ".hidden").write_text("x")
    with pytest.raises(KeyboardInterrupt), atomic_path(whole) as half:
        half.write_text("y")
        copy = half.with_name(f"{half.stem}x{half.suffix}")
        copy.write_text("left behind by a killed job")
        raise KeyboardInterrupt
    assert copy.is_file()
    remove_halves(tmp_path)
    assert copy.is_file()  # it may belong to a run that is alive
    os.utime(copy, (0, 0))
    remove_halves(tmp_path)
    assert sorted(path.name for path in (tmp_path / "deep").iterdir()) == [".hidden", "whole.parquet"]
    assert whole.read_text() == "x"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_explained_and_leaves_nothing(number, tmp_path):
    with pytest.raises(FoxhoundError, match=r"x\.txt: .*Free some space"), atomic_path(tmp_path / "x.txt") as half:
        half.write_text("y")
        raise OSError(number, os.strerror(number))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(PermissionError), atomic_path(tmp_path / "x.txt"):
        raise PermissionError(errno.EACCES, "no")
