"""What a result carries about its making: versions, device, seed, corpus."""

import platform
from importlib import metadata
from typing import Any

PACKAGES = ("gensim", "numpy", "scikit-learn", "scipy", "tokenizers", "torch", "transformers")


def provenance(**facts: Any) -> dict[str, Any]:
    """Versions of what computes, the processor, and whatever the caller knows (device, seed, corpus digest)."""
    versions = {name: metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "machine": platform.machine(), "versions": versions, **facts}
