"""Say how much work each job of an experiment is: comments, tokens and rows, counted from the plan and the corpus."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from foxhound.corpus.columns import COLUMNS
from foxhound.corpus.split_sizes import TRAIN, draw_sizes
from foxhound.experiment.keepable import candidates
from foxhound.experiment.plan import Plan
from foxhound.experiment.protocols import comments_to_divide
from foxhound.names import FINETUNE

WORD_PIECE = r"\w{1,6}|[^\w\s]"
"""What an encoder's tokens are, roughly: six letters of a word, or a sign. Within 10 % on comments and tweets."""
SPECIAL_TOKENS = 2
SAMPLED = 2_000  # comments whose tokens are counted
PREDICTING = 1 / 3  # of what a step of training costs: forward, without the two products of going back
WEIGHTS_PER_LAYER = 12  # times the width squared: attention has 4, the feed-forward block 8
DRAWS = 1_000  # resamples that a row of scores is counted with
TRAINED_TOGETHER = ("lstm", "finetune")


@dataclass(frozen=True)
class Texts:
    """How many comments there are, and how long they are on average.

    tokens: cut at the most tokens that an encoder is given. words: of the text alone.
    """

    comments: int
    hateful: int
    tokens: float
    title_tokens: float
    words: float


ASSUMED = Texts(comments=1_500, hateful=450, tokens=32.0, title_tokens=15.0, words=25.0)
"""What is assumed of a corpus that has yet to be fetched: about the size of the shipped ones."""


