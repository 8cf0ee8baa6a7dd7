"""Write report.md: every score with its interval, its baselines and the published figure beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from foxhound.evaluation.score_views import over_seeds
from foxhound.markdown import NOTHING, escape, table
from foxhound.replication.published import published_table
from foxhound.report.claim_sections import evidence_sections, verdict_sections
from foxhound.report.comparison_sections import comparison_sections
from foxhound.report.generalisation_sections import generalisation_sections
from foxhound.report.ladder_section import ladder_section
from foxhound.report.leak_sections import leak_sections
from foxhound.report.model_sections import model_sections
from foxhound.report.score_tables import balancing_section, picked_section, published_sections, score_sections
from foxhound.report.vector_sections import vector_sections

HOW_TO_READ = """\
- Scores are of the hateful class, at a threshold of .5 but for *F1, threshold chosen*: there each fold's threshold is
  chosen on the predictions of the other folds, and that of a draw on its validation part (the threshold with the
  highest expected F1, once the probabilities are calibrated to those comments). A draw without one has none.
- Models are compared by one measure per protocol: F1 at a chosen threshold where there is one, since .5 means something
  else to a model that weighs classes and one that does not; else F1 at .5 if the classes are balanced in training, else
  AUROC. Each table says which.
- `.612 [.570, .653]` is a score and its 95 % bootstrap interval over comments: what these trained models would score on
  other comments by the same users on the same articles. With several seeds a score is their mean, and the interval
  covers other seeds too; *Seeds* then shows mean ± standard deviation, and the interval for these trained models alone.
  No interval covers other training comments.
- Comments by one user, and on one article, are alike, and so an interval over comments is too narrow for others. The
  interval *over users* resamples whole users: other users on the same articles. That *over articles* resamples whole
  articles: other articles, which is what use elsewhere comes to. benchmarks/README.md shows how often each kind holds
  the truth in a simulation.
- Folds are pooled and then scored. AUROC and average precision are means over folds instead, because models of
  different folds differ in level; a fold with one class only is left out, and the table says so.
- Overlapping intervals do not show that two models are equal, and the top row need not be the best model. *Which models
  differ* tests each pair.
- A model is worth something only if it beats both baselines in its row, scored on the same comments by the measure that
  the table names.
- A run has *collapsed* if it predicts one class only, or ranks comments no better than chance (the interval of its
  AUROC holds .5). On balanced data such a run can still have an F1 of .667.
- Every epoch of interest is shown. Picking the best one here would be choosing on the test data.
- *F1 published* is the published experiment's figure for the same kind of model, protocol and epochs, on Fox News and
  with its own encoder. Its interval comes from its confusion table."""


PICTURES = {
    "f1": (
        "F1 of every model with its 95 % interval",
        "Every model under the fold protocol with the most models; thresholds are chosen on the other folds. Dashed: "
        "the baselines.",
    ),
    "learning-rate": (
        "F1 at .5 against the learning rate",
        "Crosses are collapsed runs, whose F1 can still look good.",
    ),
    "collapse": (
        "Share of comments called hateful against the learning rate",
        "Run by run. At 0 or 1 a run has collapsed to one class.",
    ),
    "learning-curves": (
        "F1 at .5 of the LSTMs after every epoch",
        "The best epoch here is no result: it was chosen on the scored comments. See *Selection optimism*.",
    ),
    "ladder": ("F1 at .5 against the number of training comments", "A panel per learning rate."),
    "calibration": (
        "Share of hateful comments against predicted probability",
        "On the diagonal a model is calibrated.",
    ),
    "precision-recall": (
        "Precision against recall",
        "Folds pooled, at common thresholds. Dashed: the share of hateful comments, which is the precision of calling "
        "everything hateful.",
    ),
    "articles": ("F1 at .5 per article and model", "With few hateful comments an F1 is uncertain."),
}


DEMO_NOTE = """

