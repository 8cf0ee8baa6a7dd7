import pytest
from foxhound.markdown import escape, number, p_value, table, with_interval
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

RENDER = MarkdownIt("commonmark").enable("table")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.6121, ".612"),
        (1.0, "1.000"),
        (0.0, ".000"),
        (-0.0204, "-.020"),
        (10.5, "10.500"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_numbers_have_three_decimals_and_no_leading_zero(value, text):
    assert number(value) == text


def test_a_number_stands_with_its_interval_or_says_that_there_is_none():
    assert with_interval(0.612, 0.57, 0.6534) == ".612 [.570, .653]"
    assert with_interval(0.612, None, None).startswith(".612 (no interval")
    assert with_interval(None, 0.1, 0.2) == "–"


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1))
def test_any_name_renders_as_itself_in_one_cell(name):
    cells = [
        token.children
        for token in RENDER.parse(table(("A", "B"), [[f"x{escape(name)}x", "end"]]))
        if token.type == "inline"
    ]
    assert len(cells) == 4
    assert [child.type for child in cells[2]] in (["text"], ["text"] * len(cells[2]))
    assert "".join(child.content for child in cells[2]) == f"x{name}x"


def test_line_breaks_cannot_end_a_row():
    assert "\n" not in escape("a\nb\r\nc")


def test_a_row_of_another_width_is_refused():
    with pytest.raises(ValueError, match="1 cells under 2 headings"):
        table(("A", "B"), [["only one"]])


@pytest.mark.parametrize(("p", "text"), [(0.0001, "< .001"), (0.001, ".001"), (0.0416, ".042"), (1.0, "1.000")])
def test_a_p_value_is_never_zero(p: float, text: str) -> None:
    assert p_value(p) == text
