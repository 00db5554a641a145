"""Our template provider, message by message, without a socket; in part with our own client at the other end."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from sluice.bitcoin.block import MAX_WEIGHT, Block
from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.network import MAINNET, subsidy
from sluice.bitcoin.target import target_from_nbits, target_to_wire
from sluice.pool.effects import Broadcast, Send
from sluice.pool.events import (
    BlockFound,
    Draining,
    NodeRecovered,
    NodeTroubled,
    SetupRefused,
    TemplateRefreshed,
    TipChanged,
)
from sluice.pool.inputs import CaughtUp, Drain, Troubled
from sluice.pool.ports import Trouble
from sluice.sv2.connection import Tagged, Unknown
from sluice.sv2.messages.common import (
    Reconnect,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
)
from sluice.sv2.messages.extensions import RequestExtensions, RequestExtensionsError
from sluice.sv2.messages.templates import (
    CoinbaseOutputConstraints,
    NewTemplate,
    RequestTransactionData,
    RequestTransactionDataError,
    RequestTransactionDataSuccess,
    SetNewPrevHash,
    SubmitSolution,
)
from sluice.tdp.constraints import Constraints
from sluice.tdp.desk import FIT_COST, LOOK_SECONDS, DeskPolicy
from sluice.tdp.events import ClientArrived, ClientLeft, RoomAsked, SolutionRefused
from sluice.tdp.solution import solution_of
from sluice.tdp.visitor import MOST_BYTES, MOST_REQUESTS
from sluice.work.template import Template, TransactionFacts
from support.desk import SETUP, Front, Guest
from support.solutions import mined
from support.work import EASY_NBITS, HEIGHT, NTIME, spend, template

FEES = DeskPolicy(fee_growth=5, pause=10.0)


def full(height: int = HEIGHT, *numbers: int, **changes: Any) -> Template:
    """A template with the facts of its transactions; each pays its number."""
    made = tuple(spend(number) for number in numbers or (1, 2, 3))
    facts = tuple(TransactionFacts(each.txid(), each.weight(), 0, each.outputs[0].value) for each in made)
    paid = sum(fact.fee for fact in facts)
    value = subsidy(height, MAINNET) + paid
    changes = {"nbits": EASY_NBITS, "coinbase_value": value} | changes
    return template(height, transactions=made, facts=facts, **changes)


def ready(front: Front, size: int = 31) -> int:
    """A peer that has said what it needs; what it was given is taken."""
    peer = front.connect()
    front.say(peer, SETUP, CoinbaseOutputConstraints(size, 0))
    return peer


# ── the beginning (spec 3.6) ──


def test_a_client_is_let_in() -> None:
    front = Front()
    peer = front.connect()
    assert front.say(peer, SETUP) == [SetupConnectionSuccess(2, 0)]
    (arrived,) = front.told(ClientArrived)
    assert (arrived.peer, arrived.address, arrived.vendor) == (peer, "192.0.2.1:1", "Sluice")


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"protocol": 0}, SetupConnectionError(0, "unsupported-protocol")),
        ({"protocol": 99}, SetupConnectionError(0, "unsupported-protocol")),
        ({"min_version": 3, "max_version": 3}, SetupConnectionError(0, "protocol-version-mismatch")),
        ({"flags": 1}, SetupConnectionError(0xFFFFFFFF, "unsupported-feature-flags")),
    ],
)
def test_a_client_is_refused(changes: dict[str, int], answer: SetupConnectionError) -> None:
    front = Front()
    peer = front.connect()
    fields = {name: getattr(SETUP, name) for name in SETUP.__struct_fields__} | changes
    assert front.say(peer, SetupConnection(**fields)) == [answer]
    assert front.closed == {peer: f"setup refused: {answer.error_code}"}
    assert [told.error_code for told in front.told(SetupRefused)] == [answer.error_code]
    assert front.say(peer, SETUP) == []  # nobody listens to it any more


def test_there_are_no_extensions() -> None:
    front = Front()
    peer = front.connect()
    front.say(peer, SETUP)
    assert front.say(peer, RequestExtensions(7, (2,))) == [RequestExtensionsError(7, (2,), ())]


def test_who_says_nothing_is_sent_away() -> None:
    front = Front()
    silent, half, whole = front.connect(), front.connect(), front.connect()
    front.tick(9.0)
    front.say(half, SETUP)
    front.say(whole, SETUP, CoinbaseOutputConstraints(0, 0))
    front.tick(1.0)
    assert front.closed == {silent: "no SetupConnection in time"}
    front.tick(9.0)
    assert front.closed[half] == "no CoinbaseOutputConstraints in time"
    front.tick(100_000.0)
    assert whole not in front.closed
    assert [left.peer for left in front.told(ClientLeft)] == [silent, half]


# ── templates (spec 7.1 to 7.3) ──


def test_the_first_template_at_once() -> None:
    front, offered = Front(), full()
    front.offer(offered)
    peer = front.connect()
    front.say(peer, SETUP)
    whole, tip, ahead = front.say(peer, CoinbaseOutputConstraints(31, 4))
    assert isinstance(whole, NewTemplate)
    assert isinstance(ahead, NewTemplate)
    assert (whole.future_template, whole.merkle_path) == (True, offered.merkle_path)
    assert whole.coinbase_tx_value_remaining == offered.coinbase_value
    target = target_to_wire(target_from_nbits(EASY_NBITS))
    assert tip == SetNewPrevHash(whole.template_id, offered.prev_hash, NTIME, EASY_NBITS, target)
    assert (ahead.future_template, ahead.merkle_path) == (True, ())
    assert ahead.coinbase_tx_value_remaining == subsidy(HEIGHT + 1, MAINNET)
    assert ahead.template_id > whole.template_id
    assert front.told(RoomAsked) == [RoomAsked(peer, 31, 4)]


def test_a_client_may_come_before_the_first_template() -> None:
    front = Front()
    peer = ready(front)
    front.offer(full())
    kinds = [type(message) for message in front.take(peer)]
    assert kinds == [NewTemplate, SetNewPrevHash, NewTemplate]


def test_on_a_new_tip_the_small_message_leaves_first_for_everybody() -> None:
    front = Front()
    front.offer(full())
    peers = {ready(front), ready(front), ready(front, size=99)}
    ahead = front.desk.shelf.look_ahead()
    following = full(HEIGHT + 1, 4, 5)
    done = front.offer(following)
    first = done[0]
    assert isinstance(first, Broadcast)
    assert first.urgent
    assert set(first.peers) == peers
    assert isinstance(first.message, SetNewPrevHash)
    assert (first.message.template_id, first.message.prev_hash) == (ahead.template_id, following.prev_hash)
    for peer in peers:
        tip, whole, next_ahead = front.take(peer)[-3:]
        assert isinstance(whole, NewTemplate)
        assert isinstance(next_ahead, NewTemplate)
        assert (whole.future_template, whole.merkle_path) == (False, following.merkle_path)
        assert tip is first.message
        assert (next_ahead.future_template, next_ahead.merkle_path) == (True, ())
    # Those of the same needs get one message, packed once.
    assert len([each for each in done if isinstance(each, Broadcast)]) == 4
    assert [told.next_height for told in front.told(TipChanged)] == [HEIGHT, HEIGHT + 1]


def test_who_does_not_look_ahead_gets_the_whole_template_with_its_tip() -> None:
    """As SRI's pool: it takes the last future template that it has for that of the last tip."""
    front = Front()
    front.offer(full())
    ours, theirs = ready(front), front.connect()
    stranger = msgspec.structs.replace(SETUP, vendor="")
    whole, tip = front.say(theirs, stranger, CoinbaseOutputConstraints(31, 0))[1:]
    assert isinstance(whole, NewTemplate)
    assert isinstance(tip, SetNewPrevHash)
    assert (whole.future_template, tip.template_id) == (True, whole.template_id)
    front.take(ours)
    done = front.offer(full(HEIGHT + 1, 4, 5))
    assert isinstance(done[0], Broadcast)
    assert (done[0].peers, done[0].urgent) == ((ours,), True)
    assert [type(message) for message in front.take(ours)] == [SetNewPrevHash, NewTemplate, NewTemplate]
    whole, tip = front.take(theirs)
    assert isinstance(whole, NewTemplate)
    assert isinstance(tip, SetNewPrevHash)
    assert (whole.future_template, tip.template_id) == (True, whole.template_id)
    assert whole.merkle_path
    # Fees are told to both alike.
    front.offer(full(HEIGHT + 1, 4, 5, 2_000))
    assert [type(message) for message in front.take(ours)] == [NewTemplate]
    (better,) = front.take(theirs)
    assert isinstance(better, NewTemplate)
    assert not better.future_template