The demo corpus is about invented peoples and was tuned to be neither trivial nor hopeless: its scores show that
the pipeline works, and are no evidence about any method."""

COSTS = """\
Summed over jobs, so twice the elapsed time where two ran at once. Before a slash: the most that one job of the stage
used (memory is sampled twice a second). Behind it: what the stage requests (`resources` and `threads` of its rule).
Where a stage uses far less than it requests, request less, so that a scheduler can run more jobs at once:
`snakemake --set-resources RULE:mem_mb=NUMBER`, or `set-resources` in a profile."""


def build_report(
    tables: Mapping[str, pd.DataFrame],
    published: Mapping[str, Any],
    source: Mapping[str, Any],
    provenance: Mapping[str, Any],
    models: Sequence[Mapping[str, Any]],
    pictures: Mapping[str, str],
    times: pd.DataFrame,
    final: Mapping[str, Any] | None,
    vectors: Sequence[Mapping[str, Any]],
) -> str:
    """Return the whole report as Markdown.

    Args:
        tables: scores, standings, ladder, comparisons, claims, leaks, duplicates and picked, by name; sentences,
            hatecheck, explanations
            and attention where the configuration asks for them.
        published: what `load_published` returns.
        source: facts of the corpus (foxhound/corpus/state.py).
        provenance: how the scores were made, nested mappings allowed.
        models: what each model is, a mapping per model; its keys become columns.
        pictures: name (one of PICTURES) -> path relative to the report.
        times: what `stage_times` returns; empty where there are no benchmark files.
        final: model, learning_rate and epoch of the final model; None where there is none.
        vectors: footers of the tables `word_vectors` that models read.
    """
    rows = over_seeds(tables["scores"])
    checked = published_table(dict(published))
    warning = []
    if source["fallback"]:
        warning = [
            f"**WARNING: these are NOT scores on {escape(source.get('asked_for', 'the corpus asked for'))}. "
            "That corpus could not be loaded, and the embedded demo corpus "
            f"({escape(source['corpus'])}, invented comments) was used instead. "
            f"Reason: {escape(source['reason'])}**"
        ]
    made = [(escape(name.replace("_", " ")), escape(value)) for name, value in flat(provenance).items()]
    parts = [
        *warning,
        "# Foxhound report",
        corpus_section(source),
        *verdict_sections(tables["claims"], checked),
        *generalisation_sections(rows, tables["comparisons"], final),
        "## At a glance",
        *(f"![{PICTURES[name][0]}]({path})\n\n{PICTURES[name][1]}" for name, path in pictures.items()),
        "## How to read",
        HOW_TO_READ,
        *score_sections(rows, checked, tables["standings"]),
        *comparison_sections(tables["comparisons"], rows, tables["standings"]),
        *ladder_section(tables["ladder"]),
        *leak_sections(rows, tables["leaks"], tables["duplicates"]),
        *balancing_section(rows),
        *picked_section(tables["picked"]),
        *model_sections(tables),
        *published_sections(checked, dict(published)),
        *evidence_sections(tables["claims"]),
        *vector_sections(models, vectors),
        "## What each model is",
        mapping_table(models),
        "## What it cost",
        *([COSTS, times_table(times)] if len(times) else ["The report was made where no job's benchmark file was."]),
        "## How it was made",
        table(("What", "Value"), made),
    ]
    return "\n\n".join(parts) + "\n"


def times_table(times: pd.DataFrame) -> str:
    """Return jobs, wall and processor time of each rule; longest job, memory and cores beside what was requested."""

    def beside(row: pd.Series, used: str, requested: str, digits: int = 0) -> str:
        numbers = (f"{row[used]:.{digits}f}", f"{row[requested]:.0f}")
        return " / ".join(NOTHING if text == "nan" else text for text in numbers)

    cells = []
    for rule, row in times.iterrows():
        minutes = [f"{row[name] / 60:.1f}" for name in ("wall_s", "cpu_s")]
        compared = [beside(row, "longest_s", "asked_s"), beside(row, "peak_mb", "asked_mb")]
        compared.append(beside(row, "cores", "asked_cores", 1))
        gpus = NOTHING if pd.isna(row["asked_gpu"]) else f"{row['asked_gpu']:.0f}"
        cells.append([escape(str(rule)), f"{row['jobs']:.0f}", *minutes, *compared, gpus])
    times_spent = ("Wall time, min", "Processor time, min", "Longest job, s")
    header = ("Stage", "Jobs", *times_spent, "Memory, MB", "Cores", "GPUs requested")
    return table(header, cells)


def corpus_section(source: Mapping[str, Any]) -> str:
    """Return the corpus in one table, what is odd about it, and how the experiment was adapted to it."""
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
    if source.get("notes"):
        section += "\n\n" + "\n".join(f"- {escape(note)}" for note in source["notes"])
    if source.get("fitted"):
        section += "\n\nThe experiment was adapted to this corpus:\n\n"
        section += "\n".join(f"- {escape(line)}" for line in source["fitted"])
    return section + DEMO_NOTE if source["corpus"] == "demo-comments" else section


def mapping_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a table with a column per key, in order of appearance; a dash where a row lacks one."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    if not columns:
        return "No model was trained."
    cells = [[escape(NOTHING if row.get(key) is None else row[key]) for key in columns] for row in rows]
    return table([escape(str(key).replace("_", " ").capitalize()) for key in columns], cells)


def flat(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a nested mapping with dotted keys; lists become comma-separated text."""
    result: dict[str, Any] = {}
    for name, value in nested.items():
        if isinstance(value, Mapping):
            result |= flat(value, f"{prefix}{name}.")
        else:
            result[prefix + name] = ", ".join(map(str, value)) if isinstance(value, list | tuple) else value
    return result
