"""A template provider and its clients, whatever a chain and its mempool do, and whatever anybody says.

What a client makes of it is what the node offered, cut to its needs; a block that it finds is a block for the node.
"""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.bitcoin.block import MAX_WEIGHT, Block
from sluice.bitcoin.merkle import merkle_root
from sluice.bitcoin.network import MAINNET, subsidy
from sluice.bitcoin.sigops import MAX_SIGOPS_COST, sigops_cost
from sluice.pool.inputs import Said
from sluice.sv2.message import Message, declared_in
from sluice.sv2.messages import common, extensions, templates
from sluice.sv2.messages.common import SetupConnectionSuccess
from sluice.tdp.client import Leave
from sluice.tdp.constraints import Constraints
from sluice.tdp.fit import fitted, possible
from sluice.tdp.solution import solution_of
from sluice.tdp.taken import ProviderError
from sluice.wire.side import Side
from sluice.work.template import Template, TransactionFacts
from support.desk import SETUP, Front, Guest
from support.messages import messages
from support.provider import Talk, data, future, tip
from support.solutions import mined
from support.work import EASY_NBITS, HEIGHT, spend, template


def whole(
    height: int, numbers: tuple[int, ...], weight: int = 400, sigops: int = 4, fork: int = 0
) -> Template:
    """A template with facts; transactions weigh and cost what is said of them."""
    made = tuple(spend(number) for number in numbers)
    facts = tuple(TransactionFacts(each.txid(), weight, sigops, each.outputs[0].value) for each in made)
    value = subsidy(height, MAINNET) + sum(numbers)
    changes: dict[str, Any] = {"nbits": EASY_NBITS, "facts": facts, "coinbase_value": value}
    return template(height, fork, made, **changes)


some = st.lists(st.integers(1, 60), max_size=6, unique=True).map(tuple)
rooms = st.builds(Constraints, st.integers(0, 998_000), st.integers(0, 2**16 - 1))
steps = st.lists(
    st.one_of(
        st.tuples(st.just("mempool"), some),
        st.tuples(st.just("block"), some),
        st.tuples(st.just("fork"), some),
        st.tuples(st.just("guest"), st.sampled_from([Constraints(31), Constraints(998_000, 70_000)])),
        st.tuples(st.just("wait"), st.floats(0, 20)),
        st.tuples(st.just("solve"), st.just(None)),
    ),
    max_size=14,
)


@given(steps)
@settings(max_examples=60)
def test_clients_mine_what_the_node_offers_and_their_blocks_are_its_blocks(
    story: list[tuple[str, Any]],
) -> None:
    front, height, fork = Front(), HEIGHT, 0
    newest = whole(height, (1, 2))
    front.offer(newest)
    guests = [Guest(front)]
    solved = 0
    for kind, what in story:
        height += kind == "block"
        fork += kind == "fork"
        if kind in ("mempool", "block", "fork"):
            newest = whole(height, what, fork=fork)
            front.offer(newest)
        elif kind == "guest":
            guests.append(Guest(front, constraints=what))
        elif kind == "wait":
            front.tick(what)
        else:
            for guest in guests:
                solved += _solve(front, guest)
        for guest in guests:
            guest.listen()
            best = guest.offered[-1]
            shown = front.desk.shelf.current
            assert shown is not None
            cut = fitted(shown, guest.constraints, subsidy(height, MAINNET))
            assert (best.prev_hash, best.height) == (newest.prev_hash, newest.height)
            assert (best.merkle_path, best.transactions) == (cut.merkle_path, cut.transactions)
            assert (best.coinbase_value, best.coinbase_outputs) == (cut.coinbase_value, cut.coinbase_outputs)
    assert front.closed == {}
    assert len(front.found) <= solved
    for found in front.found:
        block = Block.parse(found.raw)
        assert block.header.merkle_root == merkle_root([each.txid() for each in block.transactions])
        assert block.header.hash() == found.block_hash


def _solve(front: Front, guest: Guest) -> int:
    """The guest finds a block on what it mines; the desk takes it for the same."""
    found = mined(guest.offered[-1])
    solution = solution_of(found, guest.memory.places)
    assert isinstance(solution, Message)
    front.feed(Said(guest.peer, solution))
    assert found.raw in [each.raw for each in front.found]
    return 1


