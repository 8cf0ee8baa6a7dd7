import json
import os
from pathlib import Path

import pytest
from foxhound.errors import FoxhoundError
from foxhound.inference.model_folder import SEALED, check_files, copy_or_link, whole_files, write_checksums
from safetensors import SafetensorError

# FIPS 180-2, appendix B.1
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_files_appear_together_once_all_are_written(tmp_path):
    (tmp_path / "config.json").write_text("old")
    with whole_files(tmp_path) as temporary:
        (temporary / "config.json").write_text('{"threshold": 0.5}')
        (temporary / "model.safetensors").write_bytes(b"abc")
        assert (tmp_path / "config.json").read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["config.json", "model.safetensors"]
    assert (tmp_path / "model.safetensors").read_bytes() == b"abc"
    assert json.loads((tmp_path / "config.json").read_text()) == {
        "threshold": 0.5,
        "sha256": {"model.safetensors": ABC},
    }


@pytest.mark.parametrize("name", SEALED)
def test_an_altered_byte_of_a_model_is_found(name, tmp_path):
    (tmp_path / "onnx").mkdir()
    (tmp_path / "config.json").write_text('{"sha256": {"gone": "0"}}')
    for sealed in SEALED:
        (tmp_path / sealed).write_bytes(b"abc")
    write_checksums(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    assert config["sha256"] == dict.fromkeys(SEALED, ABC)
    check_files(tmp_path, config, SEALED)
    (tmp_path / name).write_bytes(b"abd")
    check_files(tmp_path, config, [other for other in SEALED if other != name])
    check_files(tmp_path, {}, SEALED)  # of an earlier version, or of somebody else
    with pytest.raises(FoxhoundError, match=rf"{name}: damaged \(it does not fit its checksum.*delete it \(rm -r "):
        check_files(tmp_path, config, SEALED)


def test_nothing_is_left_of_a_failure(tmp_path):
    with pytest.raises(ValueError, match="half-way"), whole_files(tmp_path / "model") as temporary:
        (temporary / "config.json").write_text("new")
        raise ValueError("half-way")
    assert not [*(tmp_path / "model").iterdir()]


def test_a_full_disk_names_the_folder_whichever_library_has_found_it(tmp_path):
    with pytest.raises(FoxhoundError, match="model: No space left on device"), whole_files(tmp_path / "model"):
        raise SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")


@pytest.mark.parametrize(
    ("name", "linked"), [("config.json", False), ("README.md", False), ("model.safetensors", True), ("m.onnx", True)]
)
def test_only_weights_are_linked(name, linked, tmp_path):
    source, target = tmp_path / name, tmp_path / f"other-{name}"
    source.write_text("content")
    copy_or_link(str(source), str(target))
    assert target.read_text() == "content"
    assert source.samefile(target) == linked


def test_weights_are_copied_where_the_file_system_has_no_links(tmp_path, monkeypatch):
    def refuse(source: str, target: str) -> None:
        raise PermissionError(source)

    monkeypatch.setattr(os, "link", refuse)
    source = tmp_path / "model.safetensors"
    source.write_text("content")
    copy_or_link(str(source), str(tmp_path / "copy.safetensors"))
    assert Path(tmp_path / "copy.safetensors").read_text() == "content"
