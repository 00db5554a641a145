"""Solo worlds: miners of every kind, several names to a connection, and every block pays its finder."""

from dataclasses import replace

import pytest

from sluice.accounting.name import Names
from sluice.bitcoin.target import Target
from sluice.bitcoin.transaction import Transaction
from sluice.sim.miner.tlv_client import TlvPlan
from sluice.sim.world.miner import Trade
from sluice.sim.world.world import POLICY, World, WorldPlan
from support.solo import WITH_FEE, address, assert_pays_its_finder
from support.world import KINDS, assert_blocks_have_an_end, assert_books_agree, trades

MINUTE = 60.0
#: A share in 500 hashes: some each minute at the rates of these miners.
EASY = Target(2**256 // 500)


def addressed(number: int, trade: Trade) -> Trade:
    """A miner under an address of its own; of several channels, each has another."""
    plan = trade.plan
    if isinstance(plan, TlvPlan):
        return replace(trade, plan=replace(plan, user=f"{address(number)}.tlv"))
    wishes = tuple(
        replace(wish, user=address(number + 20 * place)) for place, wish in enumerate(plan.channels)
    )
    return replace(trade, plan=replace(plan, channels=wishes))


@pytest.mark.parametrize("cuts_every", [0.0, 30.0], ids=["fair", "storm"])
@pytest.mark.parametrize("seed", range(2))
def test_every_block_pays_its_finder(seed: int, cuts_every: float) -> None:
    policy = replace(POLICY, names=Names.ADDRESS, scheme=WITH_FEE)
    miners = tuple(addressed(*each) for each in enumerate(trades(10, (*KINDS, "tlv"))))
    world = World(WorldPlan(seed, miners, policy, others_every=120.0, cuts_every=cuts_every))
    world.pool.pool.state.opening_target = EASY
    world.run(8 * MINUTE)
    assert_books_agree(world)
    assert_blocks_have_an_end(world)
    found = [candidate.found for candidate in world.pool.pool.state.candidates.found.values()]
    assert len({each.user for each in found}) > 3
    for each in found:
        value = sum(output.value for output in Transaction.parse(each.coinbase).outputs)
        assert_pays_its_finder(each, value)
