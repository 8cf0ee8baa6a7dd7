from importlib import metadata
from pathlib import Path

import pandas as pd
from foxhound.tables import write_table
from foxhound.workflow.provenance import provenance
from foxhound.workflow.versions import count_other_versions, other_versions, tables_of

TORCH = metadata.version("torch")


def table(path: Path, **versions: str) -> Path:
    made = provenance()
    made["versions"] |= versions
    write_table(pd.DataFrame({"id": ["a"], "label": [1]}).astype({"label": "int8"}), path, "label", made)
    return path


def test_results_of_other_versions_are_named(tmp_path: Path) -> None:
    table(tmp_path / "same.parquet")
    old = [table(tmp_path / name, torch="2.0.0") for name in ("a.parquet", "deep/b.parquet")]
    table(tmp_path / "old.parquet", torch="2.0.0", scipy="1.0")
    table(tmp_path / "embeddings/store/x/y.parquet", torch="2.0.0")
    (tmp_path / "damaged.parquet").write_bytes(b"PAR1")
    found = other_versions(tables_of(tmp_path))
    assert list(found) == [f"torch 2.0.0 (installed: {TORCH})", f"scipy 1.0 (installed: {metadata.version('scipy')})"]
    assert found[f"torch 2.0.0 (installed: {TORCH})"] == sorted([*old, tmp_path / "old.parquet"])


def test_other_versions_are_counted() -> None:
    footers = [provenance(), provenance() | {"versions": {"torch": "2.0.0", "something": "3"}}, {}]
    assert count_other_versions(footers) == {"torch 2.0.0": 1}
