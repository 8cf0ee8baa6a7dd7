"""Record what a result was made with: versions, processor, device, seed, corpus."""

import platform
from importlib import metadata
from typing import Any

PACKAGES = ("gensim", "numpy", "scikit-learn", "scipy", "tokenizers", "torch", "transformers")


def provenance(**facts: Any) -> dict[str, Any]:
    """Return the versions of what computes, the processor, and what the caller knows (device, seed, corpus digests)."""
    versions = {name: metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "machine": platform.machine(), "versions": versions, **facts}
