"""A blvm-node's module API: one question at a time, over a connection that is made again when it is lost.

Rule: a node does not say no, it closes the connection (B4 of docs/blvm.md). What it closed on is not asked again
for a while, longer each time: asking costs all others their connection. What everything rests on is asked again.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from time import time
from typing import TypeVar

from sluice.blvm.connection import Answered, Identity
from sluice.blvm.envelopes import EventMessage, LogMessage
from sluice.blvm.events.types import EventType
from sluice.blvm.modules import Call, CliSpec, LogLevel, Result
from sluice.blvm.requests import (
    CallModule,
    GetBlock,
    GetBlockByHeight,
    GetBlockHeader,
    GetBlockHeight,
    GetBlockTemplate,
    GetChainTip,
    QueueReceivedBlock,
    RegisterCliSpec,
    RegisterModuleApi,
    Request,
    SubmitBlock,
    SubscribeEvents,
)
from sluice.blvm.responses import Response
from sluice.node.blvm.link import Link, LinkLost
from sluice.wire.errors import LocalProtocolError

A = TypeVar("A", bound=Response)

#: Without these there is nothing to mine on: they are asked again as soon as there is a connection.
VITAL = frozenset({GetChainTip, GetBlockHeight, GetBlockHeader, GetBlock, GetBlockByHeight})
#: Seconds after which a node that leaves something unanswered hangs. A template reads all coins, a call another module.
DEADLINES: dict[type[Request], float] = {
    GetBlockTemplate: 300.0,
    CallModule: 90.0,
    SubmitBlock: 60.0,
    QueueReceivedBlock: 60.0,
}
CALL_SECONDS = 20.0
PATIENCE = (0.02, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0)  # seconds between connections; the last for all that follow
#: Seconds for which what the node closed on is not asked; doubled each time. A block cannot wait: it may have been
#: the node's end that cost the connection.
SHUNNED_SECONDS, LONGEST_SHUNNED = 60.0, 3_600.0
SHUNNED_BLOCKS: dict[type[Request], float] = {QueueReceivedBlock: 1.0, SubmitBlock: 1.0}
#: A node counts a hundred a second for each module id, by the clock's seconds; the next one costs the connection.
QUESTIONS_PER_SECOND = 50


class Fault(Enum):
    """Why there is no answer."""

    UNREACHABLE = "unreachable"  # not even asked
    DROPPED = "dropped"  # it closed the connection instead
    SHUNNED = "shunned"  # it did so before, so it was not asked
    DECLINED = "declined"  # it said no
    ILLEGIBLE = "illegible"  # it did answer, and we cannot read that
    SILENT = "silent"  # it did not, in time
    UNSUITABLE = "unsuitable"  # this node's version knows no such question


class CallFailed(Exception):
    """There is no answer; `reason` is for people."""

    def __init__(self, request: Request, fault: Fault, reason: str) -> None:
        super().__init__(f"{request.wire_name}: {reason}")
        self.request = request
        self.fault = fault
        self.reason = reason


def _decline(call: Call) -> Result | str:
    return f"this module does not answer a {type(call).__name__}"


def _overhear(_event: EventMessage) -> None:
    return None


def _no_matter() -> None:
    return None


@dataclass(slots=True)
class Hooks:
    """Who is told what. All of them are called at once, in the loop, and must not wait.

    `invoked` answers what the node wants done, from what is known: the node cannot be asked meanwhile (B11).
    `gone`: there was a connection, and now nobody listens there any more: the node has ended.
    """

    invoked: Callable[[Call], Result | str] = _decline
    heard: Callable[[EventMessage], None] = _overhear
    gone: Callable[[], None] = _no_matter


@dataclass(frozen=True, slots=True)
class Attachment:
    """Where the node is, who we are, and what is told on each new connection, in this order."""

    socket: Path
    identity: Identity
    cli_spec: CliSpec | None = None
    subscribed: tuple[EventType, ...] = ()
    api_methods: tuple[str, ...] = ()

    @property
    def introductions(self) -> tuple[Request, ...]:
        """Without an optional call in it, if none was wished for: each could cost the connection."""
        wished: list[Request] = []
        if self.cli_spec is not None:
            wished.append(RegisterCliSpec(self.cli_spec))
        if self.subscribed:
            wished.append(SubscribeEvents(self.subscribed))  # once: a second time doubles every event
        if self.api_methods:
            wished.append(RegisterModuleApi(self.api_methods, 1))
        return tuple(wished)


@dataclass(slots=True)
class Shunned:
    """What the node closed on: for how long it is left alone next time, and until when this time."""

    seconds: float
    until: float = 0.0


@dataclass(slots=True)
class _Pace:
    """When the last questions left, so that no second holds too many."""

    left: deque[float] = field(default_factory=lambda: deque(maxlen=QUESTIONS_PER_SECOND))

    async def keep(self) -> None:
        now = asyncio.get_running_loop().time
        if len(self.left) == QUESTIONS_PER_SECOND:
            await asyncio.sleep(max(0.0, self.left[0] + 1.0 - now()))
        self.left.append(now())


class BlvmClient:
    """Mutable; one for each node. `hooks` may be changed at any time."""

    __slots__ = (
        "_attachment",
        "_closed",
        "_failures",
        "_heard_first",
        "_introduced",
        "_link",
        "_not_before",
        "_pace",
        "_shunned",
        "_turn",
        "_was_let_in",
        "hooks",
        "introductions",
        "node_version",
    )

    def __init__(self, attachment: Attachment, heard: Callable[[EventMessage], None] = _overhear) -> None:
        """`heard` is the adapter's, before that of the hooks."""
        self.hooks = Hooks()
        #: What the node last said it is; empty before.
        self.node_version = ""
        #: How often a node has let us in: another number is another connection, maybe to another node.
        self.introductions = 0
        self._attachment = attachment
        self._heard_first = heard
        self._turn = asyncio.Lock()  # fair: who came first is next
        self._link: Link | None = None
        self._introduced = False
        self._was_let_in = False
        self._failures = 0
        self._not_before = 0.0
        self._pace = _Pace()
        self._shunned: dict[type[Request], Shunned] = {}
        self._closed = False

    async def request(self, request: Request) -> Response:
        """The node's answer. Raises CallFailed. Waits as long as it takes until the node lets us in."""
        async with self._turn:
            return await self._request(request)

    async def ask(self, request: Request, kind: type[A]) -> A:
        """As `request`, for an answer of one kind."""
        answer = await self.request(request)
        if not isinstance(answer, kind):
            raise CallFailed(request, Fault.ILLEGIBLE, f"it is answered with {type(answer).__name__}")
        return answer

    def log(self, level: LogLevel, text: str) -> bool:
        """A line for the node's log; False if there is no connection now."""
        name = self._attachment.identity.module_name
        line = LogMessage(level, self._attachment.identity.module_id, text, name, int(time()))
        return self._link is not None and self._link.log(line)

    @property
    def connected(self) -> bool:
        """Whether the node has let us in."""
        return self._link is not None and self._link.lost is None and self._introduced

    @property
    def waiting(self) -> bool:
        """Whether the node is there and has not answered our handshake: it serves one module at a time (B1)."""
        return self._link is not None and self._link.lost is None and not self._introduced

    def close(self) -> None:
        """Let go of the node. Asked again, it is unreachable."""
        self._closed = True
        if self._link is not None:
            self._link.close()
            self._link = None

    async def _request(self, request: Request) -> Response:
        shunned = self._shunned.get(type(request))
        if shunned is not None and asyncio.get_running_loop().time() < shunned.until:
            raise CallFailed(request, Fault.SHUNNED, "the node closed the connection when it was asked that")
        link = await self._linked(request)
        answer = await self._asked(link, request)
        self._shunned.pop(type(request), None)
        return answer

    async def _linked(self, request: Request) -> Link:
        """A connection on which we are introduced."""
        while True:
            link = self._link
            if link is None or link.lost is not None:
                link = await self._connected(request)
            try:
                self.node_version = await link.ready()
            except LinkLost as lost:
                self._lost()
                raise CallFailed(request, Fault.UNREACHABLE, f"not let in: {lost.reason}") from None
            self._was_let_in = True
            if self._introduced:
                return link
            await self._introduce(link)
            self.introductions += 1

    async def _connected(self, request: Request) -> Link:
        if self._closed:
            raise CallFailed(request, Fault.UNREACHABLE, "the connection was given up on our side")
        if self._link is not None and self._link.lost is not None and self._link.lost.unanswered is not None:
            self._shun(self._link.lost.unanswered)  # who asked it had lost patience
        self._link, self._introduced = None, False
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._not_before - loop.time()))
        path = self._attachment.socket
        try:
            link = Link(path, self._attachment.identity, self._heard, self._invoked)
        except OSError as error:
            self._lost()
            if self._was_let_in and not isinstance(error, BlockingIOError):
                self._was_let_in = False
                self._shunned.clear()  # the next one may be another, or have another configuration
                self.hooks.gone()
            reason = f"nobody answers at {path} ({error.strerror or error})"
            raise CallFailed(request, Fault.UNREACHABLE, reason) from error
        self._link = link
        return link

    async def _introduce(self, link: Link) -> None:
        """What each new connection begins with; what the node closes on is left out next time."""
        now = asyncio.get_running_loop().time
        for introduction in self._attachment.introductions:
            shunned = self._shunned.get(type(introduction))
            if shunned is not None and now() < shunned.until:
                continue
            try:
                await self._asked(link, introduction)
            except CallFailed:
                if self._link is not link or link.lost is not None:
                    return
        self._introduced = True

    async def _asked(self, link: Link, request: Request) -> Response:
        """One question on one connection. A wait that is cancelled leaves it open: the next has to wait for it."""
        deadline = DEADLINES.get(type(request), CALL_SECONDS)
        try:
            async with asyncio.timeout(deadline):
                await link.settled()
                await self._pace.keep()
                answer = await link.ask(request)
        except TimeoutError:
            link.close(f"{request.wire_name} was not answered within {deadline:g} s")
            self._shun(request)
            raise CallFailed(request, Fault.SILENT, f"no answer within {deadline:g} s") from None
        except LocalProtocolError as error:
            raise CallFailed(request, Fault.UNSUITABLE, str(error)) from None
        except LinkLost as lost:
            raise self._dropped(request, lost) from None
        self._failures = 0
        return _payload(answer)

    def _dropped(self, request: Request, lost: LinkLost) -> CallFailed:
        self._lost()
        self._link = None
        if lost.unanswered is None:
            return CallFailed(request, Fault.UNREACHABLE, lost.reason)
        self._shun(lost.unanswered)
        return CallFailed(request, Fault.DROPPED, f"{lost.reason} instead of an answer")

    def _lost(self) -> None:
        pause = PATIENCE[min(self._failures, len(PATIENCE) - 1)]
        self._not_before = asyncio.get_running_loop().time() + pause
        self._failures += 1

    def _shun(self, request: Request) -> None:
        if type(request) in VITAL:
            return
        shunned = self._shunned.setdefault(
            type(request), Shunned(SHUNNED_BLOCKS.get(type(request), SHUNNED_SECONDS))
        )
        shunned.until = asyncio.get_running_loop().time() + shunned.seconds
        shunned.seconds = min(2 * shunned.seconds, LONGEST_SHUNNED)

    def _heard(self, event: EventMessage) -> None:
        self._heard_first(event)
        self.hooks.heard(event)

    def _invoked(self, call: Call) -> Result | str:
        return self.hooks.invoked(call)


def _payload(answer: Answered) -> Response:
    if answer.payload is None:
        fault = Fault.DECLINED if answer.legible else Fault.ILLEGIBLE
        raise CallFailed(answer.request, fault, answer.reason)
    return answer.payload
