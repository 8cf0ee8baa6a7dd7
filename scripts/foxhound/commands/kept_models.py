"""Say which kept models are there, and with which command each experiment makes its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from foxhound.errors import FoxhoundError

DEFAULT = Path("results/model")
DEMO = Path("experiments/demo.yaml")


def models_there() -> list[Path]:
    """Return the folders of kept models among all results, in the order of their names."""
    configs = Path().glob("results*/**/model/config.json")
    return sorted(path.parent for path in configs if path.parent.parent.name != "final")


def experiments() -> Iterator[tuple[Path | None, Path]]:
    """Yield overlay (None: config.yaml alone) and folder of the model of each experiment."""
    import yaml

    from foxhound.experiment.configuration import merged

    def read(path: Path) -> dict[str, Any]:
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, yaml.YAMLError):  # it is not about this file
            return {}
        return content if isinstance(content, dict) else {}

    base = read(Path("config.yaml"))
    for overlay in (None, *sorted(Path("experiments").glob("*.yaml"))):
        paths = merged(base, read(overlay) if overlay else {}).get("pathvars", {})
        results = str(paths.get("results", "results"))
        report = str(paths.get("report", "<results>")).replace("<results>", results)
        yield overlay, Path(report) / "model"


def command(overlay: Path | None, model: Path) -> str:
    """Return the command that makes an experiment's model."""
    if overlay == DEMO:
        return "foxhound demo"
    configured = f"--configfile {overlay} " if overlay else ""
    return f"foxhound report {configured}-- {model}"


def commands_there() -> list[str]:
    """Return the command of each experiment that was run, its scores are there, and whose model is not."""
    found: dict[Path, str] = {}
    for overlay, model in experiments():
        if (model.parent / "scores.parquet").is_file() and not (model / "config.json").is_file():
            found.setdefault(model, command(overlay, model))
    return list(found.values())


def missing_model(folder: Path | None) -> FoxhoundError:
    """Return the error that there is no model in a folder, or that none was named, and what can be done."""
    there = models_there()
    lines = [f"{folder}: there is no such folder." if folder else f"Which model? There is none in {DEFAULT}."]
    own = [command(overlay, model) for overlay, model in experiments() if folder and model == folder][:1]
    if own:
        lines += ["It is made with", f"  {own[0]}"]
    if there:
        lines += ["Models that are there:", *(f"  --model {model}" for model in there)]
    others = [one for one in commands_there() if one not in own]
    if others and not own:
        lines += ["Experiments that were run, and the command that makes the model of each:"]
        lines += [f"  {one}" for one in others]
    if not own and not there and not others:
        lines += ["For a first one, in minutes:", "  foxhound demo"]
    if not own:
        lines += ["For your own comments: foxhound new-corpus my.csv writes the experiment, and says how to run it."]
    return FoxhoundError("\n".join(lines))
