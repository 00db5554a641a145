"""How a world is put together; what holds in whole worlds is in tests/world."""

from dataclasses import replace

import pytest

from sluice.pool.inputs import Offered
from sluice.sim.world.world import ARRIVAL_SECONDS, World, WorldPlan
from support.work import template
from support.world import hashed, trades

PLAN = WorldPlan(1, trades(5))


def test_everybody_arrives_in_a_moment() -> None:
    world = World(PLAN)
    world.run(ARRIVAL_SECONDS + 2)
    assert len(world.pool.pool.state.miners) == 5
    assert all(miner.book.hashes for miner in world.miners)


def test_time_is_made_up() -> None:
    world = World(PLAN)
    world.run(30)
    world.run(12.5)
    assert world.clock.now == 42.5
    assert world.pool.pool.state.unix_time == int(world.node.unix_time)


def test_figures_are_the_pool_s_own() -> None:
    world = World(PLAN)
    world.run(60)
    state = world.pool.pool.state
    assert world.accepted == sum(miner.accepted for miner in state.miners.values()) > 0
    assert world.credited_work == sum(miner.work for miner in state.miners.values())
    before = world.credited_work, world.accepted, world.refused
    for miner in world.miners:
        assert miner.link is not None
        miner.link.cut(1)
    world.run(0.3)
    assert len(state.miners) == 0
    assert world.credited_work >= before[0]  # what was departed with is not forgotten
    assert world.accepted >= before[1]


def test_the_referee_hears_of_every_tip() -> None:
    world = World(PLAN)
    world.run(5)
    tip = world.pool.pool.state.book.tip
    assert tip is not None
    world.feed(Offered(template(fork=9)))
    after = world.pool.pool.state.book.tip
    assert after is not None
    assert after.prev_hash != tip.prev_hash
    assert world.referee._tips[-1] == (after.prev_hash, world.clock.now)


def test_others_find_blocks_and_links_are_cut_only_where_the_plan_says_so() -> None:
    calm, wild = World(PLAN), World(replace(PLAN, others_every=20.0, cuts_every=20.0))
    for world in (calm, wild):
        world.run(120)
    ours = set(calm.pool.pool.state.candidates.found)
    assert {found.block_hash for found in calm.node.blocks} <= ours
    assert not {found.block_hash for found in wild.node.blocks} <= set(wild.pool.pool.state.candidates.found)
    assert all(miner.book.connections == 1 for miner in calm.miners)
    assert any(miner.book.connections > 1 for miner in wild.miners)
    wild.stormy = False
    connections = sum(miner.book.connections for miner in wild.miners)
    wild.run(5)
    assert sum(miner.book.connections for miner in wild.miners) <= connections + 5


@pytest.mark.parametrize("seed", [1, 2])
def test_a_seed_is_a_world(seed: int) -> None:
    one, other = World(replace(PLAN, seed=seed)), World(replace(PLAN, seed=seed))
    for world in (one, other):
        world.run(40)
    assert one.transcript == other.transcript
    assert (hashed(one), one.credited_work) == (hashed(other), other.credited_work)
