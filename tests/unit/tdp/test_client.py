"""The client of a template provider, message by message, without a socket."""

from typing import Any

import pytest

from sluice.sv2.connection import PeerClosed, Refused, Tagged, Unknown
from sluice.sv2.messages.common import (
    ChannelEndpointChanged,
    Reconnect,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
)
from sluice.sv2.messages.extensions import RequestExtensions
from sluice.sv2.messages.mining import CloseChannel
from sluice.sv2.messages.templates import (
    CoinbaseOutputConstraints,
    RequestTransactionData,
    RequestTransactionDataError,
    RequestTransactionDataSuccess,
    SetNewPrevHash,
)
from sluice.tdp.client import (
    AT_ONCE,
    CALM_SECONDS,
    FLOOD_SECONDS,
    MOST_ASKED,
    MOST_FUTURE,
    MOST_KEPT,
    MOST_MESSAGES,
    SETUP_SECONDS,
    WORK_SECONDS,
    Leave,
)
from sluice.tdp.memory import Memory
from sluice.tdp.taken import ProviderError
from sluice.work.template import Template, empty_successor
from support.provider import Talk, at_once, data, future, tip
from support.work import HEIGHT, NTIME, SUBSIDY, spend, template

FULL = template(transactions=(spend(1), spend(2)))
BETTER = template(transactions=(spend(1), spend(2), spend(3)))
AHEAD = empty_successor(FULL, SUBSIDY)
NEXT = template(HEIGHT + 1, transactions=(spend(3),))


def ours(offered: Template, template_id: int, **changes: Any) -> Template:
    """What our own template of it must be. On regtest, a block of this height has no subsidy."""
    fields = {name: getattr(offered, name) for name in Template.__dataclass_fields__}
    fields["empty_fits"] = not offered.transactions
    return Template(
        **fields | {"template_id": template_id, "min_ntime": NTIME, "fees": offered.coinbase_value} | changes
    )


def on_next(**changes: Any) -> Template:
    """The empty template that was sent ahead, with the tip that it did not have yet."""
    return ours(AHEAD, changes.pop("template_id"), prev_hash=NEXT.prev_hash, nbits=NEXT.nbits, **changes)


# ── the beginning (spec 3.6.1, 7.1) ──


def test_the_first_words() -> None:
    talk = Talk()
    (setup,) = talk.deeds
    assert isinstance(setup, SetupConnection)
    assert (setup.protocol, setup.min_version, setup.max_version, setup.flags) == (2, 2, 2, 0)
    assert (setup.endpoint_host, setup.endpoint_port, setup.vendor) == ("provider.example", 8442, "Sluice")
    assert not talk.client.set_up
    assert talk.hear(SetupConnectionSuccess(2, 0)) == [CoinbaseOutputConstraints(31, 4)]
    assert talk.client.set_up


def test_a_provider_that_does_not_want_us() -> None:
    (leave,) = Talk().hear(SetupConnectionError(0, "unsupported-protocol"))
    assert leave == Leave("refuses the connection: unsupported-protocol", refused=True)


def test_a_provider_of_another_version() -> None:
    with pytest.raises(ProviderError, match="version 3"):
        Talk().hear(SetupConnectionSuccess(3, 0))


# ── templates (spec 7.2 to 7.5) ──


def test_the_transactions_of_each_template_are_asked_for_at_once() -> None:
    talk = Talk().begin()
    assert talk.hear(future(1, FULL)) == [RequestTransactionData(1)]
    assert talk.hear(tip(1, FULL)) == []
    assert talk.hear(at_once(2, BETTER)) == [RequestTransactionData(2)]
    assert talk.hear(data(1, FULL)) == [ours(FULL, 1)]
    assert talk.hear(data(2, BETTER)) == [ours(BETTER, 2)]


def test_a_future_template_whose_transactions_are_here_is_used_at_its_tip() -> None:
    talk = Talk().begin()
    talk.work_on(1, FULL)
    talk.hear(future(2, NEXT), data(2, NEXT))
    assert talk.hear(tip(2, NEXT)) == [ours(NEXT, 2)]


def test_an_empty_template_needs_no_question() -> None:
    talk = Talk().begin()
    talk.work_on(1, FULL)
    assert talk.hear(future(2, AHEAD)) == []
    assert talk.hear(tip(2, NEXT)) == [on_next(template_id=2)]
    assert talk.hear(at_once(3, NEXT), data(3, NEXT)) == [RequestTransactionData(3), ours(NEXT, 3)]


def test_a_later_template_is_not_followed_by_an_earlier_one() -> None:
    talk = Talk().begin()
    talk.hear(future(1, FULL), tip(1, FULL), at_once(2, BETTER))
    assert talk.hear(data(2, BETTER)) == [ours(BETTER, 1)]
    assert talk.hear(data(1, FULL)) == []


