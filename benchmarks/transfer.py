"""Say what it is worth to `finetune-bert` on Fox News to be fine-tuned on another labelled corpus first.

    .venv/bin/python benchmarks/transfer.py --forum FORUM.csv --tweets TWEETS.csv

The encoder is fine-tuned on the other corpus for one epoch at 5e-5 with seed 11, classes weighing alike, and then on
the training comments as ever (intermediate training: Phang et al. 2018; for hate speech Röttger et al. 2022). Texts
near a comment are left out; texts that are the same count once, with the label of most. The splits are those of
benchmarks/trials.py.

- a white supremacy forum (de Gibert et al. 2018): hate against noHate; `relation` and `idk/skip` are left out;
- tweets (Davidson et al. 2017): hate and offensive against neither; or hate against the rest;
- the forum and the tweets' hate together;
- the forum, and the head that it trained is kept; else the head starts anew.

A split that was run lies in results/trials and is not run again.
"""

import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import material
import numpy as np
import pandas as pd
import trials
from foxhound.corpus.loading import read_comments
from foxhound.models.training import comment_weights
from trials import Split

RATE, SEED = 5e-5, 11
FORUM = {"positive": "hate", "negative": "noHate", "left_out": ["relation", "idk/skip"]}
OFFENSIVE = {"positive": ["hate", "offensive"], "negative": "neither"}
HATE = {"positive": "hate", "negative": ["offensive", "neither"]}
SOURCES = {
    "forum": {"forum": FORUM},
    "tweets, hate or offensive": {"tweets": OFFENSIVE},
    "tweets, hate": {"tweets": HATE},
    "forum and tweets, hate": {"forum": FORUM, "tweets": HATE},
    "forum, its head kept": {"forum": FORUM},
}
KEPT = "kept"


def source(name: str, files: dict[str, Path]) -> pd.DataFrame:
    """Return the labelled texts of a source, less what is near a comment; how many those are is printed."""
    frames = []
    for corpus, mapping in SOURCES[name].items():
        definition = {"text": "text", "label": "label", "duplicates": "majority"} | mapping
        frame, _ = read_comments(files[corpus], definition | {"path": str(files[corpus])})
        near = trials.near_comments(frame["text"].tolist())
        frames.append(frame[~near])
        hateful = frame["label"][~near].sum()
        print(f"{name}: {corpus}: {(~near).sum():,} texts, {hateful:,} hateful, {near.sum()} left out", flush=True)
    return pd.concat(frames, ignore_index=True)


def start_folder(name: str) -> Path:
    return trials.FOLDER / "starts" / name.replace(",", "").replace(" ", "-")


def make_start(name: str, files: dict[str, Path]) -> None:
    """Fine-tune the encoder on a source."""
    frame, begin = source(name, files), time.process_time()
    texts, labels = frame["text"].tolist(), frame["label"].to_numpy()
    weights, everything = comment_weights(labels, "balanced"), np.arange(len(texts))
    _, _, model = trials.fine_tuned(texts, labels, weights, everything, 1, SEED, rate=RATE)
    half = start_folder(f"{name} half")
    (model if name.endswith(KEPT) else model.base_model).save_pretrained(half)
    half.rename(start_folder(name))
    print(f"{name}: {time.process_time() - begin:.0f} s of processor", flush=True)


def run(split: Split, name: str) -> None:
    """Fine-tune from one start on one split."""
    p, seconds = trials.on_labels(
        material.texts(),
        material.labels(),
        split.train,
        split.scored,
        split.epochs,
        split.seed,
        str(start_folder(name)),
    )
    trials.keep(split, name, {name: p}, {name: {"seconds": seconds}})


def main() -> None:
    """Run what was not run, and print."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("--forum", type=trials.table_file, required=True)
    parser.add_argument("--tweets", type=trials.table_file, required=True)
    given, wanted = trials.arguments(parser)
    files = {"forum": given.forum, "tweets": given.tweets}
    todo = [(split, name) for split in wanted for name in SOURCES if not split.file(name).is_file()]
    missing = [name for name in SOURCES if not start_folder(name).is_dir()]
    trials.side_by_side(make_start, [(name, files) for name in missing])
    trials.run_all_as_they_are(wanted)
    trials.side_by_side(run, todo)
    print(trials.compared(wanted, [*SOURCES]))


if __name__ == "__main__":
    main()