@pytest.mark.parametrize(
    "other", [full(HEIGHT, 7, fork=1), full(HEIGHT - 1), full(HEIGHT + 2), full(nbits=0x1D00FFFF)]
)
def test_a_tip_that_nothing_was_sent_ahead_for(other: Template) -> None:
    front = Front()
    front.offer(full())
    peer = ready(front)
    front.take(peer)
    front.offer(other)
    whole, tip, ahead = front.take(peer)
    assert isinstance(whole, NewTemplate)
    assert isinstance(tip, SetNewPrevHash)
    assert isinstance(ahead, NewTemplate)
    assert (whole.future_template, tip.template_id) == (True, whole.template_id)
    assert (tip.prev_hash, tip.nBits) == (other.prev_hash, other.nbits)


def test_fees_are_told_when_they_have_grown_enough() -> None:
    front = Front(FEES)
    front.offer(full(HEIGHT, 10))
    peer = ready(front)
    front.take(peer)
    front.now += 10
    front.offer(full(HEIGHT, 10, 4))
    assert front.take(peer) == []
    front.offer(full(HEIGHT, 10, 5))
    (told,) = front.take(peer)
    assert isinstance(told, NewTemplate)
    assert not told.future_template
    assert told.coinbase_tx_value_remaining == subsidy(HEIGHT, MAINNET) + 15
    assert len(front.told(TemplateRefreshed)) == 1
    # Less is no news, and what is better than nothing is measured against what clients have.
    front.now += 10
    front.offer(full(HEIGHT, 1))
    front.offer(full(HEIGHT, 10, 9))
    assert front.take(peer) == []


