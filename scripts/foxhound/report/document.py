"""Write report.md: every score with its interval, its baselines and the published figure beside it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from foxhound.evaluation.generalisation import fold_protocols
from foxhound.evaluation.recommendation import Recommendation
from foxhound.evaluation.score_views import over_seeds
from foxhound.markdown import NOTHING, escape, in_words_of, table
from foxhound.replication.published import published_table
from foxhound.report.answer_sections import answer_sections, facts_line
from foxhound.report.claim_sections import published_sections
from foxhound.report.comparison_sections import comparison_sections
from foxhound.report.cost_sections import Times, cost_sections
from foxhound.report.ladder_section import ladder_section
from foxhound.report.leaderboard import leaderboard_sections
from foxhound.report.leak_alarms import alarm_sentence, leak_alarms
from foxhound.report.leak_sections import leak_sections
from foxhound.report.model_sections import model_sections
from foxhound.report.operating_sections import operating_sections
from foxhound.report.score_tables import balancing_section, picked_section, score_sections
from foxhound.report.second_look import SECTION
from foxhound.report.short_words import Costs
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
  articles: other articles, which is what use elsewhere comes to; with as few as ten of them, that of precision is a
  little too narrow. benchmarks/README.md shows how often each kind holds the truth in a simulation.
- The interval of a single share (Wilson's: a bin, an article) holds 95 in 100 on average over
  shares, and fewer where a share is near 0 or 1. The band of precision at a recall is a little too narrow at its ends.
- Folds are pooled and then scored. AUROC and average precision are means over folds instead, because models of
  different folds differ in level; a fold with one class only is left out, and the table says so.
- Overlapping intervals do not show that two models are equal, and the top row need not be the best model. *Which models
  differ* tests each pair.
- A model is worth something only if it beats both baselines in its row, scored on the same comments by the measure that
  the table names.
- A run has *collapsed* if it predicts one class only, or ranks comments no better than chance (the interval of its
  AUROC holds .5). On balanced data such a run can still have an F1 of .667.
- Every epoch of interest is shown. Picking the best one here would be choosing on the test data."""
OF_PUBLISHED = """
- *F1 published* is the published experiment's figure for the same kind of model, protocol and epochs, on Fox News and
  with its own encoder. Its interval comes from its confusion table."""


@dataclass(frozen=True)
class Answer:
    """What a report opens with.

    found: the recommendation; None where there is none.
    costs: name of a model -> seconds to train, milliseconds to ask a comment, megabytes.
    prefer: the rule, as in config.yaml.
    keepable: models that can be kept.
    ask: the commands that keep the model and ask it.
    made: when the report was made, and by which version.
    """

    found: Recommendation | None
    costs: Costs
    prefer: str
    keepable: Collection[str]
    ask: str
    made: str


