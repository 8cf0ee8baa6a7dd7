import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is.
settings.register_profile("untimed", parent=settings(), deadline=None)
settings.load_profile("untimed")
settings.register_profile("fuzz", max_examples=3000, deadline=None)  # `make fuzz`


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the files that take longest, so that no worker waits for the other at the end."""
    items.sort(key=lambda item: "unit" in item.path.parts)