@given(some, st.integers(4, 2_000_000), st.integers(0, 50_000), rooms)
def test_no_block_can_be_too_large(
    numbers: tuple[int, ...], weight: int, sigops: int, room: Constraints
) -> None:
    offered = whole(HEIGHT, numbers, weight, sigops)
    cut = fitted(offered, room, subsidy(HEIGHT, MAINNET))
    assert sum(fact.weight for fact in cut.facts) + room.weight <= MAX_WEIGHT or not cut.facts
    assert sum(fact.sigops for fact in cut.facts) + room.sigops <= MAX_SIGOPS_COST or not cut.facts
    assert possible(room)
    # What stays is a beginning of what was, and no more went than had to.
    assert cut.transactions == offered.transactions[: len(cut.transactions)]
    if len(cut.facts) < len(offered.facts):
        one_more = offered.facts[: len(cut.facts) + 1]
        too_heavy = sum(fact.weight for fact in one_more) + room.weight > MAX_WEIGHT
        too_costly = sum(fact.sigops for fact in one_more) + room.sigops > MAX_SIGOPS_COST
        assert too_heavy or too_costly
    paid = cut.coinbase_value - subsidy(HEIGHT, MAINNET)
    assert paid == cut.fees == sum(fact.fee for fact in cut.facts)


def sent_by(side: Side) -> list[type[Message]]:
    return [
        cls
        for chapter in (common, templates, extensions)
        for cls in declared_in(chapter)
        if cls.sent_by in (side, Side.EITHER)
    ]


FULL = whole(HEIGHT, (1, 2))


@given(st.lists(messages(*sent_by(Side.SERVER)), max_size=6), st.booleans())
def test_whatever_a_provider_says_costs_it_its_connection_at_most(said: list[Message], begun: bool) -> None:
    talk = Talk()
    with suppress(ProviderError):
        if begun:
            talk.hear(SetupConnectionSuccess(2, 0))
            talk.work_on(1, FULL)
        for message in said:
            deeds = talk.hear(message)
            if any(isinstance(deed, Leave) for deed in deeds):
                break
    # What it was believed of holds together.
    for offered in talk.offered:
        Block.parse(mined(offered).raw)


@given(st.lists(messages(*sent_by(Side.CLIENT)), max_size=8), st.booleans())
def test_whatever_a_client_says_is_its_own_business(said: list[Message], begun: bool) -> None:
    front = Front()
    front.offer(FULL)
    other = Guest(front)
    peer = front.connect()
    if begun:
        front.say(peer, SETUP)
    for message in said:
        front.say(peer, message)
    assert front.found == []
    assert other.peer not in front.closed
    front.offer(whole(HEIGHT + 1, (3,)))
    other.listen()
    assert other.offered[-1].height == HEIGHT + 1


altered = st.sampled_from(["path", "value", "outputs", "prefix", "transactions", "order"])


@given(altered, st.integers(0, 7), some.filter(lambda numbers: len(numbers) > 2))
def test_nothing_is_believed_that_can_be_computed(what: str, at: int, numbers: tuple[int, ...]) -> None:
    offered = whole(HEIGHT, numbers)
    changes: dict[str, Template] = {
        "path": replace(offered, merkle_path=(*offered.merkle_path, bytes(32))),
        "value": replace(offered, coinbase_value=2**60 + at),
        "outputs": replace(offered, coinbase_outputs=whole(HEIGHT, numbers[1:]).coinbase_outputs),
        "prefix": replace(offered, coinbase_prefix=b"\x51" * 9),
        "transactions": whole(HEIGHT, numbers[1:]),
        "order": replace(offered, transactions=offered.transactions[::-1]),
    }
    lie = changes[what]
    told = offered if what in ("transactions", "order") else lie
    talk = Talk().begin()
    with pytest.raises(ProviderError):
        talk.hear(future(1, told), tip(1, told), data(1, lie))
    assert talk.offered == []


@given(st.binary(max_size=200))
def test_sigops_of_any_script_are_counted(script: bytes) -> None:
    assert 0 <= sigops_cost(script) <= 80 * len(script)
    assert sigops_cost(script) % 4 == 0
