"""`sluice alarms`: who is told when something happens, and whether it gets there."""

import asyncio
import json
import os
from pathlib import Path

import typer

from sluice.cli.values import AS_JSON, CONFIG_FILE
from sluice.config import Config
from sluice.exit_codes import ExitCode, UserError

alarms = typer.Typer(help="Alarms: who is told, and of what; `sluice alarms test` tries every way.")


class NobodyIsTold(UserError):
    """There is no way to try; the text names some."""

    exit_code = ExitCode.USAGE


@alarms.callback(invoke_without_command=True)
def list_receivers(context: typer.Context, config: CONFIG_FILE = None, as_json: AS_JSON = False) -> None:
    """Who is told, and of what; no secret is shown. `sluice alarms test` tries every way."""
    if context.invoked_subcommand is not None:
        context.obj = config
        return
    from sluice.alarms.topics import topics_of
    from sluice.receivers import NOBODY, receivers_of

    settings = _config(config)
    receivers = receivers_of(settings)
    topics = sorted(topic.value for topic in topics_of(settings.alarms.events))
    if as_json:
        told = [{"receiver": receiver.name, "where": receiver.where} for receiver in receivers]
        typer.echo(json.dumps({"events": topics, "receivers": told}, indent=2))
        return
    for receiver in receivers:
        typer.echo(f"{receiver.name}: {receiver.where}")
    typer.echo(f"told of: {', '.join(topics) or 'nothing'}" if receivers else f"Nobody is told: {NOBODY}")


@alarms.command("test")
def try_all(context: typer.Context, config: CONFIG_FILE = None, as_json: AS_JSON = False) -> None:
    """Send one message by each way that is configured, and say what came of it.

    Exit code 0 if each has it.
    """
    from time import time

    from sluice.alarms.receiver import Sent
    from sluice.alarms.trial import tried
    from sluice.receivers import NOBODY, receivers_of

    settings = _config(config or context.obj)
    receivers = receivers_of(settings)
    if not receivers:
        raise NobodyIsTold(f"nobody is told: {NOBODY}")
    outcomes = asyncio.run(tried(receivers, settings.pool.tag, int(time())))
    said = [
        {
            "receiver": receiver.name,
            "where": receiver.where,
            "sent": isinstance(outcome, Sent),
            "reason": "" if isinstance(outcome, Sent) else outcome.reason,
        }
        for receiver, outcome in zip(receivers, outcomes, strict=True)
    ]
    if as_json:
        typer.echo(json.dumps(said, indent=2))
    for line in () if as_json else said:
        typer.echo(f"{line['receiver']} ({line['where']}): {line['reason'] or 'sent'}")
    if not all(line["sent"] for line in said):
        raise typer.Exit(ExitCode.FAILED)


def _config(file: Path | None) -> Config:
    """The options of alarms alone are checked: one may try them before there is a pool."""
    from sluice.config import read_config
    from sluice.config.checks import CHECKS

    ours = [check for check in CHECKS if check.options[0].startswith("alarms.")]
    return read_config(file, os.environ, checks=ours)
