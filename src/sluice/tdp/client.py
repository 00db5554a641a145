"""The brain of a template provider's client: its messages in, what is to be done out (spec 7).

    SetupConnection ─► CoinbaseOutputConstraints ─► RequestTransactionData for each NewTemplate, at once
    NewTemplate + its transactions + its tip = a Template of ours

Rule: it does no IO; `now` is in steady seconds. A provider that lies makes it raise ProviderError, and costs no
more than its own connection: what it may have us keep and compute is bounded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sluice.bitcoin.network import Network, subsidy
from sluice.pool.state import MAX_NTIME_AHEAD
from sluice.sv2.connection import Event, PeerClosed, Refused, Secured, Tagged, Unknown
from sluice.sv2.flags import Protocol
from sluice.sv2.message import Message
from sluice.sv2.messages.common import (
    ChannelEndpointChanged,
    Reconnect,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
)
from sluice.sv2.messages.templates import (
    CoinbaseOutputConstraints,
    NewTemplate,
    RequestTransactionData,
    RequestTransactionDataError,
    RequestTransactionDataSuccess,
    SetNewPrevHash,
)
from sluice.tdp.constraints import Constraints
from sluice.tdp.memory import Memory
from sluice.tdp.solution import Place
from sluice.tdp.taken import ProviderError, Taken, Turn, Whole, checked, taken, turn_to
from sluice.version import VERSION
from sluice.work.template import Template

SV2_VERSION = 2
#: Seconds for the answer to SetupConnection.
SETUP_SECONDS = 10.0
#: Seconds for a template that can be mined on, once we have asked for one or the tip has changed; and for the
#: transactions of one: some MiB, from a machine that may be far.
WORK_SECONDS = 30.0
#: Templates kept of one connection; more than a pool mines on, less than 100 KiB without their transactions.
MOST_KEPT = 64
#: Of these, templates for tips to come; a provider has one or two.
MOST_FUTURE = 8
#: Requests for transactions on their way: each answer can be a whole block.
MOST_ASKED = 4
#: Templates on one tip that are made ours as they come (the empty one, the whole one, a better one), and seconds between
#: those that follow: each of them is a job for every miner.
AT_ONCE, CALM_SECONDS = 3, 1.0
#: Messages in so many seconds, beyond which a provider floods us. On regtest, thirty blocks a second are 2,000.
MOST_MESSAGES, FLOOD_SECONDS = 2_000, 10.0


@dataclass(frozen=True, slots=True)
class ProviderPlan:
    """What to ask of which provider. `network` says what a block pays: the protocol does not name it."""

    host: str
    port: int
    network: Network
    constraints: Constraints


@dataclass(frozen=True, slots=True)
class Leave:
    """End the connection. `refused`: not wanted here, and hardly ever. `moved` is where the provider sends us."""

    reason: str
    refused: bool = False
    moved: tuple[str, int] | None = None


Deed = Message | Template | Leave


@dataclass(slots=True)
class _Entry:
    """One template of the provider, in all its states. Mutable."""

    number: int
    taken: Taken
    turn: Turn | None  # None: for a tip to come
    whole: Whole | None = None


class TemplateClient:
    """One connection to a provider. Mutable; one owner."""

    __slots__ = (
        "_counted",
        "_current",
        "_entries",
        "_held",
        "_memory",
        "_new_id",
        "_offered",
        "_owed",
        "_pace",
        "_plan",
        "_received",
        "_turn",
        "_waiting",
        "set_up",
    )

    def __init__(self, plan: ProviderPlan, memory: Memory, new_id: Callable[[], int]) -> None:
        """`new_id` gives our own template ids: one counter for all nodes of a process."""
        self.set_up = False
        self._plan = plan
        self._memory = memory
        self._new_id = new_id
        self._entries: dict[int, _Entry] = {}
        self._received = 0  # templates, which numbers them
        self._owed: dict[int, float] = {}  # templates whose transactions were asked for, and when
        self._turn: Turn | None = None
        self._offered = 0  # the number of the newest template that was made ours
        self._current: _Entry | None = None  # that template
        self._held: _Entry | None = None  # one that came too soon after it
        self._pace = (0, 0.0)  # how many were made ours on this tip, and when the last was
        self._waiting: tuple[float, str] | None = None
        self._counted = (0.0, 0)

    def start(self, now: float) -> list[Deed]:
        """The first message (spec 3.6.1). The protocol has no flags."""
        self._waiting = (now + SETUP_SECONDS, "does not answer SetupConnection")
        endpoint = (self._plan.host[:255], self._plan.port)
        protocol = int(Protocol.TEMPLATE_DISTRIBUTION)
        device = ("Sluice", "server", VERSION, "")
        return [SetupConnection(protocol, SV2_VERSION, SV2_VERSION, 0, *endpoint, *device)]

    def receive(self, event: Event, now: float, unix_time: int) -> Sequence[Deed]:
        """What to do about an event of the connection. ProviderError is final."""
        self._count(now)
        if isinstance(event, PeerClosed):
            return [Leave("closed the connection")]
        if isinstance(event, Secured | Unknown | Refused | ChannelEndpointChanged):
            return []
        message = event.message if isinstance(event, Tagged) else event
        if isinstance(message, SetNewPrevHash):
            return self._new_tip(message, now, unix_time)
        reaction = _REACTIONS.get(type(message))
        if reaction is None:
            raise ProviderError(f"{message.wire_name} on a connection for templates")
        return reaction(self, message, now)

    def held_back(self, now: float) -> list[Deed]:
        """What came too soon after another, once its time has come."""
        return [] if self._held is None else self._offer(self._held, now)

    def again(self, now: float) -> Template | None:
        """The template of the moment once more, as its time has gone on; None if there is none."""
        entry = self._current
        if entry is None or entry.turn is not self._turn or entry.turn is None or entry.whole is None:
            return None
        return self._ours(entry.whole, entry.turn, now)

    def overdue(self, now: float) -> str:
        """What the provider owes us for too long; empty while it does not."""
        if self._waiting is not None and now >= self._waiting[0]:
            return self._waiting[1]
        late = [number for number, asked_at in self._owed.items() if now - asked_at >= WORK_SECONDS]
        return f"does not give the transactions of template {late[0]}" if late else ""

    # ── setting up ──

    def _accepted(self, message: SetupConnectionSuccess, now: float) -> list[Deed]:
        if message.used_version != SV2_VERSION:
            raise ProviderError(f"it uses version {message.used_version}, we offered {SV2_VERSION}")
        self.set_up = True
        self._await_work(now)
        room = self._plan.constraints
        return [CoinbaseOutputConstraints(room.size, room.sigops)]

    def _refused(self, message: SetupConnectionError, _now: float) -> list[Deed]:
        return [Leave(f"refuses the connection: {message.error_code}", refused=True)]

    def _reconnect(self, message: Reconnect, _now: float) -> list[Deed]:
        home = self._plan
        moved = (message.new_host or home.host, message.new_port or home.port)
        return [Leave("asks to connect anew", moved=moved)]

    # ── templates ──

    def _new_template(self, message: NewTemplate, now: float) -> list[Deed]:
        one = taken(message)
        turn = None if message.future_template else self._turn
        if not message.future_template:
            if turn is None:
                raise ProviderError("NewTemplate to be mined at once, before any SetNewPrevHash")
            if one.height != turn.height:
                raise ProviderError(f"NewTemplate of height {one.height} on a tip for {turn.height}")
        self._received += 1
        self._entries.pop(one.template_id, None)
        entry = self._entries[one.template_id] = _Entry(self._received, one, turn)
        self._forget()
        if not message.merkle_path:
            return self._complete(entry, (), now)
        return self._ask(now)

    def _new_tip(self, message: SetNewPrevHash, now: float, unix_time: int) -> list[Deed]:
        entry = self._entries.get(message.template_id)
        if entry is None:
            raise ProviderError(f"SetNewPrevHash for template {message.template_id}, which it never sent")
        turn = turn_to(message, entry.taken.height, now, unix_time + MAX_NTIME_AHEAD)
        self._turn = entry.turn = turn
        self._memory.turn(turn.height - 1, message.prev_hash)
        for other in list(self._entries.values()):
            if other.turn is not turn and (other.turn or other.taken.height <= turn.height):
                del self._entries[other.taken.template_id]
        self._offered, self._pace, self._held = 0, (0, 0.0), None
        self._await_work(now)
        return self._offer(entry, now) if entry.whole else self._ask(now)

    def _transactions(self, message: RequestTransactionDataSuccess, now: float) -> list[Deed]:
        self._answered(message.template_id)
        entry = self._entries.get(message.template_id)
        if entry is None:  # the tip has changed since
            return self._ask(now)
        return [*self._complete(entry, message.transaction_list, now), *self._ask(now)]

    def _no_transactions(self, message: RequestTransactionDataError, now: float) -> list[Deed]:
        self._answered(message.template_id)
        entry = self._entries.pop(message.template_id, None)
        if entry is None or entry.turn is None or self._offered:
            return self._ask(now)
        word = message.error_code[:40]
        return [Leave(f"does not give the transactions of its template {message.template_id}: {word}")]

    def _complete(self, entry: _Entry, raws: tuple[bytes, ...], now: float) -> list[Deed]:
        entry.whole = Whole(entry.taken, checked(entry.taken, raws, self._memory.known))
        return self._offer(entry, now)

    def _offer(self, entry: _Entry, now: float) -> list[Deed]:
        """Make it ours, if its tip is there and nothing newer is."""
        turn, whole = entry.turn, entry.whole
        if turn is None or whole is None or self._superseded(entry):
            return []
        self._offered = entry.number
        self._waiting = None
        count, last = self._pace
        if count >= AT_ONCE and now - last < CALM_SECONDS:
            self._held = entry
            return []
        self._held, self._pace = None, (count + 1, now)
        message, tip = entry.taken.message, turn.message
        self._memory.keep(
            Place(message.template_id, tip.prev_hash, tip.nBits, message.version, message.merkle_path)
        )
        self._current = entry
        return [self._ours(whole, turn, now)]

    def _ours(self, whole: Whole, turn: Turn, now: float) -> Template:
        return whole.on(turn, now, self._new_id(), subsidy(turn.height, self._plan.network))

    # ── bounds ──

    def _answered(self, template_id: int) -> None:
        if self._owed.pop(template_id, None) is None:
            raise ProviderError(f"transactions of template {template_id}, which nobody asked for")

    def _ask(self, now: float) -> list[Deed]:
        """Ask for the transactions of what has none: for the tip that is there first, the newest first."""
        wanted = [
            entry
            for entry in self._entries.values()
            if not (entry.whole or entry.taken.template_id in self._owed or self._superseded(entry))
        ]
        wanted.sort(key=lambda entry: (entry.turn is None, -entry.number))
        asked = [entry.taken.template_id for entry in wanted[: MOST_ASKED - len(self._owed)]]
        self._owed.update(dict.fromkeys(asked, now))
        return [RequestTransactionData(template_id) for template_id in asked]

    def _superseded(self, entry: _Entry) -> bool:
        return entry.turn is not None and entry.number < self._offered

    def _forget(self) -> None:
        future = [key for key, entry in self._entries.items() if entry.turn is None]
        for key in future[:-MOST_FUTURE]:
            del self._entries[key]
        for key in list(self._entries)[:-MOST_KEPT]:
            del self._entries[key]

    def _await_work(self, now: float) -> None:
        self._waiting = (now + WORK_SECONDS, "gives no template to work on")

    def _count(self, now: float) -> None:
        since, count = self._counted
        if now - since >= FLOOD_SECONDS:
            since, count = now, 0
        self._counted = (since, count + 1)
        if count >= MOST_MESSAGES:
            raise ProviderError(f"floods us with more than {MOST_MESSAGES} messages in {FLOOD_SECONDS:g} s")


_REACTIONS: dict[type[Message], Callable[[TemplateClient, Any, float], list[Deed]]] = {
    SetupConnectionSuccess: TemplateClient._accepted,
    SetupConnectionError: TemplateClient._refused,
    Reconnect: TemplateClient._reconnect,
    NewTemplate: TemplateClient._new_template,
    RequestTransactionDataSuccess: TemplateClient._transactions,
    RequestTransactionDataError: TemplateClient._no_transactions,
}
