import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from foxhound.errors import FoxhoundError
from foxhound.experiment.configuration import canonical, check_config, check_files
from shipped_config import CONFIG, ROOT, SCHEMA, SHIPPED, Config, merged


def test_the_order_of_keys_means_nothing_and_that_of_lists_stays() -> None:
    one = {"b": {"y": 1, "x": [3, {"d": 1, "c": 2}]}, "a": 0}
    other = {"a": 0, "b": {"x": [3, {"c": 2, "d": 1}], "y": 1}}
    assert str(canonical(one)) == str(canonical(other))
    assert canonical(one) == one
    assert canonical([2, 1]) == [2, 1]


def refusal(folder: Path, overlay: Config) -> str:
    """What is said of the shipped configuration with an overlay."""
    file = folder / "overlay.yaml"
    file.write_text(yaml.safe_dump(overlay))
    with pytest.raises(FoxhoundError) as refused:
        check_config(merged(copy.deepcopy(CONFIG), overlay), SCHEMA, [str(SHIPPED), str(file)])
    return str(refused.value).replace(str(file), "overlay").replace(str(SHIPPED), "shipped")


def changed(change: Callable[[Config], Any]) -> str:
    """What is said of the shipped configuration after a change by hand."""
    config = copy.deepcopy(CONFIG)
    change(config)
    with pytest.raises(FoxhoundError) as refused:
        check_config(config, SCHEMA, [str(SHIPPED)])
    return str(refused.value).replace(str(SHIPPED), "shipped")


