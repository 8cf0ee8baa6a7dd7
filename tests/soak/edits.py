"""Kinds of edits that a user makes, each at random, and what they mean for a result."""

import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from tests.workflow.conftest import Checkout, copy_checkout

EXPERIMENT = Path(__file__).with_name("experiment.yaml")
COMMENTS = 150
SETTINGS: dict[tuple[str, ...], list[Any]] = {
    ("protocols", "stratified-2", "seed"): [0, 1],
    ("embeddings", "max_tokens"): [16, 12],
    ("embeddings", "layer"): [-1, -2],
    ("embeddings", "store"): [None, "elsewhere/store"],
    ("word2vec", "epochs"): [2, 3],
    ("lstm", "training", "hidden"): [8, 9],
    ("finetune", "training", "weight_decay"): [0.01, 0.1],
    ("sweeps", "lstm-bert", "seeds"): [[1], [1, 2]],
    ("sweeps", "lstm-bert", "epochs"): [[1], [1, 2], [2]],
    ("sweeps", "lstm-word2vec", "seeds"): [[1], [2], [1, 2]],
    ("sweeps", "finetune-folds", "epochs"): [[1], [1, 2]],
    ("sweeps", "finetune-folds", "seeds"): [[1], [1, 2]],
    ("final",): [
        {"model": "finetune-bert", "learning_rate": 1e-4, "epoch": 1},
        {"model": "recommended", "learning_rate": None, "epoch": None},
        {"model": "tfidf-logistic", "learning_rate": None, "epoch": None},
        {"model": "pooled-logistic", "learning_rate": None, "epoch": None, "seed": 2},
    ],
    ("final", "seed"): [1, 2],
    ("final", "watts"): [10, 20],
    ("final", "onnx"): [False, True],
    ("scores",): [{"draws": 100, "seed": 120}, {"draws": 120, "seed": 100}, {"draws": 120, "seed": 120}],
    ("baselines", "models"): [
        ["always-hateful", "tfidf-logistic", "pooled-logistic"],
        ["tfidf-logistic", "pooled-logistic", "user-only"],
        ["pooled-logistic", "always-hateful", "tfidf-logistic", "article-only"],
    ],
    ("ensembles",): [
        {},
        {"pair": [{"model": "tfidf-logistic"}, {"model": "pooled-logistic"}]},
        {"pair": [{"model": "pooled-logistic"}, {"model": "tfidf-logistic"}]},
    ],
    ("run",): [["lstm-bert", "lstm-word2vec", "finetune-folds"], ["finetune-folds", "lstm-bert"]],
}
"""Config keys, and the values between which they change."""
CODE = [
    ("foxhound.models.baselines", "ngram_range=(1, 2)", "ngram_range=(1, 1)"),
    ("foxhound.evaluation.bootstrap", "CALIBRATION_BINS = 10", "CALIBRATION_BINS = 8"),
    ("foxhound.models.baselines", "ngram_range=(2, 4)", "ngram_range=(2, 3)"),
]
"""Lines of code that decide numbers, there and back."""
EDITED = ["resources/page/page.css", "resources/page/page.js", "resources/claims.yaml", "resources/sentences.txt"]


