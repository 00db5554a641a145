"""`sluice export`: rows of the record, for other programs."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated

import typer

from sluice.cli.reading import LEDGER_URL, place_to_read, progress_bar, settings_to_read
from sluice.cli.values import AS_JSON, CONFIG_FILE, DATA_DIR
from sluice.exit_codes import ExitCode, UserError

#: The kinds of `ledger/export.py`, which is not imported for a help text; a test holds them together.
KINDS = tuple(
    "shares refusals channels closings targets tips templates candidates moves answers settings runs lost".split()
)
FORMS = ("csv", "ndjson", "parquet")


class CannotExport(UserError):
    """The file cannot be written, or its format cannot be had."""

    exit_code = ExitCode.USAGE


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; - is standard output.")],
    since: Annotated[
        str,
        typer.Option("--from", metavar="TIME", help="2026-11-25, 2026-11-25T08:00 (UTC), or unix seconds."),
    ] = "",
    until: Annotated[str, typer.Option("--to", metavar="TIME", help="Up to before then.")] = "",
    form: Annotated[
        str, typer.Option("--format", metavar="|".join(FORMS), help="By the file's name if left out.")
    ] = "",
    what: Annotated[
        str, typer.Option("--what", metavar="KIND", help=f"One of {', '.join(KINDS)}.")
    ] = "shares",
    config: CONFIG_FILE = None,
    data_dir: DATA_DIR = None,
    ledger_url: LEDGER_URL = None,
    as_json: AS_JSON = False,
) -> None:
    """Write what was recorded from one time to another into a file: CSV, NDJSON or Parquet.

    Beside a running pool, or without one. The file is there when it is whole.
    """
    from sluice.ledger.export import Extract, NoParquet, format_of
    from sluice.ledger.export import export as write
    from sluice.records import record_to_read

    _one_of(what, KINDS, "--what")
    form = form or format_of(file)
    _one_of(form, FORMS, "--format")
    extract = Extract(what, *_times(since, until))
    with (
        record_to_read(place_to_read(settings_to_read(config, data_dir, ledger_url))) as database,
        progress_bar(what) as progressed,
    ):
        total = extract.count(database)

        def progress(done: int) -> None:
            progressed(done, max(total, done))

        try:
            with _whole(file) as out:
                done = write(database, extract, form, out, progress)
        except NoParquet as error:
            raise CannotExport(str(error)) from error
        except OSError as error:
            raise CannotExport(f"{file} cannot be written: {error.strerror or error}") from error
    if as_json:
        told = json.dumps({"rows": done, "kind": what, "format": form, "file": str(file)})
        typer.echo(told, err=str(file) == "-")
    else:
        typer.echo(f"{done} {what} in {file}", err=True)


def _one_of(word: str, known: tuple[str, ...], flag: str) -> None:
    if word not in known:
        raise typer.BadParameter(f"is one of {', '.join(known)}, not {word!r}", param_hint=flag)


def _times(since: str, until: str) -> tuple[int, int]:
    return _time(since, "--from", 0), _time(until, "--to", 1 << 62)


def _time(text: str, flag: str, otherwise: int) -> int:
    """Unix seconds of a time as people write it; UTC where it names no zone."""
    if not text:
        return otherwise
    if text.isdecimal() and len(text) > 8:
        return min(int(text), 1 << 62)
    try:
        at = datetime.fromisoformat(text)
        return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError) as error:
        words = f"is a time such as 2026-11-25 or 2026-11-25T08:00, not {text!r}"
        raise typer.BadParameter(words, param_hint=flag) from error


@contextmanager
def _whole(file: Path) -> Iterator[IO[bytes]]:
    """A file that is there when all is in it; "-" is standard output."""
    if str(file) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        with unfinished.open("wb") as out:
            yield out
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
