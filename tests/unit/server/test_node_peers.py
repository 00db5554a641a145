"""Miners over the node's peers: a block found through one, and bounds that strangers cannot move."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sluice.bitcoin.target import target_from_nbits
from sluice.blvm.events.modules import StratumV2MessageReceived
from sluice.module.sight import Place
from sluice.pool.events import MinerArrived, PeerLeft
from sluice.server import node_peers
from sluice.server.module_host import ModuleHost, Wishes
from sluice.server.node_peers import NodePeers, PeerTransport
from sluice.tlv.connection import Connection
from sluice.tlv.message import Message
from sluice.tlv.messages import (
    NewMiningJob,
    OpenMiningChannel,
    SetupConnection,
    SetupConnectionSuccess,
    SubmitShares,
    SubmitSharesSuccess,
)
from sluice.wire.side import Side
from support.neighbours import Neighbourhood, client_of, neighbourhood
from support.serving import Live, Puppet, live, until
from support.tlv_miner import nonces, share_of
from support.work import EASY_NBITS, template

PEER = "192.0.2.7:8333"
HELLO = SetupConnection(2, "ignored", ("mining",))


class Remote:
    """A miner somewhere, whose frames come by the node."""

    def __init__(self, node: Neighbourhood, address: str = PEER) -> None:
        self.node = node
        self.address = address
        self.connection = Connection(Side.CLIENT)
        self.heard: list[Message] = []
        self._read = 0

    def say(self, message: Message) -> None:
        self.connection.send(message)
        framed = self.connection.data_to_send()
        self.node.say(StratumV2MessageReceived(framed[4:], self.address))

    def listen(self) -> list[Message]:
        """All that it was told so far."""
        written = self.node.written.get(self.address, bytearray())
        self.connection.receive_data(bytes(written[self._read :]))
        self._read = len(written)
        self.heard += self.connection.events()
        return self.heard

    async def told(self, kind: type[Message]) -> Message:
        await until(lambda: any(isinstance(message, kind) for message in self.listen()))
        return [message for message in self.heard if isinstance(message, kind)][-1]


@asynccontextmanager
async def hosting(node: Neighbourhood, puppet: Puppet) -> AsyncIterator[Live]:
    puppet.news.put_nowait(template(nbits=EASY_NBITS))
    async with client_of(node) as client:
        host = ModuleHost(client, Place("", ""), Wishes(peers=True), lambda words: None)
        async with live(puppet, companions=(host,)) as running:
            await until(lambda: running.running.owner.pool.state.book.current is not None)
            await asyncio.sleep(0.05)
            yield running


def test_a_miner_that_is_nobody_s_socket_finds_a_block(tmp_path: Path) -> None:
    async def main() -> None:
        puppet = Puppet()
        async with neighbourhood(tmp_path) as node, hosting(node, puppet) as running:
            remote = Remote(node)
            remote.say(HELLO)
            await remote.told(SetupConnectionSuccess)
            assert running.events(MinerArrived)[-1].address == PEER
            remote.say(OpenMiningChannel(1, 42, 1))
            job = await remote.told(NewMiningJob)
            assert isinstance(job, NewMiningJob)
            block = next(nonces(job, target_from_nbits(EASY_NBITS)))
            remote.say(SubmitShares(1, (share_of(job, block),)))
            await remote.told(SubmitSharesSuccess)
            await until(lambda: bool(puppet.blocks))

    asyncio.run(main())


def test_a_peer_that_breaks_a_rule_is_gone_and_may_come_again(tmp_path: Path) -> None:
    async def main() -> None:
        async with neighbourhood(tmp_path) as node, hosting(node, Puppet()) as running:
            Remote(node).say(HELLO)
            await until(lambda: bool(running.events(MinerArrived)))
            node.say(StratumV2MessageReceived(b"\xff\xff\0\0\0\0", PEER))
            await until(lambda: bool(running.events(PeerLeft)))
            assert running.running.owner.pumps == {}
            Remote(node).say(HELLO)
            await until(lambda: len(running.events(MinerArrived)) == 2)

    asyncio.run(main())


def test_a_peer_that_cannot_be_written_to_is_gone(tmp_path: Path) -> None:
    async def main() -> None:
        async with neighbourhood(tmp_path, permitted=False) as node, hosting(node, Puppet()) as running:
            Remote(node).say(HELLO)
            await until(lambda: bool(running.events(PeerLeft)))
            assert "instead of an answer" in running.events(PeerLeft)[-1].reason

    asyncio.run(main())


def test_there_are_only_so_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_peers, "MAX_PEERS", 2)

    async def main() -> None:
        async with neighbourhood(tmp_path) as node, hosting(node, Puppet()) as running:
            for port in range(3):
                Remote(node, f"192.0.2.7:{port}").say(HELLO)
            await until(lambda: len(running.events(MinerArrived)) == 2)
            await asyncio.sleep(0.1)
            assert len(running.running.owner.pumps) == 2

    asyncio.run(main())


def test_who_has_too_much_waiting_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(node_peers, "MAX_WAITING", 0)

    async def main() -> None:
        async with live(Puppet()) as running:
            peers = NodePeers(running.running.owner)  # nobody sends
            connection = Connection(Side.CLIENT)
            connection.send(HELLO)
            peers.heard(StratumV2MessageReceived(connection.data_to_send()[4:], PEER))
            await until(lambda: bool(running.events(PeerLeft)))
            assert running.events(PeerLeft)[-1].reason == "does not read"

    asyncio.run(main())


def test_a_transport_that_is_closed_takes_no_more() -> None:
    async def main() -> None:
        async with live(Puppet()) as running:
            peers = NodePeers(running.running.owner)
            transport = PeerTransport(peers, "[2001:db8::1]:8333")
            assert transport.get_extra_info("peername") == ("2001:db8::1", "8333")
            transport.close()
            assert transport.is_closing()
            transport.write(b"late")
            sent: list[bytes] = []

            async def send(address: str, data: bytes) -> None:
                sent.append(data)

            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await peers.run(send)
            assert sent == []

    asyncio.run(main())