def test_fees_that_grow_too_soon_are_told_when_it_is_time() -> None:
    front = Front(FEES)
    front.offer(full(HEIGHT, 10))
    peer = ready(front)
    front.take(peer)
    front.offer(full(HEIGHT, 10, 20))
    front.offer(full(HEIGHT, 10, 30))
    front.tick(9.0)
    assert front.take(peer) == []
    front.tick(1.0)
    (told,) = front.take(peer)
    assert isinstance(told, NewTemplate)
    assert told.coinbase_tx_value_remaining == subsidy(HEIGHT, MAINNET) + 40
    front.tick(20.0)
    assert front.take(peer) == []


def test_who_needs_more_room_gets_fewer_transactions() -> None:
    heavy = full()
    weights = [fact._replace(weight=1_000_000) for fact in heavy.facts]
    front = Front()
    front.offer(replace(heavy, facts=tuple(weights)))
    small = Guest(front)
    large = Guest(front, constraints=Constraints((MAX_WEIGHT - 1168 - 1_500_000) // 4))
    huge = Guest(front, constraints=Constraints((MAX_WEIGHT - 1168) // 4))
    assert [len(guest.offered[-1].transactions) for guest in (small, large, huge)] == [3, 1, 0]
    values = [guest.offered[-1].coinbase_value - subsidy(HEIGHT, MAINNET) for guest in (small, large, huge)]
    assert values == [6, 1, 0]


def test_who_needs_more_than_a_block_is_sent_away() -> None:
    front = Front()
    peer = front.connect()
    front.say(peer, SETUP, CoinbaseOutputConstraints(2**32 - 1, 0))
    assert front.closed == {peer: "wants more room than a block has"}


def test_constraints_may_change() -> None:
    front = Front()
    front.offer(full())
    peer = ready(front)
    messages = front.say(peer, CoinbaseOutputConstraints(500, 80))
    assert [type(message) for message in messages] == [NewTemplate, SetNewPrevHash, NewTemplate]
    assert front.desk.visitors[peer].constraints == Constraints(500, 80)


def test_who_changes_its_mind_all_the_time_is_sent_away() -> None:
    front = Front()
    front.offer(full())
    peer, other = ready(front), ready(front)
    for size in range(MOST_BYTES // FIT_COST):
        front.say(peer, CoinbaseOutputConstraints(size, 0))
    assert front.closed == {peer: "changes its mind too often"}
    assert len(front.say(other, CoinbaseOutputConstraints(7, 0))) == 3


# ── transactions (spec 7.4 to 7.6) ──


def test_the_transactions_of_what_was_given_out() -> None:
    front, offered = Front(), full()
    front.offer(offered)
    peer = front.connect()
    whole, _, ahead = front.say(peer, SETUP, CoinbaseOutputConstraints(31, 0))[1:]
    assert isinstance(whole, NewTemplate)
    assert isinstance(ahead, NewTemplate)
    assert front.say(peer, RequestTransactionData(whole.template_id)) == [
        RequestTransactionDataSuccess(whole.template_id, b"", offered.transactions)
    ]
    assert front.say(peer, RequestTransactionData(ahead.template_id)) == [
        RequestTransactionDataSuccess(ahead.template_id, b"", ())
    ]
    assert front.say(peer, RequestTransactionData(7)) == [
        RequestTransactionDataError(7, "template-id-not-found")
    ]
    front.offer(full(HEIGHT + 1))
    front.take(peer)
    assert front.say(peer, RequestTransactionData(whole.template_id)) == [
        RequestTransactionDataError(whole.template_id, "stale-template-id")
    ]


def test_before_the_first_template_there_is_none() -> None:
    front = Front()
    assert front.say(ready(front), RequestTransactionData(1)) == [
        RequestTransactionDataError(1, "template-id-not-found")
    ]


# ── what a client may cost ──


def test_who_asks_for_more_transactions_than_it_can_use_is_sent_away() -> None:
    front, offered = Front(), full()
    front.offer(replace(offered, transactions=(bytes(MOST_BYTES // 3),), facts=()))
    peer = ready(front)
    number = front.desk.shelf.fit(Constraints(31)).template_id
    front.desk.shelf._shown[number] = replace(offered, transactions=(bytes(MOST_BYTES // 3),))
    asked = RequestTransactionData(number)
    assert len(front.say(peer, asked, asked)) == 2
    assert front.say(peer, asked) == []
    assert front.closed == {peer: "asks for more transactions than it can use"}


def test_who_asks_for_more_than_anybody_needs_is_sent_away() -> None:
    front = Front()
    peer, other = ready(front), ready(front)
    front.say(peer, *[Unknown(7, 7, 7)] * MOST_REQUESTS)
    assert front.closed == {peer: "too many requests"}
    assert front.say(other, RequestTransactionData(1))


# ── solutions (spec 7.7) ──


def test_a_solution_is_a_found_block() -> None:
    front, offered = Front(), full()
    front.offer(offered)
    guest = Guest(front)
    (whole,) = guest.offered
    found = mined(whole)
    solution = solution_of(found, guest.memory.places)
    assert isinstance(solution, SubmitSolution)
    front.say(guest.peer, Tagged(solution, ()))
    (block,) = front.found
    assert (block.raw, block.block_hash, block.height) == (found.raw, found.block_hash, HEIGHT)
    assert (block.template_id, block.user) == (offered.template_id, "Sluice at 192.0.2.1:1")
    assert len(Block.parse(block.raw).transactions) == 4
    (told,) = front.told(BlockFound)
    assert (told.block_hash, told.share, told.peer) == (to_display(found.block_hash), "solution", guest.peer)
    # The same once more is the same block.
    front.say(guest.peer, solution)
    assert len(front.found) == 1


def test_a_solution_of_the_empty_template_that_was_sent_ahead() -> None:
    front = Front()
    front.offer(full())
    guest = Guest(front)
    front.offer(full(HEIGHT + 1, 4))
    guest.listen()
    _, empty, whole = guest.offered
    assert (empty.transactions, len(whole.transactions)) == ((), 1)
    solution = solution_of(mined(empty), guest.memory.places)
    assert isinstance(solution, SubmitSolution)
    front.say(guest.peer, solution)
    (block,) = front.found
    assert (block.height, block.transactions) == (HEIGHT + 1, ())


def test_a_solution_of_the_tip_before_is_a_block_too() -> None:
    front = Front()
    front.offer(full())
    guest = Guest(front)
    found = mined(guest.offered[0])
    solution = solution_of(found, guest.memory.places)
    assert isinstance(solution, SubmitSolution)
    front.offer(full(HEIGHT + 1))
    front.leave(guest.peer)
    front.say(ready(front), solution)  # another connection, as after a break
    assert [block.block_hash for block in front.found] == [found.block_hash]


@pytest.mark.parametrize("which", ["unknown", "ahead", "no block"])
def test_a_solution_that_is_none(which: str) -> None:
    front = Front()
    front.offer(full())
    guest = Guest(front)
    numbers = {"unknown": 7, "ahead": front.desk.shelf.look_ahead().template_id}
    number = numbers.get(which, front.desk.shelf.fit(guest.constraints).template_id)
    front.say(guest.peer, SubmitSolution(number, 0, 0, 0, b"nonsense"))
    assert front.found == []
    (refused,) = front.told(SolutionRefused)
    unknown = f"no template {number} was given out, or its tip is not there yet"
    assert refused.reason.startswith("coinbase_tx is no transaction" if which == "no block" else unknown)


# ── the node, and the end ──


def test_a_node_in_trouble_takes_nothing_away() -> None:
    front = Front()
    front.offer(full())
    trouble = Troubled(Trouble("bitcoind", "it sleeps"))
    front.feed(trouble)
    front.feed(trouble)
    assert front.told(NodeTroubled) == [NodeTroubled("bitcoind", "it sleeps")]
    assert Guest(front).offered
    front.offer(full())
    assert front.told(NodeRecovered) == [NodeRecovered(HEIGHT)]


def test_when_the_process_ends_clients_are_asked_to_come_back() -> None:
    front = Front()
    peer, half = ready(front), front.connect()
    front.feed(Drain())
    assert front.take(peer) == [Reconnect("", 0)]
    late = front.connect()
    assert front.closed == {half: "draining", late: "draining"}
    assert front.told(Draining) == [Draining(2)]


def test_who_leaves_is_forgotten() -> None:
    front = Front()
    peer = ready(front)
    front.leave(peer)
    assert front.desk.visitors == {}
    assert front.told(ClientLeft) == [ClientLeft(peer, "192.0.2.1:1", "it left", 0)]
    front.inbox[peer] = []
    front.leave(peer)  # of somebody unknown there is nothing to say
    assert len(front.told(ClientLeft)) == 1


def test_nothing_happens_because_a_read_is_over_or_a_moment_has_passed() -> None:
    front = Front()
    assert front.feed(CaughtUp()) == []
    front.tick(1.0)
    assert front.tick(LOOK_SECONDS / 2) == []
    assert not [effect for effect in front.effects if isinstance(effect, Send)]
