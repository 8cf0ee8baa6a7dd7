from pathlib import Path

import numpy as np
import pytest
from foxhound.features.embedding_store import EmbeddingStore
from foxhound.features.store_filling import DECIDES_BYTES, find_or_encode
from foxhound.workflow.code_digests import code_digests

SETTINGS = {"encoder": "minilm", "layer": -1, "max_tokens": 128}
WIDTH = 3
SCRIPT = Path(__file__).parents[3] / "scripts" / "embeddings.py"
DECIDES_NOTHING = {
    "compute.model_costs",  # writes a line into the log
    "corpus.columns",  # the texts themselves are in the key
    "features.embedding_store",  # page checksums vouch that what is read is what was written
    "files",
    "tables",
    "workflow.code_digests",
    "workflow.provenance",
}


def test_all_code_that_encodes_is_in_the_key_or_decides_nothing():
    names = [Path(name).with_suffix("") for name in code_digests(SCRIPT) if name.startswith("foxhound/")]
    reached = {".".join(name.parts[1:]) for name in names if name.name != "__init__"}
    assert reached == {*DECIDES_BYTES} | DECIDES_NOTHING
    assert not {*DECIDES_BYTES} & DECIDES_NOTHING


def test_what_the_store_lacks_is_encoded_chunk_by_chunk_once(tmp_path):
    keys = [f"key-{number}" for number in (0, 1, 1, 2, 3, 0, 4)]
    requested = []

    def encode(rows):
        requested.append(rows)
        for item, row in reversed(list(enumerate(rows))):
            yield item, np.full((1, WIDTH), int(keys[row][-1]))

    def go(encoder):
        return list(find_or_encode(EmbeddingStore(tmp_path, SETTINGS), keys, encoder, chunk=3))

    def killed(rows):
        if 3 in rows:
            raise KeyboardInterrupt
        return encode(rows)

    with pytest.raises(KeyboardInterrupt):
        go(killed)
    assert requested == [[0, 2]]  # of two equal keys the later one
    loaded = go(encode)
    assert requested == [[0, 2], [3, 4], [6]]  # the first chunk was stored, and key-0 is known in the second
    assert [(chunk, new) for chunk, _, new in loaded] == [(keys[:3], 0), (keys[3:6], 2), (keys[6:], 1)]
    for chunk, rows, _ in loaded:
        assert [np.frombuffer(rows[key][1], np.float16)[0] for key in chunk] == [int(key[-1]) for key in chunk]
    assert all(new == 0 for _, _, new in go(encode))
