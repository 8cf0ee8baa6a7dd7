import json
from pathlib import Path

import pandas as pd
import pytest
from foxhound.corpus.language import NOTICED, foreign_share, language_note, looks_foreign

ROOT = Path(__file__).parents[3]
DATA = ROOT.parent / "shared" / "data"


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("They should all go back to where they came from", False),
        ("why is nobody talking about this", False),
        ("Ils sont tous des voleurs, d\u00e9gage \u00e0 la maison", True),
        ("Das sind alle Diebe und L\u00fcgner hier in der Stadt", True),
        ("no me gusta a mi la gente como tu", True),
        ("Het zijn allemaal dieven en leugenaars in deze stad", True),
        ("\u0412\u0441\u0435 \u043e\u043d\u0438 \u0432\u043e\u0440\u044b", True),
        ("\u4ed6\u4eec\u90fd\u662f\u5c0f\u5077", True),
        ("lol", None),
    ],
)
def test_a_text_looks_foreign_or_not_or_is_too_short(text, foreign):
    assert looks_foreign(text) is foreign


def test_the_demo_corpus_is_english():
    lines = (ROOT / "resources/demo-comments.json").read_text("utf-8").splitlines()
    share = foreign_share([json.loads(line)["text"] for line in lines])
    assert share < NOTICED / 4 and language_note(share) is None
    assert "25 % of the texts do not look English" in language_note(0.25)


@pytest.mark.parametrize("name", ["davidson-tweets.csv.gz", "white-supremacy-forum.csv.gz"])
def test_english_tweets_and_posts_are(name):
    if not DATA.is_dir():
        pytest.skip("the corpora are not beside this checkout (../shared/data)")
    assert foreign_share(pd.read_csv(DATA / name)["text"].astype(str).tolist()[:3000]) < 0.6 * NOTICED
