"""The brain of our template provider: something happened, at a time; these are the effects (spec 7).

    node ─► Offered ─► NewTemplate, SetNewPrevHash ─► clients
    clients ─► SubmitSolution ─► a found block, on the same way as any other

Rule: on a new tip the small message leaves first, for everybody, before anything else is done. A client is served
at its own cost: it waits in no other one's place, and is sent away for asking too much.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.network import Network, subsidy
from sluice.bitcoin.target import difficulty, target_from_nbits
from sluice.pool.candidates import BLOCK_REACTIONS, Candidates
from sluice.pool.effects import Broadcast, Close, Effect, Send, Tell
from sluice.pool.events import (
    BlockFound,
    Draining,
    NodeRecovered,
    NodeTroubled,
    PeerConnected,
    SetupRefused,
    TemplateRefreshed,
    TipChanged,
)
from sluice.pool.inputs import (
    Connected,
    Drain,
    Gone,
    Input,
    Offered,
    PeerId,
    Said,
    Ticked,
    Troubled,
)
from sluice.sv2 import codes
from sluice.sv2.connection import Tagged
from sluice.sv2.flags import Protocol
from sluice.sv2.messages.common import (
    Reconnect,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
)
from sluice.sv2.messages.extensions import RequestExtensions, RequestExtensionsError
from sluice.sv2.messages.templates import (
    CoinbaseOutputConstraints,
    RequestTransactionData,
    RequestTransactionDataError,
    SubmitSolution,
)
from sluice.tdp.client import SV2_VERSION
from sluice.tdp.constraints import Constraints
from sluice.tdp.events import ClientArrived, ClientLeft, RoomAsked, SolutionRefused
from sluice.tdp.fit import possible
from sluice.tdp.offer import new_prev_hash, new_template, transaction_data
from sluice.tdp.shelf import Shelf
from sluice.tdp.solution import Finder, found_block
from sluice.tdp.visitor import Visitor
from sluice.work.template import Template

#: Seconds between two looks at who is late, and at fees that wait to be told.
LOOK_SECONDS = 0.25
#: What a template of one's own counts for, in bytes of an allowance: to cut a whole block takes as long as to send it.
FIT_COST = 1 << 20
#: Numbers of templates begin with the time of the start: those of another run mean nothing in this one.
IDS_A_SECOND = 1 << 20

#: Why a SetupConnection is refused: test, word, flags of the answer. The first that applies. There are no flags.
_REFUSALS: Sequence[tuple[Callable[[SetupConnection], bool], str, int]] = (
    (lambda m: m.protocol != Protocol.TEMPLATE_DISTRIBUTION, codes.UNSUPPORTED_PROTOCOL, 0),
    (lambda m: not m.min_version <= SV2_VERSION <= m.max_version, codes.PROTOCOL_VERSION_MISMATCH, 0),
    (lambda m: bool(m.flags), codes.UNSUPPORTED_FEATURE_FLAGS, 0xFFFF_FFFF),
)


@dataclass(frozen=True, slots=True)
class DeskPolicy:
    """What an operator may set; times in seconds, `fee_growth` in satoshis."""

    #: How much more a template on the same tip must pay to be sent, and how long after the one before at least.
    fee_growth: int = 1_000
    pause: float = 5.0
    #: From the handshake to SetupConnection, and from there to CoinbaseOutputConstraints.
    setup: float = 10.0


class Desk:
    """Mutable; one owner feeds it, in order."""

    def __init__(self, policy: DeskPolicy, network: Network, unix_time: int) -> None:
        self.policy = policy
        self.shelf = Shelf(lambda height: subsidy(height, network), count(unix_time * IDS_A_SECOND).__next__)
        self.candidates = Candidates(unix_time)
        self.visitors: dict[PeerId, Visitor] = {}
        self.unix_time = unix_time
        self.trouble: str | None = None
        self.draining = False
        self._pushed_at = 0.0
        self._look_at = 0.0

    def react(self, happened: Input, now: float) -> Iterable[Effect]:
        """What is to be done about `happened`; `now` is in steady seconds. Perform each in turn, and all of them."""
        reaction = _REACTIONS.get(type(happened))
        return () if reaction is None else reaction(self, happened, now)

    # ── clients come and go ──

    def connected(self, happened: Connected, now: float) -> Iterator[Effect]:
        visitor = self.visitors[happened.peer] = Visitor(happened.peer, happened.address, now)
        if self.draining:
            yield from self._dismiss(visitor, "draining")
        else:
            yield Tell(PeerConnected(happened.peer, happened.address))

    def gone(self, happened: Gone, now: float) -> Iterator[Effect]:
        visitor = self.visitors.pop(happened.peer, None)
        if visitor is not None:
            yield Tell(ClientLeft(visitor.peer, visitor.address, happened.reason, visitor.solutions))

    def said(self, happened: Said, now: float) -> Iterator[Effect]:
        visitor = self.visitors.get(happened.peer)
        if visitor is None:
            return
        if not visitor.may(now):
            yield from self._dismiss(visitor, "too many requests")
            return
        event = happened.event.message if isinstance(happened.event, Tagged) else happened.event
        reply = _MESSAGES.get(type(event))
        if reply is not None:
            yield from reply(self, visitor, event, now)

    def set_up(self, visitor: Visitor, message: SetupConnection, now: float) -> Iterator[Effect]:
        """Spec 3.6.1 to 3.6.3."""
        for applies, word, flags in _REFUSALS:
            if applies(message):
                yield Send(visitor.peer, SetupConnectionError(flags, word))
                yield Tell(SetupRefused(visitor.peer, visitor.address, word))
                yield from self._dismiss(visitor, f"setup refused: {word}")
                return
        visitor.set_up_at, visitor.vendor = now, message.vendor
        yield Send(visitor.peer, SetupConnectionSuccess(SV2_VERSION, 0))
        device = (message.vendor, message.hardware_version, message.firmware)
        yield Tell(ClientArrived(visitor.peer, visitor.address, *device))

    def extend(self, visitor: Visitor, message: RequestExtensions, now: float) -> Iterator[Effect]:
        """There is no extension of this chapter."""
        yield Send(visitor.peer, RequestExtensionsError(message.request_id, message.requested_extensions, ()))

    # ── templates ──

    def constrain(self, visitor: Visitor, message: CoinbaseOutputConstraints, now: float) -> Iterator[Effect]:
        """The current best template at once, for what the client needs from now on (spec 7.1)."""
        wanted = Constraints(
            message.coinbase_output_max_additional_size, message.coinbase_output_max_additional_sigops
        )
        if not possible(wanted):
            yield from self._dismiss(visitor, "wants more room than a block has")
            return
        if not visitor.may(now, FIT_COST):
            yield from self._dismiss(visitor, "changes its mind too often")
            return
        visitor.constraints = wanted
        yield Tell(RoomAsked(visitor.peer, wanted.size, wanted.sigops))
        if self.shelf.current is not None:
            yield from self._begin(wanted, (visitor.peer,))
            if visitor.looks_ahead:
                yield self._ahead((visitor.peer,))

    def offered(self, happened: Offered, now: float) -> Iterator[Effect]:
        template = happened.template
        if self.trouble is not None:
            self.trouble = None
            yield Tell(NodeRecovered(template.height))
        if self.shelf.is_new_tip(template):
            yield from self._turn(template, now)
        elif self.shelf.hold(template) >= self.policy.fee_growth:
            yield from self._push_due(now)

    def _turn(self, template: Template, now: float) -> Iterator[Effect]:
        prepared = self.shelf.turn(template)
        served = [visitor for visitor in self.visitors.values() if visitor.constraints]
        ahead = tuple(visitor.peer for visitor in served if visitor.looks_ahead)
        if prepared is not None:
            yield Broadcast(ahead, new_prev_hash(prepared.template_id, template), urgent=True)
        self.candidates.look_again(now)
        self._pushed_at = now
        turned = frozenset(ahead if prepared else ())
        for constraints, peers in _grouped(visitor for visitor in served if visitor.peer not in turned):
            yield from self._begin(constraints, peers)
        yield from self._push(visitor for visitor in served if visitor.peer in turned)
        if ahead:
            yield self._ahead(ahead)
        shown = float(difficulty(target_from_nbits(template.nbits)))
        told = (to_display(template.prev_hash), shown, len(template.transactions), template.coinbase_value)
        yield Tell(TipChanged(template.height, *told))

    def _begin(self, constraints: Constraints, peers: Sequence[PeerId]) -> Iterator[Effect]:
        """Everything that a client has to know of this tip, which it may not have heard of."""
        whole = self.shelf.fit(constraints)
        yield Broadcast(peers, new_template(whole.template_id, whole.template, future=True))
        yield Broadcast(peers, new_prev_hash(whole.template_id, whole.template))

    def _ahead(self, peers: Sequence[PeerId]) -> Effect:
        """What the next tip will turn them to."""
        ahead = self.shelf.look_ahead()
        return Broadcast(peers, new_template(ahead.template_id, ahead.template, future=True))

    def _push_due(self, now: float) -> Iterator[Effect]:
        """Tell everybody of fees that have grown, unless it is too soon: then a tick does."""
        newest, current = self.shelf.latest, self.shelf.current
        if newest is None or current is None or now - self._pushed_at < self.policy.pause:
            return
        if newest.coinbase_value - current.coinbase_value < self.policy.fee_growth:
            return
        self._pushed_at = now
        self.shelf.renew()
        yield from self._push(self.visitors.values())
        yield Tell(TemplateRefreshed(newest.height, len(newest.transactions), newest.coinbase_value))

    def _push(self, visitors: Iterable[Visitor]) -> Iterator[Effect]:
        for constraints, peers in _grouped(visitors):
            whole = self.shelf.fit(constraints)
            yield Broadcast(peers, new_template(whole.template_id, whole.template, future=False))

    # ── what clients ask for, and what they find ──

    def give_data(self, visitor: Visitor, message: RequestTransactionData, now: float) -> Iterator[Effect]:
        """Spec 7.4 to 7.6."""
        number, current, ahead = message.template_id, self.shelf.current, self.shelf.ahead
        template = ahead.template if ahead and ahead.template_id == number else self.shelf.find(number)
        if template is None or current is None:
            yield Send(visitor.peer, RequestTransactionDataError(number, codes.TEMPLATE_ID_NOT_FOUND))
        elif template.prev_hash != current.prev_hash:
            yield Send(visitor.peer, RequestTransactionDataError(number, codes.STALE_TEMPLATE_ID))
        elif visitor.may(now, sum(map(len, template.transactions))):
            yield Send(visitor.peer, transaction_data(number, template))
        else:
            yield from self._dismiss(visitor, "asks for more transactions than it can use")

    def solve(self, visitor: Visitor, message: SubmitSolution, now: float) -> Iterator[Effect]:
        """Spec 7.7."""
        template = self.shelf.find(message.template_id)
        found = (
            f"no template {message.template_id} was given out, or its tip is not there yet"
            if template is None
            else found_block(message, template, Finder(visitor.name, self.unix_time))
        )
        if isinstance(found, str):
            yield Tell(SolutionRefused(visitor.peer, visitor.address, found))
            return
        visitor.solutions += 1
        yield from self.candidates.take(found, now)
        text = to_display(found.block_hash)
        yield Tell(BlockFound(found.height, text, visitor.name, visitor.peer, "solution"))

    def block(self, happened: Any, now: float) -> Iterator[Effect]:
        """Something happened to a found block."""
        yield from self.candidates.react(happened, now)

    # ── the rest ──

    def troubled(self, happened: Troubled, now: float) -> Iterator[Effect]:
        """Clients keep what they have: nobody knows of anything better."""
        known, self.trouble = self.trouble, happened.trouble.reason
        if known != self.trouble:
            yield Tell(NodeTroubled(happened.trouble.node, happened.trouble.reason))

    def ticked(self, happened: Ticked, now: float) -> Iterator[Effect]:
        self.unix_time = self.candidates.unix_time = happened.unix_time
        yield from self.candidates.tick(now)
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        yield from self._push_due(now)
        for visitor in list(self.visitors.values()):
            if visitor.constraints is None:
                since = visitor.connected_at if visitor.set_up_at is None else visitor.set_up_at
                if now - since >= self.policy.setup:
                    missing = "SetupConnection" if visitor.set_up_at is None else "CoinbaseOutputConstraints"
                    yield from self._dismiss(visitor, f"no {missing} in time")

    def drain(self, happened: Drain, now: float) -> Iterator[Effect]:
        """The process is going to end (spec 3.6.5)."""
        self.draining = True
        yield Tell(Draining(len(self.visitors)))
        for visitor in list(self.visitors.values()):
            if visitor.set_up_at is None:
                yield from self._dismiss(visitor, "draining")
            else:
                yield Send(visitor.peer, Reconnect("", 0))

    def _dismiss(self, visitor: Visitor, reason: str) -> Iterator[Effect]:
        del self.visitors[visitor.peer]
        yield Close(visitor.peer, reason)
        yield Tell(ClientLeft(visitor.peer, visitor.address, reason, visitor.solutions))


def _grouped(visitors: Iterable[Visitor]) -> Iterable[tuple[Constraints, list[PeerId]]]:
    """Clients of the same needs, who get the same messages."""
    groups: dict[Constraints, list[PeerId]] = {}
    for visitor in visitors:
        if visitor.constraints is not None:
            groups.setdefault(visitor.constraints, []).append(visitor.peer)
    return groups.items()


_REACTIONS: dict[type[Input], Callable[[Desk, Any, float], Iterable[Effect]]] = {
    Connected: Desk.connected,
    Said: Desk.said,
    Gone: Desk.gone,
    Offered: Desk.offered,
    Troubled: Desk.troubled,
    Ticked: Desk.ticked,
    Drain: Desk.drain,
    **dict.fromkeys(BLOCK_REACTIONS, Desk.block),
}

#: What a client may say, and who reacts. Everything else is the connection's business, or of no matter.
_MESSAGES: dict[type[object], Callable[[Desk, Visitor, Any, float], Iterator[Effect]]] = {
    SetupConnection: Desk.set_up,
    RequestExtensions: Desk.extend,
    CoinbaseOutputConstraints: Desk.constrain,
    RequestTransactionData: Desk.give_data,
    SubmitSolution: Desk.solve,
}
