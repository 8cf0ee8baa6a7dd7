import pandas as pd
import pytest
from foxhound.workflow.rerun_reasons import CommentChanges, JobPlan, comment_changes, explain

CODE = "{'lstm.py': 'aa', 'foxhound/models/attention.py': 'bb'}"


def comments(**changes: list) -> pd.DataFrame:
    rows = {
        "id": ["a", "b", "c"], "text": ["x", "y", "z"], "label": [0, 1, 1], "title": ["t", None, "t"],
        "thread": ["t", "", "t"], "user": [None, "u", "v"],
    }  # fmt: skip
    return pd.DataFrame(rows | changes)


@pytest.mark.parametrize(
    ("now", "rows", "columns"),
    [
        (comments(), [], {}),
        (comments(label=[1, 0, 1]), [], {"label": "label of 2 comments changed"}),
        (comments(text=["x", "why", "z"], id=["a", "d", "c"]), [], {"text": "text of 1 comment changed"}),
        (comments(title=[None, None, "s"]), [], {"title": "title of 2 comments changed"}),
        (comments()[1:], ["1 comment removed"], {}),
        (pd.concat([comments(), comments(id=["d", "e", "f"])]), ["3 comments added"], {}),
        (comments(user=["w", "w", "w"])[:2], ["1 comment removed"], {"user": "user of 2 comments changed"}),
    ],
)
def test_changes_of_comments_by_hand(now, rows, columns):
    assert comment_changes(comments(), now) == CommentChanges(rows, columns)


def test_without_a_table_to_compare_with_nothing_is_known():
    assert comment_changes(None, comments()) == comment_changes(comments(), None) == CommentChanges()


LABELS = CommentChanges([], {"label": "label of 3 comments changed"})


@pytest.mark.parametrize(
    ("job", "changes", "said"),
    [
        (JobPlan("lstm", missing=True), CommentChanges(), "not made yet"),
        (JobPlan("lstm", unfinished=True, missing=True), CommentChanges(), "stopped half-way last time"),
        (JobPlan("lstm", forced=True, after=["x"]), CommentChanges(), "forced"),
        (JobPlan("scores", after=["lstm", "finetune"]), CommentChanges(), "follows lstm, finetune"),
        (JobPlan("scores", after=list("abcde")), CommentChanges(), "follows a, b, c and 2 more"),
        (JobPlan("corpus", newer=["raw.csv"]), LABELS, "raw.csv changed"),
        (JobPlan("lstm", after=["column"], columns=["label"]), LABELS, "label of 3 comments changed"),
        (JobPlan("cleaning", missing=True, columns=["text"]), LABELS, "not made yet"),
        (
            JobPlan("article", columns=["thread"], after=["column"]),
            CommentChanges([], {"text": "text of 1 comment changed"}),
            "text of 1 comment changed",
        ),
        (JobPlan("lstm", columns=["label"]), CommentChanges(["1 comment added"], {}), "1 comment added"),
        (JobPlan("lstm", columns=["label"]), CommentChanges(), "label of comments changed"),
        (
            JobPlan("lstm", old=[CODE], new=[CODE.replace("bb", "cc")], names={CODE.replace("bb", "cc"): "code"}),
            CommentChanges(),
            "code of scripts/foxhound/models/attention.py changed",
        ),
        (
            JobPlan("lstm", old=["{'hidden': 8, 'head': 4}"], new=["{'hidden': 9, 'head': 4}"],
                    names={"{'hidden': 9, 'head': 4}": "training"}),
            CommentChanges(),
            "setting lstm.training.hidden changed from 8 to 9",
        ),
        (
            JobPlan("lstm", old=["{'hidden': 8, 'gone': 1}"], new=["{'hidden': 8, 'head': 0}"],
                    names={"{'hidden': 8, 'head': 0}": "training"}),
            CommentChanges(),
            "setting lstm.training.gone is no longer set, it was 1; setting lstm.training.head is 0, it was not set",
        ),
        (JobPlan("lstm", old=["5"], new=["7"], names={"7": "epochs"}), CommentChanges(), "setting lstm.epochs changed from 5 to 7"),
        (JobPlan("lstm", old=["1", "2"], new=["3"], names={"3": "epochs"}), CommentChanges(), "setting lstm.epochs changed"),
        (JobPlan("x", old=["'" + "a" * 80 + "'"], new=["'b'"], names={"'b'": "name"}), CommentChanges(), "setting x.name changed"),
        (
            JobPlan("corpus", newer=["raw.csv"], old=["{'text': 'a', 'label': 'b'}"], new=["{'text': 'a', 'label': 'c'}"],
                    names={"{'text': 'a', 'label': 'c'}": "columns"}),
            LABELS,
            "raw.csv changed; label of 3 comments changed",
        ),
        (
            JobPlan("claims", old=["{'a.yaml': '11', 'b.json': '22'}"], new=["{'a.yaml': '33', 'b.json': '22'}"],
                    names={"{'a.yaml': '33', 'b.json': '22'}": "content"}),
            CommentChanges(),
            "a.yaml changed",
        ),
        (JobPlan("scores", inputs_changed=True), CommentChanges(), "other input files than last time"),
    ],
)  # fmt: skip
def test_a_cause_in_the_words_of_a_user(job, changes, said):
    assert explain([job], changes) == [f"{job.rule}     1 job  {said}"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{'a': 1, 'b': None}", "{'a': 1}", "setting lstm.training.b is no longer set, it was null"),
        ("{'a': 1}", "{'a': 1, 'b': None}", "setting lstm.training.b is null, it was not set"),
        ("{'a': 1, 'b': {'c': 2}}", "{'a': 1}", "setting lstm.training.b is no longer set, it was {'c': 2}"),
        ("{'a': {'b': 5}}", "{'a': {'b': None}}", "setting lstm.training.a.b changed from 5 to null"),
        ("{'a': 1}", "{'a': 1.0}", "setting lstm.training.a changed from 1 to 1.0"),
        ("{'a': 1}", "{'a': True}", "setting lstm.training.a changed from 1 to True"),
        ("{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", "setting lstm.training changed"),
    ],
)
def test_whatever_differs_in_a_setting_is_said(old, new, said):
    job = JobPlan("lstm", old=[old], new=[new], names={new: "training"})
    assert explain([job], CommentChanges()) == [f"lstm     1 job  {said}"]


def test_jobs_of_a_rule_share_a_line_that_counts_their_causes():
    jobs = [
        JobPlan("lstm", missing=True),
        JobPlan("lstm", after=["column"], columns=["label"]),
        JobPlan("report", after=["lstm"]),
    ]
    assert explain(jobs, LABELS) == [
        "lstm      2 jobs  not made yet (1); label of 3 comments changed (1)",
        "report     1 job  follows lstm",
    ]
