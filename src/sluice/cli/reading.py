"""What commands that read the record share: where it is, and a bar that shows how far they are.

Rule: the bar is on stderr, and there only if that is a terminal.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from sluice.config import Config

LEDGER_URL = Annotated[
    str | None,
    typer.Option("--ledger-url", metavar="URL", help="The record, if it is not in the data directory."),
]


def settings_to_read(file: Path | None, data_dir: Path | None, ledger_url: str | None) -> Config:
    """The configuration, of which only the record's place counts."""
    from sluice.config import read_config

    flags = {"data.dir": data_dir and str(data_dir), "ledger.url": ledger_url}
    return read_config(file, os.environ, {name: text for name, text in flags.items() if text}, checks=())


def place_to_read(settings: Config) -> str:
    """Where the record is: as it is set, else where the pool says that runs with this data directory, if one does."""
    from sluice.cli.running import NotRunning, seen
    from sluice.records import place_beside

    if settings.ledger.url:
        return settings.ledger.place(settings.data.dir)
    try:
        return place_beside(settings, seen(settings).pool.record, running=True)
    except NotRunning:
        return settings.ledger.place(settings.data.dir)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar; what it gives is to be told how many are done, of how many."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=Console(file=sys.stderr), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
