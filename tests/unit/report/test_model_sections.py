import pandas as pd
from foxhound.report.model_sections import model_sections


def test_without_checks_there_is_no_section():
    assert model_sections({"scores": pd.DataFrame()}) == []


def test_sentences_are_inert_text():
    found = pd.DataFrame(
        {
            "sentence": ["<b>a | b</b>", "fine"],
            "p_hateful": [0.9, 0.04],
            "hateful": [True, False],
            "words": ["a +1.00", ""],
        }
    )
    heading, _, shown = model_sections({"sentences": found})
    assert heading == "## The final model on given sentences"
    *_, first, second = shown.splitlines()
    assert first == "| &#60;b&#62;a &#124; b&#60;/b&#62; | .900 | hateful | a +1.00 |"
    assert second == "| fine | .040 | not hateful |  |"


def test_hatecheck_has_a_row_per_function_and_group_and_names_the_gap():
    common = {"n": 10, "families": 5, "low": 0.1, "high": 0.9}
    found = pd.DataFrame(
        [
            {"kind": kind, "name": name, "label": label, "model": model, "accuracy": value, **common}
            for model, value in (("ours", 0.5), ("theirs", 0.25))
            for kind, name, label in (
                ("all", "all cases", None), ("function", "slur_h", 1),
                ("target", "women", 1), ("target", "women", 0), ("gap", "women minus men", 0),
            )
        ]
    ).astype({"label": "Int8"})  # fmt: skip
    text = "\n".join(model_sections({"hatecheck": found}))
    for line in (
        "Calling every case hateful gets 1.000 of all cases right.",
        "| all cases | – | 10 | .500 [.100, .900] | .250 [.100, .900] |",
        "| slur h | hateful | 10 | .500 [.100, .900] | .250 [.100, .900] |",
        "| women | not hateful | 10 | .500 [.100, .900] | .250 [.100, .900] |",
        "false-positive rate, theirs: women minus men, .250 [.100, .900]",
    ):
        assert line in text


def test_an_explanation_is_faithful_where_its_interval_lies_above_nothing():
    rows = [("good", 1.0, 0.4, 0.6, 0.2, 1.0), ("poor", 0.5, 0.4, 0.1, -0.1, 0.3)]
    names = ["method", "drop", "random", "difference", "low", "high"]
    heading, about, shown = model_sections({"explanations": pd.DataFrame(rows, columns=names).assign(comments=7)})
    assert heading == "## Faithfulness of explanations" and "A fifth of a comment's words" in about
    *_, good, poor = shown.splitlines()
    assert good == "| good | 7 | 1.000 | .400 | .600 [.200, 1.000] | faithful |"
    assert poor == "| poor | 7 | .500 | .400 | .100 [-.100, .300] | not shown to be faithful |"
