"""Check the merged configuration before anything runs, and say which key, in which file, what is allowed."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from foxhound.corpus.labels import label_words
from foxhound.errors import FoxhoundError, suggestion
from foxhound.experiment.keepable import can_be_kept, why_not_kept
from foxhound.files import read_own_yaml
from foxhound.names import RECOMMENDED

Problem = tuple[list[str], str]
"""The keys that lead to a mistake, and its explanation."""

RENAMED = {
    "finetune-distilbert": "finetune-bert-relu-head",
    "finetune-distilbert-head": "finetune-bert-linear-head",
}
"""Former name -> name of models that were no DistilBERT but a BERT with another head."""


ABSENT = object()
COMMAND_LINE = "the command line (--config)"


def _value(keys: list[str], value: Any) -> Any:
    """Return what stands under these keys, or ABSENT."""
    for key in keys:
        if isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return ABSENT
    return value


def _where(keys: list[str], files: list[Path], config: dict[str, Any]) -> str:
    """Return the last of `files` (they override each other in turn) that sets the key, or as much of it as any does.

    Args:
        config: merged. What it holds and no file does, or another value than the last file, is from the command line.
    """
    contents = [(file, yaml.safe_load(file.read_text(encoding="utf-8"))) for file in reversed(files)]
    merged = _value(keys, config)
    for depth in range(len(keys), 0, -1):
        for file, content in contents:
            value = _value(keys[:depth], content)
            if value is not ABSENT:
                changed = (
                    depth == len(keys) and not isinstance(merged, dict) and merged is not ABSENT and value != merged
                )
                return COMMAND_LINE if changed else str(file)
        if merged is not ABSENT:
            return COMMAND_LINE
    return str(files[0]) if files else COMMAND_LINE


# YAML keeps 10 and 10.0 apart; JSON Schema does not, and range() does.
STRICT_INTEGER = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
Validator = extend(Draft202012Validator, type_checker=STRICT_INTEGER)


def _explain(error: ValidationError) -> list[Problem]:
    """Return what is wrong, in words that say what is allowed."""
    keys = [str(key) for key in error.absolute_path]
    if error.validator == "additionalProperties":
        allowed = sorted(error.schema.get("properties", {}))
        unknown = [str(key) for key in error.instance if key not in allowed]
        listed = f"Allowed: {', '.join(allowed)}."
        return [([*keys, key], f"unknown key.{suggestion(key, allowed)} {listed}") for key in unknown]
    if error.validator == "enum":
        allowed = [str(value) for value in error.validator_value]
        hint = suggestion(str(error.instance), allowed)
        return [(keys, f"{error.instance!r} is not allowed.{hint} Allowed: {', '.join(allowed)}.")]
    kinds = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    if error.validator == "type" and isinstance(error.instance, str) and {"number", "integer"} & {*kinds}:
        return [(keys, f"{error.instance!r} is text, not a number. YAML reads 1e-5 as text: write 1.0e-5.")]
    if error.validator == "not":
        return [
            (
                keys,
                "a `bert` embedding takes `context`, a `word2vec` embedding takes `cleaning` and `vectors`; not both.",
            )
        ]
    if error.validator == "oneOf" and keys[0] == "encoders":
        return [
            (keys, "an encoder needs `package` (one that carries it) or `model` (a folder or hub id); one of the two.")
        ]
    if error.validator == "required" and keys[:2] == ["finetune", "models"] and keys[2] in RENAMED:
        return [*_undefined(keys, keys[2], [], "model"), (keys, error.message)]
    return [(keys, error.message)]


def check_config(config: dict[str, Any], schema: str | Path, files: list[str]) -> None:
    """Check the merged `config` against `schema`, and every selection against its definition.

    Args:
        files: the configuration files in the order in which they were merged.

    Raises:
        FoxhoundError: names the key, the file that sets it, what is allowed, the nearest match. All at once.
    """
    paths = [Path(file) for file in files]
    validator = Validator(read_own_yaml(schema))
    errors = sorted(validator.iter_errors(config), key=lambda error: list(map(str, error.path)))
    problems = [problem for error in errors for problem in _explain(error)]
    problems = problems or _selection_problems(config, validator.schema)
    if problems:
        lines = [f"{_where(keys, paths, config)}: {'.'.join(keys)}: {problem}" for keys, problem in problems]
        raise FoxhoundError("The configuration has mistakes:\n  " + "\n  ".join(lines))


def check_files(files: Iterable[str | Path]) -> None:
    """Refuse a configuration file that is none: `--configfile FILE TARGET` takes the target for one more file.

    Raises:
        FoxhoundError: names it, and how a target is set apart.
    """
    names = list(map(str, files))

    def is_target(name: str) -> bool:
        inside = Path(os.path.relpath(name)).parts[:1]  # of a checkout that may itself lie in a folder `results`
        return Path(name).suffix not in (".yaml", ".yml", ".json") or inside == ("results",)

    if targets := [name for name in names if is_target(name)]:
        others = [name for name in names if name not in targets and name != "config.yaml"]
        remedy = f"put -- before a target, as in\n  {' '.join(['--configfile', *others, '--', *targets])}"
        raise FoxhoundError(
            f"{targets[0]}: no configuration file. --configfile takes every name that follows it: "
            + (remedy if others else "leave it out, or name an overlay of config.yaml.")
        )
    for name in names:
        if not Path(name).is_file():
            folder = Path(name).parent
            there = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
            raise FoxhoundError(f"{name}: there is no such configuration file.{suggestion(Path(name).name, there)}")


def canonical(value: Any) -> Any:
    """Return a value of the configuration with the keys of every mapping sorted: their order means nothing.

    Snakemake compares params as text, and would redo what a swap of two lines leaves as it was.
    """
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value)}
    return [canonical(one) for one in value] if isinstance(value, list) else value


def _undefined(keys: list[str], name: str, defined: Iterable[str], kind: str) -> list[Problem]:
    """Return the problem that nothing of this name is defined, if so."""
    names = list(defined)
    if name in names:
        return []
    if name in RENAMED:
        return [
            (
                keys,
                f"{kind} {name!r} was a BERT with another head, and is called {RENAMED[name]!r} now. "
                "To fine-tune a DistilBERT, define it as experiments/bert-base.yaml does.",
            )
        ]
    return [(keys, f"undefined {kind} {name!r}.{suggestion(name, names)} Defined: {', '.join(names)}.")]


def _selection_problems(config: dict[str, Any], schema: dict[str, Any]) -> list[Problem]:
    """Return every name that is selected somewhere and defined nowhere, and every selection that cannot be run."""
    baselines = schema["properties"]["baselines"]["properties"]["models"]["items"]["enum"]
    return [
        *_corpus_problems(config["corpus"]),
        *_model_problems(config),
        *_word_vector_problems(config),
        *_run_problems(config),
        *_combination_problems(config, baselines),
        *_final_model_problems(config, baselines),
        *_sweep_problems(config),
    ]


def _corpus_problems(corpus: dict[str, Any]) -> Iterator[Problem]:
    """Yield paths that Snakemake would misread, and labels that mean both hateful and not."""
    for key in ("path", "corrections", "fallback"):
        if set("{}<>") & set(corpus.get(key) or ""):
            yield ["corpus", key], "Snakemake reads { } < > in a path as patterns. Rename the file or folder."
    for word in sorted(set(label_words(corpus.get("positive"))) & set(label_words(corpus.get("negative"))) - {""}):
        yield ["corpus", "negative"], f"the label {word!r} is positive too."


def _model_problems(config: dict[str, Any]) -> Iterator[Problem]:
    """Yield models of one name in two families, and encoders that are not defined."""
    lstm, finetune, encoders = config["lstm"]["models"], config["finetune"]["models"], config["encoders"]
    for name in sorted(lstm.keys() & finetune.keys()):
        yield ["lstm", "models", name], "`finetune.models` has a model of this name too: rename one."
    yield from _undefined(["encoder"], config["encoder"], encoders, "encoder")
    for name, model in finetune.items():
        if "encoder" in model:
            yield from _undefined(["finetune", "models", name, "encoder"], model["encoder"], encoders, "encoder")


def _word_vector_problems(config: dict[str, Any]) -> Iterator[Problem]:
    """Yield models of selected sweeps that lack pretrained word vectors, or such vectors that none of them reads."""
    models, path = config["lstm"]["models"], config["word2vec"]["pretrained"]
    reading = [
        (["sweeps", sweep, "models", str(index)], model)
        for sweep in config["run"]
        for index, model in enumerate(config["sweeps"].get(sweep, {"models": []})["models"])
        if models.get(model, {}).get("vectors") == "pretrained"
    ]
    if not path:
        yield from (
            (keys, f"{model} reads pretrained word vectors: name their file under `word2vec.pretrained`.")
            for keys, model in reading
        )
    elif not reading:
        yield (
            ["word2vec", "pretrained"],
            "no model that is selected reads these vectors. Select one with `vectors: pretrained`, as "
            "experiments/pretrained-vectors.yaml does, or set this to null.",
        )
    elif set("{}<>") & set(path):
        yield ["word2vec", "pretrained"], "Snakemake reads { } < > in a path as patterns. Rename the file or folder."


def _run_problems(config: dict[str, Any]) -> Iterator[Problem]:
    """Yield selected sweeps and protocols that are not defined."""
    for index, name in enumerate(config["run"]):
        yield from _undefined(["run", str(index)], name, config["sweeps"], "sweep")
    for index, name in enumerate(config["baselines"]["protocols"]):
        yield from _undefined(["baselines", "protocols", str(index)], name, config["protocols"], "protocol")


def _combination_problems(config: dict[str, Any], baselines: list[str]) -> Iterator[Problem]:
    """Yield ensembles and stacks with the name of a model, and members that do not say enough, or too much."""
    finetune = config["finetune"]["models"]
    trained = config["lstm"]["models"] | finetune
    for kind in ("ensembles", "stacks"):
        for name, members in config[kind].items():
            if name in trained or (kind == "stacks" and name in config["ensembles"]):
                yield [kind, name], "a model has this name too: rename one."
            for index, member in enumerate(members):
                keys, model = [kind, name, str(index)], member["model"]
                yield from _undefined([*keys, "model"], model, [*trained, *baselines], "model")
                if model in trained and "epoch" not in member:
                    yield keys, "a trained model needs the `epoch` that takes part."
                if model in finetune and "learning_rate" not in member:
                    yield keys, "a fine-tuned model needs the `learning_rate` that takes part."
                if model in baselines and ("epoch" in member or "learning_rate" in member):
                    yield keys, "a baseline has neither epochs nor a learning rate: leave them out."


def _final_model_problems(config: dict[str, Any], baselines: list[str]) -> Iterator[Problem]:
    """Yield why the final model cannot be made, if so."""
    final, finetune = config["final"], config["finetune"]["models"]
    name, keys = final["model"], ["final", "model"]
    several = (config["ensembles"], config["stacks"], finetune, config["lstm"]["models"], baselines)
    undefined = _undefined(keys, name, [RECOMMENDED, *(one for names in several for one in names)], "model")
    yield from undefined
    yield from _undefined(["final", "protocol"], final["protocol"], config["protocols"], "protocol")
    if undefined:
        return
    if reason := why_not_kept(config, name):
        yield keys, f"{name!r} cannot be kept: {reason}. What can be kept: {', '.join(can_be_kept(config))}."
    given = [key for key in ("learning_rate", "epoch") if final.get(key) is not None]
    if name in finetune and len(given) < 2:
        yield keys, "a fine-tuned model needs the `learning_rate` and the `epoch` that it is kept at, under `final`."
    for key in given if name not in finetune else []:
        yield (
            ["final", key],
            f"{name!r} takes none: only a fine-tuned model does, where `final.model` names it. Set it to null.",
        )


def _sweep_problems(config: dict[str, Any]) -> Iterator[Problem]:
    """Yield protocols and models of sweeps that are not defined, and learning rates that are missing."""
    finetune = config["finetune"]["models"]
    for name, sweep in config["sweeps"].items():
        keys = ["sweeps", name]
        for index, protocol in enumerate(sweep["protocols"]):
            yield from _undefined([*keys, "protocols", str(index)], protocol, config["protocols"], "protocol")
        for index, model in enumerate(sweep["models"]):
            yield from _undefined([*keys, "models", str(index)], model, config["lstm"]["models"] | finetune, "model")
        if any(model in finetune for model in sweep["models"]) and "learning_rates" not in sweep:
            yield keys, "fine-tuned models need `learning_rates: [1.0e-4]`, or several."


def merged(base: Any, overlay: Any) -> Any:
    """Return a configuration with an overlay, merged as Snakemake does: mappings key by key, all else whole."""
    if isinstance(base, dict) and isinstance(overlay, dict):
        return base | {key: merged(base.get(key), value) for key, value in overlay.items()}
    return overlay


def load_config(files: Iterable[str | Path], schema: str | Path) -> dict[str, Any]:
    """Read configuration files, each merged into those before it, and check the result.

    Raises:
        FoxhoundError: a file cannot be read or is not YAML, or the configuration has a mistake.
    """
    paths = [*map(Path, files)]
    config: dict[str, Any] = {}
    for path in paths:
        try:
            read = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise FoxhoundError(f"{path}: cannot be read: {error}") from error
        config = merged(config, read)
    check_config(config, schema, [*map(str, paths)])
    return config
