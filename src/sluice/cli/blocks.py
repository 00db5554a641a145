"""`sluice blocks`: the blocks that were found, where they lie, and what became of them."""

from collections.abc import Iterable
from re import fullmatch
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from sluice.cli.values import AS_JSON, CONFIG_FILE, DATA_DIR, settings_of
from sluice.config import Config
from sluice.exit_codes import ExitCode

if TYPE_CHECKING:
    from sluice.cli.block_lives import Archive


class WithADefault(TyperGroup):
    """`sluice blocks` lists them, and `sluice blocks HASH` shows one; what is no hash is a word."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """`show` stands before what is no other word; what is not even hex is one that is misspelt."""
        first = args[0] if args else "--"
        own = first in self.commands or first in ctx.help_option_names
        if not own and (first.startswith("-") or fullmatch("[0-9a-fA-F]+", first)):
            args = ["show", *args]
        return super().parse_args(ctx, args)


blocks = typer.Typer(
    cls=WithADefault,
    help="Found blocks: what became of them, whom they pay, where they lie. Beside a running pool, or without one. "
    "`sluice blocks` lists them, `sluice blocks HASH` shows one.",
)

HASH = Annotated[str, typer.Argument(metavar="HASH", help="A block's hash or height, or a part of it.")]
LIMIT = Annotated[int, typer.Option(min=0, help="Blocks at most, the highest; 0 for all.")]


@blocks.command("list")
def list_blocks(
    limit: LIMIT = 50, config: CONFIG_FILE = None, data_dir: DATA_DIR = None, as_json: AS_JSON = False
) -> None:
    """All found blocks, the highest first, how far each has come, and what it pays."""
    from sluice.cli import block_words
    from sluice.cli.columns import screen_width

    archive = _archive(settings_of(config, data_dir))
    hashes = archive.hashes()
    lives = archive.lives(hashes[:limit] if limit else hashes)
    if as_json:
        _print(map(block_words.as_json, lives), as_json)
    else:
        directory = archive.files.directory
        _print(block_words.listed(lives, len(hashes), directory, screen_width()), as_json)
    _say_what_is_missing(archive)


@blocks.command()
def show(
    block: Annotated[str, typer.Argument(metavar="[HASH]", help="One block; all of them without.")] = "",
    limit: LIMIT = 50,
    config: CONFIG_FILE = None,
    data_dir: DATA_DIR = None,
    as_json: AS_JSON = False,
) -> None:
    """All that happened to one block, what it is made of, where it lies as hex, and what to do with that."""
    from sluice.cli import block_words

    if not block:
        list_blocks(limit, config, data_dir, as_json)
        return
    archive = _archive(settings_of(config, data_dir))
    (life,) = archive.lives([archive.meant(block)])
    _print([block_words.as_json(life)] if as_json else block_words.shown(life), as_json)
    _say_what_is_missing(archive)


def _archive(settings: Config) -> "Archive":
    """Beside the running pool, or without one."""
    from sluice.cli.block_lives import Archive
    from sluice.cli.running import NotRunning, seen

    try:
        pool = seen(settings).pool
    except NotRunning:
        pool = None
    return Archive(settings, pool)


def _say_what_is_missing(archive: "Archive") -> None:
    """Beside what is known, so that programs read on."""
    from sluice.legible import printable

    if archive.trouble is not None and archive.has_blocks:
        typer.echo(printable(f"what the record knows is left out: {archive.trouble}"), err=True)


@blocks.command()
def resubmit(
    block: HASH, config: CONFIG_FILE = None, data_dir: DATA_DIR = None, as_json: AS_JSON = False
) -> None:
    """Give one block to every node of the configuration, by every way it takes blocks, once and now.

    Exit code 0 if a node has it.
    """
    from sluice.cli import block_words
    from sluice.found_blocks import NoSuchBlock, entry_of, record_of
    from sluice.found_blocks import resubmit as give_again
    from sluice.pool.errand import HAVING

    settings = settings_of(config, data_dir)
    entry = entry_of(record_of(settings), block)
    if entry.kept is None:
        raise NoSuchBlock(f"block {entry.stem} cannot be read: {entry.fault}")
    outcomes = give_again(settings, entry.kept)
    _print(map(block_words.outcome_as_json, outcomes) if as_json else block_words.answered(outcomes), as_json)
    if not any(outcome.answer in HAVING for outcome in outcomes):
        raise typer.Exit(ExitCode.FAILED)


@blocks.command()
def verify(
    block: Annotated[str, typer.Argument(metavar="[HASH]", help="One block; all of them without.")] = "",
    config: CONFIG_FILE = None,
    data_dir: DATA_DIR = None,
    as_json: AS_JSON = False,
) -> None:
    """Rebuild each block from what is kept of it, judge it as a node would, and ask the nodes where it is.

    Exit code 0 if every block can be rebuilt and is sound; where it is does not count.
    """
    from sluice.cli import block_words
    from sluice.found_blocks import entries, entry_of, record_of
    from sluice.found_blocks import verify as check

    settings = settings_of(config, data_dir)
    record = record_of(settings)
    checked = check(settings, [entry_of(record, block)] if block else list(entries(record)))
    _print(
        map(block_words.checked_as_json, checked) if as_json else map(block_words.place_words, checked),
        as_json,
    )
    if any(each.fault for each in checked):
        raise typer.Exit(ExitCode.FAILED)


def _print(lines: Iterable[Any], as_json: bool) -> None:
    from sluice.cli.pool_words import INDENT
    from sluice.cli.running import print_json, print_lines

    if as_json:
        print_json(list(lines))
    else:
        print_lines(lines, INDENT)
