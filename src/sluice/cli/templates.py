"""`sluice templates`: your node's templates for other pools and job declarators.

Rule: its flags are the rows of the option table; none is written here.
"""

import os
from pathlib import Path

import typer

from sluice.cli.flags import settings, signature
from sluice.config import read_config
from sluice.config.checks import CHECKS

DOC = """Give your node's templates to others, over Stratum V2.

It speaks the Template Distribution Protocol on top of any node that
`sluice run` mines on. The first line on stdout is what clients need;
blocks that they find go to every node of the configuration.
"""

SECTIONS = ("templates", "node", "data", "keys", "log")


def templates(config: Path | None, **flags: str | None) -> None:
    """`flags` by parameter name (`templates__listen`), None where not given."""
    # Nobody is paid here: whom a coinbase pays is for the clients to say.
    checks = [check for check in CHECKS if not check.options[0].startswith("pool.")]
    configured = read_config(config, os.environ, settings(flags), checks)
    from sluice.log import configure_log
    from sluice.provide import run_templates

    configure_log(configured.log.level, configured.log.format)
    raise typer.Exit(run_templates(configured))


templates.__doc__ = DOC
templates.__signature__ = signature(SECTIONS)  # type: ignore[attr-defined]
