"""`sluice blvm`: Sluice as a module that a blvm-node loads."""

from pathlib import Path
from typing import Annotated

import typer

from sluice.exit_codes import ExitCode

blvm = typer.Typer(
    help="Lay Sluice out as a module of blvm-node, and check that a node would load it.", no_args_is_help=True
)

MODULES_DIR = Annotated[
    Path,
    typer.Option(metavar="DIR", help="The node's modules_dir; the module gets a directory of its own there."),
]


@blvm.command()
def install(
    modules_dir: MODULES_DIR,
    address: Annotated[
        str, typer.Option(help="The address that blocks pay, for the module's config.toml.")
    ] = "",
) -> None:
    """Lay the module out so that a node discovers, verifies and loads it.

    Run it again after an update of Sluice: a config.toml that is there stays as it is.
    """
    from sluice.managed.advice import advice
    from sluice.managed.layout import Layout, lay_out

    layout = Layout(modules_dir)
    fresh = lay_out(layout, address)
    typer.echo(layout.directory)
    typer.echo(f"{layout.config} {'is to be filled in' if fresh and not address else 'stays'}", err=True)
    typer.echo(advice(), err=True)


@blvm.command()
def check(modules_dir: MODULES_DIR) -> None:
    """Name everything for which a node would not load the module from there."""
    from sluice.managed.layout import Layout, faults

    layout = Layout(modules_dir)
    found = list(faults(layout))
    for fault in found:
        typer.echo(fault, err=True)
    if found:
        raise typer.Exit(ExitCode.FAILED)
    typer.echo(f"{layout.directory}: fine")
