"""What an operator's orders come to, for those who are connected and those who come, on both wires."""

from dataclasses import replace

import pytest

from sluice.bitcoin.target import Target, difficulty, target_from_difficulty
from sluice.pool.by_order import ban, close_named, fix_difficulty, take_again, unban
from sluice.pool.events import (
    Banned,
    ChannelRefused,
    ChannelsClosed,
    DifficultyFixed,
    NotOrdered,
    TakingAgain,
    TargetChanged,
    Unbanned,
)
from sluice.pool.inputs import Ban, CloseNamed, Drain, FixDifficulty, Input, TakeAgain, Unban
from sluice.pool.journal import Configured
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sv2.messages.mining import (
    CloseChannel,
    OpenMiningChannelError,
    SetTarget,
    SubmitSharesSuccess,
    UpdateChannel,
)
from sluice.tlv.messages import OpenMiningChannel
from sluice.tlv.messages import OpenMiningChannelError as TlvOpenError
from support.pool import (
    EXTENDED,
    GROUPED,
    STANDARD,
    Device,
    PoolTalk,
    kinds,
    mining,
    open_extended,
    setup,
    wish,
)
from support.tlv_miner import TlvDevice

PLANS = pytest.mark.parametrize(
    "plan", [STANDARD, GROUPED, EXTENDED], ids=["standard", "grouped", "extended"]
)
#: Some four hashes a share, and some eighty, in difficulties.
EASIER, HARDER = 1e-9, 1.9e-8
BOTH = replace(EXTENDED, channels=(wish(extended=True, user="alice.1"), wish(extended=True, user="bob")))


def target_at(difficulty: float) -> Target:
    return target_from_difficulty(difficulty)


@PLANS
@pytest.mark.parametrize("wanted", [EASIER, HARDER])
def test_an_open_channel_goes_on_at_another_difficulty_without_a_refused_share(
    plan: ClientPlan, wanted: float
) -> None:
    device = mining(plan)
    talk, before = device.talk, device.unit()
    talk.feed(FixDifficulty("alice", wanted))
    channel = talk.channel(device.peer)
    assert channel.target == target_at(wanted)
    assert device.unit().target == target_at(wanted)
    device.submit(before, next(device.shares(before)))  # was on its way, and is judged as it was given
    device.find(3)
    assert device.refused == []
    assert talk.happened(DifficultyFixed) == [DifficultyFixed("alice", wanted, 1)]
    for _ in range(200):  # vardiff lets it be, whatever comes
        device.find()
    talk.pass_time(600, step=5)
    assert channel.target == target_at(wanted)
    assert device.refused == []


def test_only_what_is_ordered_is_ordered() -> None:
    device = mining(BOTH)
    talk = device.talk
    before = talk.channel(device.peer, 3).target
    talk.feed(FixDifficulty("alice", HARDER))
    assert talk.channel(device.peer, 2).target == target_at(HARDER)
    assert talk.channel(device.peer, 3).target == before
    talk.feed(FixDifficulty("alice_1", EASIER))
    assert talk.channel(device.peer, 2).target == target_at(EASIER)
    talk.feed(FixDifficulty("alice.1", None))  # that of the account holds again
    assert talk.channel(device.peer, 2).target == target_at(HARDER)
    talk.take(device.peer)
    talk.feed(FixDifficulty("alice", HARDER))
    assert talk.take(device.peer) == []


def test_channels_that_open_later_open_so() -> None:
    device = mining()
    talk = device.talk
    talk.feed(FixDifficulty("bob", HARDER))
    assert talk.happened(DifficultyFixed) == [DifficultyFixed("bob", HARDER, 0)]
    device.open(wish(extended=True, user="bob.7"))
    channel = talk.channel(device.peer, 3)
    assert channel.target == target_at(HARDER)
    talk.pass_time(600, step=5)
    assert channel.target == target_at(HARDER)
    device.find(2, channel_id=3)
    assert device.refused == []


