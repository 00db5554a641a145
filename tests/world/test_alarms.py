"""Workers of a whole world that leave and come back: one message for each time that lasts, however stormy it is."""

import pytest

from sluice.alarms.counts import counts_of
from sluice.alarms.message import Message
from sluice.alarms.rules import Rules
from sluice.pool.events import Happening
from sluice.sim.world.link import Link
from sluice.sim.world.miner import WorldMiner
from sluice.sim.world.node import EPOCH
from sluice.sim.world.pool import CLIENT_END, POOL_END
from sluice.sim.world.world import World, WorldPlan
from support.alarms import GATHER, PACE, PLAN, look
from support.world import trades

MINUTE = 60.0
#: Who comes and goes does not depend on how many hashes are tried for a share, and each costs some microseconds.
SLOW = 0.2


class WatchedWorld(World):
    """A world whose pool raises alarms; whoever is unplugged loses every link at once."""

    def __init__(self, plan: WorldPlan) -> None:
        self.rules = Rules(PLAN)
        self.told: list[tuple[float, Message]] = []
        self.unplugged: set[str] = set()
        super().__init__(plan)
        self.clock.every(
            1.0, lambda: self._tell(*self.rules.tick(self.clock.now, EPOCH + int(self.clock.now)))
        )
        self.clock.every(15.0, self._look)

    def unplug(self, *miners: WorldMiner) -> None:
        """They lose their power: nobody tells the pool, until it or the network finds out."""
        for miner in miners:
            self.unplugged.add(miner.trade.name)
            if miner.link is not None:
                miner.link.cut(CLIENT_END, POOL_END)

    def of_workers(self) -> list[tuple[float, str, tuple[str, ...]]]:
        """When, what and who."""
        found = []
        for at, message in self.told:
            if message.kind.startswith("workers_"):
                names = message.details["workers"]
                assert isinstance(names, tuple)
                found.append((at, message.kind, names))
        return found

    def _dial(self, miner: WorldMiner) -> Link:
        link = super()._dial(miner)
        if miner.trade.name in self.unplugged:
            link.cut(CLIENT_END, POOL_END)
        return link

    def _told(self, event: Happening) -> None:
        super()._told(event)
        self._tell(*self.rules.told(event, self.clock.now))

    def _look(self) -> None:
        look(self.rules, self.clock.now, *map(counts_of, self.pool.pool.state.miners.values()))

    def _tell(self, *messages: Message) -> None:
        self.told += [(self.clock.now, message) for message in messages]


def names_of(*miners: WorldMiner) -> set[str]:
    return {wish.user for miner in miners for wish in getattr(miner.trade.plan, "channels", ())} | {
        f"rig-{miner.trade.name.rpartition('-')[2]}"
        for miner in miners
        if getattr(miner.trade.plan, "worker", None)
    }


@pytest.mark.parametrize("seed", range(3))
def test_who_leaves_and_comes_back_is_one_message_each(seed: int) -> None:
    world = WatchedWorld(WorldPlan(seed, trades(6, speed=SLOW)))
    world.run(5 * MINUTE)
    assert world.of_workers() == []  # first appearances are none
    leaving = world.miners[seed]
    world.unplug(leaving)
    left_at = world.clock.now
    world.run(10 * MINUTE)
    [(gone_at, kind, names)] = world.of_workers()
    assert kind == "workers_gone"
    assert set(names) == names_of(leaving)
    assert PACE.quiet <= gone_at - left_at <= PACE.quiet + GATHER + 20.0
    world.unplugged.clear()
    world.run(10 * MINUTE)
    [_, (_, kind, names)] = world.of_workers()
    assert kind == "workers_back"
    assert set(names) == names_of(leaving)


@pytest.mark.parametrize("seed", range(2))
def test_all_at_once_are_one_message(seed: int) -> None:
    world = WatchedWorld(WorldPlan(seed, trades(8, speed=SLOW)))
    world.run(5 * MINUTE)
    world.unplug(*world.miners)
    world.run(10 * MINUTE)
    world.unplugged.clear()
    world.run(5 * MINUTE)
    gone, back = world.of_workers()
    assert set(gone[2]) == set(back[2]) == names_of(*world.miners)


@pytest.mark.parametrize("seed", range(2))
def test_in_a_storm_nobody_is_called_gone_who_comes_back_soon(seed: int) -> None:
    world = WatchedWorld(WorldPlan(seed, trades(8), others_every=90.0, cuts_every=30.0))
    world.run(20 * MINUTE)
    assert sum(miner.book.connections for miner in world.miners) > 2 * len(world.miners)
    assert world.of_workers() == []
    blocks = [
        (message.kind, message.details["block_hash"])
        for _, message in world.told
        if message.kind.startswith("block_")
    ]
    assert len(blocks) == len(set(blocks)) > 10
    assert {kind for kind, _ in blocks} >= {"block_found", "block_accepted", "block_buried"}
