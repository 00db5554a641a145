"""Worlds for tests: a few miners of every kind, and what must be true of any world in the end."""

from sluice.pool.block_life import Stage
from sluice.sim.miner.client_plan import ChannelWish, ClientPlan
from sluice.sim.miner.tlv_client import TlvPlan
from sluice.sim.world.miner import Trade
from sluice.sim.world.world import World

#: Kinds of miners: two channels behind one connection, one that names its worker, groups, headers only.
KINDS = ("standard", "grouped", "extended", "worker", "mixed")
RATES = (20.0, 50.0, 100.0, 200.0)


def trade(number: int, kind: str, hash_rate: float, claim: float = 1.0) -> Trade:
    """A miner that claims `claim` times what it really does."""
    if kind == "tlv":
        return Trade(f"miner-{number}", TlvPlan(f"user-{number}"), hash_rate)
    extended = kind in ("extended", "worker", "mixed")
    wish = ChannelWish(f"user-{number}", extended, hash_rate * claim)
    wishes = (wish, ChannelWish(f"user-{number}b", False, hash_rate * claim)) if kind == "mixed" else (wish,)
    plan = ClientPlan(
        "pool.example",
        3333,
        wishes,
        standard_jobs=kind == "standard",
        worker=f"rig-{number}" if kind == "worker" else None,
    )
    return Trade(f"miner-{number}", plan, hash_rate)


def trades(count: int, kinds: tuple[str, ...] = KINDS, *, speed: float = 1.0) -> tuple[Trade, ...]:
    """Miners of all kinds and rates in turn, `speed` times theirs; each third claims ten times too much, each fifth too
    little.
    """
    return tuple(
        trade(
            number,
            kinds[number % len(kinds)],
            RATES[number % len(RATES)] * speed,
            claim=10.0 if number % 3 == 2 else 0.1 if number % 5 == 4 else 1.0,
        )
        for number in range(count)
    )


def hashed(world: World) -> int:
    return sum(miner.book.hashes for miner in world.miners)


def assert_books_agree(world: World) -> None:
    """The pool's books are what the referee said they would be; nobody broke a rule; no share is paid twice."""
    assert [miner.book.broken for miner in world.miners if miner.book.broken] == []
    assert world.credited_work == world.referee.work
    assert world.accepted == sum(world.referee.paid.values())
    assert max(world.referee.paid.values()) == 1
    assert world.refused == sum(world.referee.refused.values())


def assert_blocks_have_an_end(world: World) -> None:
    """Every block that the pool found is in the chain, or another one of its height is; each ended once."""
    chain = {found.height: found.block_hash for found in world.node.blocks}
    for candidate in world.pool.pool.state.candidates.found.values():
        found = candidate.found
        ours = chain[found.height] == found.block_hash
        assert candidate.stage in (
            (Stage.IN_CHAIN, Stage.BURIED) if ours else (Stage.OVERTAKEN, Stage.ORPHANED)
        )
        assert candidate.taken is ours
        assert world.disk.blocks[found.block_hash].header == found.header
    assert len(set(world.disk.settled)) == len(world.disk.settled)
