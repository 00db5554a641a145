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
    from sluice.cli.kept import NotKept, PoolKept, from_record, pool_kept
    from sluice.cli.running import print_json, print_lines, seen

    settings = settings_of(config, data_dir)
    picture = seen(settings)
    kept: PoolKept | NotKept
    try:
        kept = from_record(settings, picture.pool, pool_kept)
    except NotKept as error:
        kept = error
    if as_json:
        print_json(pool_words.status_as_json(picture, kept))
    else:
        print_lines(pool_words.status(picture, kept), indent=pool_words.INDENT)


def miners(
    name: NAME = "",
    limit: LIMIT = 50,
    config: CONFIG_FILE = None,
    data_dir: DATA_DIR = None,
    as_json: AS_JSON = False,
) -> None:
    """Who mines on the running pool, the fastest first; an account or a worker in full. With --json there is no limit.

    Exit code 1 if the name is not there, nor in the record.
    """
    from sluice.accounting.name import earner_of
    from sluice.cli import pool_words, worker_words
    from sluice.cli.columns import screen_width
    from sluice.cli.kept import NotKept, Workers, from_record, workers_kept
    from sluice.cli.running import print_json, print_lines, seen
    from sluice.legible import printable

    settings = settings_of(config, data_dir)
    picture = seen(settings)
    workers = worker_words.workers_of(worker_words.devices_in(picture, name))
    shown = workers[:limit] if limit and not (as_json or name) else workers
    accounts = [worker.account for worker in shown] or ([earner_of(name).account] if name else [])
    kept: Workers = {}
    trouble: NotKept | None = None
    try:
        kept = from_record(settings, picture.pool, lambda reader, now: workers_kept(reader, now, accounts))
    except NotKept as error:
        trouble = error
    workers = worker_words.with_kept(workers, kept)
    if name:
        workers = worker_words.and_absent(workers, kept, name)
    if as_json:
        print_json(worker_words.as_json(workers, trouble))
    elif name and workers:
        print_lines(worker_words.account_in_full(workers, limit, screen_width()), indent=pool_words.INDENT)
    elif name:
        print_lines([f"nobody of that name mines here now, or has: {name}"])
    else:
        print_lines(worker_words.table(workers, limit, screen_width()))
    if trouble is not None and workers:
        typer.echo(printable(f"shares and bests are of what is connected: {trouble}"), err=as_json)
    if name and not workers:
        raise typer.Exit(ExitCode.FAILED)


def top(
    seconds: Annotated[float, typer.Option(min=0.1, max=3_600, help="Between two looks.")] = 1.0,
    config: CONFIG_FILE = None,
    data_dir: DATA_DIR = None,
    as_json: AS_JSON = False,
) -> None:
    """The running pool, live. Keys: q ends, s sorts by another column, the arrows scroll.

    Where there is no terminal: a line for each look and for each thing that happens; with --json, an object a line.
    """
    from sluice.cli.top import run_top

    raise typer.Exit(run_top(settings_of(config, data_dir).control_socket, seconds, as_json=as_json))
