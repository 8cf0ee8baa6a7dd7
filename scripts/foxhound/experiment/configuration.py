"""Check the merged configuration before anything runs, and say which key, in which file, what is allowed."""

from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from foxhound.corpus.labels import label_words
from foxhound.errors import FoxhoundError, suggestion


def _where(keys: list[str], files: list[Path]) -> str:
    """The last of `files` (they override each other in turn) that sets the key, or as much of it as any does."""
    for depth in range(len(keys), 0, -1):
        for file in reversed(files):
            value = yaml.safe_load(file.read_text(encoding="utf-8"))
            for key in keys[:depth]:
                if isinstance(value, list) and key.isdigit() and int(key) < len(value):
                    value = value[int(key)]
                elif isinstance(value, dict) and key in value:
                    value = value[key]
                else:
                    break
            else:
                return str(file)
    return str(files[0]) if files else "the command line"


# YAML keeps 10 and 10.0 apart; JSON Schema does not, and range() does.
STRICT_INTEGER = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
Validator = extend(Draft202012Validator, type_checker=STRICT_INTEGER)


def _explain(error: ValidationError) -> list[tuple[list[str], str]]:
    """What is wrong: the keys that lead to each mistake, and its explanation."""
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
    numbers = ("number", "integer")
    if error.validator == "type" and isinstance(error.instance, str) and error.validator_value in numbers:
        return [(keys, f"{error.instance!r} is text, not a number. YAML reads 1e-5 as text: write 1.0e-5.")]
    if error.validator == "not":
        return [(keys, "a `bert` embedding takes `context`, a `word2vec` embedding takes `cleaning`; not both.")]
    if error.validator == "oneOf" and keys[0] == "encoders":
        return [
            (keys, "an encoder needs `package` (one that carries it) or `model` (a folder or hub id); one of the two.")
        ]
    return [(keys, error.message)]


def check_config(config: dict[str, Any], schema: str | Path, files: list[str]) -> None:
    """Check the merged `config` against `schema`, and every selection against its definition.

    Args:
        files: the configuration files in the order in which they were merged.

    Raises:
        FoxhoundError: names the key, the file that sets it, what is allowed, the nearest match. All at once.
    """
    paths = [Path(file) for file in files]
    validator = Validator(yaml.safe_load(Path(schema).read_text(encoding="utf-8")))
    errors = sorted(validator.iter_errors(config), key=lambda error: list(map(str, error.path)))
    problems = [problem for error in errors for problem in _explain(error)] or _undefined(config, validator.schema)
    if problems:
        lines = [f"{_where(keys, paths)}: {'.'.join(keys)}: {problem}" for keys, problem in problems]
        raise FoxhoundError("The configuration has mistakes:\n  " + "\n  ".join(lines))


def _undefined(config: dict[str, Any], schema: dict[str, Any]) -> list[tuple[list[str], str]]:
    """Names that are selected somewhere and defined nowhere, and sweeps that cannot be run."""
    problems: list[tuple[list[str], str]] = []

    def defined(keys: list[str], name: str, mapping: dict[str, Any], kind: str) -> None:
        if name not in mapping:
            problem = (
                f"nobody defines the {kind} {name!r}.{suggestion(name, list(mapping))} Defined: {', '.join(mapping)}."
            )
            problems.append((keys, problem))

    lstm, finetune = config["lstm"]["models"], config["finetune"]["models"]
    for name in lstm.keys() & finetune.keys():
        problems.append((["lstm", "models", name], "`finetune.models` has a model of this name too: rename one."))
    corpus = config["corpus"]
    for key in ("path", "corrections", "fallback"):
        if set("{}<>") & set(corpus.get(key) or ""):
            problems.append(
                (["corpus", key], "Snakemake reads { } < > in a path as patterns. Rename the file or folder.")
            )
    for word in set(label_words(corpus.get("positive"))) & set(label_words(corpus.get("negative"))) - {""}:
        problems.append((["corpus", "negative"], f"the label {word!r} is positive too."))
    defined(["encoder"], config["encoder"], config["encoders"], "encoder")
    for name, model in finetune.items():
        if "encoder" in model:
            defined(["finetune", "models", name, "encoder"], model["encoder"], config["encoders"], "encoder")
    for index, name in enumerate(config["run"]):
        defined(["run", str(index)], name, config["sweeps"], "sweep")
    for index, name in enumerate(config["baselines"]["protocols"]):
        defined(["baselines", "protocols", str(index)], name, config["protocols"], "protocol")
    trained = lstm | finetune
    baselines = schema["properties"]["baselines"]["properties"]["models"]["items"]["enum"]
    combined = [(kind, name, members) for kind in ("ensembles", "stacks") for name, members in config[kind].items()]
    for kind, name, members in combined:
        if name in trained or (kind == "stacks" and name in config["ensembles"]):
            problems.append(([kind, name], "a model has this name too: rename one."))
        for index, member in enumerate(members):
            keys = [kind, name, str(index)]
            defined([*keys, "model"], member["model"], trained | dict.fromkeys(baselines), "model")
            if member["model"] in trained and "epoch" not in member:
                problems.append((keys, "a trained model needs the `epoch` that takes part."))
            if member["model"] in finetune and "learning_rate" not in member:
                problems.append((keys, "a fine-tuned model needs the `learning_rate` that takes part."))
            if member["model"] in baselines and ("epoch" in member or "learning_rate" in member):
                problems.append((keys, "a baseline has neither epochs nor a learning rate: leave them out."))
    final = config["final"]
    defined(["final", "model"], final["model"], finetune, "fine-tuned model")
    defined(["final", "protocol"], final["protocol"], config["protocols"], "protocol")
    if finetune.get(final["model"], {}).get("architecture") == "DistilBertModel-first-token":
        problems.append((["final", "model"], "transformers cannot load this model without our code: name another."))
    training = config["finetune"]["training"] | finetune.get(final["model"], {}).get("training", {})
    if training["copies"] > 1 or training["bootstrap"]:
        problem = "`copies` are several models and `bootstrap` leaves comments out; one is kept, of all: name another."
        problems.append((["final", "model"], problem))
    for name, sweep in config["sweeps"].items():
        keys = ["sweeps", name]
        for index, protocol in enumerate(sweep["protocols"]):
            defined([*keys, "protocols", str(index)], protocol, config["protocols"], "protocol")
        for index, model in enumerate(sweep["models"]):
            defined([*keys, "models", str(index)], model, lstm | finetune, "model")
        if any(model in finetune for model in sweep["models"]) and "learning_rates" not in sweep:
            problems.append((keys, "fine-tuned models need `learning_rates: [1.0e-4]`, or several."))
    return problems
