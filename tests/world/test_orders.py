"""An operator gives orders to whole worlds: no honest share is refused for one, a ban holds, a drain forgets nothing."""

from random import Random

import pytest

from sluice.pool.inputs import Ban, CloseNamed, Drain, FixDifficulty, TakeAgain
from sluice.pool.orders import names_of
from sluice.sim.miner.referee import Fate
from sluice.sim.world.miner import WorldMiner
from sluice.sim.world.world import World, WorldPlan
from support.world import assert_blocks_have_an_end, assert_books_agree, trades

MINUTE = 60.0
#: A share takes a device of a world, of 20 to 200 hashes a second, some seconds at these.
DIFFICULTIES = (5e-8, 2e-7, 6e-7, None)


def channels_of(world: World, name: str) -> int:
    """Open ones, of an account or one of its workers."""
    miners = world.pool.pool.state.miners.values()
    users = [channel.user_identity for miner in miners for channel in miner.channels.values()]
    return sum(name in names_of(user) for user in users)


def named(world: World, number: int) -> WorldMiner:
    return next(miner for miner in world.miners if miner.trade.name == f"miner-{number}")


@pytest.mark.parametrize("seed", range(2))
def test_difficulties_that_are_ordered_cost_nobody_a_share(seed: int) -> None:
    """Shares that are under way while the order comes are judged by the target of their job."""
    world = World(WorldPlan(seed, trades(10), others_every=120.0))
    noise = Random(seed)
    for _ in range(60):
        world.run(5.0)
        world.feed(FixDifficulty(f"user-{noise.randrange(10)}", noise.choice(DIFFICULTIES)))
    world.run(MINUTE)
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    assert world.referee.fates[Fate.STALE] == 0
    assert world.refused == world.referee.fates[Fate.FORGOTTEN] <= 2
    assert world.accepted > 150
    assert all(miner.book.connections == 1 for miner in world.miners)


@pytest.mark.parametrize("seed", range(2))
def test_whoever_is_banned_comes_back_when_it_is_over_and_not_before(seed: int) -> None:
    world = World(WorldPlan(seed, trades(6)))
    world.run(3 * MINUTE)
    assert channels_of(world, "user-1") == 1
    state = world.pool.pool.state
    until = state.unix_time + 120
    world.feed(Ban("user-1", until))
    while state.unix_time < until:
        assert channels_of(world, "user-1") == 0
        world.run(1.0)
    before = named(world, 1).book.accepted
    world.run(8 * MINUTE)
    assert channels_of(world, "user-1") == 1
    assert named(world, 1).book.accepted > before
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    others = [miner for miner in world.miners if miner is not named(world, 1)]
    assert all(miner.book.connections == 1 for miner in others)


def test_whoever_is_closed_may_come_again_at_once() -> None:
    world = World(WorldPlan(3, trades(6)))
    world.run(2 * MINUTE)
    world.feed(CloseNamed("user-2"))
    assert channels_of(world, "user-2") == 0
    world.run(5 * MINUTE)
    assert channels_of(world, "user-2") == 1
    assert_books_agree(world)


@pytest.mark.parametrize("seed", range(2))
def test_a_drain_that_is_taken_back_has_forgotten_no_order(seed: int) -> None:
    world = World(WorldPlan(seed, trades(6)))
    world.run(2 * MINUTE)
    world.feed(FixDifficulty("user-0", 3e-7))
    world.feed(Ban("user-5", None))
    world.run(MINUTE)
    world.feed(Drain())
    world.run(5.0)
    state = world.pool.pool.state
    assert state.miners == {}
    world.feed(TakeAgain())
    world.run(5 * MINUTE)
    assert channels_of(world, "user-5") == 0
    assert all(channels_of(world, f"user-{number}") >= 1 for number in range(5))
    (channel,) = [
        channel
        for miner in state.miners.values()
        for channel in miner.channels.values()
        if "user-0" in names_of(channel.user_identity)
    ]
    assert channel.ordered is not None
    assert channel.target == channel.ordered
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    assert world.referee.fates[Fate.STALE] == 0
