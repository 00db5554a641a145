"""Whatever happens between two pictures: the changes, put together, are the whole."""

from collections.abc import Callable
from dataclasses import replace
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.pool import changes
from sluice.pool.inputs import Drain, EndChannel, FixDifficulty, MovePrefix, Regroup, Said, Wire
from sluice.pool.policy import Patience
from sluice.pool.tlv_words import TLV
from sluice.server import pictures
from sluice.sv2.messages.mining import CloseChannel, SubmitSharesStandard
from sluice.tlv import messages as tlv
from sluice.work.vardiff import VardiffPolicy
from support.accumulated import A_MOMENT, Looked, Looker
from support.pool import EXTENDED, GROUPED, POLICY, STANDARD, Device, PoolTalk, wish

#: Targets move soon, and who is silent is closed soon.
BRISK = replace(
    POLICY,
    vardiff=VardiffPolicy(shares_per_minute=60),
    patience=Patience(setup=5.0, channel=5.0, idle=50.0, refusals_per_minute=30),
)
PLANS = [
    STANDARD,
    replace(GROUPED, channels=(wish(user="bob.a"), wish(user="bob.b"))),
    EXTENDED,
    replace(EXTENDED, worker="rig-1"),
    replace(STANDARD, channels=(wish(hash_rate=500.0),)),  # far too fast a guess: its difficulty goes down
]


class World:
    """A pool, its miners, and two who look at it, one more often than the other. Mutable."""

    def __init__(self) -> None:
        self.talk = PoolTalk(BRISK)
        self.looked = Looked(self.talk)
        self.lookers = [Looker(), Looker()]
        self.devices: list[Device] = []
        self.height = 100

    def device(self, pick: int) -> Device | None:
        """Somebody who is still there."""
        here = [device for device in self.devices if device.peer in self.talk.state.miners]
        return here[pick % len(here)] if here else None

    def offer(self, pick: int) -> None:
        self.height += pick % 2
        self.talk.offer(self.height)

    def come(self, pick: int) -> None:
        self.devices.append(Device(self.talk, PLANS[pick % len(PLANS)]))

    def come_and_say_nothing(self, pick: int) -> None:
        self.talk.connect((Wire.SV2, Wire.TLV)[pick % 2])

    def go(self, pick: int) -> None:
        if device := self.device(pick):
            self.talk.leave(device.peer)

    def find(self, pick: int) -> None:
        if device := self.device(pick):
            for channel_id in list(device.units):
                if channel_id in self.talk.miner(device.peer).channels:
                    for share in device.dig(3, channel_id):
                        device.submit(device.units[channel_id], share)
                        if device.units.get(channel_id) is None:
                            break

    def err(self, pick: int) -> None:
        """The client's brain would not: it does not hear of it."""
        if device := self.device(pick):
            brain = self.talk.devices.pop(device.peer)
            for channel_id in (2, 99)[pick % 2 :]:
                if device.peer in self.talk.state.miners:
                    self.talk.feed_said(device.peer, SubmitSharesStandard(channel_id, 1, 1, 0, 0, 0))
            if device.peer in self.talk.state.miners:
                self.talk.devices[device.peer] = brain

    def open(self, pick: int) -> None:
        device = self.device(pick)
        if device and len(self.talk.miner(device.peer).channels) < 5:
            device.open(wish(extended=device.takes_extended and device.extended))

    def close(self, pick: int) -> None:
        device = self.device(pick)
        if device and (ids := list(self.talk.miner(device.peer).channels)):
            one = ids[pick % len(ids)]
            device.client.channels.close(one, by_server=False)
            device.units.pop(one, None)
            self.talk.feed_said(device.peer, CloseChannel(one, "x"))

    def wait(self, pick: int) -> None:
        self.talk.tick((0.1, 1.0, 6.0, 20.0, 61.0)[pick % 5])

    def order(self, pick: int) -> None:
        self.talk.feed(FixDifficulty(("alice", "bob.a")[pick % 2], (None, 1e-9, 2e-9)[pick % 3]))

    def operate(self, pick: int) -> None:
        device = self.device(pick)
        ids = list(self.talk.miner(device.peer).channels) if device else []
        if device and ids:
            one = ids[pick % len(ids)]
            self.talk.feed(
                (
                    EndChannel(device.peer, one, "maintenance"),
                    Regroup(device.peer, (one,)),
                    MovePrefix(device.peer, one),
                )[pick % 3]
            )

    def tlv(self, pick: int) -> None:
        """Its devices choose the numbers of their channels, and open them again."""
        here = [miner.peer for miner in self.talk.state.miners.values() if miner.words is TLV]
        peer = here[0] if here else self.talk.connect(Wire.TLV)
        if peer in self.talk.state.miners and self.talk.miner(peer).setup_at is None:
            self.talk.feed(Said(peer, tlv.SetupConnection(2, "rig", ())))
        if peer in self.talk.state.miners:
            self.talk.feed(Said(peer, tlv.OpenMiningChannel(pick % 2, 1, 1)))

    def drain(self, pick: int) -> None:
        if pick == 0:
            self.talk.feed(Drain())


DEEDS: list[Callable[[World, int], None]] = [
    World.offer,
    World.come,
    World.come,
    World.come_and_say_nothing,
    World.go,
    World.find,
    World.find,
    World.err,
    World.open,
    World.close,
    World.wait,
    World.order,
    World.operate,
    World.tlv,
    World.drain,
]
ROUNDS = st.lists(
    st.tuples(
        st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 11)), min_size=1, max_size=4),
        st.sampled_from([(0,), (0,), (0, 1)]),
    ),
    min_size=4,
    max_size=8,
)


@settings(max_examples=40)
@given(ROUNDS, st.booleans())
def test_changes_put_together_are_the_whole(
    rounds: list[tuple[list[tuple[Callable[[World, int], None], int]], tuple[int, ...]]], few_remembered: bool
) -> None:
    talks: list[PoolTalk] = []

    def now() -> float:
        return talks[0].now if talks else 1_000.0

    with (
        patch.object(pictures, "steady", now),
        patch.object(changes, "MOST_GONE", 1 if few_remembered else changes.MOST_GONE),
    ):
        world = World()
        talks.append(world.talk)
        world.offer(0)
        for pick in range(len(PLANS)):
            world.come(pick)
        world.tlv(0)
        world.find(0)
        for deeds, lookers in [([], (0, 1)), *rounds, ([], (0, 1))]:
            for deed, pick in deeds:
                world.talk.now += A_MOMENT
                deed(world, pick)
            for looker in lookers:
                world.looked.look(world.lookers[looker])
