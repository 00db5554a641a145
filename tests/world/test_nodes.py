"""Worlds in which nodes come and go while miners work: no honest share is refused, and nobody is led astray."""

from random import Random

import pytest

from sluice.node.embedded.chain import Chain, ChainPlan
from sluice.node.several.kinship import DEPTH
from sluice.node.several.standing import State
from sluice.sim.miner.referee import Fate
from sluice.sim.world.jumping_clock import JumpingClock
from sluice.sim.world.node import WorldNode
from sluice.sim.world.world import World, WorldPlan
from support.world import assert_blocks_have_an_end, assert_books_agree, trades

MINUTE = 60.0
SETTLING = 2.0
NAMES = ("cellar", "rack", "attic")
#: Seconds by which each hears later than the first.
WAYS = (0.0, 0.15, 1.2)


def world_of(seed: int, **changes: float) -> World:
    world = World(WorldPlan(seed, trades(8), nodes=NAMES, **({"others_every": 45.0} | changes)))  # type: ignore[arg-type]
    for window, way in zip(world.nodes.windows, WAYS, strict=True):
        window.way = way
    return world


def another_chain(blocks: int) -> Chain:
    """With blocks of its own from the first."""
    clock = JumpingClock()
    node = WorldNode(clock, ChainPlan(hashrate=10, block_seconds=10.0, seed=99), 1e9, lambda _: None)
    for _ in range(blocks):
        clock.run_until(clock.now + 10)
        node.others_find()
    return node.chain


def assert_all_is_well(world: World) -> None:
    world.run(SETTLING)
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    assert world.referee.fates[Fate.STALE] == 0
    assert world.refused == world.referee.fates[Fate.FORGOTTEN] <= 2
    assert not [line for line in world.transcript if " NodeTroubled(" in line]


def told(world: World, event: str) -> int:
    return sum(f" {event}(" in line for line in world.transcript)


def spoil(world: World, noise: Random) -> None:
    """One node fails or hangs, if another is left; or one is mended."""
    nodes = world.nodes
    node = noise.randrange(len(NAMES))
    well = [at for at, window in enumerate(nodes.windows) if not (window.away or window.hanging)]
    if node not in well:
        nodes.recover(node)
    elif len(well) > 1:
        noise.choice((nodes.fail, nodes.hang))(node)


@pytest.mark.parametrize("seed", range(4))
def test_nodes_that_fail_and_hang_cost_no_share(seed: int) -> None:
    world, noise = world_of(seed), Random(seed)
    world.run(5.0)
    for _ in range(80):
        spoil(world, noise)
        world.run(noise.uniform(0.0, 12.0))
    for node in range(len(NAMES)):
        world.nodes.recover(node)
    world.run(30.0)
    assert_all_is_well(world)
    assert world.accepted > 300
    assert told(world, "LeadTaken") > 5
    assert {standing.state for standing in world.nodes.standings()} <= {
        State.LEADING,
        State.IN_STEP,
        State.SLOW,
    }
    assert told(world, "NodesDisagree") == 0


@pytest.mark.parametrize("seed", range(4))
def test_the_pool_is_where_the_best_node_is(seed: int) -> None:
    world, noise = world_of(seed), Random(seed)
    world.run(5.0)
    for _ in range(60):
        spoil(world, noise)
        world.run(noise.uniform(0.0, 8.0))
        tip = world.pool.pool.state.book.tip
        assert tip is not None
        running = [window.height for window in world.nodes.windows if not window.away]
        assert tip.height >= max(running)
        assert tip.height <= world.node.chain.height + 1


def test_the_time_from_one_leader_to_the_next_is_none() -> None:
    world = world_of(1, others_every=0.0)
    world.run(30.0)
    leader = next(at for at, one in enumerate(world.nodes.standings()) if one.state is State.LEADING)
    before, at = len(world.transcript), world.clock.now
    world.nodes.fail(leader)
    (line,) = [line for line in world.transcript[before:] if " LeadTaken(" in line]
    assert float(line.split()[0]) == at


@pytest.mark.parametrize("seed", range(2))
def test_a_node_on_a_higher_chain_of_its_own_leads_nobody_astray(seed: int) -> None:
    world = world_of(seed, others_every=20.0)
    world.run(4 * MINUTE)
    assert world.node.chain.height > 2 * DEPTH  # two young chains may both have begun as one
    other = another_chain(90)
    assert other.height > world.node.chain.height + 40
    world.nodes.windows[2].astray = other
    for _ in range(20):
        world.nodes.say(2, other.template(1_000_000, world.node.unix_time))
        world.run(10.0)
        tip = world.pool.pool.state.book.tip
        assert tip is not None
        assert world.node.chain.hash_at(tip.height - 1) == tip.prev_hash
    assert world.nodes.standings()[2].state is State.FORKED
    assert told(world, "NodesDisagree") == 1
    world.nodes.recover(2)
    world.run(5.0)
    assert told(world, "NodesAgree") == 1
    assert_all_is_well(world)


def test_when_all_are_gone_the_pool_says_so_once_and_goes_on_when_one_is_back() -> None:
    world = world_of(3)
    world.run(MINUTE)
    for node in range(3):
        world.nodes.fail(node)
    world.run(20.0)
    assert told(world, "NodeTroubled") == 1
    world.nodes.recover(1)
    world.run(MINUTE)
    assert told(world, "NodeRecovered") == 1
    assert_books_agree(world)
    assert world.referee.fates[Fate.STALE] == 0
