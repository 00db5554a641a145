"""The other end of the control socket, which shows the pictures and gives the answers that a test wants."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from sluice.control.place import NAME
from sluice.control.words import (
    Command,
    Done,
    Happened,
    Look,
    MinerPictures,
    MinerView,
    PictureEnd,
    PoolPicture,
    Refused,
    Request,
    Watch,
    Watching,
)
from support.pictures import NOW, channel, miner, pool

HAPPENED = tuple(
    Happened(
        number,
        NOW - 10 + number,
        "TipChanged",
        "tip changed",
        "info",
        {"height": 100 + number, "address": "192.0.2.9:1", "what": "192.0.2.0/24"},
    )
    for number in range(1, 4)
)


class ScriptedPool:
    """What it shows, what it answers, and what it was told. Mutable."""

    def __init__(self, picture: PoolPicture | None = None, miners: Sequence[MinerView] | None = None) -> None:
        self.picture = picture or pool()
        self.miners = (
            tuple(miners) if miners is not None else (miner(1, channel(1)), miner(2, channel(1, "other")))
        )
        self.answer: Done | Refused = Done("it is done", 2)
        self.commands: list[Command] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            request = msgspec.json.decode(await reader.readline(), type=Request)
            if isinstance(request, Look | Watch):
                lines = (Watching(self.picture.started_at), *HAPPENED) if isinstance(request, Watch) else ()
                for line in (*lines, self.picture, MinerPictures(self.miners), PictureEnd()):
                    writer.write(msgspec.json.encode(line) + b"\n")
                await writer.drain()
                await reader.read()
            else:
                self.commands.append(request)
                writer.write(msgspec.json.encode(self.answer) + b"\n")
        except (OSError, msgspec.MsgspecError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def scripted_pool(directory: Path, script: ScriptedPool | None = None) -> AsyncIterator[ScriptedPool]:
    """A scripted pool on the control socket in `directory`."""
    script = script or ScriptedPool()
    server = await asyncio.start_unix_server(script.serve, directory / NAME, limit=2**20)
    try:
        yield script
    finally:
        server.close()