def test_what_comes_too_late_for_its_tip_is_dropped() -> None:
    talk = Talk().begin()
    talk.work_on(1, FULL)
    talk.hear(at_once(2, BETTER), future(3, AHEAD), tip(3, NEXT))
    assert talk.hear(data(2, BETTER)) == []


def test_the_same_tip_with_other_nbits_is_another_one() -> None:
    talk = Talk().begin()
    talk.work_on(1, FULL)
    easier = template(nbits=0x1D00FFFF, transactions=(spend(1), spend(2)))
    assert talk.hear(tip(1, easier)) == [ours(easier, 2)]


def test_time_on_a_tip_goes_on() -> None:
    talk = Talk().begin()
    talk.work_on(1, FULL)
    talk.now += 61
    assert talk.hear(at_once(2, BETTER), data(2, BETTER))[-1] == ours(BETTER, 2, ntime=NTIME + 61)


def test_the_template_of_the_moment_can_be_had_again_with_a_later_time() -> None:
    talk = Talk().begin()
    assert talk.client.again(talk.now) is None
    talk.work_on(1, FULL)
    assert talk.client.again(talk.now + 30) == ours(FULL, 2, ntime=NTIME + 30)
    talk.hear(at_once(2, BETTER), data(2, BETTER))
    assert talk.client.again(talk.now + 60) == ours(BETTER, 4, ntime=NTIME + 60)
    # On a tip that nothing can be mined on yet there is none.
    talk.hear(future(3, NEXT), tip(3, NEXT))
    assert talk.client.again(talk.now) is None
    talk.hear(data(3, NEXT))
    assert talk.client.again(talk.now) == ours(NEXT, 6)
    assert len(talk.memory.places) == 3  # it is no other place for a block


def test_a_reorganisation_to_a_lower_height() -> None:
    talk = Talk().begin()
    talk.work_on(1, NEXT)
    other = template(HEIGHT, fork=1, transactions=(spend(1),))
    talk.hear(future(2, other), tip(2, other))
    assert talk.hear(data(2, other)) == [ours(other, 2)]
    assert talk.memory.tip_height == HEIGHT - 1
    assert talk.memory.tip_at(HEIGHT) is None


def test_tips_and_templates_are_remembered_beyond_the_connection() -> None:
    memory = Memory()
    Talk(memory).begin().work_on(1, FULL)
    Talk(memory).begin().work_on(1, NEXT)
    assert memory.tip_at(HEIGHT - 1) == FULL.prev_hash
    assert memory.tip_at(HEIGHT) == NEXT.prev_hash
    assert [place.merkle_path for place in memory.places] == [NEXT.merkle_path, FULL.merkle_path]


def test_a_number_given_again_is_the_new_template() -> None:
    talk = Talk().begin()
    talk.work_on(1, FULL)
    assert talk.hear(at_once(1, BETTER)) == [RequestTransactionData(1)]
    assert talk.hear(data(1, BETTER)) == [ours(BETTER, 2)]


def test_transactions_that_are_refused() -> None:
    talk = Talk().begin()
    talk.work_on(1, FULL)
    # Of a template that there is no need of: nothing is lost.
    talk.hear(at_once(2, BETTER))
    assert talk.hear(RequestTransactionDataError(2, "stale-template-id")) == []
    talk.hear(future(3, NEXT), tip(3, NEXT))
    (leave,) = talk.hear(RequestTransactionDataError(3, "template-id-not-found" * 9))
    assert isinstance(leave, Leave)
    assert leave.reason.startswith("does not give the transactions of its template 3: template-id-not-found")
    assert len(leave.reason) < 120


# ── what cannot be ──

LIES: dict[str, list[Any]] = {
    "at once, without a tip": [at_once(1, FULL)],
    "a tip for a template that never came": [tip(9, FULL)],
    "at once, for another height": [future(1, FULL), tip(1, FULL), at_once(2, NEXT)],
    "transactions nobody asked for": [data(1, FULL)],
    "transactions twice": [future(1, FULL), data(1, FULL), data(1, FULL)],
    "a refusal of what nobody asked for": [RequestTransactionDataError(1, "")],
    "transactions of another template": [future(1, FULL), RequestTransactionDataSuccess(1, b"", ())],
    "a tip without nbits": [future(1, FULL), SetNewPrevHash(1, bytes(32), NTIME, 0, bytes(32))],
    "a tip of tomorrow": [
        future(1, FULL),
        SetNewPrevHash(1, bytes(32), NTIME + 86_400, FULL.nbits, bytes(32)),
    ],
    "an empty template that commits to something": [
        future(1, template(coinbase_outputs=FULL.coinbase_outputs))
    ],
    "another chapter": [CloseChannel(1, "")],
    "a client's message": [RequestExtensions(1, ())],
}


@pytest.mark.parametrize("said", LIES.values(), ids=LIES)
def test_lies(said: list[Any]) -> None:
    talk = Talk().begin()
    talk.hear(*said[:-1])
    with pytest.raises(ProviderError):
        talk.hear(said[-1])


