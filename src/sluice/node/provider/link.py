"""One connection to a template provider: bytes and messages pass through, `tdp/client.py` decides.

Rule: every wait has a deadline; however it ends, it ends with one LinkLost whose sentence names the way out.
"""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from os import strerror, urandom
from time import monotonic, time

from sluice.noise.authority import PoolUrl
from sluice.noise.handshake import Initiator
from sluice.sv2.connection import Connection, Secured
from sluice.sv2.message import Message
from sluice.tdp.client import Deed, Leave, TemplateClient
from sluice.tdp.taken import ProviderError
from sluice.wire.errors import LocalProtocolError, RemoteProtocolError
from sluice.wire.side import Side
from sluice.work.template import Template

CONNECT_SECONDS = 10.0
HANDSHAKE_SECONDS = 10.0
#: How exactly the other deadlines are kept.
TICK_SECONDS = 0.5
PARTING_SECONDS = 0.3
READ_AT_ONCE = 1 << 18
#: A provider that leaves so much unread hangs: a solution has 64 KiB at most.
MOST_UNREAD = 1 << 20
#: A machine that is gone says nothing, and a provider may say nothing for an hour: the kernel asks, in seconds.
KEEPALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3}


class LinkLost(Exception):
    """Why there is no connection. `stops`: waiting will not mend it; `moved`: where the provider sends us."""

    def __init__(self, reason: str, *, stops: bool = False, moved: tuple[str, int] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.stops = stops
        self.moved = moved


@dataclass(frozen=True, slots=True)
class Way:
    """Where a provider listens and whose key it must show; `plain` is without encryption (spec 4: near by only)."""

    url: PoolUrl
    plain: bool = False


class Link:
    """Use once: `open`, then `hear` again and again; `send` and `close` are called meanwhile."""

    def __init__(self, way: Way, client: TemplateClient) -> None:
        self._way = way
        self._client = client
        self._connection = Connection(Side.CLIENT, None if way.plain else self._initiator())
        self._secured = way.plain
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._templates: list[Template] = []
        #: Set whenever something has come, and when it is over.
        self.news = asyncio.Event()
        #: Blocks whose solutions went this way.
        self.solved: set[bytes] = set()

    async def open(self) -> None:
        """Connect, and set up the connection. Raises LinkLost."""
        await self._connect()
        until = monotonic() + HANDSHAKE_SECONDS
        if self._secured:
            self._begin()
        self._write()
        while not self._client.set_up:
            if not self._secured and monotonic() >= until:
                raise self._lost(f"gives no handshake in {HANDSHAKE_SECONDS:g} s; is it without encryption?")
            await self._hear()

    async def hear(self) -> list[Template]:
        """What the provider has for us next; nothing for a while is an empty list. Raises LinkLost."""
        if not self._templates:
            await self._hear()
            self._carry_out(self._client.held_back(monotonic()))
        heard, self._templates = self._templates, []
        return heard

    def again(self) -> Template | None:
        """What was heard last, as fresh as it is now."""
        return self._client.again(monotonic())

    def send(self, message: Message) -> bool:
        """Whether it is on its way."""
        try:
            self._connection.send(message)
        except LocalProtocolError:  # not set up yet, or over
            return False
        self._write()
        return self._writer is not None and not self._writer.is_closing()

    async def close(self) -> None:
        """Say no more."""
        self.news.set()
        if self._writer is None:
            return
        try:
            async with asyncio.timeout(PARTING_SECONDS):
                self._writer.close()
                await self._writer.wait_closed()
        except (OSError, TimeoutError):
            self._writer.transport.abort()

    def _initiator(self) -> Initiator:
        return Initiator(self._way.url.authority_key, int(time()), urandom(32), urandom(32))

    async def _connect(self) -> None:
        url = self._way.url
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._reader, self._writer = await asyncio.open_connection(url.host, url.port)
        except TimeoutError:
            why = f"no answer in {CONNECT_SECONDS:g} s"
        except (OSError, UnicodeError) as error:
            number = getattr(error, "errno", None)
            why = strerror(number) if isinstance(number, int) and number > 0 else str(error)
        else:
            _keep_alive(self._writer.get_extra_info("socket"))
            return
        raise LinkLost(
            f"no template provider answers at {url.endpoint} ({why}): start it, or correct the node's url; it is "
            "tried again"
        )

    def _begin(self) -> None:
        self._carry_out(self._client.start(monotonic()))

    async def _hear(self) -> None:
        """What one read brings, or a look at the clock."""
        assert self._reader is not None  # `open` comes first
        try:
            async with asyncio.timeout(TICK_SECONDS):
                data = await self._reader.read(READ_AT_ONCE)
        except TimeoutError:
            if late := self._client.overdue(monotonic()):
                raise self._lost(late) from None
            return
        except OSError as error:
            raise self._lost(f"is gone ({error.strerror or error})") from None
        self._receive(data)
        self.news.set()

    def _receive(self, data: bytes) -> None:
        """What came before a broken rule counts."""
        broken = ""
        try:
            if data:
                self._connection.receive_data(data)
            else:
                self._connection.receive_eof()
        except RemoteProtocolError as error:
            broken = str(error)
        try:
            for event in self._connection.events():
                if isinstance(event, Secured):
                    self._secured = True
                    self._begin()
                self._carry_out(self._client.receive(event, monotonic(), int(time())))
        except ProviderError as error:
            raise self._lost(f"says what cannot be ({error}): it is not believed any more") from error
        self._write()
        if not broken:
            return
        if not self._secured and data:
            raise LinkLost(
                f"what listens at {self._way.url.endpoint} is not the provider that is wanted ({broken}): correct "
                "the node's url, its key at the end, or whether it is encrypted",
                stops=True,
            )
        raise self._lost(broken)

    def _carry_out(self, deeds: Sequence[Deed]) -> None:
        for deed in deeds:
            if isinstance(deed, Template):
                self._templates.append(deed)
            elif isinstance(deed, Leave):
                self._write()
                raise self._lost(deed.reason, stops=deed.refused, moved=deed.moved)
            else:
                self._connection.send(deed)

    def _write(self) -> None:
        data = self._connection.data_to_send()
        if not data or self._writer is None or self._writer.is_closing():
            return
        self._writer.write(data)
        if self._writer.transport.get_write_buffer_size() > MOST_UNREAD:
            self._writer.transport.abort()

    def _lost(self, what: str, *, stops: bool = False, moved: tuple[str, int] | None = None) -> LinkLost:
        way_out = "correct the node's url" if stops else "look into its log; it is tried again"
        if moved:
            way_out = "so we do"
        return LinkLost(
            f"the template provider at {self._way.url.endpoint} {what}: {way_out}", stops=stops, moved=moved
        )


def _keep_alive(plug: socket.socket) -> None:
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        with suppress(AttributeError, OSError):  # not every system has all of them
            plug.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
