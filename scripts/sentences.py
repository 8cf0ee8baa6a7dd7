"""Ask the final model about the user's sentences, one a line."""

import logging

import pandas as pd
from foxhound.corpus.texts import read_texts, split_scorable
from foxhound.inference.saved_model import load_saved
from foxhound.inference.word_effects import strongest_effects, word_effects
from foxhound.tables import write_table
from foxhound.workflow.job import start_job
from foxhound.workflow.provenance import provenance

WORDS = 3  # per sentence that are named


def score_sentences(folder: str, sentences: str, output: str) -> None:
    """Write the table `sentences`."""
    model = load_saved(folder)
    asked = read_texts(sentences, "text")
    texts = [text for text in split_scorable(asked)[1] if not model.finds_nothing(text)]
    if len(texts) < len(asked):
        logging.warning("%s: %d of %d sentences hold nothing to score", sentences, len(asked) - len(texts), len(asked))
    p = model.probabilities(texts)
    strongest = [strongest_effects(word_effects(model, text), WORDS) for text in texts]
    words = ["; ".join(f"{word} {effect:+.2f}" for word, effect in effects) for effects in strongest]
    frame = pd.DataFrame({"sentence": texts, "p_hateful": p, "hateful": p >= model.threshold, "words": words})
    write_table(frame, output, "sentences", provenance(threshold=model.threshold))


if __name__ == "__main__":
    with start_job(snakemake) as job:
        score_sentences(job.input.model, job.input.sentences, job.output.sentences)
