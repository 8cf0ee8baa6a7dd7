import pytest
import torch
from foxhound import device
from foxhound.device import autocast, bfloat16_is_fast, describe_device

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    ("cpu", "fast"),
    [
        ({"cpu_name": "AMD EPYC 9R14", "avx512_bf16": True}, True),
        ({"cpu_name": "Intel Xeon", "avx512_bf16": True, "amx_bf16": True}, True),
        ({"cpu_name": "Intel Xeon", "avx512_bf16": True, "amx_bf16": False}, False),  # half the rate of float32
        ({"cpu_name": "Intel Core i7-8550U", "avx2": True}, False),
        ({"architecture": "aarch64", "bf16": True}, True),
        ({"architecture": "aarch64", "neon": True}, False),
        ({}, False),
    ],
)
def test_bfloat16_is_used_where_it_is_faster_than_float32(cpu, fast):
    assert bfloat16_is_fast(cpu) == fast


@pytest.mark.parametrize(("fast", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_products_are_computed_in_what_is_fast_and_the_result_says_so(fast, dtype, monkeypatch):
    monkeypatch.setattr(device, "bfloat16_is_fast", lambda cpu: fast)
    layer = torch.nn.Linear(4, 2)
    with autocast(CPU):
        assert layer(torch.ones(1, 4)).dtype == dtype
    assert describe_device(CPU) == f"cpu, {str(dtype).removeprefix('torch.')}"
