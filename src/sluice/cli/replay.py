"""`sluice replay`: everything that is shown, computed again from the record alone."""

import json

import typer

from sluice.cli.reading import LEDGER_URL, place_to_read, progress_bar, settings_to_read
from sluice.cli.values import AS_JSON, CONFIG_FILE, DATA_DIR
from sluice.exit_codes import ExitCode


def replay(
    config: CONFIG_FILE = None,
    data_dir: DATA_DIR = None,
    ledger_url: LEDGER_URL = None,
    as_json: AS_JSON = False,
) -> None:
    """Compute accounts, statistics and the fate of blocks again from the record, and compare with what is shown.

    Beside a running pool, or without one. Exit code 0 if both agree, byte for byte.
    """
    from sluice.ledger.replay import replay as compute
    from sluice.records import record_to_read

    with (
        record_to_read(place_to_read(settings_to_read(config, data_dir, ledger_url))) as database,
        progress_bar("shares") as told,
    ):
        done = compute(database, told)
    differences = done.differences
    if as_json:
        counted = {"shares": done.shares, "accounts": done.accounts, "blocks": done.blocks}
        typer.echo(json.dumps({"agrees": not differences, **counted, "differences": differences}, indent=2))
    else:
        counted_words = f"{done.shares} shares, {done.accounts} accounts, {done.blocks} blocks"
        lines = len(done.computed.splitlines())
        for line in differences:
            typer.echo(ascii(line)[1:-1])
        verdict = "they DIFFER, see above" if differences else "they agree, byte for byte"
        typer.echo(
            f"{counted_words}: {lines} lines computed from the record and compared with the views; {verdict}"
        )
    if differences:
        raise typer.Exit(ExitCode.FAILED)
