"""A template provider as its client hears it: messages of made-up templates, a talk without a socket, a provider
on a socket that says what a test wants.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, TypeVar

from sluice.bitcoin.network import REGTEST
from sluice.noise.authority import PoolUrl
from sluice.noise.certificate import issue_identity
from sluice.sv2.connection import Connection
from sluice.sv2.message import Message
from sluice.sv2.messages.common import SetupConnection, SetupConnectionSuccess
from sluice.sv2.messages.templates import (
    CoinbaseOutputConstraints,
    NewTemplate,
    RequestTransactionData,
    RequestTransactionDataSuccess,
    SetNewPrevHash,
)
from sluice.tdp.client import Deed, Leave, ProviderPlan, TemplateClient
from sluice.tdp.constraints import Constraints
from sluice.tdp.memory import Memory
from sluice.tdp.offer import new_prev_hash, new_template, transaction_data
from sluice.wire.errors import RemoteProtocolError
from sluice.wire.side import Side
from sluice.work.template import Template
from support.noise import AUTHORITY, AUTHORITY_SECRET, DAY, entropy, responder
from support.work import NTIME

M = TypeVar("M", bound=Message)

ROOM = Constraints(31, 4)
PLAN = ProviderPlan("provider.example", 8442, REGTEST, ROOM)


def future(template_id: int, template: Template) -> NewTemplate:
    return new_template(template_id, template, future=True)


def at_once(template_id: int, template: Template) -> NewTemplate:
    return new_template(template_id, template, future=False)


def tip(template_id: int, template: Template) -> SetNewPrevHash:
    return new_prev_hash(template_id, template)


def data(template_id: int, template: Template) -> RequestTransactionDataSuccess:
    return transaction_data(template_id, template)


class Talk:
    """A client and what came of what it heard."""

    def __init__(self, memory: Memory | None = None) -> None:
        self.memory = memory or Memory()
        self.now = 100.0
        self.unix_time = NTIME
        self.client = TemplateClient(PLAN, self.memory, count(1).__next__)
        self.deeds: list[Deed] = list(self.client.start(self.now))

    def begin(self) -> "Talk":
        """As far as templates flow."""
        assert self.hear(SetupConnectionSuccess(2, 0)) == [CoinbaseOutputConstraints(31, 4)]
        return self

    def hear(self, *events: Any) -> Sequence[Deed]:
        """What is done about these, in order."""
        deeds = [deed for event in events for deed in self.client.receive(event, self.now, self.unix_time)]
        self.deeds += deeds
        return deeds

    def work_on(self, template_id: int, template: Template) -> Template:
        """A provider offers its first template; what our own comes of it."""
        self.hear(future(template_id, template), tip(template_id, template))
        (made,) = self.hear(data(template_id, template))
        assert isinstance(made, Template)
        return made

    @property
    def sent(self) -> list[Message]:
        return [deed for deed in self.deeds if not isinstance(deed, Template | Leave)]

    @property
    def offered(self) -> list[Template]:
        return [deed for deed in self.deeds if isinstance(deed, Template)]


Answers = Callable[[Message], Sequence[Message]]


def usual(offered: Template) -> Answers:
    """What a lawful provider says that offers this template, and never another."""

    def answer(message: Message) -> Sequence[Message]:
        match message:
            case SetupConnection():
                return [SetupConnectionSuccess(2, 0)]
            case CoinbaseOutputConstraints():
                return [future(1, offered), tip(1, offered)]
            case RequestTransactionData():
                return [data(1, offered)]
        return []

    return answer


class ScriptedProvider:
    """A provider on some port of this machine that answers as a test tells it to; `heard` is all that came."""

    def __init__(self, answers: Answers, *, noise: bool = True) -> None:
        self.answers = answers
        self.heard: list[Message] = []
        self.connections: list[Connection] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.port = 0
        self._noise = noise
        self._identity = issue_identity(AUTHORITY_SECRET, int(time.time()), DAY, entropy("provider", 96))
        self._listening: asyncio.Server | None = None

    @property
    def url(self) -> PoolUrl:
        return PoolUrl("127.0.0.1", self.port, AUTHORITY if self._noise else None)

    def of(self, kind: type[M]) -> list[M]:
        return [message for message in self.heard if isinstance(message, kind)]

    def say(self, *messages: Message) -> None:
        """To whoever came last."""
        for message in messages:
            self.connections[-1].send(message)
        self.writers[-1].write(self.connections[-1].data_to_send())

    def cut(self) -> None:
        """Drop all connections."""
        for writer in self.writers:
            writer.transport.abort()

    async def listen(self) -> None:
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def leave(self) -> None:
        """Listen no more, and drop everybody."""
        if self._listening is not None:
            self._listening.close()
        self.cut()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(Side.SERVER, responder(self._identity) if self._noise else None)
        self.connections.append(connection)
        self.writers.append(writer)
        try:
            while received := await reader.read(65_536):
                connection.receive_data(received)
                for event in connection.events():
                    if isinstance(event, Message):
                        self.heard.append(event)
                        for answer in self.answers(event):
                            connection.send(answer)
                writer.write(connection.data_to_send())
        except (OSError, RemoteProtocolError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def providing(answers: Answers, *, noise: bool = True) -> AsyncIterator[ScriptedProvider]:
    provider = ScriptedProvider(answers, noise=noise)
    await provider.listen()
    try:
        yield provider
    finally:
        await provider.leave()
