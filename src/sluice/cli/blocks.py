"""`sluice blocks`: the blocks that were found, where they lie, and what became of them."""

import json
from collections.abc import Iterable
from typing import Annotated, Any

import typer

from sluice.cli.values import AS_JSON, CONFIG_FILE, DATA_DIR, settings_of
from sluice.exit_codes import ExitCode

blocks = typer.Typer(
    help="Found blocks: where they lie, and what became of them. Beside a running pool, or without one.",
    no_args_is_help=True,
)

HASH = Annotated[str, typer.Argument(metavar="HASH", help="A block's hash or height, or a part of it.")]


@blocks.command("list")
def list_blocks(config: CONFIG_FILE = None, data_dir: DATA_DIR = None, as_json: AS_JSON = False) -> None:
    """All found blocks, the highest first, and how far each has come."""
    from sluice.cli import block_words
    from sluice.found_blocks import entries, record_of

    record = record_of(settings_of(config, data_dir))
    found = list(entries(record))
    _print(
        map(block_words.as_json, found) if as_json else block_words.listed(found, record.directory), as_json
    )


@blocks.command()
def show(
    block: HASH, config: CONFIG_FILE = None, data_dir: DATA_DIR = None, as_json: AS_JSON = False
) -> None:
    """All that happened to one block, where it lies as hex, and what to do with that."""
    from sluice.cli import block_words
    from sluice.found_blocks import entry_of, record_of

    entry = entry_of(record_of(settings_of(config, data_dir)), block)
    _print([block_words.as_json(entry)] if as_json else block_words.shown(entry), as_json)


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
    if as_json:
        typer.echo(json.dumps(list(lines), indent=2))
        return
    for line in lines:
        typer.echo(line)
