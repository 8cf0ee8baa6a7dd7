import copy
from pathlib import Path

import pytest
import yaml
from foxhound.errors import FoxhoundError
from foxhound.experiment.config_docs import allowed, config_docs, keys

ROOT = Path(__file__).parents[3]
SCHEMA = yaml.safe_load((ROOT / "schemas/config.yaml").read_text(encoding="utf-8"))
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))


def test_the_page_is_what_the_schema_says():
    # If this fails: foxhound config-docs
    assert (ROOT / "docs/config.md").read_text(encoding="utf-8") == config_docs(SCHEMA, CONFIG)


@pytest.mark.parametrize("section", ["corpus", "scores"])
def test_a_key_without_description_or_a_description_without_key_is_refused(section):
    more = copy.deepcopy(SCHEMA)
    more["properties"][section]["properties"]["new"] = {"type": "string"}
    with pytest.raises(FoxhoundError, match=rf"differ in {section}\.new"):
        config_docs(more, CONFIG)
    less = copy.deepcopy(SCHEMA)
    less["descriptions"][f"{section}.old"] = "Gone."
    with pytest.raises(FoxhoundError, match=rf"differ in {section}\.old"):
        config_docs(less, CONFIG)


def test_every_kind_of_value_is_told_in_words():
    found = {key: allowed(node, SCHEMA) for key, node in keys(SCHEMA)}
    assert found["corpus.format"] == "`jsonl`, `csv`, `tsv`, `parquet`, `workbook`"
    assert found["corpus.positive"] == "null or string or integer or boolean or list of string or integer or boolean"
    assert found["sweeps.*.seeds"] == "list of integer, at least 0, at most 4294967295"
    assert found["protocols.*.folds"] == "integer, at least 2, at most 99"
    assert found["protocols.*.train"] == "integer, at least 1"
    assert found["protocols.*.contiguous"] == "`true`"
    assert found["lstm.training.learning_rate"] == "number, more than 0, less than 1"
    assert found["lstm.models.*.training"] == "object"


def test_every_key_of_the_shipped_configuration_is_on_the_page():
    known = {key.split(".")[0] for key, _ in keys(SCHEMA)}
    assert known == set(CONFIG)
