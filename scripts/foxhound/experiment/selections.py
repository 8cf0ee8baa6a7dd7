"""Choose, of all runs of the experiment, those that a later stage needs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foxhound.errors import FoxhoundError
from foxhound.experiment.keepable import can_be_kept, candidates
from foxhound.experiment.plan import Plan
from foxhound.names import FOLDS, RECOMMENDED, TFIDF, learning_rate_name


def final_predictions(plan: Plan) -> list[str]:
    """Return the predictions that hold those of the final model: they give its calibration, threshold and scores.

    Of a model that is named they are its own; where it is the one that is recommended, those of all that can be kept.

    Raises:
        FoxhoundError: the experiment does not run it under its protocol, to its epoch; or nothing that runs there can
            be kept.
    """
    final = plan.config["final"]
    protocol = final["protocol"]
    if final["model"] == RECOMMENDED:
        wanted = {(name, protocol) for name in candidates(plan)}
        if not wanted:
            raise FoxhoundError(
                f"No final model: nothing that runs under {protocol} in this experiment can be kept. What can be kept: "
                f"{', '.join(can_be_kept(plan.config)[1:])}. Select a sweep with one of them under `run`, or name "
                "another `protocol` under `final`."
            )
        return [path for path in plan.predictions() if _of(path) in wanted]
    model = final["model"]
    if model in plan.models.finetuned_models:
        rate = learning_rate_name(final["learning_rate"])
        paths = [
            run.path
            for run, epochs in plan.runs.items()
            if (run.model, run.protocol, run.learning_rate) == (model, protocol, rate) and final["epoch"] in epochs
        ]
        model += f", learning rate {rate}, epoch {final['epoch']}"
    else:
        paths = [path for path in plan.predictions() if _of(path) == (model, protocol)]
    if not paths:
        raise FoxhoundError(
            f"The final model ({model}) does not run under {protocol} in this experiment, so its score is unknown. "
            "Select a sweep with it (or with its members) under `run`, or name another model under `final`."
        )
    return paths


def _of(path: str) -> tuple[str, str]:
    """Return the model and the protocol of predictions."""
    _, _, model, protocol, *_ = path.split("/")
    return model, protocol


def recommendation(plan: Plan) -> dict[str, str]:
    """Return the file that says what the experiment recommends, if the choice of the final model goes by it."""
    recommended = plan.config["final"]["model"] == RECOMMENDED
    return {"recommendation": "<report>/recommendation.json"} if recommended else {}


def reference(config: Mapping[str, Any]) -> str:
    """Return the model that others are set beside: the final one where it is named, else the baseline."""
    name: str = config["final"]["model"]
    return TFIDF if name == RECOMMENDED else name


def fallen_away(plan: Plan) -> list[str]:
    """Return a line on each ensemble, each stack and the final model that an epoch alone keeps from being made.

    It names a model that runs, but to no such epoch: who changes the epochs of a sweep would lose it without a word.
    """
    reached: dict[tuple[str, str | None], set[int]] = {}
    for run, epochs in plan.runs.items():
        reached.setdefault((run.model, run.learning_rate), set()).update(epochs)
    config, lines = plan.config, []
    made = {path.split("/")[2] for path in plan.ensembles()}
    for kind in ("ensembles", "stacks"):
        for name, members in config[kind].items():
            missed = [_epoch_missed(reached, member) for member in members]
            if name not in made and any(missed):
                lines.append(f"{kind}.{name} falls away: {next(filter(None, missed))}")
    if missed_by_final := _epoch_missed(reached, config["final"]):
        lines.append(f"The final model (`final`) falls away: {missed_by_final}")
    return lines


def _epoch_missed(reached: Mapping[tuple[str, str | None], set[int]], member: Mapping[str, Any]) -> str:
    """Return that a model runs to other epochs than the one asked for; nothing where that is not so."""
    rate = learning_rate_name(member["learning_rate"]) if member.get("learning_rate") else None
    epochs = reached.get((member["model"], rate), set())
    if not epochs or member["epoch"] in epochs:
        return ""
    listed = ", ".join(map(str, sorted(epochs)))
    return f"it takes {member['model']} at epoch {member['epoch']}, and the sweeps look at epochs {listed} only."


def pretrained_file(config: Mapping[str, Any], must_exist: bool) -> str | None:
    """Return the file of pretrained word vectors; None where it has to be downloaded first.

    Args:
        config: checked.
        must_exist: whether to refuse a file that is not there and has no download, as where Snakemake is started.

    Raises:
        FoxhoundError: there is neither a file nor a download.
    """
    path = config["word2vec"]["pretrained"]
    if path is None:
        raise FoxhoundError("word2vec.pretrained names no file of word vectors.")
    if Path(path).is_file():
        return path
    if path in config["downloads"]:
        return None
    if must_exist:
        raise FoxhoundError(
            f"word2vec.pretrained: {path} does not exist, and `downloads` does not say where it comes from. Put the "
            "file there: word2vec or GloVe format, as text or .bin, packed as .gz or not."
        )
    return path


def attention_run(plan: Plan) -> tuple[dict[str, str], dict[str, Any]]:
    """Return the run whose attention is tested: the files it reads, and model, architecture, epochs, training, seed.

    Raises:
        FoxhoundError: it is no LSTM with attention on an encoder's vectors, or the experiment does not run it.
    """
    name = plan.config["checks"]["attention"]
    model = plan.models.lstm_models.get(name, {})
    run = next((run for run in plan.runs if run.model == name), None)
    if run is None or model.get("embedding") != "bert" or not model["architecture"].endswith("attention"):
        suitable = sorted({run.model for run in plan.runs if run.model.endswith("attention")})
        raise FoxhoundError(
            f"checks.attention: {name!r} is no LSTM with attention on BERT embeddings that a selected sweep runs. "
            f"Those there are: {', '.join(suitable) or 'none'}."
        )
    files = {
        "embeddings": f"<results>/embeddings/{plan.config['encoder']}/{model['context']}.parquet",
        "partition": f"<results>/partitions/{run.protocol}/{run.partition}.parquet",
    }
    facts = {"model": name, "architecture": model["architecture"], "epochs": max(plan.runs[run])}
    return files, facts | {"training": plan.models.training(name), "seed": run.seed}


def checks(plan: Plan) -> dict[str, str]:
    """Return the tables on the final model that the configuration asks for.

    Where it asks for any, the report waits for the model's held-out predictions, too: where these turn out to be others
    than before, what follows joins the run late (`foxhound.workflow.staleness`).

    Raises:
        FoxhoundError: there is no final model to look into, or no attention.
    """
    asked = {**plan.config["checks"], "explanations": plan.config["checks"]["explained"]}
    names = [name for name in ("sentences", "hatecheck", "explanations") if asked[name]]
    files = {name: f"<report>/{name}.parquet" for name in names}
    if names:
        final_predictions(plan)
        files["held_out"] = "<report>/final/held_out.parquet"
    if asked["attention"]:
        attention_run(plan)
        files["attention"] = "<results>/attention.parquet"
    return files


def scored_predictions(plan: Plan) -> dict[str, list[int]]:
    """Return what the scores are computed from, as `Plan.predictions` does.

    Raises:
        FoxhoundError: there is nothing.
    """
    found = plan.predictions()
    if not found:
        raise FoxhoundError(
            "This experiment scores no model: name sweeps in `run`, or protocols in `baselines.protocols`."
        )
    return found


def error_browser_predictions(plan: Plan) -> dict[str, int]:
    """Return the predictions that the page's error browser shows, and the last epoch of interest of each.

    Those of the fold protocol that most models run under, the first by name among equals; none without one.
    """
    models = {
        protocol: {run.model for run in plan.runs if run.protocol == protocol}
        for protocol in plan.protocols
        if "folds" in plan.config["protocols"][protocol]
    }
    if not models:
        return {}
    chosen = min(models, key=lambda protocol: (-len(models[protocol]), protocol))
    runs = {run.path: max(epochs) for run, epochs in plan.runs.items() if run.protocol == chosen}
    whole = [path for path in plan.predictions() if f"/{chosen}/{FOLDS}" in path]
    return dict(sorted((runs | dict.fromkeys(whole, 0)).items()))  # whatever the order of sweeps
