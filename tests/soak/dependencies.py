"""What each job's result depends on, written down a second time and by hand, without the rules or the package.

`make soak` compares what Snakemake runs with what follows from here.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from modulefinder import ModuleFinder
from pathlib import Path
from typing import Any

NO_RESULT = ("foxhound.errors", "foxhound.workflow.job", "foxhound.compute.gpu_locks")
"""Modules that cannot change a result."""
PAGE = ("report.html.jinja", "page.css", "page.js", "error-browser.js")
READ_BY_BASELINES = {"tfidf-logistic": ["text"], "user-only": ["user"], "article-only": ["thread"]}
REPORT = "figures/f1.svg"
READ_BY_REPORT_ONLY = {
    **dict.fromkeys(
        [
            f"{name}.parquet"
            for name in ("picked", "calibration", "precision_recall", "articles", "operating", "answered")
        ],
        "epochs.parquet",
    ),
    **dict.fromkeys(("standings.parquet", "ladder.parquet"), "scores.parquet"),
    "duplicates.parquet": "leaks.parquet",
}
"""What a job makes beside its first file -> that file."""
PROTOCOL = "stratified-2"
PARTITIONS = [f"partitions/{PROTOCOL}/fold-{fold:02d}.parquet" for fold in (1, 2)]


@dataclass
class Job:
    """What one job's result depends on: facts of its own, and the results of others.

    unheeded: what it reads, but a change of which is no reason to run.
    content: a digest of the result, where what follows goes by nothing else.
    """

    facts: Any
    inputs: list[str] = field(default_factory=list)
    unheeded: list[str] = field(default_factory=list)
    content: str = ""


@cache
def modules(scripts: Path, script: str) -> frozenset[str]:
    """Return the modules of the package that a script imports, as the standard library finds them in its bytecode."""
    finder = ModuleFinder(path=[str(scripts)], excludes=[*NO_RESULT])
    finder.run_script(str(scripts / f"{script}.py"))
    return frozenset(name for name in finder.modules if name.partition(".")[0] == "foxhound")


class Dependencies:
    """The jobs of the experiment in one state, by the first file that each makes (relative to the results).

    Args:
        folder: the checkout.
        config: the merged configuration.
        versions: how often the code of a module or script, or the declaration of a table, was changed.
        columns: column of the comments -> its file among the results, named after its content.
        facts: what the report says of the corpus.
        made: file among the results -> a digest of what it is.
    """

    def __init__(
        self,
        folder: Path,
        config: dict[str, Any],
        versions: Mapping[str, int],
        columns: Mapping[str, str],
        facts: Any,
        made: Callable[[str], str],
    ) -> None:
        self.folder, self.config, self.versions, self.columns, self.facts = folder, config, versions, columns, facts
        self.made = made
        self.jobs: dict[str, Job] = {path: Job("named after its content") for path in columns.values()}
        self.predictions: dict[str, list[int]] = {}
        self._add_features()
        self._add_models()
        self._add_scores()
        self._add_final_model()
        self._add_report()

    def code(self, script: str) -> dict[str, int]:
        names = {script, *modules(self.folder / "scripts", script)}
        tables = ["schemas: leaks"] if script in ("leaks", "report") else []
        return {name: self.versions.get(name, 0) for name in sorted([*names, *tables])}

    def content(self, *paths: str) -> list[str]:
        return [hashlib.sha256((self.folder / path).read_bytes()).hexdigest() for path in paths]

    def read(self, *columns: str) -> list[str]:
        return [self.columns[column] for column in columns]

    def add(self, path: str, facts: Any, inputs: Iterable[str] = (), unheeded: Iterable[str] = ()) -> None:
        self.jobs[path] = Job(facts, list(inputs), list(unheeded))

    def encoder(self) -> list[Any]:
        return [self.config["encoder"], self.config["encoders"][self.config["encoder"]]]

    def _add_features(self) -> None:
        config = self.config
        self.add(
            "corpus/comments.parquet",
            [self.content(config["corpus"]["path"]), config["corpus"], self.columns, self.code("corpus")],
        )
        for path in PARTITIONS:
            self.add(path, [config["protocols"][PROTOCOL], self.code("partition")], self.read("label"))
        self.add("cleaning/classic.parquet", self.code("cleaning"), self.read("text"))
        settings = [config["embeddings"][name] for name in ("layer", "max_tokens")]
        self.embeddings = f"embeddings/{config['encoder']}/none.parquet"
        self.add(self.embeddings, [self.encoder(), settings, self.code("embeddings")], self.read("text"))

    def _add_models(self) -> None:
        config = self.config
        for name in config["run"]:
            sweep = config["sweeps"][name]
            family = "finetune" if name == "finetune-folds" else "lstm"
            [model] = sweep["models"]
            definition = config[family]["models"][model]
            training = config[family]["training"] | definition.get("training", {})
            facts = [definition, training, max(sweep["epochs"]), self.encoder(), self.code(family)]
            for partition in PARTITIONS:
                fold = Path(partition).with_suffix("").relative_to("partitions")
                inputs = [partition, *self.read("label")]
                rate = ""
                if family == "finetune":
                    inputs, rate = [*inputs, *self.read("text")], "lr-1e-4/"
                elif definition["embedding"] == "bert":
                    inputs.append(self.embeddings)
                for seed in sweep["seeds"]:
                    words = []
                    if definition.get("embedding") == "word2vec":
                        words = ["cleaning/classic.parquet", f"word2vec/classic/{fold}/seed-{seed}.parquet"]
                        own = [config["word2vec"], self.code("word2vec")]
                        self.add(words[1], own, [partition, words[0]])
                    path = f"{family}/{model}/{fold}/{rate}seed-{seed}.parquet"
                    self.add(path, facts, [*inputs, *words])
                    self.predictions[path] = sorted(sweep["epochs"])
        for baseline in config["baselines"]["models"]:
            columns = self.read("label", *READ_BY_BASELINES.get(baseline, []))
            pooled = [self.embeddings] if baseline.startswith("pooled") else []
            path = f"baselines/{baseline}/{PROTOCOL}/folds-1.parquet"
            self.add(path, self.code("baselines"), [*columns, *PARTITIONS, *pooled])
            self.predictions[path] = [0]
        for ensemble, members in config["ensembles"].items():
            files = [self._member(member) for member in members]
            if all(files):
                path = f"ensembles/{ensemble}/{PROTOCOL}/folds-1.parquet"
                self.add(path, [members, self.code("ensembles")], [file for member in files for file in member])
                self.predictions[path] = [0]

    def _member(self, member: Mapping[str, Any]) -> list[str]:
        """Return the predictions that an ensemble reads of a member; none where it is not trained to the epoch."""
        if member["model"] in self.config["baselines"]["models"]:
            return [f"baselines/{member['model']}/{PROTOCOL}/folds-1.parquet"]
        trained = self.predictions.items()
        return [
            path
            for path, epochs in trained
            if path.split("/")[1] == member["model"] and path.endswith("seed-1.parquet") and member["epoch"] in epochs
        ]

    def _add_scores(self) -> None:
        predictions, scores = sorted(self.predictions), self.config["scores"]
        epochs = [self.predictions[path] for path in predictions]
        protocol = self.config["protocols"][PROTOCOL]["folds"]
        self.add(
            "scores.parquet",
            [epochs, scores, protocol, self.code("scores")],
            [*predictions, *self.read("thread", "user")],
        )
        self.add(
            "comparisons.parquet",
            [epochs, scores, protocol, self.code("comparisons")],
            ["scores.parquet", *predictions, *self.read("label", "thread", "user")],
        )
        published = self.content("resources/claims.yaml", "resources/published-results.json")
        margin = self.config["claims"]["margin"]
        self.add(
            "claims.parquet",
            [published, scores, margin, protocol, self.code("claims")],
            [*predictions, *self.read("thread", "user")],
        )
        self.add("leaks.parquet", self.code("leaks"), [*PARTITIONS, *self.read("text", "label")])
        self.add("epochs.parquet", [scores, self.code("curves")], [*predictions, *self.read("thread")])

    def _kept(self) -> dict[str, list[str]]:
        """Map each model that can be kept to the predictions that may calibrate it."""
        tuned = [path for path in self.predictions if path.startswith("finetune/")]
        found = {"finetune-bert": tuned}
        for name in ("tfidf-logistic", "pooled-logistic", "pair"):
            found[name] = [path for path in self.predictions if path.split("/")[1] == name]
        return {name: paths for name, paths in found.items() if paths}

    def _settings(self, name: str) -> list[Any]:
        """Return what it takes to train a model that is kept, for each of its members."""
        config = self.config
        if name == "pair":
            return [[member["model"], *self._settings(member["model"])] for member in config["ensembles"]["pair"]]
        if name == "finetune-bert":
            return [config["finetune"]["training"], config["finetune"]["models"][name], self.encoder()]
        read = [self.encoder(), *(config["embeddings"][key] for key in ("layer", "max_tokens"))]
        return read if name == "pooled-logistic" else []

    def _add_final_model(self) -> None:
        final, kept = self.config["final"], self._kept()
        recommended = final["model"] == "recommended"
        parts = {"tfidf-logistic": 1, "pooled-logistic": 2, "pair": 3, "finetune-bert": 4}
        self.add(
            "recommendation.json",
            [{name: parts[name] for name in kept}, self.code("recommendation")],
            ["scores.parquet", "comparisons.parquet"],
        )
        names = sorted(kept) if recommended else [final["model"]]
        run = [final["learning_rate"], final["epoch"]]
        self.add(
            "final/choice.json",
            [[[name, self._settings(name)] for name in names], run, final["seed"], self.code("final_choice")],
            ["recommendation.json"] if recommended else [],
        )
        held_out = sorted({path for name in names for path in kept[name]})
        self.add("final/held_out.parquet", self.code("held_out"), ["final/choice.json", *held_out])
        for path in ("final/choice.json", "final/held_out.parquet"):
            self.jobs[path].content = self.made(path)
        self.add(
            "final/trained.zip",
            self.code("final_training"),
            ["final/choice.json", *self.read("label", "text")],
        )
        self.add(
            "final/calibrated.zip",
            self.code("final_calibration"),
            ["final/trained.zip", "final/held_out.parquet", *self.read("text")],
        )
        self.add(
            "final/model",
            [final["onnx"], self.code("final_export")],
            ["final/calibrated.zip", *self.read("text")],
        )
        asked = self.content(self.config["checks"]["sentences"])
        self.add("sentences.parquet", [asked, self.code("sentences")], ["final/model"])

    def _add_report(self) -> None:
        tables = ("scores", "comparisons", "claims", "leaks", "epochs", "sentences")
        published = self.content("resources/published-results.json")
        models = [
            (model, self.config[family]["models"][model])
            for family in ("lstm", "finetune")
            for name in self.config["run"]
            for model in self.config["sweeps"][name]["models"]
            if model in self.config[family]["models"]
        ]
        facts = [self.facts, sorted(models, key=str), sorted(self.predictions), published, self.code("report")]
        words = [path for path in self.jobs if path.startswith("word2vec/")]
        self.add(
            REPORT,
            facts,
            [*(f"{table}.parquet" for table in tables), *words, "final/held_out.parquet"],
            unheeded=["corpus/comments.parquet"],
        )
        page = self.content(*(f"resources/page/{name}" for name in PAGE))
        last = {path: max(epochs) for path, epochs in sorted(self.predictions.items())}
        settings = [page, last, self.encoder(), self.config["embeddings"]["max_tokens"], self.code("page")]
        read = self.read("text", "label", "title", "thread", "masked")
        self.add("report.html", settings, ["figures/f1.svg", "recommendation.json", *self.predictions, *read])

    def signatures(self) -> dict[str, str]:
        """Return of each job a digest of all that its result depends on, directly and through others."""
        known: dict[str, str] = {}

        def sign(path: str) -> str:
            if path not in known:
                job = self.jobs[path]
                parts = [path, job.facts, sorted([*job.inputs, *job.unheeded]), sorted(map(seen, job.inputs))]
                known[path] = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
            return known[path]

        def seen(path: str) -> str:
            return self.jobs[path].content or sign(path)

        return {path: sign(path) for path in self.jobs}


def expected_jobs(
    jobs: Mapping[str, Job], now: Mapping[str, str], made: Mapping[str, str], there: set[str], lost: set[str]
) -> set[str]:
    """Return the jobs that have to run.

    Args:
        jobs, now: of `Dependencies`: every job, and its signature.
        made: of each job that ever ran, the signature it last ran with.
        there: jobs whose results are there.
        lost: jobs that lack what only the report reads of them.
    """
    run = {path for path in jobs if path in made and made[path] != now[path]}
    run |= {path for path in (REPORT, "report.html") if path not in there}
    while True:
        lacking = {needed for path in run for needed in (*jobs[path].inputs, *jobs[path].unheeded)} - there - run
        lacking |= lost - run if REPORT in run else set()
        # What was never made, or not so, changes whatever reads it, unless this goes by its content.
        new = {path for path in lacking | run if made.get(path) != now[path] and not jobs[path].content}
        behind = {path for path in jobs if new & set(jobs[path].inputs)} - run
        if not lacking | behind:
            return run
        run |= lacking | behind
