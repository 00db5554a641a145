"""Worlds in which miners of both wires work side by side on one pool."""

import pytest

from sluice.bitcoin.target import Target
from sluice.sim.miner.referee import Fate
from sluice.sim.miner.tlv_client import TlvPlan
from sluice.sim.world.world import World, WorldPlan
from support.world import assert_blocks_have_an_end, assert_books_agree, hashed, trades

MINUTE = 60.0
BOTH = ("standard", "tlv", "extended", "tlv", "mixed")
#: A share in 500 hashes: some each minute at the rates of these miners. It stays, as the dialect has it.
EASY = Target(2**256 // 500)


def world_of(plan: WorldPlan) -> World:
    world = World(plan)
    world.pool.pool.state.opening_target = EASY
    return world


def accepted_by_wire(world: World) -> tuple[int, int]:
    """Shares taken from miners of Stratum V2, and of the dialect."""
    of_tlv = [isinstance(miner.trade.plan, TlvPlan) for miner in world.miners]
    books = [miner.book.accepted for miner in world.miners]
    tlv = sum(count for count, is_tlv in zip(books, of_tlv, strict=True) if is_tlv)
    return sum(books) - tlv, tlv


@pytest.mark.parametrize("seed", range(3))
def test_in_fair_weather_no_share_of_either_is_refused(seed: int) -> None:
    world = world_of(WorldPlan(seed, trades(10, BOTH), others_every=120.0))
    world.run(10 * MINUTE)
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    assert world.refused == world.referee.fates[Fate.FORGOTTEN] <= 2
    assert min(accepted_by_wire(world)) > 100
    assert world.credited_work == pytest.approx(hashed(world), rel=0.15)
    finders = {candidate.found.user for candidate in world.pool.pool.state.candidates.found.values()}
    names = {miner.trade.plan.user for miner in world.miners if isinstance(miner.trade.plan, TlvPlan)}
    assert finders & names
    assert finders - names


@pytest.mark.parametrize("seed", range(3))
def test_in_a_storm_whatever_arrives_is_paid(seed: int) -> None:
    world = world_of(WorldPlan(seed, trades(8, BOTH), others_every=90.0, cuts_every=30.0))
    world.run(10 * MINUTE)
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    assert min(accepted_by_wire(world)) > 50
