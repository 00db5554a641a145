"""Miners by the thousand, in one process: they open a channel and send shares that are ready before time counts.

A share's frame is sealed beforehand, so that during the measurement a miner costs little more than its socket.
"""

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from os import urandom
from time import time
from typing import cast

from sluice.bitcoin.target import MAX_TARGET, target_to_wire
from sluice.noise.handshake import Initiator
from sluice.sv2.connection import Connection, Event, Secured
from sluice.sv2.messages.common import SetupConnection, SetupConnectionSuccess
from sluice.sv2.messages.mining import (
    NewExtendedMiningJob,
    NewMiningJob,
    OpenExtendedMiningChannel,
    OpenExtendedMiningChannelSuccess,
    OpenStandardMiningChannel,
    OpenStandardMiningChannelSuccess,
    SetNewPrevHash,
    SubmitSharesExtended,
    SubmitSharesStandard,
    SubmitSharesSuccess,
)
from sluice.wire.side import Side

_ANYTHING = target_to_wire(MAX_TARGET)
_EXTRANONCE = bytes(12)


class LoadMiner(asyncio.Protocol):
    """One connection with one channel."""

    def __init__(self, extended: bool, whole: bool) -> None:
        """`whole` opens a channel; otherwise only the handshake is made."""
        self.extended = extended
        self.whole = whole
        self.connection = Connection(Side.CLIENT, Initiator(None, int(time()), urandom(32), urandom(32)))
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answered: asyncio.Future[None] | None = None
        self.acknowledged = 0
        self.wanted = 0
        self.name = "bench.worker"
        self.job_id = 0
        self.channel_id = 0
        self.min_ntime = 0
        self._sequence = 0
        self._frames: list[bytes] = []
        self._burst = 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._flush()

    def data_received(self, data: bytes) -> None:
        self.connection.receive_data(data)
        for event in self.connection.events():
            self._heard(event)
        self._flush()

    def _flush(self) -> None:
        data = self.connection.data_to_send()
        if data:
            self.transport.write(data)

    def _heard(self, event: Event) -> None:
        match event:
            case Secured():
                if self.whole:
                    flags = 0 if self.extended else 1
                    self.connection.send(SetupConnection(0, 2, 2, flags, "h", 1, "bench", "", "", ""))
                else:
                    self.ready.set_result(None)
            case SetupConnectionSuccess():
                self.connection.send(self._request())
            case OpenStandardMiningChannelSuccess() | OpenExtendedMiningChannelSuccess():
                self.channel_id = event.channel_id
            case NewMiningJob() | NewExtendedMiningJob() if not self.job_id:
                self.job_id = event.job_id
            case SetNewPrevHash() if not self.min_ntime:
                self.min_ntime = event.min_ntime
                self.ready.set_result(None)
            case SubmitSharesSuccess():
                self._acknowledged(event.new_submits_accepted_count)

    def _request(self) -> OpenStandardMiningChannel | OpenExtendedMiningChannel:
        if self.extended:
            return OpenExtendedMiningChannel(1, self.name, 1.0, _ANYTHING, 4)
        return OpenStandardMiningChannel(1, self.name, 1.0, _ANYTHING)

    def prepare(self, shares: int, burst: int) -> None:
        """Seal `shares` shares, to be sent `burst` at a time: the next when all before are acknowledged."""
        self._burst = burst
        self._frames = list(self._sealed(shares // burst, burst))
        self._frames.reverse()
        self.wanted = shares
        self.acknowledged = 0

    def _sealed(self, bursts: int, burst: int) -> Iterator[bytes]:
        for _ in range(bursts):
            for _ in range(burst):
                self._sequence += 1
                number = self._sequence
                common = (self.channel_id, number, self.job_id, number, self.min_ntime, 0x20000000)
                if self.extended:
                    self.connection.send(SubmitSharesExtended(*common, _EXTRANONCE))
                else:
                    self.connection.send(SubmitSharesStandard(*common))
            yield self.connection.data_to_send()

    def share(self) -> None:
        """Seal and send one more share, whatever became of those before."""
        self._burst = 1
        self.transport.write(next(self._sealed(1, 1)))

    def begin(self) -> asyncio.Future[None]:
        """Send the first burst; done when all shares are acknowledged."""
        self.answered = asyncio.get_running_loop().create_future()
        self._next()
        return self.answered

    def _next(self) -> None:
        self.transport.write(self._frames.pop())

    def _acknowledged(self, count: int) -> None:
        self.acknowledged += count
        if self.acknowledged == self.wanted and self.answered is not None:
            self.answered.set_result(None)
        elif self.acknowledged % self._burst == 0 and self._frames:
            self._next()


async def connect(
    port: int,
    count: int,
    extended: bool = False,
    whole: bool = True,
    named: Callable[[int], str] | None = None,
) -> list[LoadMiner]:
    """`count` miners, ready to send shares; some hundred connect at once. `named` gives each a name of its own."""
    loop = asyncio.get_running_loop()
    miners: list[LoadMiner] = []
    for start in range(0, count, 200):
        batch = [LoadMiner(extended, whole) for _ in range(min(200, count - start))]
        for number, miner in enumerate(batch, start):
            miner.name = named(number) if named else miner.name
            await loop.create_connection(partial(_itself, miner), "127.0.0.1", port)
        await asyncio.gather(*(miner.ready for miner in batch))
        miners += batch
    return miners


def _itself(miner: LoadMiner) -> LoadMiner:
    return miner


def disconnect(miners: list[LoadMiner]) -> None:
    """Close them all."""
    for miner in miners:
        miner.transport.abort()
