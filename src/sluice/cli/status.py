"""`sluice status`, `sluice miners`, `sluice top`: a running pool on a terminal.

Rule: they look through the control socket in the data directory, as anybody does who may.
"""

from typing import Annotated

import typer

from sluice.cli.values import AS_JSON, CONFIG_FILE, DATA_DIR, settings_of
from sluice.exit_codes import ExitCode

NAME = Annotated[
    str, typer.Argument(metavar="[NAME]", help="An account, one worker of it, or a worker behind a proxy.")
]
LIMIT = Annotated[int, typer.Option(min=0, help="Rows at most; 0 for all.")]


def status(config: CONFIG_FILE = None, data_dir: DATA_DIR = None, as_json: AS_JSON = False) -> None:
    """How the running pool stands: what it mines, for whom, with which nodes, and when a block is to be expected."""
    from sluice.cli import pool_words
    from sluice.cli.running import print_json, print_lines, seen

    picture = seen(settings_of(config, data_dir))
    if as_json:
        print_json(pool_words.status_as_json(picture))
    else:
        print_lines(pool_words.status(picture))


def miners(
    name: NAME = "",
    limit: LIMIT = 50,
    config: CONFIG_FILE = None,
    data_dir: DATA_DIR = None,
    as_json: AS_JSON = False,
) -> None:
    """Who mines on the running pool, the fastest first; one name in full. With --json there is no limit.

    Exit code 1 if the name is not there.
    """
    from sluice.cli import miner_words
    from sluice.cli.running import print_json, print_lines, seen

    rows = miner_words.rows_of(seen(settings_of(config, data_dir)).miners, name)
    if as_json:
        print_json(miner_words.as_json(rows))
    elif name and rows:
        print_lines(miner_words.in_full(rows))
    elif name:
        print_lines([f"nobody of that name mines here now: {name}"])
    else:
        print_lines(miner_words.table(rows, limit))
    if name and not rows:
        raise typer.Exit(ExitCode.FAILED)


def top(
    seconds: Annotated[float, typer.Option(min=0.1, max=3_600, help="Between two looks.")] = 1.0,
    config: CONFIG_FILE = None,
    data_dir: DATA_DIR = None,
) -> None:
    """The running pool, live. Keys: q ends, s sorts by another column, the arrows scroll.

    Where there is no terminal: a line for each look and for each thing that happens.
    """
    from sluice.cli.top import run_top

    raise typer.Exit(run_top(settings_of(config, data_dir).control_socket, seconds))
