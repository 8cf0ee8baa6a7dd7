from typing import Any

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is.
settings.register_profile("untimed", parent=settings(), deadline=None)
settings.load_profile("untimed")
settings.register_profile("fuzz", max_examples=3000, deadline=None)  # `make fuzz`


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[Any]) -> None:
    """Start with what takes longest, and give tests that share a fixture of their module to one worker (loadgroup)."""
    items.sort(key=lambda item: "unit" in item.path.parts)
    for item in items:
        definitions = item._fixtureinfo.name2fixturedefs
        shared = [name for name, found in definitions.items() if found[-1].scope == "module"]
        if shared:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