@pytest.mark.parametrize(
    "overlay", [None, *sorted((ROOT / "experiments").glob("*.yaml"))], ids=lambda path: path and path.stem
)
def test_the_shipped_configurations_are_allowed(overlay):
    config = merged(CONFIG, yaml.safe_load(overlay.read_text())) if overlay else CONFIG
    check_config(config, SCHEMA, [str(SHIPPED)] + ([str(overlay)] if overlay else []))


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        ({"lstm": {"training": {"hiden": 9}}}, "overlay: lstm.training.hiden: unknown key. Did you mean 'hidden'? Allowed: attention,"),
        ({"rum": []}, "overlay: rum: unknown key. Did you mean 'run'?"),
        ({"lstm": {"training": {"padding": "maskd"}}}, "overlay: lstm.training.padding: 'maskd' is not allowed. Did you mean 'masked'?"),
        ({"lstm": {"training": {"learning_rate": "1e-5"}}}, "overlay: lstm.training.learning_rate: '1e-5' is text, not a number"),
        ({"lstm": {"training": {"learning_rate": "1e-5"}}}, "write 1.0e-5"),
        ({"lstm": {"training": {"learning_rate": 2}}}, "overlay: lstm.training.learning_rate: 2"),
        ({"lstm": {"models": {"lstm-bert-base": {"cleaning": "classic"}}}}, "overlay: lstm.models.lstm-bert-base: a `bert` embedding"),
        ({"lstm": {"models": {"x": {"embedding": "bert", "architecture": "base"}}}}, "overlay: lstm.models.x: 'context' is a required"),
        ({"protocols": {"stratified-10": {"folds": 1}}}, "overlay: protocols.stratified-10.folds: 1 is less than"),
        ({"protocols": {"stratified-10": {"train": 700}}}, "overlay: protocols.stratified-10.train: unknown key"),
        ({"sweeps": {"lstm-bert": {"seeds": [1, -2]}}}, "overlay: sweeps.lstm-bert.seeds.1: -2 is less than"),
        ({"sweeps": {"lstm-bert": {"epochs": []}}}, "overlay: sweeps.lstm-bert.epochs: [] should be non-empty"),
        ({"corpus": {"path": "o.csv", "format": "tvs"}}, "overlay: corpus.format: 'tvs' is not allowed. Did you mean 'tsv'?"),
        ({"corpus": {"txt": "comment"}}, "overlay: corpus.txt: unknown key. Did you mean 'text'?"),
        ({"corpus": {"negative": ["none"]}}, "overlay: corpus: 'positive' is a dependency of 'negative'"),
        ({"corpus": {"positive": ["a", 1], "negative": "1"}}, "overlay: corpus.negative: the label '1' is positive too"),
        ({"corpus": {"encoding": "cp1225"}}, "overlay: corpus.encoding: 'cp1225' is not allowed. Did you mean 'cp125"),
        ({"downloads": {"a.csv": {"url": "https://example.org"}}}, "overlay: downloads.a.csv: 'sha256' is a required"),
        ({"downloads": {"resources/fox-news-comments.json": {"url": "http://example.org"}}}, "url: 'http://example.org' does not match"),
        ({"pathvars": {"results": "/tmp"}}, "overlay: pathvars.results: '/tmp' does not match"),
        ({"encoder": "minilmm"}, "overlay: encoder: undefined encoder 'minilmm'. Did you mean 'minilm'? Defined: minilm,"),
        ({"finetune": {"models": {"finetune-bert": {"encoder": "x"}}}}, "overlay: finetune.models.finetune-bert.encoder: undefined encoder 'x'. Defined:"),
        ({"run": ["lstm-bert", "lstm-brt"]}, "overlay: run.1: undefined sweep 'lstm-brt'. Did you mean 'lstm-bert'?"),
        ({"baselines": {"protocols": ["user"]}}, "overlay: baselines.protocols.0: undefined protocol 'user'."),
        ({"sweeps": {"lstm-bert": {"models": ["lstm-bert-bas"]}}}, "overlay: sweeps.lstm-bert.models.0: undefined model 'lstm-bert-bas'."),
        ({"sweeps": {"lstm-bert": {"protocols": ["stratified"]}}}, "overlay: sweeps.lstm-bert.protocols.0: undefined protocol 'stratified'."),
        ({"ensembles": {"e": [{"model": "tfidf-logistic"}]}}, "overlay: ensembles.e: [{'model': 'tfidf-logistic'}] is too short"),
        ({"ensembles": {"e": [{"model": "tfidf-logistics"}, {"model": "pooled-mlp"}]}}, "overlay: ensembles.e.0.model: undefined model 'tfidf-logistics'. Did you mean 'tfidf-logistic'?"),
        ({"ensembles": {"e": [{"model": "lstm-bert-base"}, {"model": "pooled-mlp"}]}}, "overlay: ensembles.e.0: a trained model needs the `epoch`"),
        ({"ensembles": {"e": [{"model": "finetune-bert", "epoch": 3}, {"model": "pooled-mlp"}]}}, "overlay: ensembles.e.0: a fine-tuned model needs the `learning_rate`"),
        ({"ensembles": {"e": [{"model": "pooled-mlp", "epoch": 3}, {"model": "tfidf-logistic"}]}}, "overlay: ensembles.e.0: a baseline has neither epochs nor"),
        ({"stacks": {"ensemble": [{"model": "pooled-mlp"}, {"model": "tfidf-logistic"}]}}, "overlay: stacks.ensemble: a model has this name too"),
        ({"stacks": {"s": [{"model": "lstm-bert-base"}, {"model": "pooled-mlp"}]}}, "overlay: stacks.s.0: a trained model needs the `epoch`"),
        ({"ensembles": {"lstm-bert-base": [{"model": "pooled-mlp"}, {"model": "tfidf-logistic"}]}}, "overlay: ensembles.lstm-bert-base: a model has this name too"),
        ({"sweeps": {"lstm-bert": {"models": ["finetune-distilbert"]}}}, "overlay: sweeps.lstm-bert.models.0: model 'finetune-distilbert' was a BERT with another head, and is called 'finetune-bert-relu-head' now"),
        ({"final": {"model": "finetune-distilbert-head"}}, "overlay: final.model: model 'finetune-distilbert-head' was a BERT with another head, and is called 'finetune-bert-linear-head' now"),
        ({"stacks": {"s": [{"model": "finetune-distilbert"}, {"model": "pooled-mlp"}]}}, "overlay: stacks.s.0.model: model 'finetune-distilbert' was a BERT"),
        ({"finetune": {"models": {"finetune-distilbert": {"encoder": "minilm"}}}}, "overlay: finetune.models.finetune-distilbert: model 'finetune-distilbert' was a BERT with another head"),
        ({"finetune": {"models": {"finetune-distilbert": {"encoder": "minilm"}}}}, "finetune-distilbert: 'architecture' is a required property"),
        ({"finetune": {"models": {"other": {"encoder": "minilm"}}}}, "overlay: finetune.models.other: 'architecture' is a required property"),
        ({"final": {"model": "finetune-bert-relu-head"}}, "overlay: final.model: 'finetune-bert-relu-head' cannot be kept: transformers cannot load this model without our code. What can be kept: recommended, tfidf-logistic, pooled-logistic, ensemble"),
        ({"final": {"model": "stack"}}, "overlay: final.model: 'stack' cannot be kept: the weights of a stack are learned on its members' held-out predictions"),
        ({"final": {"model": "lstm-bert-base"}}, "overlay: final.model: 'lstm-bert-base' cannot be kept: no LSTM can. What can be kept: recommended,"),
        ({"final": {"model": "pooled-mlp"}}, "overlay: final.model: 'pooled-mlp' cannot be kept: there is no way to export it. What can be kept: recommended,"),
        ({"final": {"model": "always-hateful"}}, "overlay: final.model: 'always-hateful' cannot be kept: it knows nothing of the comments"),
        ({"final": {"model": "user-only"}}, "overlay: final.model: 'user-only' cannot be kept: it never reads a comment"),
        ({"final": {"model": "e"}, "ensembles": {"e": [{"model": "tfidf-logistic"}, {"model": "pooled-mlp"}]}}, "overlay: final.model: 'e' cannot be kept: its member pooled-mlp cannot be kept: there is no way to export it"),
        ({"final": {"model": "recomended"}}, "overlay: final.model: undefined model 'recomended'. Did you mean 'recommended'?"),
        ({"final": {"model": "finetune-bert"}}, "overlay: final.model: a fine-tuned model needs the `learning_rate` and the `epoch`"),
        ({"final": {"model": "finetune-bert", "epoch": 2}}, "overlay: final.model: a fine-tuned model needs the `learning_rate` and the `epoch`"),
        ({"final": {"epoch": 2}}, "overlay: final.epoch: 'recommended' takes none: only a fine-tuned model does"),
        ({"final": {"model": "tfidf-logistic", "learning_rate": 1e-4}}, "overlay: final.learning_rate: 'tfidf-logistic' takes none"),
        ({"final": {"model": "finetune-bert", "learning_rate": "1e-4", "epoch": 2}}, "overlay: final.learning_rate: '1e-4' is text, not a number"),
        ({"final": {"model": "ti"}, "finetune": {"models": {"ti": {"architecture": "BertForSequenceClassification", "context": "title"}}}}, "overlay: final.model: 'ti' cannot be kept: it reads titles, and those who ask it have none"),
        ({"lstm": {"models": {"lstm-bert-base": {"vectors": "own"}}}}, "overlay: lstm.models.lstm-bert-base: a `bert` embedding"),
        ({"lstm": {"models": {"lstm-word2vec-classic-base": {"vectors": "bought"}}}}, "vectors: 'bought' is not allowed. Allowed: own, pretrained."),
        ({"sweeps": {"lstm-kinds": {"models": ["lstm-bert-base", "lstm-word2vec-pretrained-classic-base"]}}}, "overlay: sweeps.lstm-kinds.models.1: lstm-word2vec-pretrained-classic-base reads pretrained word vectors: name their file under `word2vec.pretrained`"),
        ({"word2vec": {"pretrained": "v.txt"}}, "overlay: word2vec.pretrained: no model that is selected reads these vectors"),
        ({"word2vec": {"pretrained": "{v}.txt"}, "sweeps": {"lstm-kinds": {"models": ["lstm-word2vec-pretrained-classic-base"]}}}, "overlay: word2vec.pretrained: Snakemake reads { } < >"),
        ({"sweeps": {"lstm-bert": {"models": ["finetune-bert"]}}}, "overlay: sweeps.lstm-bert: fine-tuned models need `learning_rates: [1.0e-4]`"),
    ],
)  # fmt: skip
def test_a_mistake_names_file_key_and_what_is_allowed(overlay, said, tmp_path):
    assert said in refusal(tmp_path, overlay)


