"""The configuration that is shipped, and what merges overlays into it as Snakemake does."""

from pathlib import Path
from typing import Any

import yaml
from foxhound.experiment.configuration import merged

ROOT = Path(__file__).parents[2]
SCHEMA, SHIPPED = ROOT / "schemas" / "config.yaml", ROOT / "config.yaml"
CONFIG = yaml.safe_load(SHIPPED.read_text())
Config = dict[str, Any]


__all__ = ["CONFIG", "SCHEMA", "SHIPPED", "Config", "merged"]
