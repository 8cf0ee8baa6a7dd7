"""Write docs/config.md from schemas/config.yaml and config.yaml: make config-docs."""

import sys
from pathlib import Path

import yaml
from foxhound.errors import FoxhoundError
from foxhound.experiment.config_docs import config_docs
from foxhound.files import write_text

if __name__ == "__main__":
    schema, config = (yaml.safe_load(Path(name).read_text("utf-8")) for name in ("schemas/config.yaml", "config.yaml"))
    try:
        write_text("docs/config.md", config_docs(schema, config))
    except FoxhoundError as error:
        sys.exit(f"Error: {error}")