def test_all_mistakes_are_said_at_once(tmp_path):
    said = refusal(tmp_path, {"encoder": 3, "run": "all", "embeddings": {"layr": 1}})
    assert [line.split(": ")[1] for line in said.splitlines()[1:]] == ["embeddings.layr", "encoder", "run"]
    said = refusal(tmp_path, {"encoder": "x", "run": ["y"]})
    assert [line.split(": ")[1] for line in said.splitlines()[1:]] == ["encoder", "run.0"]


def test_a_missing_key_is_said():
    assert "'run' is a required property" in changed(lambda config: config.pop("run"))
    assert "sweeps.finetune-folds: fine-tuned" in changed(
        lambda config: config["sweeps"]["finetune-folds"].pop("learning_rates")
    )


def test_the_file_that_sets_the_key_last_is_named(tmp_path):
    for name, rate in (("first", 3), ("second", 4), ("third", None)):
        value = {"lstm": {"training": {"learning_rate": rate}}} if rate else {"lstm": {"training": {"hidden": 9}}}
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(value))
    config = merged(CONFIG, {"lstm": {"training": {"learning_rate": 4}}})
    files = [str(SHIPPED), *(str(tmp_path / f"{name}.yaml") for name in ("first", "second", "third"))]
    with pytest.raises(FoxhoundError, match=r"second\.yaml: lstm\.training\.learning_rate"):
        check_config(config, SCHEMA, files)


