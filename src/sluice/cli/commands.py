"""The list of commands.

Rule: a command's file declares its words and calls the floor below; nothing is done here.
"""

from collections.abc import Callable

import typer

from sluice.cli.alarms import alarms
from sluice.cli.blocks import blocks
from sluice.cli.blvm import blvm
from sluice.cli.config import config
from sluice.cli.demo import demo
from sluice.cli.earnings import earnings
from sluice.cli.export import export
from sluice.cli.keys import keys
from sluice.cli.mine import mine
from sluice.cli.orders import ban, bans, close, drain, set_difficulty, unban
from sluice.cli.replay import replay
from sluice.cli.run import run
from sluice.cli.status import miners, status, top
from sluice.cli.templates import templates
from sluice.version import VERSION

app = typer.Typer(
    help="A Bitcoin mining server: from a node's template to an accepted block, over encrypted Stratum V2.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
#: In the order in which the help names them.
COMMANDS: tuple[Callable[..., None], ...] = (
    demo,
    run,
    status,
    top,
    miners,
    set_difficulty,
    close,
    ban,
    unban,
    bans,
    drain,
    templates,
    mine,
    earnings,
    replay,
    export,
    keys,
    config,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(blocks, name="blocks")
app.add_typer(blvm, name="blvm")
app.add_typer(alarms, name="alarms")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sluice {VERSION}")
        raise typer.Exit


@app.callback()
def sluice(
    version: bool = typer.Option(
        False, "--version", help="Print the version.", is_eager=True, callback=_say_version
    ),
) -> None:
    """Options of every command."""
