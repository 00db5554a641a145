"""`sluice blvm`: Sluice as a module that a blvm-node loads."""

from pathlib import Path
from typing import Annotated

import typer

from sluice.exit_codes import ExitCode, UserError

blvm = typer.Typer(
    help="Lay Sluice out as a module of blvm-node, and check that a node would load it.", no_args_is_help=True
)


class NobodyAnswers(UserError):
    """There is no Sluice to be asked; the text names the way out."""

    exit_code = ExitCode.FAILED


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


@blvm.command(context_settings={"ignore_unknown_options": True})
def ask(
    data_dir: Annotated[
        Path, typer.Option(metavar="DIR", help="The data directory of the Sluice that is asked.")
    ],
    words: Annotated[
        list[str], typer.Argument(help="status, list-pools, list-miners, config-path, set-difficulty N")
    ],
) -> None:
    """The module's command line, where the node cannot hand it on: `sluice blvm ask --data-dir DIR status`."""
    from sluice.server.command_socket import ask as ask_it

    try:
        printed = ask_it(data_dir, words)
    except (OSError, ValueError) as error:
        raise NobodyAnswers(
            f"no Sluice that is a module answers in {data_dir} ({error}): name the data directory of one that runs"
        ) from error
    typer.echo(printed.stdout, nl=bool(printed.stdout))
    typer.echo(printed.stderr, err=True, nl=bool(printed.stderr))
    raise typer.Exit(printed.exit_code)
