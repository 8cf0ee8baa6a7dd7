import pytest


@pytest.fixture(params=["float32", "bfloat16"])
def precision(request, monkeypatch) -> str:
    """Compute in each of the two precisions, whichever is faster on this processor."""
    monkeypatch.setattr("foxhound.compute.device.bfloat16_is_fast", lambda cpu: request.param == "bfloat16")
    return request.param
