"""The examples of docs/extending.md, followed: each is allowed, selected, and planned."""

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from foxhound.corpus.loading import load_comments
from foxhound.corpus.state import definitions
from foxhound.experiment.adaptation import adapt_to_corpus
from foxhound.experiment.configuration import check_config
from foxhound.experiment.plan import Plan
from foxhound.features import cleaning
from foxhound.replication.claims import load_claims
from shipped_config import CONFIG, SCHEMA, merged

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/extending.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (An? \w+)\n.*?```yaml\n(.*?)```", PAGE, re.M | re.S))


def with_example(section: str) -> dict[str, Any]:
    """config.yaml with the example of a section."""
    config = merged(CONFIG, yaml.safe_load(SECTIONS[section]))
    check_config(config, SCHEMA, [])
    return config


def test_there_is_an_example_of_everything() -> None:
    assert set(SECTIONS) == {"A model", "An embedding", "A claim", "A corpus", "A cleaning"}


@pytest.mark.parametrize(
    ("section", "model"), [("A model", "finetune-bert-large-batch"), ("An embedding", "finetune-multilingual")]
)
def test_a_new_model_is_trained_on_every_fold(section: str, model: str) -> None:
    plan = Plan(with_example(section))
    assert len([run for run in plan.runs if run.model == model]) == 10
    assert model in {run.model for run in plan.runs}


def test_a_new_setting_reaches_the_model() -> None:
    assert Plan(with_example("A model")).models.training("finetune-bert-large-batch")["batch_size"] == 32


def test_a_new_cleaning_is_a_function_and_a_name_in_two_places(tmp_path: Path) -> None:
    """What the page says to write is run as a part of the module that it names; the other two files have the lists."""
    module = vars(cleaning) | {"CLEANERS": dict(cleaning.CLEANERS)}
    exec(textwrap.dedent(re.search(r"^    ```python\n(.*?)^    ```", PAGE, re.M | re.S)[1]), module)
    words = module["CLEANERS"]["hashtags"]("Go home! #SendThemBack #now")
    assert " ".join(words) == "go home send them back now"
    schema = yaml.safe_load(SCHEMA.read_text("utf-8"))
    allowed = schema["properties"]["lstm"]["properties"]["models"]["additionalProperties"]["properties"]["cleaning"]
    constraint = re.search(r'^    cleaning="(.+)",$', (ROOT / "rules/common.smk").read_text("utf-8"), re.M)
    assert {*allowed["enum"]} == {*constraint[1].split("|")} == {*cleaning.CLEANERS}
    allowed["enum"].append("hashtags")
    (tmp_path / "schema.yaml").write_text(yaml.safe_dump(schema))
    example = merged(CONFIG, yaml.safe_load(SECTIONS["A cleaning"]))
    check_config(example, tmp_path / "schema.yaml", [])
    assert len([run for run in Plan(example).runs if run.model == "lstm-word2vec-hashtags"]) == 9


def test_a_new_claim_is_one_of_the_claims(tmp_path: Path) -> None:
    published = json.loads((ROOT / "resources/published-results.json").read_text(encoding="utf-8"))
    claims = tmp_path / "claims.yaml"
    claims.write_text(
        (ROOT / "resources/claims.yaml").read_text("utf-8") + "\n" + SECTIONS["A claim"], encoding="utf-8"
    )
    assert load_claims(claims, published)[-1]["id"] == "attention-beats-counting-words"


def test_a_new_corpus_is_read_and_what_it_lacks_is_left_out(tmp_path: Path) -> None:
    config = with_example("A corpus")
    rows = "".join(f'"text, {row}",{"yes" if row % 3 else "no"},t{row % 12}\n' for row in range(900))
    (tmp_path / "my.csv").write_text("comment,is_hate,thread\n" + rows)
    asked = definitions(config)
    assert (asked["name"], asked["fallback"]) == ("my", None)
    assert "sha256" not in asked["definition"]
    comments = load_comments(tmp_path / "my.csv", asked["definition"])
    assert comments["label"].sum() == 600
    assert comments["thread"].nunique() == 12
    changed, _ = adapt_to_corpus(config, comments)
    assert "user-grouped" not in changed["protocols"]
    assert "leave-one-article-out" in changed["protocols"]
