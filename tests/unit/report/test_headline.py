import pytest
from foxhound.errors import FoxhoundError
from foxhound.report.headline import END, START, headline, insert

REPORT = """\
**WARNING: something**

# Hate-speech classifiers on mine

mine: 120 comments. Made on 1 May 2026.

## Which model to take

- **Which one?** **Take it.**

## Leaderboard

| Model |
| :--- |
| it |

About the table.

## Operating points for moderation

More.
"""


def test_the_headline_is_what_the_report_opens_with_and_the_picture():
    expected = (
        "mine: 120 comments. Made on 1 May 2026.",
        "- **Which one?** **Take it.**",
        "PICTURE",
        "| Model |\n| :--- |\n| it |",
        "About the table.",
    )
    assert headline(REPORT, "PICTURE") == "\n\n".join(expected)
    assert headline(REPORT.partition("\n\n")[2], "PICTURE") == "\n\n".join(expected)


def test_a_report_of_an_earlier_version_is_to_be_made_again():
    with pytest.raises(FoxhoundError, match=r"no section 'Leaderboard'\. Make it again"):
        headline(REPORT.replace("## Leaderboard", "## Verdicts"), "PICTURE")


def test_the_headline_replaces_the_last_one_and_nothing_else():
    readme = f"before\n{START}\n\nold\n\n{END}\nafter\n"
    once = insert(readme, "new")
    assert once == f"before\n{START}\n\nnew\n\n{END}\nafter\n"
    assert insert(once, "new") == once


def test_a_readme_without_marks_is_left_alone():
    with pytest.raises(FoxhoundError, match=r"README.md: the headline goes between"):
        insert(f"before {START} after", "new")
