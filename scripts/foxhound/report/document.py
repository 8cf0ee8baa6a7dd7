"""report.md: every score with its interval, its yardsticks and the published figure beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from foxhound.evaluation.score_views import over_seeds
from foxhound.markdown import NOTHING, escape, table
from foxhound.replication.published import published_table
from foxhound.report.claim_sections import evidence_sections, verdict_sections
from foxhound.report.comparison_sections import comparison_sections
from foxhound.report.leak_sections import leak_sections
from foxhound.report.model_sections import model_sections
from foxhound.report.score_tables import balancing_section, picked_section, published_sections, score_sections

HOW_TO_READ = """\
- Scores are of the hateful class at a threshold of .5. `.612 [.570, .653]` is the score and its 95 %
  bootstrap interval: the values that the score on ever more comments of this kind could plausibly have, given
  these ones. The interval *over articles* is that of another sample of articles; with few articles it is still too
  narrow.
- Folds are pooled and then scored. With several seeds the score is the mean over seeds and the interval
  covers seeds and comments; with one seed it covers comments only, and luck of the seed, which mean ± sd
  shows, comes on top.
- Overlapping intervals do not prove two models equal, nor is the top row the best one: it may be the
  luckiest. *Which models differ* tests each pair.
- A model has shown nothing until it beats both yardsticks in its row, scored on the same comments.
- A run is *collapsed* when it gives every comment the same class, or ranks comments no better than chance (its AUROC's
  interval holds .5). On balanced data such a run can still have an F1 of .667.
- *F1, threshold chosen* is F1 at a threshold that was chosen on the other folds, or on the validation part; in a split
  without one, the one with the highest F1 to be expected under the model's probabilities (no label needed).
- Every epoch of interest is shown. Picking the best one here would be choosing on the test data.
- *F1 published* is the notes' figure for the same kind of model, protocol and epochs, on Fox News and with
  the notes' own encoder; its interval comes from its confusion table."""


PICTURES = {
    "f1": ("F1 of every model with its 95 % interval", "F1 of every model under the protocol of most models."),
    "learning-rate": ("F1 against the learning rate", "Crosses are collapsed runs, which can have a respectable F1."),
    "collapse": (
        "Share of comments called hateful against the learning rate",
        "Run by run. At 0 or 1 a run has collapsed: what the notes saw as oscillation at high rates.",
    ),
    "learning-curves": (
        "F1 of the LSTMs after every epoch",
        "The best epoch here was seen on the scored comments: see *What picking an epoch is worth*.",
    ),
    "ladder": ("F1 with fewer and fewer training comments", "A panel per learning rate."),
    "calibration": (
        "Share of hateful comments against the probability given",
        "On the diagonal a probability means what it says.",
    ),
    "precision-recall": ("Precision at each recall", "Dashed: the share of hateful comments, which guessing reaches."),
    "articles": (
        "F1 per article and model",
        "Which articles a model fails on. Few hateful comments make a cell uncertain.",
    ),
}


DEMO_NOTE = """

The demo corpus is about invented peoples and was tuned to be neither trivial nor hopeless: its scores show that
the pipeline works, and are no evidence about any method."""

COSTS = """\
Added up over jobs, so twice the elapsed time where two ran side by side. Before a slash stands what the largest job of
a stage used (memory is looked at twice a second), behind it what the stage asks for (`resources` and `threads` of its
rule). Where the first is far below the second, ask for less, so that a scheduler can start more jobs side by side:
`snakemake --set-resources RULE:mem_mb=NUMBER`, or `set-resources` in a profile."""


