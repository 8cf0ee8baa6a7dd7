import os
import zipfile
from pathlib import Path

import pytest
from foxhound.errors import FoxhoundError
from foxhound.inference.archive import pack, unpack, unpacked


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    for name, content in {"config.json": b"{}", "member/model.onnx": b"\0\1" * 5000}.items():
        (tmp_path / "model" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "model" / name).write_bytes(content)
    pack(tmp_path / "model", tmp_path / "model.zip")
    return tmp_path / "model.zip"


def test_what_is_unpacked_is_what_was_packed(packed: Path, tmp_path: Path) -> None:
    with unpacked(packed) as folder:
        for path in (tmp_path / "model").rglob("*"):
            if path.is_file():
                assert (folder / path.relative_to(tmp_path / "model")).read_bytes() == path.read_bytes()
    assert not folder.exists()


def test_the_same_files_are_the_same_bytes_whenever_they_were_written(packed: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "model").rglob("*"):
        os.utime(path, (1, 1))
    pack(tmp_path / "model", tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()


@pytest.mark.parametrize("damage", ["altered", "cut", "empty", "gone"])
def test_damage_is_named_with_what_to_do(damage: str, packed: Path, tmp_path: Path) -> None:
    content = packed.read_bytes()
    if damage == "gone":
        packed.unlink()
    else:
        middle = len(content) // 2
        other = {"altered": content[:middle] + b"!" + content[middle + 1 :], "cut": content[:middle], "empty": b""}
        packed.write_bytes(other[damage])
    with pytest.raises(FoxhoundError, match=r"model\.zip: damaged .*rm .*model\.zip"):
        unpack(packed, tmp_path / "out")


def test_no_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../outside", "x")
        archive.writestr("/absolute", "x")
    (tmp_path / "in").mkdir()
    unpack(tmp_path / "bad.zip", tmp_path / "in")
    assert {path.name for path in tmp_path.iterdir()} == {"bad.zip", "in"}
