import os
from pathlib import Path

import pytest
from foxhound.errors import FoxhoundError
from foxhound.inference.model_folder import copy_or_link, whole_files
from safetensors import SafetensorError


def test_files_appear_together_once_all_are_written(tmp_path):
    (tmp_path / "config.json").write_text("old")
    with whole_files(tmp_path) as temporary:
        (temporary / "config.json").write_text("new")
        (temporary / "model.safetensors").write_text("weights")
        assert (tmp_path / "config.json").read_text() == "old"
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "config.json": "new",
        "model.safetensors": "weights",
    }


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