def build_report(
    tables: Mapping[str, pd.DataFrame],
    published: Mapping[str, Any],
    source: Mapping[str, Any],
    provenance: Mapping[str, Any],
    models: Sequence[Mapping[str, Any]],
    pictures: Mapping[str, str],
    times: pd.DataFrame,
) -> str:
    """The whole report as Markdown.

    Args:
        tables: scores, comparisons, claims, leaks and picked, by name; if asked for sentences, hatecheck, explanations.
        published: what `load_published` returns.
        source: facts of the corpus (foxhound/corpus/state.py).
        provenance: how the scores were made, nested mappings allowed.
        models: what each model is, a mapping per model; its keys become columns.
        pictures: name (one of PICTURES) -> path relative to the report.
        times: what `stage_times` gives; empty where there are no benchmark files.
    """
    rows = over_seeds(tables["scores"])
    checked = published_table(dict(published))
    warning = []
    if source["fallback"]:
        warning = [
            f"**WARNING: these are NOT scores on {escape(source.get('asked_for', 'the corpus asked for'))}. "
            "That corpus could not be had, and the embedded demo corpus "
            f"({escape(source['corpus'])}, invented comments) was used instead. "
            f"Reason: {escape(source['reason'])}**"
        ]
    made = [(escape(name.replace("_", " ")), escape(value)) for name, value in flat(provenance).items()]
    parts = [
        *warning,
        "# Foxhound report",
        corpus_section(source),
        *verdict_sections(tables["claims"], checked),
        "## At a glance",
        *(f"![{PICTURES[name][0]}]({path})\n\n{PICTURES[name][1]}" for name, path in pictures.items()),
        "## How to read",
        HOW_TO_READ,
        *score_sections(rows, checked),
        *comparison_sections(tables["comparisons"], rows),
        *leak_sections(rows, tables["leaks"]),
        *balancing_section(rows),
        *picked_section(tables["picked"]),
        *model_sections(tables),
        *published_sections(checked, dict(published)),
        *evidence_sections(tables["claims"]),
        "## What each model is",
        mapping_table(models),
        "## What it cost",
        *([COSTS, times_table(times)] if len(times) else ["No job's benchmark file was where the report was made."]),
        "## How it was made",
        table(("What", "Value"), made),
    ]
    return "\n\n".join(parts) + "\n"


def times_table(times: pd.DataFrame) -> str:
    """Jobs, wall time and processor time of each rule; longest job, memory and cores beside what was asked for."""

    def beside(row: pd.Series, used: str, asked: str, digits: int = 0) -> str:
        shown = (f"{row[used]:.{digits}f}", f"{row[asked]:.0f}")
        return " / ".join(NOTHING if text == "nan" else text for text in shown)

    body = []
    for rule, row in times.iterrows():
        minutes = [f"{row[name] / 60:.1f}" for name in ("wall_s", "cpu_s")]
        compared = [beside(row, "longest_s", "asked_s"), beside(row, "peak_mb", "asked_mb")]
        compared.append(beside(row, "cores", "asked_cores", 1))
        gpus = NOTHING if pd.isna(row["asked_gpu"]) else f"{row['asked_gpu']:.0f}"
        body.append([escape(str(rule)), f"{row['jobs']:.0f}", *minutes, *compared, gpus])
    times_spent = ("Wall time, min", "Processor time, min", "Longest job, s")
    header = ("Stage", "Jobs", *times_spent, "Memory, MB", "Cores", "GPUs asked for")
    return table(header, body)


def corpus_section(source: Mapping[str, Any]) -> str:
    """The corpus in one table: name, size, hateful share, articles, corrections, origin; and what was left out."""
    share = source["hateful"] / source["comments"]
    facts = {
        "Corpus": source["corpus"],
        "Comments": source["comments"],
        "Hateful": f"{source['hateful']} ({100 * share:.1f} %)",
        "Articles": source["articles"],
        "Corrections applied": source["corrections"],
        "Origin": source["origin"],
    }
    section = "## Corpus\n\n" + table(list(facts), [[escape(value) for value in facts.values()]])
    if source.get("fitted"):
        section += "\n\nThe experiment was fitted to this corpus:\n\n"
        section += "\n".join(f"- {escape(line)}" for line in source["fitted"])
    return section + DEMO_NOTE if source["corpus"] == "demo-comments" else section


def mapping_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """A table with a column per key, in order of appearance; a dash where a row lacks one."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    if not columns:
        return "Nothing is known about the models."
    body = [[escape(NOTHING if row.get(key) is None else row[key]) for key in columns] for row in rows]
    return table([escape(str(key).replace("_", " ").capitalize()) for key in columns], body)


def flat(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A nested mapping with dotted keys; lists become comma-separated text."""
    result: dict[str, Any] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            result |= flat(value, f"{prefix}{name}.")
        else:
            result[prefix + name] = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
    return result