def test_what_is_of_no_matter() -> None:
    talk = Talk().begin()
    noise = [Unknown(7, 7, 7), Refused(future(1, FULL), "too long"), ChannelEndpointChanged(1)]
    assert talk.hear(*noise) == []
    assert talk.hear(Tagged(future(1, FULL), ())) == [RequestTransactionData(1)]


# ── the end ──


def test_a_provider_that_closes() -> None:
    assert Talk().hear(PeerClosed()) == [Leave("closed the connection")]


@pytest.mark.parametrize(
    ("message", "moved"),
    [
        (Reconnect("", 0), ("provider.example", 8442)),
        (Reconnect("other.example", 0), ("other.example", 8442)),
        (Reconnect("", 1), ("provider.example", 1)),
    ],
)
def test_a_provider_that_sends_us_elsewhere(message: Reconnect, moved: tuple[str, int]) -> None:
    assert Talk().begin().hear(message) == [Leave("asks to connect anew", moved=moved)]


def test_whoever_owes_us_something_is_late_at_some_time() -> None:
    talk = Talk()
    assert talk.client.overdue(talk.now + SETUP_SECONDS - 0.1) == ""
    assert talk.client.overdue(talk.now + SETUP_SECONDS) == "does not answer SetupConnection"
    talk.begin()
    assert talk.client.overdue(talk.now + WORK_SECONDS - 0.1) == ""
    assert talk.client.overdue(talk.now + WORK_SECONDS) == "gives no template to work on"
    talk.work_on(1, FULL)
    assert talk.client.overdue(talk.now + 1_000_000) == ""  # a quiet chain
    talk.hear(at_once(2, BETTER))
    assert talk.client.overdue(talk.now + WORK_SECONDS) == "does not give the transactions of template 2"
    talk.hear(data(2, BETTER))
    talk.hear(future(3, NEXT), tip(3, NEXT))
    assert "gives no template" in talk.client.overdue(talk.now + WORK_SECONDS)


# ── bounds ──


def test_no_more_than_so_many_requests_are_on_their_way() -> None:
    talk = Talk().begin()
    talk.work_on(1, FULL)
    many = [template(transactions=(spend(number), spend(1))) for number in range(10, 30)]
    for number, each in enumerate(many, 2):
        talk.hear(at_once(number, each))
    asked = [each.template_id for each in talk.sent if isinstance(each, RequestTransactionData)]
    assert asked == [1, 2, 3, 4, 5][: 1 + MOST_ASKED]
    # The newest is next, and then there is no need of those before.
    assert RequestTransactionData(21) in talk.hear(data(2, many[0]))
    assert talk.hear(data(21, many[-1]))[0] == ours(many[-1], 3)
    assert talk.hear(data(3, many[1]), data(4, many[2]), data(5, many[3])) == []


def test_a_flood_of_templates_is_not_kept() -> None:
    talk = Talk().begin()
    talk.work_on(1, FULL)
    for number in range(2, 2 + 3 * MOST_KEPT):
        talk.hear(future(number, AHEAD), at_once(1_000 + number, template()))
    assert len(talk.client._entries) <= MOST_KEPT
    assert sum(entry.turn is None for entry in talk.client._entries.values()) <= MOST_FUTURE
    # The newest of those to come is still there.
    assert talk.hear(tip(1 + 3 * MOST_KEPT, NEXT))[0].prev_hash == NEXT.prev_hash  # type: ignore[union-attr]


def test_templates_that_come_too_fast_are_not_a_job_each() -> None:
    talk = Talk().begin()
    talk.work_on(1, FULL)
    many = [template(coinbase_value=SUBSIDY + number) for number in range(2, 40)]
    for number, each in enumerate(many, 2):
        talk.hear(at_once(number, each))
    assert len(talk.offered) == AT_ONCE
    assert talk.client.held_back(talk.now + CALM_SECONDS / 2) == []
    # Then the newest of them, and none a second time.
    (late,) = talk.client.held_back(talk.now + CALM_SECONDS)
    assert isinstance(late, Template)
    assert late.coinbase_value == many[-1].coinbase_value
    assert talk.client.held_back(talk.now + 2 * CALM_SECONDS) == []
    # A new tip is another matter.
    talk.hear(at_once(50, BETTER), data(50, BETTER))
    assert len(talk.hear(future(51, NEXT), tip(51, NEXT), data(51, NEXT))) == 2
    assert talk.client.held_back(talk.now + 9 * CALM_SECONDS) == []


def test_a_flood_of_anything_ends_it() -> None:
    talk = Talk().begin()
    noise = [Unknown(7, 7, 7)] * (MOST_MESSAGES - 1)
    talk.hear(*noise)
    with pytest.raises(ProviderError, match="floods"):
        talk.hear(Unknown(7, 7, 7))
    calm = Talk().begin()
    for _ in range(3):
        calm.hear(*noise)
        calm.now += FLOOD_SECONDS
