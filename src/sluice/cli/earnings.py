"""`sluice earnings`: what each account's work is worth for a block, computed from the record alone."""

import json
from typing import TYPE_CHECKING

import typer

from sluice.cli.earning_options import (
    AS_CSV,
    BLOCK,
    FEE,
    LEAST,
    NEXT,
    REWARD,
    SCHEME,
    SCHEMES,
    WINDOW,
    ppm_of_fee,
    times_of,
)
from sluice.cli.reading import LEDGER_URL, place_to_read, progress_bar, settings_to_read
from sluice.cli.values import AS_JSON, CONFIG_FILE, DATA_DIR
from sluice.exit_codes import ExitCode, UserError

if TYPE_CHECKING:
    from sluice.ledger.earnings import CannotTell

#: What to do about each name of `ledger/earnings.py` Why; a test holds them together.
WAYS_OUT = {
    "NO_BLOCK": "`sluice earnings --next` tells what the next one would be worth to whom",
    "NO_TEMPLATE": "say what it would pay with --reward SATOSHIS",
    "NOT_FOUND": "`sluice blocks` shows those that were",
    "SEVERAL": "give more of the hash",
    "FOR_NOTHING": "ask for another block, or for the --next one",
    "NO_REWARD": "say it with --reward SATOSHIS; `sluice blocks` may still have the block itself",
    "FOLDED": "what was paid for it is not recomputed any more; ledger.retention_days = 0 keeps every share",
    "NO_TARGET": "--scheme proportional needs no window",
}


class NothingToTell(UserError):
    """The record does not say."""

    exit_code = ExitCode.FAILED


def earnings(
    block: BLOCK = "",
    next_: NEXT = False,
    reward: REWARD = None,
    scheme: SCHEME = SCHEMES[0],
    window: WINDOW = "",
    fee: FEE = "0",
    least: LEAST = 0,
    as_csv: AS_CSV = False,
    as_json: AS_JSON = False,
    config: CONFIG_FILE = None,
    data_dir: DATA_DIR = None,
    ledger_url: LEDGER_URL = None,
) -> None:
    """What each account's work is worth for a block, to the satoshi, from the record alone. Nothing is paid by it.

    Beside a running pool, or without one. docs/accounts.md tells how to compute it by hand.
    """
    from sluice.accounting.split import Terms
    from sluice.cli import earning_words as words
    from sluice.ledger.earnings import Asked, CannotTell, PaidByBlock, statement
    from sluice.records import record_to_read

    if block and next_:
        raise typer.BadParameter(
            "is a block that was found; --next is one that was not", param_hint="--block"
        )
    asked = Asked(
        block,
        next_ or (reward is not None and not block),
        reward,
        times_of(scheme, window),
        Terms(ppm_of_fee(fee), least),
    )
    with (
        record_to_read(place_to_read(settings_to_read(config, data_dir, ledger_url))) as database,
        progress_bar("counted") as told,
    ):
        try:
            said = statement(database, asked, told)
        except CannotTell as error:
            raise _nothing(error) from error
    if as_json:
        typer.echo(json.dumps(words.as_json(said, asked), indent=2))
    elif isinstance(said, PaidByBlock):
        typer.echo("\n".join(words.paid_by_block(said)))
    else:
        typer.echo(words.as_csv(said) if as_csv else "\n".join(words.stated(said, asked)), nl=not as_csv)


def _nothing(error: "CannotTell") -> NothingToTell:
    which = f"block {error.block.height} {error.block.block_hash}: " if error.block else ""
    return NothingToTell(f"{which}{error}; {WAYS_OUT[error.why.name]}")
