"""One Stratum V2 client on a blocking socket: a test says what is sent, and waits for what is answered."""

import hashlib
import os
import select
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from sluice.bitcoin.header import header_bytes
from sluice.bitcoin.target import MAX_TARGET, Target, target_from_wire, target_to_wire
from sluice.noise.authority import PoolUrl
from sluice.noise.handshake import Initiator
from sluice.sv2.connection import Connection, Event, Secured
from sluice.sv2.message import Message
from sluice.sv2.messages.common import SetupConnection, SetupConnectionSuccess
from sluice.sv2.messages.mining import (
    NewMiningJob,
    OpenStandardMiningChannel,
    OpenStandardMiningChannelSuccess,
    SetNewPrevHash,
    SetTarget,
    SubmitSharesError,
    SubmitSharesStandard,
    SubmitSharesSuccess,
)
from sluice.wire.side import Side

T = TypeVar("T")
EASIEST = target_to_wire(MAX_TARGET)


class Closed(Exception):
    """The server has closed the connection."""


class Peer:
    """A connection to a server. Mutable."""

    def __init__(self, url: PoolUrl, patience: float = 20.0) -> None:
        self.socket = socket.create_connection((url.host, url.port), timeout=patience)
        initiator = Initiator(url.authority_key, int(time.time()), os.urandom(32), os.urandom(32))
        self.connection = Connection(Side.CLIENT, initiator)
        self.heard: list[Event] = []
        self._flush()

    def send(self, *messages: Message) -> None:
        for message in messages:
            self.connection.send(message)
        self._flush()

    def send_raw(self, data: bytes) -> None:
        self.socket.sendall(data)

    def _flush(self) -> None:
        data = self.connection.data_to_send()
        if data:
            self.socket.sendall(data)

    def wait(self, kind: type[T], *others: type[T]) -> T:
        """The next event of one of these kinds; what came before it is dropped. Raises Closed, TimeoutError."""
        kinds = (kind, *others)
        while True:
            for at, event in enumerate(self.heard):
                if isinstance(event, kinds):
                    del self.heard[: at + 1]
                    return event
            self.receive()

    def receive(self) -> None:
        """One more read from the socket."""
        try:
            data = self.socket.recv(65_536)
        except ConnectionResetError:
            data = b""
        if not data:
            raise Closed
        self.connection.receive_data(data)
        self.heard += self.connection.events()
        self._flush()

    def wait_closed(self) -> None:
        """Returns when the server has closed the connection. Raises TimeoutError."""
        while True:
            try:
                self.receive()
            except (Closed, ConnectionError):
                return

    def close(self) -> None:
        self.socket.close()

    def setup(self, flags: int = 1) -> SetupConnectionSuccess:
        """From the socket to an accepted SetupConnection."""
        self.wait(Secured)
        self.send(SetupConnection(0, 2, 2, flags, "localhost", 3333, "test", "bench", "1", "d"))
        return self.wait(SetupConnectionSuccess)


@contextmanager
def peer(url: PoolUrl, patience: float = 20.0) -> Iterator[Peer]:
    connected = Peer(url, patience)
    try:
        yield connected
    finally:
        connected.close()


@dataclass(slots=True)
class HeaderMiner:
    """A standard channel with its current job; grinds in the test itself."""

    peer: Peer
    channel_id: int
    target: Target
    job: NewMiningJob
    tip: SetNewPrevHash
    #: The channel's group, by which the server may speak to it, too (spec 5.2.3).
    group_id: int = 0
    sequence: int = 0
    nonce: int = 0
    ahead: dict[int, NewMiningJob] = field(default_factory=dict)

    def follow(self, event: Event) -> None:
        """Take what the server says to this channel of jobs, tips and targets."""
        if getattr(event, "channel_id", self.channel_id) not in (self.channel_id, self.group_id):
            return  # another channel of this connection
        match event:
            case NewMiningJob(min_ntime=None):
                self.ahead[event.job_id] = event
            case NewMiningJob():
                self.job = event
            case SetNewPrevHash() if event.job_id in self.ahead:  # else it is the group's extended job
                self.job, self.tip, self.ahead = self.ahead[event.job_id], event, {}
            case SetTarget():
                self.target = target_from_wire(event.maximum_target)

    def catch_up(self) -> None:
        """Follow all that has come; answers to shares stay in `heard`."""
        while select.select([self.peer.socket], [], [], 0)[0]:
            self.peer.receive()
        heard, self.peer.heard = self.peer.heard, []
        for event in heard:
            if isinstance(event, SubmitSharesSuccess | SubmitSharesError):
                self.peer.heard.append(event)
            else:
                self.follow(event)

    def answer(self) -> SubmitSharesSuccess | SubmitSharesError:
        """The next answer to a share."""
        self.catch_up()
        while not self.peer.heard:
            self.peer.receive()
            self.catch_up()
        answer = self.peer.heard.pop(0)
        assert isinstance(answer, SubmitSharesSuccess | SubmitSharesError)
        return answer

    def share(self, good: bool = True, ntime: int = 0) -> SubmitSharesStandard:
        """A share that meets the target, or one that does not; with the job's time if none is given."""
        while True:
            self.nonce += 1
            if self.nonce % 4096 == 1:
                # A block may have been found meanwhile, and this work be stale.
                self.catch_up()
            at = ntime or max(self.tip.min_ntime, self.job.min_ntime or 0)
            header = header_bytes(
                self.job.version, self.tip.prev_hash, self.job.merkle_root, at, self.tip.nbits, self.nonce
            )
            digest = hashlib.sha256(hashlib.sha256(header).digest()).digest()
            if (int.from_bytes(digest, "little") <= self.target) is good:
                self.sequence += 1
                return SubmitSharesStandard(
                    self.channel_id, self.sequence, self.job.job_id, self.nonce, at, self.job.version
                )


def open_standard(connected: Peer, user: str = "tester", hashrate: float = 100.0) -> HeaderMiner:
    """Open a standard channel and take its first job. The hash rate is low, so that shares are easy."""
    connected.send(OpenStandardMiningChannel(1, user, hashrate, EASIEST))
    opened = connected.wait(OpenStandardMiningChannelSuccess)
    job = connected.wait(NewMiningJob)
    tip = connected.wait(SetNewPrevHash)
    return HeaderMiner(
        connected, opened.channel_id, target_from_wire(opened.target), job, tip, opened.group_channel_id
    )
