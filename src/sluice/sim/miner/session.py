"""One connection of a miner to a server, from the socket's opening to the reason why it ended.

Rule: bytes and deeds pass through, nothing is decided here (`client.py` does); every wait on the server ends.
"""

import asyncio
import errno
import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from sluice.noise.authority import PoolUrl
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sim.miner.deeds import Deed, Leave, Send
from sluice.sim.miner.rules import RuleBroken
from sluice.sim.miner.talk import talk_of
from sluice.sim.miner.tlv_client import TlvPlan
from sluice.sim.miner.work_unit import Share, WorkUnit
from sluice.sv2.connection import Secured
from sluice.wire.errors import RemoteProtocolError

CONNECT_SECONDS = 10.0
HANDSHAKE_SECONDS = 10.0
#: For our last words.
_PARTING_SECONDS = 0.3
_TICK_SECONDS = 0.5
_READ_AT_ONCE = 1 << 16
_ERRNO = re.compile(r"\[Errno (\d+)\]")
#: Shares are 60 bytes: a server that lets ten thousand pile up does not read.
_MAX_UNREAD = 1 << 20


class Kind(Enum):
    """Why a connection ended, as far as it matters for what to do next."""

    LOST = "lost"
    MOVED = "asked to reconnect"
    REFUSED = "refused"
    BROKEN = "rule broken"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended; `host` and `port` are where the server sends us, empty and 0 being where we are."""

    kind: Kind
    reason: str
    host: str = ""
    port: int = 0


class Session:
    """Use once: `run` is the connection's whole life, `submit` and `stop` are called meanwhile."""

    def __init__(self, url: PoolUrl, plan: ClientPlan | TlvPlan, perform: Callable[[Deed], None]) -> None:
        talk = talk_of(plan, url.authority_key)
        self.client = talk.client
        self._url = url
        self._perform = perform
        self._connection = talk.connection
        self._shakes = talk.shakes
        self._secured = False
        self._handshake_until = float("inf")  # runs from when there is a connection
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._writer: asyncio.StreamWriter | None = None

    async def run(self) -> Ending:
        """Connect and mine, until it ends."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._live()), group.create_task(self._tick())]
                ending = await self._ending
                for task in tasks:
                    task.cancel()
        finally:
            await self._part()
        return ending

    def submit(self, unit: WorkUnit, share: Share) -> bool:
        """Send in a share; False if nobody wants it any more."""
        deeds: Sequence[Deed] = []
        try:
            deeds = self.client.submit(unit, share)
        except RuleBroken as broken:
            self._end(Ending(Kind.BROKEN, str(broken)))
        self._carry_out(deeds)
        return bool(deeds)

    def stop(self) -> None:
        """Say goodbye and end."""
        if self._secured and not self._ending.done():
            self._carry_out(self.client.close("the miner stops"))
        self._end(Ending(Kind.STOPPED, "stopped"))

    async def _live(self) -> None:
        reader = await self._connect()
        if reader is not None and not self._shakes:
            self._begin()
        self._write()
        while reader is not None and not self._ending.done():
            try:
                data = await reader.read(_READ_AT_ONCE)
            except OSError as error:
                self._end(Ending(Kind.LOST, f"the connection broke: {error.strerror or error}"))
                return
            self._receive(data)

    async def _connect(self) -> asyncio.StreamReader | None:
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                reader, self._writer = await asyncio.open_connection(self._url.host, self._url.port)
        except TimeoutError:
            why = f"no answer in {CONNECT_SECONDS:g} s"
        except (OSError, UnicodeError) as error:
            why = why_unreached(error)
        else:
            self._handshake_until = time.monotonic() + HANDSHAKE_SECONDS
            return reader
        self._end(Ending(Kind.LOST, f"cannot connect to {self._url.endpoint}: {why}"))
        return None

    def _receive(self, data: bytes) -> None:
        """RemoteProtocolError and RuleBroken are endings; what came before them counts."""
        ending = None
        try:
            if data:
                self._connection.receive_data(data)
            else:
                self._connection.receive_eof()
        except RemoteProtocolError as error:
            ending = self._damage(str(error), lost=not data)
        try:
            for event in self._connection.events():
                now = time.monotonic()
                if isinstance(event, Secured):
                    self._begin()
                self._carry_out(self.client.receive(event, now))
        except RuleBroken as broken:
            ending = Ending(Kind.BROKEN, str(broken))
        if ending is not None:
            self._end(ending)

    def _begin(self) -> None:
        """Nothing is in the way of our first word any more."""
        self._secured = True
        self._carry_out(self.client.start(time.monotonic()))

    def _damage(self, reason: str, *, lost: bool) -> Ending:
        if lost:
            return Ending(Kind.LOST, f"the server closed the connection: {reason}")
        if not self._secured:
            return Ending(Kind.REFUSED, f"this is not the server that the URL names: {reason}")
        return Ending(Kind.BROKEN, f"the server broke the wire's rules: {reason}")

    async def _tick(self) -> None:
        while not self._ending.done():
            await asyncio.sleep(_TICK_SECONDS)
            now = time.monotonic()
            if not self._secured and now > self._handshake_until:
                self._end(Ending(Kind.LOST, f"no handshake in {HANDSHAKE_SECONDS:g} s"))
            try:
                self._carry_out(self.client.tick(now))
            except RuleBroken as broken:
                self._end(Ending(Kind.BROKEN, str(broken)))

    def _carry_out(self, deeds: Sequence[Deed]) -> None:
        for deed in deeds:
            if self._ending.done():
                return
            if isinstance(deed, Send):
                self._connection.send(deed.message, *([deed.tlvs] if deed.tlvs else []))
            elif isinstance(deed, Leave):
                kind = Kind.REFUSED if deed.refusal else Kind.MOVED if deed.moved else Kind.LOST
                self._end(Ending(kind, deed.reason, deed.host, deed.port))
            else:
                self._perform(deed)
        self._write()

    def _write(self) -> None:
        data = self._connection.data_to_send()
        if not data or self._writer is None or self._writer.is_closing():
            return
        self._writer.write(data)
        if self._writer.transport.get_write_buffer_size() > _MAX_UNREAD:
            self._end(Ending(Kind.LOST, "the server does not read what we send"))

    def _end(self, ending: Ending) -> None:
        if not self._ending.done():
            self._ending.set_result(ending)

    async def _part(self) -> None:
        if self._writer is None:
            return
        try:
            async with asyncio.timeout(_PARTING_SECONDS):
                await self._writer.drain()
                self._writer.close()
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()


def why_unreached(error: OSError | UnicodeError) -> str:
    """The reason in plain words: asyncio's own name each address that was tried, and the first one's will do."""
    if isinstance(error, UnicodeError):
        return "that is no host's name"
    number = _ERRNO.search(str(error))
    if number is None:  # the name was not found: no error of the system's own
        return error.strerror or str(error)
    refused = int(number[1]) == errno.ECONNREFUSED
    return "nobody listens there" if refused else os.strerror(int(number[1]))
