"""What is counted for those who watch: each share once, by what its channel speaks; nothing by a miner's own words."""

from dataclasses import replace

import pytest
from msgspec.structs import replace as replace_fields

from sluice.pool.counts import Counts, Dialect
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sv2 import codes
from sluice.sv2.messages.mining import SubmitSharesExtended, SubmitSharesStandard
from sluice.tlv.messages import OpenMiningChannel, SetupConnection
from support.pool import EXTENDED, GROUPED, POLICY, STANDARD, PoolTalk, mining, open_standard, setup, wish
from support.tlv_miner import TlvDevice, tlv_mining


def seen(counts: Counts) -> dict[tuple[str, str], int]:
    """Shares by dialect and verdict, where there are any."""
    return {
        (dialect.value, verdict.value): count
        for dialect, sums in counts.of.items()
        for verdict, count in sums.shares.items()
        if count
    }


@pytest.mark.parametrize(
    ("plan", "dialect"),
    [(STANDARD, Dialect.STANDARD), (GROUPED, Dialect.STANDARD), (EXTENDED, Dialect.EXTENDED)],
)
def test_each_share_is_counted_once_by_what_its_channel_speaks(plan: ClientPlan, dialect: Dialect) -> None:
    device = mining(plan)
    unit = device.unit()
    share = next(device.shares(unit))
    for _ in range(3):  # a share, and twice the same again
        device.submit(unit, share)
    device.find(2)
    counts = device.talk.state.counts
    tally = device.talk.channel(device.peer).tally
    assert seen(counts) == {(dialect.value, "accepted"): 3, (dialect.value, "duplicate"): 2}
    assert counts.of[dialect].work == tally.work > 0


def test_a_share_of_no_channel_is_counted_by_its_message() -> None:
    talk = mining().talk
    peer = talk.connect()
    talk.say(peer, setup())
    talk.say(peer, SubmitSharesStandard(9, 1, 1, 1, 1, 1), SubmitSharesExtended(9, 1, 1, 1, 1, 1, b""))
    assert seen(talk.state.counts) == {
        ("sv2-standard", "unknown-channel"): 1,
        ("sv2-extended", "unknown-channel"): 1,
    }


def test_a_share_of_the_dialect() -> None:
    miner = tlv_mining()
    counts = miner.talk.state.counts
    (share,) = miner.find()
    miner.submit(share)
    miner.submit(share, replace_fields(share, channel_id=9))
    assert seen(counts) == {("tlv", "accepted"): 1, ("tlv", "duplicate"): 1, ("tlv", "unknown-channel"): 1}
    assert (counts.of[Dialect.TLV].opened, counts.of[Dialect.TLV].closed) == (1, 0)


def test_channels_that_are_open_are_those_opened_less_those_closed() -> None:
    device = mining(GROUPED)
    sums = device.talk.state.counts.of[Dialect.STANDARD]
    device.open(wish())
    assert (sums.opened, sums.closed) == (2, 0)
    device.talk.leave(device.peer)
    assert (sums.opened, sums.closed) == (2, 2)
    assert device.talk.state.counts.of[Dialect.EXTENDED].opened == 0


def test_what_was_counted_stays_when_its_miner_is_gone() -> None:
    device = mining()
    device.find(3)
    device.talk.leave(device.peer)
    assert seen(device.talk.state.counts) == {("sv2-extended", "accepted"): 3}


def test_refusals_are_counted_by_words_of_ours() -> None:
    talk = PoolTalk(replace(POLICY, max_channels=1))
    talk.offer()
    for flags in (1 << 30, 1 << 31):
        talk.say(talk.connect(), setup(flags=flags))
    for number in range(3, 6):
        TlvDevice(talk).say(SetupConnection(number, "rig", ()))
    for size in (256, 300):
        TlvDevice(talk).say(SetupConnection(2, "x" * size, ()))
    assert talk.state.counts.setups_refused == {
        codes.UNSUPPORTED_FEATURE_FLAGS: 2,
        "Unsupported protocol version": 3,
        "Endpoint too long": 2,
    }
    peer = talk.connect()
    talk.say(peer, setup(), open_standard(1), open_standard(2))
    TlvDevice(talk).say(OpenMiningChannel(1, 1, 0))
    assert talk.state.counts.channels_refused == {
        codes.CHANNEL_CAPACITY_EXHAUSTED: 1,
        "Miner not registered": 1,
    }
