"""A blvm-node with other modules, and peers that can be written to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sluice.blvm import requests as ask
from sluice.blvm import responses as tell
from sluice.blvm.connection import Identity
from sluice.node.blvm_client import Attachment, BlvmClient
from support.scripted_blvm import EVERYTHING, Quirks, Refused, ScriptedBlvm

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
    client = BlvmClient(Attachment(node.socket, Identity(NAME, NAME, "0.1.0")))
    async with asyncio.timeout(10):
        await client.request(ask.GetBlockHeight())
    try:
        yield client
    finally:
        client.close()