def measure_texts(comments: pd.DataFrame | None, most: int) -> Texts:
    """Return what there is to say of the comments' lengths, from an even sample of them.

    Args:
        comments: the comments table; None as long as it has to be fetched.
        most: tokens at which texts are cut.
    """
    if comments is None:
        return ASSUMED
    sample = comments.iloc[:: max(1, len(comments) // SAMPLED)]

    def tokens(texts: pd.Series) -> float:
        counts = texts.fillna("").str.count(WORD_PIECE) + SPECIAL_TOKENS
        return float(counts.clip(upper=most).mean())

    words = sample["text"].str.count(r"\S+").mean()
    hateful = int(comments["label"].sum())
    return Texts(len(comments), hateful, tokens(sample["text"]), tokens(sample["title"]), float(words))


@dataclass(frozen=True)
class Job:
    """A job that the plan has: its rule, its wildcards, and the path of its files among results and logs."""

    rule: str
    wildcards: Mapping[str, str]
    path: str


@dataclass(frozen=True)
class Work:
    """How much work a job is: the kind of it, by which costs are looked up, and how many units."""

    kind: str
    units: float


class Workload:
    """The jobs of a plan and how much work each of them is.

    Args:
        plan: adapted to the corpus.
        comments: the comments table; None as long as it has to be fetched.
    """

    def __init__(self, plan: Plan, comments: pd.DataFrame | None) -> None:
        self.plan, self.comments = plan, comments
        self.texts = measure_texts(comments, plan.config["embeddings"]["max_tokens"])
        self._parts: dict[str, tuple[float, float]] = {}
        self._rows: float | None = None

    def parts(self, protocol: str) -> tuple[float, float]:
        """Return how many comments train, and how many are scored, in one fold or draw of a protocol."""
        if protocol not in self._parts:
            definition, n = self.plan.config["protocols"][protocol], self.texts.comments
            if "folds" in definition:
                self._parts[protocol] = (n - n / definition["folds"], n / definition["folds"])
            else:
                available = sum(definition[part] for part in ("train", "validation", "test"))
                if self.comments is not None:
                    available = comments_to_divide(definition, self.comments)
                sizes, _ = draw_sizes(definition, available)
                self._parts[protocol] = (sizes[TRAIN], sum(sizes.values()) - sizes[TRAIN])
        return self._parts[protocol]

    def encoder_size(self, name: str) -> float:
        """Return the weights of an encoder's layers that every token is multiplied by."""
        definition = self.plan.config["encoders"][name]
        described = Path(definition.get("model", "")) / "config.json"
        if described.is_file():
            facts = json.loads(described.read_text(encoding="utf-8"))
            layers = facts.get("num_hidden_layers", facts.get("n_layers", 12))
            width = facts.get("hidden_size", facts.get("dim", 768))
        elif "package" in definition:  # MiniLM, the only one that comes as a package
            layers, width = 6, 384
        else:
            layers, width = (6 if "distil" in name else 12), 768
        return float(layers * WEIGHTS_PER_LAYER * width**2)

    def work(self, rule: str, wildcards: Mapping[str, str]) -> Work:
        """Return how much work a job is, by its rule and wildcards."""
        n, texts = self.texts.comments, self.texts
        if rule == "finetune":
            train, scored = self.parts(wildcards["protocol"])
            return self._finetuning(wildcards["model"], self._epochs(rule, wildcards), train, scored)
        if rule == "lstm":
            return self._lstm(wildcards)
        if rule == "word2vec":
            train, _ = self.parts(wildcards["protocol"])
            return Work(rule, train * texts.words * self.plan.config["word2vec"]["epochs"])
        if rule == "embeddings":
            tokens = texts.tokens + (texts.title_tokens if wildcards["context"] == "title" else 0)
            return Work(rule, n * tokens * self.encoder_size(wildcards["encoder"]))
        if rule == "baselines":
            partitions = self.plan.piece_partitions(wildcards["protocol"], wildcards["piece"])
            return Work(f"{rule}-{wildcards['baseline']}", sum(self.parts(wildcards["protocol"])) * len(partitions))
        if rule == "ensembles":
            stacked = wildcards["ensemble"] in self.plan.config["stacks"]
            return Work("stacks" if stacked else rule, self._piece_rows(wildcards["protocol"], wildcards["piece"]))
        if rule == "final_training":
            return self._final_training()
        if rule == "scores":
            return Work(rule, self.rows * self.plan.config["scores"]["draws"] / DRAWS)
        if rule in ("claims", "curves", "report", "page"):
            return Work(rule, len(self.plan.predictions()))
        if rule == "comparisons":
            return Work(rule, self._pairs())
        return Work(rule, n)

    def _epochs(self, family: str, wildcards: Mapping[str, str]) -> int:
        return self.plan.last_epoch(family=family, **wildcards)

    def _finetuning(self, model: str, epochs: int, train: float, scored: float) -> Work:
        """Return the multiplications of fine-tuning, as tokens times the encoder's weights."""
        training = self.plan.models.training(model)
        tokens = min(self.texts.tokens, training["max_tokens"])
        if "title" in self.plan.models.finetune_columns(model):
            tokens = min(tokens + self.texts.title_tokens, training["max_tokens"])
        comments = (train + scored * PREDICTING) * epochs
        return Work("finetune", comments * tokens * self.encoder_size(self.plan.models.encoder(model)))

    def _final_training(self) -> Work:
        """Return the work of training the final model; of those that may be recommended, the one that takes longest."""
        fine_tuned = max(map(self._final_finetuning, candidates(self.plan)), default=0.0)
        if fine_tuned:
            return Work(FINETUNE, fine_tuned)
        config = self.plan.config
        return Work("embeddings", self.texts.comments * self.texts.tokens * self.encoder_size(config["encoder"]))

    def _final_finetuning(self, name: str) -> float:
        """Return the multiplications of fine-tuning what a final model is made of."""
        final, runs = self.plan.config["final"], self.plan.runs.items()
        units = 0.0
        for member in self.plan.config["ensembles"].get(name, [{"model": name, "epoch": final.get("epoch")}]):
            model = member["model"]
            if model in self.plan.models.finetuned_models:
                most = max((epochs[-1] for run, epochs in runs if run.model == model), default=1)
                units += self._finetuning(model, member["epoch"] or most, self.texts.comments, 0).units
        return units

    def _lstm(self, wildcards: Mapping[str, str]) -> Work:
        """Return the steps of an LSTM: tokens or words, per direction."""
        model = self.plan.models.lstm_models[wildcards["model"]]
        training = self.plan.models.training(wildcards["model"])
        train, scored = self.parts(wildcards["protocol"])
        bert = model["embedding"] == "bert"
        steps = self.texts.tokens if bert else self.texts.words
        steps += self.texts.title_tokens if model.get("context") == "title" else 0
        steps = training["padding_steps"] if training["padding"] == "summed" else min(steps, training["max_steps"])
        directions = 2 if model["architecture"].startswith("bidirectional") else 1
        comments = (train + scored * PREDICTING) * self._epochs("lstm", wildcards)
        return Work(f"lstm-{model['embedding']}", comments * steps * directions)

    def _piece_rows(self, protocol: str, piece: str) -> float:
        return self.parts(protocol)[1] * len(self.plan.piece_partitions(protocol, piece))

    @property
    def rows(self) -> float:
        """How many predictions of single comments are scored, over all models, epochs and seeds."""
        if self._rows is None:
            self._rows = 0.0
            for path, epochs in self.plan.predictions().items():
                _, family, _, protocol, piece, *_ = path.removesuffix(".parquet").split("/")
                one = self.parts(protocol)[1]
                several = 1 if family in TRAINED_TOGETHER else len(self.plan.piece_partitions(protocol, piece))
                self._rows += one * several * len(epochs)
        return self._rows

    def _pairs(self) -> float:
        """Return the pairs of models that are compared, times the comments that both were scored on."""
        models: dict[str, set[tuple[str, ...]]] = {}
        for path in self.plan.predictions():
            _, _, model, protocol, _, *rest = path.removesuffix(".parquet").split("/")
            models.setdefault(protocol, set()).add((model, *rest[:-1]))
        n = self.texts.comments
        return sum(len(several) * (len(several) - 1) / 2 * n for several in models.values())

    def jobs(self) -> Iterator[Job]:
        """Yield every job of the experiment up to its report."""
        plan = self.plan
        yield Job("corpus", {}, "corpus")
        for column in COLUMNS:  # their files are named after what they hold, which nobody knows here
            yield Job("column", {"column": column}, f"corpus/{column}")
        words = {plan.models.lstm_models[run.model].get("cleaning") for run in plan.runs if run.family == "lstm"}
        for cleaning in sorted(filter(None, words)):
            yield Job("cleaning", {"cleaning": cleaning}, f"cleaning/{cleaning}")
        for path in plan.all_partitions():
            yield self._job("partition", path, "_ protocol partition")
        for run in plan.runs:
            names = {"model": run.model, "protocol": run.protocol, "partition": run.partition, "seed": str(run.seed)}
            rate = {"learning_rate": run.learning_rate} if run.learning_rate else {}
            yield Job(run.family, names | rate, _relative(run.path))
        for path in plan.word_vectors():
            if len(path.split("/")) > 3:
                yield self._job("word2vec", path, "_ cleaning protocol partition seed")
        lstms = plan.models.lstm_models
        contexts = {lstms[run.model].get("context") for run in plan.runs if run.family == "lstm"}
        pooled = any(name.startswith("pooled") for name in plan.config["baselines"]["models"])
        for context in sorted({one for one in contexts if one} | ({"none"} if pooled else set())):
            place = {"encoder": plan.config["encoder"], "context": context}
            yield Job("embeddings", place, f"embeddings/{place['encoder']}/{context}")
        for path in plan.predictions():
            family = path.split("/")[1]
            if family == "baselines":
                yield self._job(family, path, "_ baseline protocol piece")
            elif family == "ensembles":
                yield self._job(family, path, "_ ensemble protocol piece")
        about = plan.config["corpus"]["path"] == plan.config["claims"]["about"]
        claims = ["claims"] if about else []
        for rule in ("leaks", "scores", "comparisons", *claims, "curves", "recommendation", "report", "page"):
            yield Job(rule, {}, rule)

    @staticmethod
    def _job(rule: str, path: str, names: str) -> Job:
        parts = _relative(path).split("/")
        wildcards = dict(zip(names.split(), parts, strict=True))
        wildcards.pop("_")
        if "seed" in wildcards:
            wildcards["seed"] = wildcards["seed"].removeprefix("seed-")
        return Job(rule, wildcards, _relative(path))


def _relative(path: str) -> str:
    return path.removeprefix("<results>/").removesuffix(".parquet")
