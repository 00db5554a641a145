"""Pictures in slices: the loop is never held for long, and what they show is what the overview shows."""

import asyncio
from copy import copy
from dataclasses import replace

import pytest
from msgspec import json

from sluice.bitcoin.hashes import to_display
from sluice.control.client import Assembly, Picture
from sluice.control.words import Answer, RecordPicture
from sluice.node.several.standing import Standing, State
from sluice.pool.inputs import Answered, Recorded
from sluice.pool.overview import overview
from sluice.pool.ports import Answer as Verdict
from sluice.pool.ports import Outcome
from sluice.server import pictures as module
from sluice.server.clock import steady
from sluice.server.limits import Limits
from sluice.server.loop import Owner
from sluice.server.pictures import Facts, Pictures, Taken, node_picture
from sluice.work.tally import Tally
from support.pool import EXTENDED, STANDARD, Device, PoolTalk, mining, wish
from support.work import EASY_NBITS

FACTS = Facts("1.2.3", "regtest", "test", "pool", "bcrt1q", key_temporary=True)


def owner_of(talk: PoolTalk) -> Owner:
    return Owner(talk.pool, Limits(), lambda event: None, lambda effect: None)


def assembled(taken: Taken) -> Picture:
    assembly = Assembly()
    pictures = [assembly.take(json.decode(line, type=Answer)) for line in taken.lines]
    (picture,) = filter(None, pictures)
    return picture


def picture(talk: PoolTalk) -> Picture:
    return assembled(asyncio.run(Pictures(FACTS, lambda: ()).take(owner_of(talk))))


def in_our_time(talk: PoolTalk) -> None:
    """The pictures' clock is the machine's: let the pool have lived until now by it."""
    shift = steady() - talk.now
    talk.now = steady()
    for miner in talk.state.miners.values():
        miner.connected_at += shift
        miner.last_heard += shift
        for tally in miner.tallies:
            if tally.last_share is not None:
                tally.last_share += shift


def test_it_shows_what_the_overview_shows() -> None:
    device = mining(replace(STANDARD, channels=(wish(), wish(user="bo\udcffb"))))
    device.find(3)
    device.find(2, channel_id=3)
    in_our_time(device.talk)
    shown = picture(device.talk)
    view = overview(device.talk.state, device.talk.now)
    (miner,), (expected,) = shown.miners, view.miners
    assert [channel.user for channel in miner.channels] == ["alice", "bo\\xffb"]
    assert miner.figures.accepted == expected.figures.accepted == 5
    assert miner.figures.work == expected.figures.work
    assert (miner.wire, miner.vendor) == ("Stratum V2", expected.vendor)
    assert shown.pool.figures.accepted == 5
    assert (shown.pool.miners, shown.pool.channels) == (1, 2)
    assert shown.pool.height == view.height
    assert shown.pool.trouble == ""


def test_the_template_the_blocks_and_the_facts() -> None:
    device = mining(nbits=EASY_NBITS)
    device.find()
    block_hash = device.talk.blocks[0].block_hash
    device.talk.feed(Recorded(block_hash))
    device.talk.feed(Answered(block_hash, Outcome("core", "rpc", Verdict.REFUSED, "bad-\x1b", 12)))
    pool = picture(device.talk).pool
    (block,) = pool.blocks
    assert (block.block_hash, block.user, block.stage) == (to_display(block_hash), "alice", "refused")
    assert [(answer.node, answer.reason) for answer in block.answers] == [("core", "bad-\x1b")]
    assert (pool.blocks_alive, pool.blocks_accepted) == (1, 0)
    assert pool.template is not None
    assert pool.template.height == pool.height
    assert (pool.version, pool.payout, pool.mode) == ("1.2.3", "bcrt1q", "pool")


def test_only_the_newest_blocks_are_shown_the_newest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BLOCKS", 2)
    device = mining(nbits=EASY_NBITS)
    while len(device.talk.blocks) < 4:
        device.find()
    found = [to_display(block.block_hash) for block in device.talk.blocks]
    assert [block.block_hash for block in picture(device.talk).pool.blocks] == found[:-3:-1]


def test_the_record_is_shown_where_there_is_one() -> None:
    pictures = Pictures(FACTS, lambda: ())
    pictures.record = lambda: RecordPicture(3, 0.5, 1, "the disk is full")
    taken = asyncio.run(pictures.take(owner_of(PoolTalk())))
    assert assembled(taken).pool.record == RecordPicture(3, 0.5, 1, "the disk is full")


def test_every_field_of_a_standing_is_there() -> None:
    standing = Standing(
        "core", State.LAGGING, "why", 1.0, 7, "aa", 2, 3.0, 4.0, 5, {"accepted": 1}, "accepted"
    )
    shown = node_picture(standing)
    for name in Standing.__slots__:
        value = getattr(standing, name)
        assert getattr(shown, name) == (value.value if isinstance(value, State) else value)
    assert shown.meaning.startswith("Its tip is an older block")


def test_a_large_pool_is_made_in_slices_between_which_others_have_their_turn() -> None:
    talk = PoolTalk()
    talk.offer()
    devices = [Device(talk, EXTENDED) for _ in range(3)]
    devices[0].find()
    channel = talk.channel(devices[0].peer)
    channel.workers = {f"rig-{number}": Tally(talk.now) for number in range(1_024)}
    for tally in channel.workers.values():
        tally.absorb(channel.tally)
    miner = talk.miner(devices[1].peer)
    only = miner.channels[2]
    for number in range(3, 2_003):
        miner.channels[number] = copy(only)
        miner.channels[number].channel_id = number

    async def main() -> tuple[Taken, int]:
        turns = 0
        making = asyncio.create_task(Pictures(FACTS, lambda: ()).take(owner_of(talk)))
        while not making.done():
            await asyncio.sleep(0.001)
            turns += 1
        return making.result(), turns

    taken, turns = asyncio.run(main())
    shown = assembled(taken)
    assert turns > 3
    assert len(shown.miners) == 3
    assert len(shown.miners[0].channels[0].workers) == 1_024
    assert [len(miner.channels) for miner in shown.miners] == [1, 2_001, 1]
    assert shown.pool.channels == 2_003


def test_who_leaves_meanwhile_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 0.0)
    talk = PoolTalk()
    talk.offer()
    devices = [Device(talk, EXTENDED) for _ in range(3)]

    async def main() -> Picture:
        making = asyncio.create_task(Pictures(FACTS, lambda: ()).take(owner_of(talk)))
        await asyncio.sleep(0)
        for device in devices:
            talk.leave(device.peer)
        return assembled(await making)

    assert len(asyncio.run(main()).miners) == 1
