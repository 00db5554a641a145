"""The running pool, for a command: looked at, or told what to do.

Rule: that there is none is one sentence and an exit code of its own; that it will not do it, one sentence too. What is
printed can neither colour a terminal nor move its cursor, whoever has sent it.
"""

import json
from collections.abc import Iterable
from typing import Any

import typer
from msgspec import to_builtins

from sluice.cli.columns import folded, screen_width
from sluice.config import Config
from sluice.control.client import NobodyThere, Picture, ask, look_now
from sluice.control.words import Command, Done, Refused
from sluice.exit_codes import ExitCode, UserError
from sluice.legible import printable


class NotRunning(UserError):
    """No pool answers; the text says where, and the way out."""

    exit_code = ExitCode.NOT_RUNNING


class NotDone(UserError):
    """The pool will not do it; the text says why."""

    exit_code = ExitCode.FAILED


def seen(settings: Config) -> Picture:
    """The pool as it is now. Raises NotRunning."""
    try:
        return look_now(settings.control_socket)
    except NobodyThere as error:
        raise NotRunning(str(error)) from error


def tell(settings: Config, command: Command, *, as_json: bool) -> Done:
    """Have it done, and print what came of it. Raises NotRunning, NotDone."""
    try:
        answer = ask(settings.control_socket, command)
    except NobodyThere as error:
        raise NotRunning(str(error)) from error
    if isinstance(answer, Refused):
        raise NotDone(printable(answer.words))
    if as_json:
        print_json({"words": answer.words, "count": answer.count})
    else:
        print_lines([answer.words])
    return answer


def print_lines(lines: Iterable[str], indent: int = 0) -> None:
    """For people; what is wider than their screen goes on below, so far to the right."""
    width = screen_width()
    typer.echo("\n".join(part for line in lines for part in folded(printable(line), width, indent)))


def print_json(value: Any) -> None:
    """For programs; letters that are not ASCII are spelt out, so that no terminal can be drawn on."""
    typer.echo(json.dumps(to_builtins(value), indent=2))
