"""`sluice run`: the pool.

Rule: its flags are the rows of the option table; none is written here.
"""

import os
from pathlib import Path

import typer

from sluice.cli.flags import settings, signature
from sluice.config import read_config
from sluice.config.table import SECTIONS

DOC = """Run the pool on your node.

The options below are also keys of the configuration file and variables
of the environment: --listen is `listen` under \\[server], and
SLUICE_SERVER__LISTEN. A flag outweighs a variable, which outweighs the file.
"""


def run(config: Path | None, **flags: str | None) -> None:
    """`flags` by parameter name (`server__listen`), None where not given."""
    configured = read_config(config, os.environ, settings(flags))
    from sluice.app import run_pool
    from sluice.log import configure_log

    configure_log(configured.log.level, configured.log.format)
    raise typer.Exit(run_pool(configured))


run.__doc__ = DOC
run.__signature__ = signature([name for name in SECTIONS if name != "templates"])  # type: ignore[attr-defined]
