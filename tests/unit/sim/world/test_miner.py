"""A miner of a world: it hashes at its rate, sends what it finds, and comes back whatever happens."""

from dataclasses import replace

import pytest

from sluice.sim.world.link import Weather
from sluice.sim.world.miner import DIG_SECONDS, WorldMiner
from sluice.sim.world.pool import CLIENT_END, POOL_END
from sluice.sim.world.world import World, WorldPlan
from sluice.sv2.frame import frame
from sluice.sv2.messages.mining import SetTarget
from support.world import trade


def alone(kind: str = "extended", hash_rate: float = 100.0, **plan: object) -> tuple[World, WorldMiner]:
    """A world with one miner, at work."""
    world = World(replace(WorldPlan(1, (trade(0, kind, hash_rate),)), **plan))  # type: ignore[arg-type]
    world.run(10)
    (miner,) = world.miners
    return world, miner


@pytest.mark.parametrize("kind", ["standard", "grouped", "extended", "worker", "mixed", "tlv"])
def test_it_hashes_at_its_rate(kind: str) -> None:
    world, miner = alone(kind, hash_rate=77.7)
    before = miner.book.hashes
    world.run(100)
    assert miner.book.hashes - before == pytest.approx(7_770, abs=77.7 * DIG_SECONDS + 2)


def test_a_rate_too_small_for_a_batch_adds_up() -> None:
    world, miner = alone("mixed", hash_rate=0.9)
    before = miner.book.hashes
    world.run(100)
    assert miner.book.hashes - before == pytest.approx(90, abs=3)


@pytest.mark.parametrize("kind", ["extended", "tlv"])
def test_good_work_is_all_taken(kind: str) -> None:
    world, miner = alone(kind)
    world.run(100)
    assert miner.book.submitted == miner.book.accepted > 0
    assert (miner.book.refused, miner.book.broken, miner.book.connections) == ([], "", 1)


@pytest.mark.parametrize("told", [(CLIENT_END,), (CLIENT_END, POOL_END)])
def test_it_comes_back_after_a_cut(told: tuple[int, ...]) -> None:
    world, miner = alone()
    assert miner.link is not None
    miner.link.cut(*told)
    world.run(20)
    assert miner.book.endings == ["connection lost"]
    assert miner.book.connections == 2
    before = miner.book.accepted
    world.run(60)
    assert miner.book.accepted > before


def test_it_finds_out_by_itself_that_nobody_hears_it() -> None:
    world, miner = alone()
    assert miner.link is not None
    miner.link.cut()
    world.run(200)
    assert miner.book.connections == 2
    assert "has not sent a word" in miner.book.endings[0]


def test_a_pool_that_breaks_a_rule_is_left_for_good() -> None:
    world, miner = alone()
    (seat,) = world.pool.seats.values()
    seat.connection.send(SetTarget(2, bytes(32)))
    seat.flush()
    world.run(60)
    assert "target 0" in miner.book.broken
    assert (miner.book.connections, miner.link) == (1, None)
    assert world.pool.pool.state.miners == {}


def test_a_wire_that_is_damaged_is_a_rule_broken() -> None:
    world, miner = alone(sealed=False)
    (seat,) = world.pool.seats.values()
    assert seat.link is not None
    seat.link.send(CLIENT_END, frame(SetTarget(2, bytes(32)))[:6] + b"\xff" * 6 + b"\xff" * 100)
    world.run(10)
    assert miner.book.broken
    assert miner.link is None


def test_a_refusing_pool_is_asked_again_after_a_pause() -> None:
    world, miner = alone()
    world.pool.pool.state.draining = True
    assert miner.link is not None
    miner.link.cut(CLIENT_END)
    world.run(60)
    assert miner.book.connections > 5
    assert set(miner.book.endings[1:]) <= {"closed by the peer"}
    world.pool.pool.state.draining = False
    before = miner.book.accepted
    world.run(60)
    assert miner.book.accepted > before


def test_work_in_flight_when_a_tip_comes_is_late_not_lost() -> None:
    world, miner = alone(weather=Weather(1.0, 2.0))
    for _ in range(5):
        world.node.others_find()
        world.run(20)
    assert miner.book.refused == []
    assert miner.book.accepted > 10
