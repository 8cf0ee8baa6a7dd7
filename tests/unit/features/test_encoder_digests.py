from foxhound.features.encoder_digests import with_digests


def test_only_a_local_folder_has_digests(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.json").write_text("{}")  # no model is named: the current folder is none
    assert with_digests({"package": "p", "sha256": "0"}) == {"package": "p", "sha256": "0"}
    assert with_digests({"model": "bert-base-uncased"}) == {"model": "bert-base-uncased"}


def test_a_change_of_any_file_that_decides_the_vectors_shows(tmp_path):
    for name in ("config.json", "model.safetensors", "tokenizer.json", "README.md"):
        (tmp_path / name).write_text(name)
    before = with_digests({"model": str(tmp_path)})["files"]
    assert set(before) == {"config.json", "model.safetensors", "tokenizer.json"}
    for name in before:
        (tmp_path / name).write_text("else")
        after = with_digests({"model": str(tmp_path)})["files"]
        assert {key for key in before if before[key] != after[key]} == {name}
        (tmp_path / name).write_text(name)