def test_without_files_the_command_line_is_named():
    with pytest.raises(FoxhoundError, match=r"the command line \(--config\): encoder"):
        check_config(CONFIG | {"encoder": "x"}, SCHEMA, [])


def test_two_unknown_keys_in_one_mapping_are_both_said(tmp_path):
    said = refusal(tmp_path, {"lstm": {"training": {"one": 1, "two": 2}}})
    assert "lstm.training.one" in said
    assert "lstm.training.two" in said


def test_a_key_that_is_a_number_is_explained():
    assert "lstm.training.1" in changed(lambda config: config["lstm"]["training"].update({1: 1}))


@pytest.mark.parametrize(
    "overlay", [{"protocols": {"stratified-10": {"folds": 10.0}}}, {"sweeps": {"lstm-bert": {"seeds": [1.0]}}}]
)
def test_a_whole_number_written_as_a_fraction_is_refused(overlay, tmp_path):
    refusal(tmp_path, overlay)


def test_an_encoder_that_is_nowhere_is_refused(tmp_path):
    refusal(tmp_path, {"encoders": {"x": {"sha256": "0" * 64}}})


def test_a_model_name_in_both_families_is_refused(tmp_path):
    model = {"embedding": "bert", "context": "none", "architecture": "base"}
    refusal(tmp_path, {"lstm": {"models": {"finetune-bert": model}}})


@pytest.mark.parametrize(
    ("overlay", "command_line", "blamed"),
    [
        ({"run": ["lstm-bert"]}, {"run": ["x"]}, "the command line (--config): run.0"),
        ({"lstm": {"training": {"hidden": 8}}}, {"lstm": {"training": {"hidden": "0"}}}, "the command line (--config): lstm.training.hidden"),
        ({}, {"nothing": 3}, "the command line (--config): nothing: unknown key"),
        ({"nothing": 3}, {}, "overlay.yaml: nothing: unknown key"),
        ({"encoder": "x"}, {"run": []}, "overlay.yaml: encoder"),
    ],
)  # fmt: skip
def test_a_mistake_on_the_command_line_is_not_blamed_on_a_file(overlay, command_line, blamed, tmp_path):
    (tmp_path / "overlay.yaml").write_text(yaml.safe_dump(overlay))
    config = merged(merged(CONFIG, overlay), command_line)
    with pytest.raises(FoxhoundError) as refused:
        check_config(config, SCHEMA, [str(SHIPPED), str(tmp_path / "overlay.yaml")])
    assert blamed in str(refused.value)


def test_configuration_files_are_told_from_targets(tmp_path, monkeypatch):
    (tmp_path / "results").mkdir()
    monkeypatch.chdir(tmp_path / "results")  # a checkout may lie in a folder of this name
    (tmp_path / "results" / "my.yaml").write_text("")
    check_files([tmp_path / "results" / "my.yaml", "my.yaml"])
    with pytest.raises(FoxhoundError, match=r"mi\.yaml: there is no such configuration file\. Did you mean 'my\.yaml'"):
        check_files(["mi.yaml"])