PICTURES = {
    "f1": (
        "F1 of every model with its 95 % interval",
        "Every model under the fold protocol with the most models; thresholds are chosen on the other folds. Dashed: "
        "the baselines.",
    ),
    "operating": (
        "Precision, recall and share of comments above a threshold",
        "For the recommended model: the higher the threshold, the fewer comments are above it, and the more of them "
        "are hateful.",
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


def build_report(
    tables: Mapping[str, pd.DataFrame],
    published: Mapping[str, Any] | None,
    source: Mapping[str, Any],
    provenance: Mapping[str, Any],
    models: Sequence[Mapping[str, Any]],
    pictures: Mapping[str, str],
    times: Times | None,
    vectors: Sequence[Mapping[str, Any]],
    answer: Answer,
) -> str:
    """Return the whole report as Markdown: the answer first, then what it rests on.

    Args:
        tables: scores, standings, ladder, comparisons, leaks, duplicates, picked, operating and answered, by name;
            claims where the corpus is the published one; sentences, hatecheck, explanations and attention where the
            configuration asks for them.
        published: what `load_published` returns; None on another corpus.
        source: facts of the corpus (foxhound/corpus/state.py), and `group`, `counts_as_hateful`.
        provenance: how the scores were made, nested mappings allowed.
        models: what each model is, a mapping per model; its keys become columns.
        pictures: name (one of PICTURES) -> path relative to the report; those that show nothing are left out.
        times: what the jobs took; None where there are no benchmark files.
        vectors: footers of the tables `word_vectors` that models read.
        answer: what is recommended, and what each model costs.
    """
    rows = over_seeds(tables["scores"])
    checked = published_table(dict(published)) if published else None
    shown = {name: f"![{PICTURES[name][0]}]({path})\n\n{PICTURES[name][1]}" for name, path in pictures.items()}
    first = shown.pop("f1", None)
    operating = shown.pop("operating", "")
    replication = []
    if published and checked is not None:
        replication = published_sections(tables["claims"], checked, dict(published))
    made = [(escape(name.replace("_", " ")), escape(value)) for name, value in flat(provenance).items()]
    found, group = answer.found, source["group"]
    parts = [
        *fallback_warning(source),
        f"# Hate-speech classifiers on {escape(source['corpus'])}",
        facts_line(source, answer.made),
        *answer_sections(found, answer.costs, answer.prefer, group, is_demo(source), answer.ask),
        *leaderboard_sections(
            rows, tables["comparisons"], answer.costs, answer.keepable, found.taken.name if found else "", group,
            fold_alarms(rows),
        ),
        *operating_sections(tables["operating"], tables["answered"], found, group, operating),
        *(["## Every model", first] if first else []),
        *(["## More figures", *shown.values()] if shown else []),
        *model_sections(tables),
        *replication,
        "## How to read",
        HOW_TO_READ + (OF_PUBLISHED if published else ""),
        *comparison_sections(tables["comparisons"], rows, tables["standings"]),
        *ladder_section(tables["ladder"]),
        *leak_sections(rows, tables["leaks"], tables["duplicates"]),
        *([SECTION] if found else []),
        *score_sections(rows, checked, tables["standings"]),
        *balancing_section(rows),
        *picked_section(tables["picked"]),
        *vector_sections(models, vectors, bool(published)),
        corpus_section(source),
        "## What each model is",
        mapping_table(models),
        *cost_sections(times),
        "## How it was made",
        table(("What", "Value"), made),
    ]  # fmt: skip
    text = "\n\n".join(filter(None, parts)) + "\n"
    return in_words_of(group, text)


def fallback_warning(source: Mapping[str, Any]) -> list[str]:
    """Return the warning that another corpus stands in, where one does."""
    if not source["fallback"]:
        return []
    return [
        f"**WARNING: these are NOT scores on {escape(source.get('asked_for', 'the corpus asked for'))}. "
        "That corpus could not be loaded, and the embedded demo corpus "
        f"({escape(source['corpus'])}, invented comments) was used instead. "
        f"Reason: {escape(source['reason'])}**"
    ]


def is_demo(source: Mapping[str, Any]) -> bool:
    """Say whether the comments are the invented ones."""
    return bool(source["corpus"] == "demo-comments")


def fold_alarms(rows: pd.DataFrame) -> list[str]:
    """Return a line per kind of folds under which the article or the user alone tells the label, or nobody looked."""
    found = []
    for kind, protocol in fold_protocols(rows).items():
        alarms = leak_alarms(rows, protocol, "test")
        if alarms.raised or alarms.unchecked:
            found.append(f"*{kind}*: {alarm_sentence(rows, protocol, 'test')}")
    return found


def corpus_section(source: Mapping[str, Any]) -> str:
    """Return the corpus in one table, what is odd about it, and how the experiment was adapted to it."""
    share = source["hateful"] / source["comments"]
    facts = {
        "Corpus": source["corpus"],
        "Comments": source["comments"],
        "Hateful": f"{source['hateful']} ({100 * share:.1f} %)",
        "Counts as hateful": source["counts_as_hateful"],
        **({"Articles": source["articles"]} if source["articles"] > 1 else {}),
        "Corrections applied": source["corrections"],
        "Origin": source["origin"],
    }
    section = "## Corpus\n\n" + table(list(facts), [[escape(value) for value in facts.values()]])
    if source.get("notes"):
        section += "\n\n" + "\n".join(f"- {escape(note)}" for note in source["notes"])
    if source.get("fitted"):
        section += "\n\nThe experiment was adapted to this corpus:\n\n"
        section += "\n".join(f"- {escape(line)}" for line in source["fitted"])
    return section


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
