import errno
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import foxhound
import pyarrow as pa
import pytest
from foxhound.errors import FoxhoundError
from foxhound.files import (
    HALF,
    atomic_path,
    check_room,
    explain_full_disk,
    explain_system_error,
    is_full_disk,
    raise_system_error,
    remove_halves,
    sha256,
    system_errors_in_words,
    system_number,
    temporary_folder,
    write_text,
)
from safetensors import SafetensorError


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
    with pytest.raises(FoxhoundError, match=r"x\.txt: .*Free some space"), atomic_path(tmp_path / "x.txt") as half:
        raise SafetensorError(f"Error while serializing: I/O error: {os.strerror(number)} (os error {number})")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(PermissionError), atomic_path(tmp_path / "x.txt"):
        raise PermissionError(errno.EACCES, "no")


@pytest.mark.parametrize(
    ("error", "number"),
    [
        (PermissionError(errno.EACCES, "no"), errno.EACCES),
        (OSError("a library's own"), None),
        (FileNotFoundError(errno.ENOENT, "no"), None),
        (IsADirectoryError(errno.EISDIR, "no"), None),
        (Exception("I/O error: No space left on device (os error 28)"), errno.ENOSPC),
        (shutil.Error([("a", "b", "[Errno 28] No space left on device: 'b'")]), errno.ENOSPC),
        (ValueError("28"), None),
        (None, None),
    ],
)
def test_what_the_system_refused_has_a_number(error, number):
    assert system_number(error) == number


def test_an_error_about_a_name_that_is_no_file_is_left_to_its_reader(tmp_path):
    raise_system_error(ConnectionError("[Errno 111] Connection refused"), "hub/model")
    with pytest.raises(FoxhoundError, match="Input/output error"):
        raise_system_error(OSError(errno.EIO, "of a disk that works again"), tmp_path)
    raise_system_error(ValueError("no JSON"), tmp_path)


def test_a_file_that_memory_does_not_hold_is_named():
    with pytest.raises(FoxhoundError, match=r"^a\.parquet: not enough memory to read it \(malloc of 9\)\. Run fewer"):
        raise_system_error(pa.ArrowMemoryError("malloc of 9"), "a.parquet")


def test_a_full_disk_is_found_behind_what_it_led_to():
    with pytest.raises(ValueError, match="last") as raised:
        try:
            raise OSError(errno.ENOSPC, "no room")
        except OSError as error:
            raise KeyError("between") from error
        finally:
            raise ValueError("last")
    assert is_full_disk(raised.value)
    assert not is_full_disk(ValueError("last"))
    assert not is_full_disk(PermissionError(errno.EACCES, "no"))


def test_other_users_halves_are_left_to_them(tmp_path, monkeypatch):
    (tmp_path / f".a{HALF}.txt").touch()
    os.utime(tmp_path / f".a{HALF}.txt", (0, 0))

    def refuse(error):
        def unlink(path, missing_ok=False):
            raise error

        return unlink

    monkeypatch.setattr(Path, "unlink", refuse(PermissionError(errno.EPERM, "another user's")))
    remove_halves(tmp_path)
    monkeypatch.setattr(Path, "unlink", refuse(OSError(errno.EIO, "broken")))
    with pytest.raises(OSError, match="broken"):
        remove_halves(tmp_path)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "no", "claims.yaml"), "claims.yaml: Permission denied. Get the permission"),
        (OSError(errno.ENOSPC, "no", "source", None, "target"), "target: No space left on device. Free some space"),
        (OSError(errno.ENOSPC, "no"), "A file: No space left on device. Free some space"),
        (OSError(errno.EMFILE, "no"), "A file: Too many open files. Allow more"),
        (MemoryError("9 GB"), "Not enough memory (9 GB). Run fewer jobs"),
        (FileNotFoundError(errno.ENOENT, "no", "claims.yaml"), None),
        (ConnectionRefusedError(errno.ECONNREFUSED, "no"), None),
        (OSError("a library's own"), None),
    ],
)
def test_what_nobody_has_explained_is_explained_if_it_is_about_a_file(error, said):
    with pytest.raises(FoxhoundError if said else OSError) as raised, system_errors_in_words():
        raise error
    assert said is None or str(raised.value).startswith(said)


@pytest.mark.parametrize(
    ("number", "part"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EDQUOT, "Free some space"),
        (errno.EACCES, "permission from its owner"),
        (errno.EROFS, "permission from its owner"),
        (errno.EMFILE, "ulimit -n"),
        (errno.EIO, "Check the disk"),
    ],
)
def test_an_error_of_the_system_names_the_path_and_the_remedy(number, part):
    message = str(explain_system_error("some/file", OSError(number, "text of a library")))
    assert message.startswith(f"some/file: {os.strerror(number)}. ")
    assert part in message
    assert "TMPDIR" not in message


def test_only_a_full_disk_is_explained():
    with pytest.raises(FoxhoundError, match=r"^here: No space left on device\."), explain_full_disk("here"):
        raise OSError(errno.ENOSPC, "")
    with pytest.raises(FileNotFoundError), explain_full_disk("here"):
        raise FileNotFoundError(errno.ENOENT, "")


def test_the_folder_for_temporary_files_is_the_one_of_the_environment(monkeypatch, tmp_path):
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    assert temporary_folder() == Path("/tmp")
    monkeypatch.setenv("TMP", str(tmp_path))
    assert temporary_folder() == tmp_path
    monkeypatch.setenv("TMPDIR", "")
    assert temporary_folder() == tmp_path


def test_where_there_is_room_nothing_stays_and_no_folder_is_made(tmp_path):
    check_room([tmp_path, tmp_path / "results" / "new"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("full", [".snakemake", "results/new", "temporary"])
def test_a_folder_without_room_is_named(full, tmp_path):
    namespace = ["unshare", "--map-root-user", "--mount"]
    if not shutil.which("unshare") or subprocess.run([*namespace, "true"], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a small disk in a namespace of their own")
    for name in (".snakemake", "results", "temporary"):
        (tmp_path / name).mkdir()
    script = """
from foxhound.errors import FoxhoundError
from foxhound.files import check_room, temporary_folder
try:
    check_room([".snakemake", temporary_folder(), "results/new"])
except FoxhoundError as error:
    print(error)
"""
    package = str(Path(foxhound.__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": package, "TMPDIR": str(tmp_path / "temporary")}
    mount = f"mount -t tmpfs -o size=300k tmpfs {full.split('/')[0]}"
    command = [*namespace, "sh", "-c", f'{mount} && exec "$@"', "sh", sys.executable, "-c", script]
    printed = subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    folder = tmp_path / full if full == "temporary" else full
    expected = f"{folder}: No space left on device. Free some space and run again."
    if full == "temporary":
        expected += " Or name another folder for temporary files: export TMPDIR=FOLDER"
    assert printed.stdout == f"{expected}\n"
