"""Write docs/config.md from schemas/config.yaml and config.yaml."""

import argparse
from pathlib import Path

from foxhound.commands.checkout import require_checkout

EXAMPLES = """\
  foxhound config-docs"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes: nothing."""


def run(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Write the page."""
    require_checkout()
    import yaml

    from foxhound.experiment.config_docs import config_docs
    from foxhound.files import write_text

    schema, config = (yaml.safe_load(Path(name).read_text("utf-8")) for name in ("schemas/config.yaml", "config.yaml"))
    write_text("docs/config.md", config_docs(schema, config))
