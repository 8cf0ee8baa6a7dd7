import gzip

import pyarrow as pa
import pytest
from foxhound.corpus import unpacking
from foxhound.corpus.unpacking import first_bytes, is_packed, open_bytes
from foxhound.errors import FoxhoundError

DATA = b"text,label\n" * 10_000
PACK = {"": bytes, ".gz": gzip.compress, ".zst": lambda data: pa.compress(data, "zstd", asbytes=True)}


@pytest.mark.parametrize("ending", PACK)
def test_a_file_is_unpacked_by_its_content(ending, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(PACK[ending](DATA))
    with open_bytes(path) as stream:
        assert stream.read() == DATA
    assert first_bytes(path) == DATA[: unpacking.LOOK] and is_packed(path) == bool(ending)


@pytest.mark.parametrize("ending", PACK)
def test_more_than_the_bound_is_refused_where_it_is_kept_in_memory(ending, tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1000)
    path = tmp_path / "a.csv"
    path.write_bytes(PACK[ending](DATA))
    with (
        pytest.raises(FoxhoundError, match="more than 1,000 bytes once unpacked"),
        open_bytes(path) as stream,
    ):
        stream.read()
    with open_bytes(path, bounded=False) as stream:
        assert stream.read() == DATA
