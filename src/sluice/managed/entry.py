"""What a blvm-node starts: Sluice, configured by the node, under the node's limits.

Rule: the log file is there before anything can go wrong; what a person has to mend is told there, and to the node
as soon as it listens, and the exit code says that it was not a crash.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import TextIO

from sluice.blvm.modules import LogLevel
from sluice.blvm.requests import GetBlockHeight
from sluice.config.module_file import read_module_config
from sluice.config.table import OPTIONS
from sluice.exit_codes import ExitCode, UserError
from sluice.log import configure_log, log_line
from sluice.managed.hand_over import NodeLeft, hand_over
from sluice.managed.output import redirect
from sluice.managed.start import NotStartedByANode, Start, start_of
from sluice.node.blvm.client import Attachment, BlvmClient, CallFailed
from sluice.server.lifeline import Lifeline

#: For the last line to leave before the connection ends.
PARTING_SECONDS = 0.2


def main(environ: Mapping[str, str] | None = None) -> int:
    """Run until the node ends us, or itself; the exit code."""
    said = os.environ if environ is None else environ
    try:
        start = start_of(said)
    except NotStartedByANode as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    stream = redirect(start.data_dir)
    configure_log("info", "json", stream)
    try:
        return _serve(start, said, stream)
    except UserError as error:
        for line in str(error).splitlines():
            log_line("error", line)
        asyncio.run(_tell_node(start, str(error)))
        return error.exit_code


def _serve(start: Start, environ: Mapping[str, str], stream: TextIO) -> int:
    settings = read_module_config(start.data_dir, environ, start.options())
    configure_log(settings.config.log.level, settings.config.log.format, stream)
    if settings.ignored:
        log_line("info", "the node says more than is understood here", ignored=list(settings.ignored))
    if not settings.enabled:
        log_line("info", "not enabled in the module's configuration")
        return ExitCode.OK
    node = settings.config.nodes[0]
    loaded = node.module_id == start.module_id and _loaded(start)
    credentials = bool(node.user) or node.cookie_file != OPTIONS["node.cookie_file"].default.expanduser()
    options = start.options(loaded=loaded, credentials=credentials)
    settings = read_module_config(start.data_dir, environ, options)
    from sluice.app import run_pool  # large, and the node's own connection must not be faster than ours

    return run_pool(settings.config, managed=True)


def _loaded(start: Start) -> bool:
    try:
        loaded = hand_over(start.socket, start.identity)
    except NodeLeft as error:
        log_line("warning", f"the node cannot load the module: {error}")
        return False
    if not loaded:
        log_line(
            "warning", "the node has not loaded the module in time; it is gone on with what anybody may do"
        )
    return loaded


async def _tell_node(start: Start, words: str) -> int:
    """Say it in the node's log, whenever the node listens: who goes before it does ends its module service (B3)."""
    client = BlvmClient(Attachment(start.socket, start.identity))
    ended = asyncio.Event()
    Lifeline(start.socket, lambda: client.connected or client.waiting, lambda reason: ended.set())
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(_tell(client, words))
        ending = group.create_task(ended.wait())
        await asyncio.wait((telling, ending), return_when=asyncio.FIRST_COMPLETED)
        telling.cancel()
        ending.cancel()
    client.close()
    return ExitCode.OK


async def _tell(client: BlvmClient, words: str) -> None:
    while not client.connected:
        with suppress(CallFailed):
            await client.request(GetBlockHeight())
    for line in words.splitlines():
        client.log(LogLevel.ERROR, line)
    await asyncio.sleep(PARTING_SECONDS)