def test_it_stays_within_what_the_device_can_and_the_network_wants() -> None:
    talk = PoolTalk()
    talk.offer()
    peer = talk.connect()
    can = Target(1 << 250)
    talk.say(peer, setup(), open_extended(max_target=can.to_bytes(32, "little")))
    talk.feed(FixDifficulty("alice", 1e-12))
    assert talk.channel(peer).target == can
    other = Target(1 << 245)
    talk.feed(FixDifficulty("alice", 1e-9))
    told = talk.say(peer, UpdateChannel(2, 1e15, other.to_bytes(32, "little")))
    assert isinstance(told[0], SetTarget)
    assert talk.channel(peer).target == other


def test_vardiff_takes_over_again() -> None:
    device = mining()
    talk = device.talk
    talk.feed(FixDifficulty("alice", 1.0))
    assert difficulty(talk.channel(device.peer).target) >= 1
    talk.feed(FixDifficulty("alice", None))
    assert talk.happened(DifficultyFixed)[-1] == DifficultyFixed("alice", 0.0, 1)
    talk.happened(TargetChanged)
    talk.pass_time(240, step=5)
    assert talk.happened(TargetChanged)
    assert difficulty(talk.channel(device.peer).target) < 1


def test_where_miners_hear_of_no_target_the_next_channel_opens_so() -> None:
    talk = PoolTalk()
    talk.offer()
    device = TlvDevice(talk).set_up().open()
    before = device.targets[1]
    talk.feed(FixDifficulty("rig", 4.0))
    assert talk.channel(device.peer, 1).target == before
    assert talk.channel(device.peer, 1).ordered is None
    device.open(2, 1_000)
    assert device.targets[2] == target_from_difficulty(4)
    assert talk.channel(device.peer, 2).ordered is not None


def test_closing_a_name_answers_its_shares_and_leaves_the_others() -> None:
    device = mining(BOTH)
    talk = device.talk
    device.find(2)
    talk.take(device.peer)
    talk.feed(CloseNamed("alice"))
    answered, closed = talk.take(device.peer)
    assert isinstance(answered, SubmitSharesSuccess)
    assert closed == CloseChannel(2, "closed by the operator")
    assert list(talk.miner(device.peer).channels) == [3]
    assert talk.happened(ChannelsClosed) == [ChannelsClosed("alice", 1)]
    assert talk.closed == {}
    device.find(2, channel_id=3)
    assert device.refused == []


def test_a_connection_that_is_left_with_none_ends_on_both_wires() -> None:
    talk = PoolTalk()
    talk.offer()
    device, tlv = Device(talk, EXTENDED), TlvDevice(talk, "alice").set_up().open().open(2)
    talk.feed(CloseNamed("alice"))
    assert talk.closed == {device.peer: "closed by the operator", tlv.peer: "closed by the operator"}
    assert talk.happened(ChannelsClosed) == [ChannelsClosed("alice", 3)]
    assert talk.state.miners == {}
    assert talk.state.closings == {"closed by the operator": 2}


def test_a_banned_name_is_closed_and_not_taken_again() -> None:
    device = mining(BOTH)
    talk = device.talk
    talk.feed(Ban("alice", None))
    assert talk.happened(Banned) == [Banned("alice", 0, 1)]
    assert list(talk.miner(device.peer).channels) == [3]
    peer = talk.connect()
    talk.say(peer, setup())
    assert talk.say(peer, open_extended(user="alice.2")) == [OpenMiningChannelError(1, "banned")]
    assert talk.happened(ChannelRefused)[-1] == ChannelRefused(peer, "alice.2", "banned")
    talk.feed(Unban("alice"))
    assert talk.happened(Unbanned) == [Unbanned("alice")]
    assert OpenMiningChannelError not in kinds(talk.say(peer, open_extended(user="alice.2")))


