"""Channels that are paid alike share their jobs, others never do: as transcripts of a solo pool."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest

from sluice.accounting.scheme import HOUSE
from sluice.pool.effects import Broadcast
from sluice.pool.events import NameRefused, NotOrdered
from sluice.pool.inputs import EndChannel, MovePrefix, Offered, Regroup, SetPayout
from sluice.pool.payees import Payees
from sluice.sim.miner.client_plan import ChannelWish, ClientPlan
from sluice.sv2.messages.mining import (
    NewExtendedMiningJob,
    OpenExtendedMiningChannelSuccess,
    OpenMiningChannelError,
    OpenStandardMiningChannelSuccess,
    SetGroupChannel,
    SetNewPrevHash,
)
from sluice.sv2.tlv import WORKER_IDENTITY
from sluice.work.book import JobBook
from support.pool import EXTENDED, SLOW, Device, PoolTalk, kinds, one, open_extended, open_standard, setup
from support.solo import FEE_SCRIPT, FREE, SOLO, WITH_FEE, address, assert_pays_its_finder, rewards, script_of
from support.tlv_miner import TlvDevice
from support.work import EASY_NBITS, HEIGHT, PAYOUT, SUBSIDY, spend, template

ALICE, BOB, CAROL = (address(number) for number in (1, 2, 3))


def solo(**changes: object) -> PoolTalk:
    """A solo pool on which every second hash is a block."""
    talk = PoolTalk(replace(SOLO, **changes))  # type: ignore[arg-type]
    talk.offer(nbits=EASY_NBITS)
    return talk


def plan(*users: str, extended: bool = True, standard_jobs: bool = False) -> ClientPlan:
    wishes = tuple(ChannelWish(user, extended, SLOW) for user in users)
    return ClientPlan("pool.example", 3333, wishes, standard_jobs=standard_jobs)


def find_a_block(device: Device, channel_id: int) -> None:
    """Shares of a channel until one of them is a block."""
    before = len(device.talk.blocks)
    for _ in range(20):
        device.find(channel_id=channel_id)
        if len(device.talk.blocks) > before:
            return
    raise AssertionError("none was a block")


def assert_everybody_is_paid(talk: PoolTalk, count: int, value: int = SUBSIDY) -> None:
    """So many blocks, each for its finder."""
    blocks, talk.blocks = talk.blocks, []
    assert len(blocks) == count
    for found in blocks:
        assert_pays_its_finder(found, value)


@pytest.mark.parametrize("kind", ["extended", "grouped", "standard jobs"])
def test_on_one_connection_each_channel_is_paid_by_its_own_name(kind: str) -> None:
    talk = solo()
    users = (ALICE, f"{BOB}.rig", f"{ALICE}_2", CAROL)
    device = Device(talk, plan(*users, extended=kind == "extended", standard_jobs=kind == "standard jobs"))
    channels = [device.talk.channel(device.peer, each) for each in sorted(device.units)]
    assert [channel.user_identity for channel in channels] == list(users)
    assert [channel.payee for channel in channels] == [script_of(user) for user in users]
    for turn in range(2):
        for channel in channels:
            find_a_block(device, channel.channel_id)
        assert_everybody_is_paid(talk, 4)
        assert talk.state.candidates.found
        # The job sent ahead, then a full one: another coinbase each, of the same payee.
        talk.offer(HEIGHT + 1 + turn, nbits=EASY_NBITS)
    talk.offer(HEIGHT + 2, nbits=EASY_NBITS, transactions=(spend(9),))
    for channel in channels:
        find_a_block(device, channel.channel_id)
    assert_everybody_is_paid(talk, 4, SUBSIDY + 9)
    assert device.left is None


def test_a_job_is_made_once_for_a_payee_and_a_group_has_one_payee() -> None:
    talk = solo()
    one_peer, other = (Device(talk, plan(ALICE, BOB, ALICE)), Device(talk, plan(ALICE)))
    miner = talk.miner(one_peer.peer)
    assert list(miner.groups.payees.values()) == [script_of(ALICE), script_of(BOB)]
    first, second = miner.groups.members
    assert first == 1
    assert [len(members) for members in miner.groups.members.values()] == [2, 1]
    effects = talk.feed(Offered(template(HEIGHT, nbits=EASY_NBITS, transactions=(spend(1),))))
    told = [each for each in effects if isinstance(each, Broadcast)]
    assert [(each.peers, type(each.message)) for each in told] == [
        ((one_peer.peer, other.peer), NewExtendedMiningJob),
        ((one_peer.peer,), NewExtendedMiningJob),
    ]
    assert [each.message.channel_id for each in told] == [1, second]  # type: ignore[attr-defined]
    jobs = {unit.job.job_id for device in (one_peer, other) for unit in device.units.values()}
    assert len(jobs) == 2


def test_a_new_tip_is_told_to_all_before_anything_else_is_made() -> None:
    talk = solo()
    for user in (ALICE, BOB, CAROL):
        Device(talk, plan(user))
    effects = talk.feed(Offered(template(HEIGHT + 1, nbits=EASY_NBITS)))
    told = [each for each in effects if isinstance(each, Broadcast)]
    assert kinds([each.message for each in told]) == [SetNewPrevHash] * 3 + [NewExtendedMiningJob] * 6
    assert [each.urgent for each in told] == [True] * 3 + [False] * 6


def test_what_nobody_is_paid_by_is_forgotten() -> None:
    talk = solo()
    device = Device(talk, plan(ALICE, BOB, BOB))
    assert len(talk.state.payees) == 3
    talk.feed(EndChannel(device.peer, 2, "enough"))
    assert len(talk.state.payees) == 2
    with pytest.raises(KeyError):
        talk.state.payees.of(script_of(ALICE))
    # The first group is free again, for whoever comes next.
    device.open(ChannelWish(CAROL, True, SLOW))
    assert talk.miner(device.peer).groups.payees[1] == script_of(CAROL)
    talk.offer(HEIGHT + 1, nbits=EASY_NBITS)
    for channel_id in device.units:
        find_a_block(device, channel_id)
    assert_everybody_is_paid(talk, 3)
    talk.leave(device.peer)
    assert len(talk.state.payees) == 1
    assert talk.state.payees.house.grouped == {}


def test_a_block_on_an_older_job_pays_who_mined_it() -> None:
    talk = solo()
    device = Device(talk, plan(ALICE, BOB))
    units = dict(device.units)
    for height in (HEIGHT + 1, HEIGHT + 2):
        talk.offer(height, nbits=EASY_NBITS)
        for unit in units.values():
            for share in device.shares(unit):
                device.forge(unit, share)
                if (
                    talk.blocks
                    and talk.blocks[-1].user == talk.channel(device.peer, unit.channel_id).user_identity
                ):
                    break
        if height == HEIGHT + 1:
            assert_everybody_is_paid(talk, len(talk.blocks))
            break


def test_an_operator_may_move_and_regroup_channels_of_several_payees() -> None:
    talk = solo()
    device = Device(talk, plan(ALICE, BOB, ALICE, CAROL))
    ids = sorted(device.units)
    groups = [
        each
        for each in _told_by(talk, device, Regroup(device.peer, tuple(ids[1:])))
        if isinstance(each, SetGroupChannel)
    ]
    assert [each.channel_ids for each in groups] == [(ids[1],), (ids[2],), (ids[3],)]
    talk.feed(MovePrefix(device.peer, ids[1]))
    for height in (HEIGHT + 1, HEIGHT + 2):
        talk.offer(height, nbits=EASY_NBITS)
        for channel_id in ids:
            find_a_block(device, channel_id)
        assert_everybody_is_paid(talk, 4)
    device.open(ChannelWish(BOB, True, SLOW))
    assert len(talk.miner(device.peer).groups.members) == 4
    assert device.left is None


def _told_by(talk: PoolTalk, device: Device, order: Regroup) -> Sequence[object]:
    talk.take(device.peer)
    talk.feed(order)
    return talk.take(device.peer)


def test_a_worker_behind_a_proxy_is_credited_and_does_not_change_who_is_paid() -> None:
    talk = solo()
    device = Device(talk, replace(plan(f"{ALICE}.proxy"), worker=BOB))
    assert WORKER_IDENTITY in talk.miner(device.peer).extensions
    find_a_block(device, 2)
    assert_everybody_is_paid(talk, 1)
    assert set(talk.channel(device.peer).workers or ()) == {BOB}


def test_a_name_without_an_address_cannot_mine_solo() -> None:
    talk = solo()
    peer = talk.connect()
    talk.say(peer, setup())
    assert kinds(talk.say(peer, open_standard(user="alice"))) == [OpenMiningChannelError]
    assert len(talk.happened(NameRefused)) == 1
    assert len(talk.state.payees) == 1


def test_another_payout_is_not_taken() -> None:
    talk = solo()
    device = Device(talk, plan(ALICE))
    talk.feed(SetPayout(replace(PAYOUT, script_pubkey=b"\x52")))
    assert len(talk.happened(NotOrdered)) == 1
    talk.offer(HEIGHT + 1, nbits=EASY_NBITS)
    find_a_block(device, 2)
    assert_everybody_is_paid(talk, 1)


def test_without_a_fee_the_finder_has_it_all() -> None:
    talk = solo(scheme=FREE)
    find_a_block(Device(talk, plan(ALICE)), 2)
    [found] = talk.blocks
    assert_pays_its_finder(found, SUBSIDY, FREE)
    assert len(rewards(found)) == 1


def test_a_finder_who_is_the_operator_is_paid_once() -> None:
    talk = solo(scheme=replace(WITH_FEE, fee_script=script_of(ALICE)))
    find_a_block(Device(talk, plan(ALICE)), 2)
    assert [(each.value, each.script_pubkey) for each in rewards(talk.blocks[0])] == [
        (SUBSIDY, script_of(ALICE))
    ]


def test_who_waits_for_the_first_template_mines_for_its_own_address() -> None:
    talk = PoolTalk(SOLO)
    peer = talk.connect()
    talk.say(peer, setup(), open_extended(user=ALICE), open_standard(2, BOB))
    assert len(talk.state.payees) == 1
    talk.offer()
    told = talk.take(peer)
    first, second = one(told, OpenExtendedMiningChannelSuccess), one(told, OpenStandardMiningChannelSuccess)
    assert first.group_channel_id != second.group_channel_id
    [job] = [
        each
        for each in told
        if isinstance(each, NewExtendedMiningJob) and each.channel_id == first.channel_id
    ]
    assert script_of(ALICE) in job.coinbase_tx_suffix
    assert FEE_SCRIPT in job.coinbase_tx_suffix


def test_miners_of_the_dialect_are_paid_by_their_own_names() -> None:
    talk = solo()
    for user in (ALICE, BOB):
        miner = TlvDevice(talk, user).set_up()
        miner.open()
        [channel] = talk.miner(miner.peer).channels.values()
        assert channel.payee == script_of(user)
        for job in miner.jobs.values():
            assert script_of(user) in job.coinbase_suffix
    talk.offer(HEIGHT + 1, nbits=EASY_NBITS)
    assert len(talk.state.payees) == 3


def test_there_is_always_the_house() -> None:
    payees = Payees(JobBook(PAYOUT, count(1).__next__, lambda height: SUBSIDY))
    assert payees.of(HOUSE) is payees.house
    payees.join(HOUSE, lambda payee, house: house)
    payees.leave(HOUSE)
    assert len(payees) == 1
    with pytest.raises(ValueError, match="no job yet beside"):
        payees.join(b"\x52", lambda payee, house: house)


def test_a_pool_that_pays_the_house_has_one_book() -> None:
    talk = PoolTalk()
    talk.offer()
    Device(talk, EXTENDED)
    Device(talk, plan(ALICE))
    assert len(talk.state.payees) == 1
    assert talk.state.payees.house.channels == 2
