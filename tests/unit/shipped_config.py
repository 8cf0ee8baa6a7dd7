"""The configuration that is shipped, and overlays merged into it as Snakemake does."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SCHEMA, SHIPPED = ROOT / "schemas" / "config.yaml", ROOT / "config.yaml"
CONFIG = yaml.safe_load(SHIPPED.read_text())
Config = dict[str, Any]


def merged(base: Any, overlay: Any) -> Any:
    """As Snakemake merges configuration files: mappings key by key, all else whole."""
    if isinstance(base, dict) and isinstance(overlay, dict):
        return base | {key: merged(base.get(key), value) for key, value in overlay.items()}
    return overlay