def test_a_banned_name_of_the_dialect_hears_so() -> None:
    talk = PoolTalk()
    talk.offer()
    device = TlvDevice(talk).set_up().open()
    talk.feed(Ban("rig", talk.unix_time + 60))
    assert talk.closed == {device.peer: "banned"}
    again = TlvDevice(talk).set_up()
    [error] = again.say(OpenMiningChannel(1, 42, 1))
    assert isinstance(error, TlvOpenError)
    assert error.error_message.endswith(f"Banned by the operator: 192.0.2.1:{again.peer}")
    talk.pass_time(61, step=1)
    if again.peer in talk.closed:
        again = TlvDevice(talk).set_up()
    again.open()
    assert 1 in again.jobs


def test_a_banned_address_leaves_whatever_its_names() -> None:
    talk = PoolTalk()
    talk.offer()
    devices = [Device(talk, EXTENDED), Device(talk, STANDARD)]
    talk.state.miners[devices[1].peer].address = "198.51.100.1:5"
    idle = talk.connect()
    talk.feed(Ban("192.0.2.0/24", None))
    assert talk.closed == {devices[0].peer: "banned", idle: "banned"}
    assert talk.happened(Banned) == [Banned("192.0.2.0/24", 0, 2)]
    assert list(talk.state.miners) == [devices[1].peer]


@pytest.mark.parametrize(
    "order",
    [
        FixDifficulty("", 1.0),
        FixDifficulty("alice", -1.0),
        CloseNamed(""),
        Ban("0.0.0.0/0", None),
        Ban("192.0.2.0/40", None),
        Unban("nobody"),
        Unban("0.0.0.0/0"),
    ],
)
def test_an_order_that_cannot_be_changes_nothing_and_is_told(order: Input) -> None:
    device = mining()
    talk = device.talk
    talk.feed(order)
    assert len(talk.happened(NotOrdered)) == 1
    assert talk.events == []
    assert talk.sent == {}


def test_a_pool_that_was_drained_takes_miners_again() -> None:
    talk = PoolTalk()
    talk.offer()
    talk.feed(Drain())
    refused = talk.connect()
    assert talk.closed == {refused: "draining"}
    talk.feed(TakeAgain())
    assert talk.happened(TakingAgain) == [TakingAgain()]
    Device(talk, EXTENDED).find()


def test_orders_are_recorded() -> None:
    device = mining()
    talk = device.talk
    entries: list[object] = []
    talk.state.listen(entries.extend)
    for order in (
        FixDifficulty("alice", HARDER),
        FixDifficulty("alice", None),
        Ban("192.0.2.9", 2_000_000_000),
        Unban("192.0.2.9"),
        Ban("", None),
    ):
        talk.feed(order)
    assert talk.state.journal is not None
    talk.state.journal.hand_out()
    recorded = [(entry.name, entry.value) for entry in entries if isinstance(entry, Configured)]
    assert recorded == [
        ("difficulty of alice", str(HARDER)),
        ("difficulty of alice", "auto"),
        ("ban of 192.0.2.9", "2000000000"),
        ("ban of 192.0.2.9", "none"),
    ]


def test_a_pool_of_very_many_channels_is_worked_off_with_the_ticks() -> None:
    channels = tuple(wish(extended=True) for _ in range(150))
    device = mining(replace(EXTENDED, channels=channels))
    talk = device.talk
    talk.feed(FixDifficulty("alice", HARDER))
    assert talk.happened(DifficultyFixed) == []
    at = [channel.target == target_at(HARDER) for channel in talk.miner(device.peer).channels.values()]
    assert 0 < sum(at) < 150
    talk.pass_time(0.1, step=0.01)
    assert talk.happened(DifficultyFixed) == [DifficultyFixed("alice", HARDER, 150)]
    assert all(channel.target == target_at(HARDER) for channel in talk.miner(device.peer).channels.values())


def test_reactions_are_values_until_they_are_taken() -> None:
    device = mining()
    state, now = device.talk.state, device.talk.now
    assert list(fix_difficulty(state, FixDifficulty("alice", HARDER), now))
    assert list(close_named(state, CloseNamed("bob"), now))
    assert list(ban(state, Ban("bob", None), now))
    assert list(unban(state, Unban("bob"), now))
    assert list(take_again(state, TakeAgain(), now))
