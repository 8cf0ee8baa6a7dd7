import pytest
from foxhound.names import rate_name
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("rate", "name"),
    [(1e-4, "1e-4"), (0.0001, "1e-4"), (2.5e-05, "2.5e-5"), (0.5, "5e-1"), (1e-10, "1e-10"), (0.00123, "1.23e-3")],
)
def test_names_of_learning_rates(rate, name):
    assert rate_name(rate) == name


@given(st.floats(1e-30, 1, exclude_max=True))
def test_a_learning_rate_is_read_back_from_its_name(rate):
    assert float(rate_name(rate)) == rate
