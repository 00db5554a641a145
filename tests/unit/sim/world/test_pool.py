"""The pool's side of a world: bytes in, effects out, over links that are really there."""

from random import Random

import pytest

from sluice.bitcoin.network import REGTEST
from sluice.noise.certificate import issue_identity
from sluice.noise.handshake import Initiator
from sluice.pool.effects import BlockEffect
from sluice.pool.events import Happening, PeerLeft
from sluice.pool.inputs import Drain, Event, Offered, PeerId
from sluice.pool.pool import Pool
from sluice.pool.state import PoolState
from sluice.sim.world.jumping_clock import JumpingClock
from sluice.sim.world.link import CLOSED, Link, Weather
from sluice.sim.world.pool import CLIENT_END, POOL_END, Hooks, Seat, WorldPool
from sluice.sim.world.world import World, WorldPlan
from sluice.sv2.connection import Connection, Secured
from sluice.sv2.message import Message
from sluice.sv2.messages.common import Reconnect, SetupConnectionError, SetupConnectionSuccess
from sluice.sv2.messages.mining import NewExtendedMiningJob, OpenExtendedMiningChannelSuccess, SetNewPrevHash
from sluice.wire.side import Side
from support.noise import AUTHORITY, AUTHORITY_SECRET, DAY, entropy
from support.pool import POLICY, kinds, open_extended, setup
from support.work import HEIGHT, NTIME, PAYOUT, template
from support.world import trade


class Caller:
    """A client's Connection at the other end of a link, which says what a test tells it to."""

    def __init__(self, clock: JumpingClock, side: WorldPool, *, sealed: bool) -> None:
        handshake = Initiator(AUTHORITY, NTIME, entropy("caller"), entropy("caller aux")) if sealed else None
        self.connection = Connection(Side.CLIENT, handshake)
        self.events: list[Event] = []
        self.endings: list[str] = []
        self.seat: Seat = side.seat()
        self.link = Link(clock, Random(1), Weather(), (self, self.seat))
        self.seat.link = self.link
        self.write(self.connection.data_to_send())

    def receive(self, data: bytes) -> None:
        self.connection.receive_data(data)
        self.events += self.connection.events()

    def lost(self, reason: str) -> None:
        self.endings.append(reason)

    def say(self, *messages: Message) -> None:
        for message in messages:
            self.connection.send(message)
        self.write(self.connection.data_to_send())

    def write(self, data: bytes) -> None:
        self.link.send(POOL_END, data)

    def heard(self) -> list[type]:
        """Kinds of what was heard, once."""
        events, self.events = self.events, []
        return [type(event) for event in events]


class Hall:
    """A pool's side with its clock, and what the hooks were called with."""

    def __init__(self, *, sealed: bool = True) -> None:
        self.clock = JumpingClock()
        self.heard: list[tuple[PeerId, Event]] = []
        self.told: list[Happening] = []
        self.submitted: list[BlockEffect] = []
        identity = issue_identity(AUTHORITY_SECRET, NTIME, DAY, entropy("identity", 96)) if sealed else None
        hooks = Hooks(
            lambda peer, event: self.heard.append((peer, event)), self.told.append, self.submitted.append
        )
        pool = Pool(PoolState(POLICY, PAYOUT, REGTEST, NTIME))
        self.side = WorldPool(self.clock, Random(2), pool, identity, hooks)
        self.sealed = sealed

    def caller(self) -> Caller:
        return Caller(self.clock, self.side, sealed=self.sealed)

    def wait(self, seconds: float = 1.0) -> None:
        self.clock.run_until(self.clock.now + seconds)


@pytest.mark.parametrize("sealed", [True, False])
def test_a_conversation(*, sealed: bool) -> None:
    hall = Hall(sealed=sealed)
    caller = hall.caller()
    hall.wait()
    assert caller.heard() == ([Secured] if sealed else [])
    caller.say(setup())
    hall.wait()
    assert caller.heard() == [SetupConnectionSuccess]
    hall.side.feed(Offered(template()))
    caller.say(open_extended())
    hall.wait()
    opening = [OpenExtendedMiningChannelSuccess, NewExtendedMiningJob, SetNewPrevHash, NewExtendedMiningJob]
    assert caller.heard() == opening
    hall.side.feed(Offered(template(HEIGHT + 1)))
    hall.wait()
    assert caller.heard() == [SetNewPrevHash, NewExtendedMiningJob, NewExtendedMiningJob]
    assert kinds([event for _, event in hall.heard if isinstance(event, Message)]) == [
        type(setup()),
        type(open_extended()),
    ]


def test_every_seat_has_a_number_of_its_own() -> None:
    hall = Hall()
    callers = [hall.caller() for _ in range(3)]
    hall.wait()
    assert [caller.seat.peer for caller in callers] == [1, 2, 3]
    assert list(hall.side.pool.state.miners) == [1, 2, 3]


def test_who_is_refused_hears_why_then_the_end() -> None:
    hall = Hall()
    caller = hall.caller()
    hall.wait()
    caller.say(setup(protocol=1))
    hall.wait()
    assert caller.heard() == [Secured, SetupConnectionError]
    assert caller.endings == [CLOSED]
    assert hall.side.seats == {}


def test_garbage_ends_a_connection() -> None:
    hall = Hall()
    caller = hall.caller()
    hall.wait()
    caller.write(b"\x00" * 100)
    hall.wait()
    assert caller.endings == [CLOSED]
    (left,) = [event for event in hall.told if isinstance(event, PeerLeft)]
    assert left.reason.startswith("protocol error: ")
    assert hall.side.pool.state.miners == {}


def test_garbage_before_the_handshake_disturbs_nobody() -> None:
    hall = Hall()
    caller = hall.caller()
    caller.write(b"\xff" * 64)
    hall.wait()
    assert hall.side.pool.state.miners == {} or caller.endings == [CLOSED]
    assert not any(isinstance(event, PeerLeft) and event.peer != 1 for event in hall.told)


@pytest.mark.parametrize("how", ["closed", "cut"])
def test_the_pool_hears_when_a_link_ends(how: str) -> None:
    hall = Hall()
    caller = hall.caller()
    hall.wait()
    if how == "closed":
        caller.link.close(CLIENT_END)
    else:
        caller.link.cut(POOL_END)
    hall.wait()
    (left,) = [event for event in hall.told if isinstance(event, PeerLeft)]
    assert left.reason == ("closed by the peer" if how == "closed" else "connection lost")
    assert (hall.side.seats, hall.side.pool.state.miners) == ({}, {})


def test_time_passes_for_the_pool() -> None:
    hall = Hall()
    caller = hall.caller()
    hall.wait(20)
    assert caller.endings == [CLOSED]
    assert hall.side.pool.state.closings == {"no SetupConnection in time": 1}


def test_shares_are_answered_when_all_that_came_with_them_is_heard() -> None:
    world = World(WorldPlan(1, (trade(0, "extended", 200.0),)))
    (miner,) = world.miners
    for _ in range(3_000):
        world.run(0.02)
        assert not world.pool.pool.state.unacknowledged
    assert miner.book.accepted > 0


def test_a_broadcast_reaches_everybody() -> None:
    hall = Hall()
    callers = [hall.caller() for _ in range(4)]
    hall.wait()
    for caller in callers:
        caller.say(setup())
    hall.wait()
    hall.side.feed(Drain())
    hall.wait()
    assert [caller.heard() for caller in callers] == [[Secured, SetupConnectionSuccess, Reconnect]] * 4
