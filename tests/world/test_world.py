"""Whole worlds, each from a seed: honest work is paid, once, and every block finds its place."""

from dataclasses import replace
from random import Random

import pytest

from sluice.pool.inputs import Drain, EndChannel, Input, MovePrefix, Regroup
from sluice.pool.miner import Miner
from sluice.sim.miner.referee import Fate
from sluice.sim.world.link import Weather
from sluice.sim.world.world import POLICY, World, WorldPlan
from support.world import assert_blocks_have_an_end, assert_books_agree, hashed, trades

MINUTE = 60.0
#: Long enough for what is under way to arrive, and for blocks to be answered for.
SETTLING = 1.0


def assert_no_honest_share_is_refused(world: World) -> None:
    """But those that two blocks overtook on their way: the pool remembers one tip before its own."""
    assert world.referee.fates[Fate.STALE] == 0
    assert world.refused == world.referee.fates[Fate.FORGOTTEN] <= 2


def stormy(seed: int) -> WorldPlan:
    return WorldPlan(seed, trades(8), others_every=90.0, cuts_every=30.0)


@pytest.mark.parametrize("seed", range(4))
def test_in_fair_weather_no_share_is_refused_and_all_work_is_paid(seed: int) -> None:
    world = World(WorldPlan(seed, trades(10), others_every=120.0))
    world.run(10 * MINUTE)
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    assert_no_honest_share_is_refused(world)
    assert all(miner.book.connections == 1 for miner in world.miners)
    assert world.credited_work == pytest.approx(hashed(world), rel=0.12)
    assert world.accepted > 500
    assert len(world.node.blocks) > 10


@pytest.mark.parametrize("seed", range(4))
def test_in_a_storm_miners_come_back_and_nothing_that_arrives_is_refused(seed: int) -> None:
    world = World(stormy(seed))
    world.run(15 * MINUTE)
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    assert_no_honest_share_is_refused(world)
    assert sum(miner.book.connections for miner in world.miners) > 2 * len(world.miners)
    assert world.credited_work + world.referee.lost_work == pytest.approx(hashed(world), rel=0.15)
    # Some cuts nobody told the pool of: it finds out by itself.
    assert world.pool.pool.state.closings["idle"] > 0


@pytest.mark.parametrize("seed", range(2))
def test_whoever_was_cut_goes_on_working(seed: int) -> None:
    world = World(stormy(seed))
    world.run(10 * MINUTE)
    world.stormy = False
    world.run(4 * MINUTE)  # whoever was not told finds out
    before = {miner.trade.name: miner.book.accepted for miner in world.miners}
    connections = [miner.book.connections for miner in world.miners]
    world.run(5 * MINUTE)
    assert all(miner.book.accepted > before[miner.trade.name] + 20 for miner in world.miners)
    assert [miner.book.connections for miner in world.miners] == connections
    assert len(world.pool.pool.state.miners) == len(world.miners)


@pytest.mark.parametrize("seed", range(3))
def test_what_comes_too_late_is_refused_and_nothing_else(seed: int) -> None:
    slow = Weather(fastest=0.2, slowest=4.0)
    policy = replace(POLICY, stale_grace=1.0)
    world = World(WorldPlan(seed, trades(8), policy, slow, block_seconds=20.0, others_every=60.0))
    world.run(15 * MINUTE)
    world.run(2 * slow.slowest)
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    fates = world.referee.fates
    assert min(fates[Fate.GOOD], fates[Fate.LATE], fates[Fate.STALE]) > 0
    told = world.told_refused
    assert set(told) <= set(world.referee.refused)
    assert all(told[word] <= count for word, count in world.referee.refused.items())
    assert sum(told.values()) > 0.8 * world.refused  # the rest is still on its way back


def acts(miner: Miner, channel_id: int) -> list[Input]:
    """What an operator may do to a channel."""
    return [
        MovePrefix(miner.peer, channel_id),
        Regroup(miner.peer, (channel_id,)),
        EndChannel(miner.peer, channel_id, "maintenance"),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_an_operator_at_work_costs_nobody_a_share_but_on_a_channel_that_is_ended(seed: int) -> None:
    world = World(WorldPlan(seed, trades(8)))
    noise = Random(seed)
    for _ in range(60):
        world.run(5.0)
        miner = noise.choice([miner for miner in world.pool.pool.state.miners.values() if miner.channels])
        world.feed(noise.choice(acts(miner, noise.choice(sorted(miner.channels)))))
    world.run(SETTLING)
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    assert world.refused == world.referee.fates[Fate.ENDED] + world.referee.fates[Fate.FORGOTTEN]
    assert set(world.told_refused) <= {Fate.FORGOTTEN.value}
    assert world.accepted > 200


def test_a_drained_pool_is_empty_in_a_moment_and_has_answered_for_everything() -> None:
    world = World(WorldPlan(7, trades(8)))
    world.run(3 * MINUTE)
    world.feed(Drain())
    world.run(2.0)
    assert world.pool.pool.state.miners == {}
    assert world.pool.pool.state.space.held == 0
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    assert_no_honest_share_is_refused(world)


def test_the_same_seed_is_the_same_world() -> None:
    worlds = [World(stormy(3)) for _ in range(2)]
    for world in worlds:
        world.run(5 * MINUTE)
    assert worlds[0].transcript == worlds[1].transcript
    assert len(worlds[0].transcript) > 200
    other = World(stormy(4))
    other.run(5 * MINUTE)
    assert other.transcript != worlds[0].transcript


def test_encryption_changes_nothing_but_the_bytes() -> None:
    plain = World(replace(stormy(5), sealed=False))
    plain.run(5 * MINUTE)
    assert_books_agree(plain)
    assert plain.refused == 0
    assert plain.accepted > 200


@pytest.mark.parametrize("seed", range(3))
def test_blocks_found_while_the_node_is_away_and_the_disk_is_full_have_an_end(seed: int) -> None:
    world = World(WorldPlan(seed, trades(10), block_seconds=10.0))
    world.run(MINUTE)
    candidates = world.pool.pool.state.candidates
    world.node.away = world.disk.full = True
    before = set(candidates.found)
    while len(set(candidates.found) - before) < 3:
        world.run(MINUTE)
    waiting = set(candidates.found) - before
    assert waiting <= set(candidates.live)
    assert not waiting & {block.block_hash for block in world.node.blocks}
    world.node.away = world.disk.full = False
    world.run(5 * MINUTE)
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    assert waiting <= set(world.disk.settled)
    assert len(world.node.blocks) > len(before)