class Soak:
    """A checkout with the experiment in it, that edits change.

    versions: how often the code of each module and script, and the declaration of each table, was changed.
    deleted: results that were deleted at some time.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.base, self.checkout = folder, copy_checkout(folder / "0")
        self.random = random.Random(seed)
        self.overlay = yaml.safe_load(EXPERIMENT.read_text())
        self.versions: Counter[str] = Counter()
        self.deleted: set[str] = set()
        self.edits = 0
        demo = (self.folder / "resources/demo-comments.json").read_text().splitlines()[:COMMENTS]
        self.write_rows([json.loads(line) for line in demo])
        (self.folder / "resources/sentences.txt").write_text("They should all be thrown out.\nWhat a lovely day.\n")
        self.write_overlay()

    @property
    def folder(self) -> Path:
        return self.checkout.folder

    @property
    def results(self) -> Path:
        return self.folder / self.overlay["pathvars"]["results"]

    def write_overlay(self) -> None:
        (self.folder / "soak.yaml").write_text(yaml.safe_dump(self.overlay, sort_keys=False))

    def rows(self) -> list[dict[str, Any]]:
        lines = (self.folder / "resources/comments.json").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def write_rows(self, rows: list[dict[str, Any]]) -> None:
        (self.folder / "resources/comments.json").write_text("".join(json.dumps(row) + "\n" for row in rows))

    def edit(self) -> str:
        """Make one edit, of a kind and in a place chosen at random, and say which."""
        self.edits += 1
        return self.random.choice(KINDS)(self)

    def setting(self) -> str:
        *path, key = self.random.choice(list(SETTINGS))
        place = self.overlay
        for name in path:
            place = place[name]
        changed = [place[key] | value if key == "final" else value for value in SETTINGS[*path, key]]
        place[key] = self.random.choice([value for value in changed if value != place[key]])
        self.write_overlay()
        return f"{'.'.join([*path, key])} = {place[key]}"

    def order(self) -> str:
        """Write the same configuration in another order."""
        self.overlay = dict(self.random.sample(list(self.overlay.items()), len(self.overlay)))
        self.overlay["run"] = self.random.sample(self.overlay["run"], len(self.overlay["run"]))
        self.overlay["embeddings"] = dict(reversed(self.overlay["embeddings"].items()))
        self.write_overlay()
        return "order of keys and sweeps"

    def cell(self) -> str:
        rows, column = self.rows(), self.random.choice(["text", "label", "title", "user"])
        row = self.random.randrange(len(rows))
        old = rows[row][column]
        rows[row][column] = 1 - int(old) if column == "label" else f"{old} Qzx{self.edits}"
        self.write_rows(rows)
        return f"{column} of row {row}"

    def rows_moved(self) -> str:
        rows, row = self.rows(), self.random.randrange(COMMENTS - 50)
        kind = self.random.choice(["removed", "added", "moved"])
        taken = rows.pop(row)
        if kind == "added":
            rows[row:row] = [taken, taken | {"text": f"{taken['text']} And again {self.edits}."}]
        elif kind == "moved":
            rows.insert(row + 7, taken)
        self.write_rows(rows)
        return f"row {row} {kind}"

    def module(self) -> Path:
        paths = [*(self.folder / "scripts").glob("*.py"), *(self.folder / "scripts/foxhound").rglob("*.py")]
        return self.random.choice(sorted(paths))

    def name(self, path: Path) -> str:
        name = ".".join(path.relative_to(self.folder / "scripts").with_suffix("").parts)
        return name.removesuffix(".__init__")

    def code(self) -> str:
        path = self.module()
        with path.open("a") as file:
            file.write(f"\nSOAK_{self.edits} = {self.edits}\n")
        self.versions[self.name(path)] += 1
        return f"code of {self.name(path)}"

    def code_that_counts(self) -> str:
        name, one, other = self.random.choice(CODE)
        path = (self.folder / "scripts").joinpath(*name.split(".")).with_suffix(".py")
        text = path.read_text()
        one, other = (one, other) if one in text else (other, one)
        assert one in text, name
        path.write_text(text.replace(one, other))
        self.versions[name] += 1
        return f"{name}: {other}"

    def comment(self) -> str:
        path = self.module()
        text = path.read_text()
        docstring = self.random.random() < 0.5
        path.write_text(text.replace('"""', f'"""Soak {self.edits}. ', 1) if docstring else f"{text}# soak\n")
        return f"{'docstring' if docstring else 'comment'} of {self.name(path)}"

    def table(self) -> str:
        path = self.folder / "schemas/tables.yaml"
        head, _, rest = path.read_text().partition("\nleaks:\n")
        path.write_text(f"# soak\n{head}\nleaks:\n{self._turned(rest)}")
        self.versions["schemas: leaks"] += 1
        return "schemas/tables.yaml: leaks"

    @staticmethod
    def _turned(declaration: str) -> str:
        old, new = "  protocol: string\n", "  protocol: string?\n"
        return declaration.replace(old, new, 1) if declaration.startswith(old) else declaration.replace(new, old, 1)

    def edited_file(self) -> str:
        path = self.folder / self.random.choice(EDITED)
        text = path.read_text()
        if path.name == "sentences.txt":
            text += f"Sentence {self.edits}.\n"
        elif path.suffix == ".yaml":
            text += f"# {self.edits}\n"
        else:
            text += f"/* {self.edits} */\n"
        path.write_text(text)
        if self.random.random() < 0.5:
            os.utime(path, (10**9, 10**9))
        return f"{path.name} replaced"

    def touch(self) -> str:
        files = sorted(path for path in self.folder.rglob("*") if path.is_file() and ".snakemake" not in path.parts)
        for path in self.random.sample(files, min(40, len(files))):
            os.utime(path, (when := self.random.choice([10**9, 17 * 10**8 + self.edits]), when))
        return "40 files touched"

    def copy(self) -> str:
        new = self.base / str(self.edits)
        shutil.copytree(self.folder, new, copy_function=shutil.copyfile, symlinks=True)
        shutil.rmtree(self.folder)
        self.checkout = Checkout(new)
        return "copied without times"

    def rename(self) -> str:
        old = self.results
        self.overlay["pathvars"]["results"] = f"results/soak{self.edits}"
        self.write_overlay()
        if old.exists():
            old.rename(self.results)
        return "results renamed"

    def forget(self) -> str:
        shutil.rmtree(self.folder / ".snakemake", ignore_errors=True)
        return ".snakemake removed"

    def delete(self) -> str:
        made = [self.results / path for path in self.results.rglob("*.parquet") if "store" not in path.parts]
        chosen = self.random.sample(sorted(made), min(len(made), self.random.choice([1, 1, 5])))
        for path in chosen:
            path.unlink()
        names = {path.relative_to(self.results).as_posix() for path in chosen}
        self.deleted |= names
        return f"deleted {', '.join(sorted(names))}"

    def nothing(self) -> str:
        return "nothing"


KINDS: list[Callable[[Soak], str]] = [
    *[Soak.setting] * 6,
    *[Soak.cell] * 3,
    *[Soak.code] * 3,
    *[Soak.delete] * 3,
    *[Soak.order, Soak.rows_moved, Soak.code_that_counts, Soak.comment, Soak.table, Soak.edited_file],
    *[Soak.touch, Soak.copy, Soak.rename, Soak.forget, Soak.nothing],
]
