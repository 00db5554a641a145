"""A blvm-node with other modules, and peers that can be written to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sluice.blvm import requests as ask
from sluice.blvm import responses as tell
from sluice.blvm.connection import Identity
from sluice.blvm.editions import FIRST_EDITION
from sluice.blvm.envelopes import EventMessage, RequestMessage
from sluice.blvm.events.modules import ModuleLoaded
from sluice.blvm.events.types import EventType
from sluice.blvm.frame import LENGTH, frame
from sluice.node.blvm.client import Attachment, BlvmClient
from support.scripted_blvm import EVERYTHING, Quirks, Refused, ScriptedBlvm, Session

NAME = "blvm-stratum-v2"


class Neighbourhood(ScriptedBlvm):
    """`modules`: what each answers, by module name and method; `written`: what peers were sent."""

    def __init__(self, directory: Path, quirks: Quirks | None = None) -> None:
        super().__init__(directory, quirks)
        self.modules: dict[str, dict[str, Callable[[bytes], bytes]]] = {}
        self.called: list[tuple[str, bytes]] = []
        self.written: dict[str, bytearray] = {}

    def _registered(self, request: ask.Request) -> tell.Response:
        match request:
            case ask.IsModuleAvailable(module_id=name):
                return tell.ModuleAvailable(value=name in self.modules)
            case ask.CallModule(target_module_id=str(name), method=method, params=params):
                answer = self.modules.get(name, {}).get(method)
                if answer is None:
                    raise Refused(f"no module has registered {method}")
                self.called.append((method, params))
                return tell.ModuleApiResponse(answer(params))
            case ask.SendStratumV2MessageToPeer(peer_addr=peer, message_data=data):
                self.written.setdefault(peer, bytearray()).extend(data)
        return super()._registered(request)


@asynccontextmanager
async def neighbourhood(directory: Path, *, permitted: bool = True) -> AsyncIterator[Neighbourhood]:
    """A node that permits us everything, or what it permits anybody."""
    node = Neighbourhood(directory)
    if permitted:
        node.manifest[NAME] = EVERYTHING
    await node.start()
    try:
        yield node
    finally:
        await node.stop()


@asynccontextmanager
async def client_of(node: ScriptedBlvm) -> AsyncIterator[BlvmClient]:
    """A module's client, let in."""
    events = (EventType.StratumV2MessageReceived,)
    client = BlvmClient(Attachment(node.socket, Identity(NAME, NAME, "0.1.0"), subscribed=events))
    async with asyncio.timeout(10):
        await client.request(ask.GetBlockHeight())
    try:
        yield client
    finally:
        client.close()


class Supervisor(Neighbourhood):
    """A node that has started a module, with all that it does then (B2, B5)."""

    loaded = False

    @asynccontextmanager
    async def supervising(self, module_id: str, seconds: float = 0.5) -> AsyncIterator[None]:
        """After `seconds` (module_startup_wait_millis), the node's own connection under the module's id."""
        self.loaded = False
        async with asyncio.TaskGroup() as group:
            own = group.create_task(self._load(module_id, seconds))
            try:
                yield
            finally:
                own.cancel()

    async def _load(self, module_id: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        reader, writer = await asyncio.open_unix_connection(str(self.socket))
        try:
            writer.write(_asking(1, ask.Handshake(module_id, NAME, "0.1.0")))
            await _frame(reader)  # without a deadline, holding what everybody waits for
            self.loaded = True
            self.manifest[NAME] = EVERYTHING
            number = 2
            while True:  # its heartbeat: the first at once
                writer.write(_asking(number, ask.GetChainTip()))
                await _frame(reader)
                number += 1
                await asyncio.sleep(5)
        except (asyncio.IncompleteReadError, OSError):
            return  # dropped by itself; from then on it complains in its log
        finally:
            writer.close()

    async def _answered(self, session: Session, request: ask.Request) -> tell.Response:
        answer = await super()._answered(session, request)
        if (
            isinstance(request, ask.SubscribeEvents)
            and self.loaded
            and EventType.ModuleLoaded in session.events
        ):
            self._write(session.writer, EventMessage(EventType.ModuleLoaded, ModuleLoaded(NAME, "0.1.0")))
        return answer


def _asking(number: int, request: ask.Request) -> bytes:
    return frame(FIRST_EDITION.pack(RequestMessage(number, request.wire_name, request)))


async def _frame(reader: asyncio.StreamReader) -> None:
    await reader.readexactly(LENGTH.unpack(await reader.readexactly(LENGTH.size))[0])
