"""What a node is told, and how much of it."""

from sluice.blvm.events.chain import MiningJobCreated, ShareSubmitted
from sluice.blvm.events.payload import EventPayload
from sluice.blvm.events.relay import StratumClientConnected, StratumClientDisconnected
from sluice.module.announcements import A_SECOND, KEPT, SHARES_A_SECOND, Announcer
from sluice.pool.events import MinerArrived, PeerLeft
from sluice.pool.journal import Credited, TipSeen
from support.pool import STANDARD, Device, PoolTalk
from support.work import HEIGHT


class Listened:
    """A pool whose every event an announcer hears."""

    def __init__(self) -> None:
        self.talk = PoolTalk()
        self.announcer = Announcer(self.talk.state, self.talk.now)

    def announced(self, seconds: float = 0.0) -> list[EventPayload]:
        """After so long, what is announced of all that happened since the last time."""
        self.talk.tick(seconds)
        events, self.talk.events = self.talk.events, []
        for event in events:
            self.announcer.hear(event)
        return list(self.announcer.due(self.talk.now))


def arrived(peer: int) -> MinerArrived:
    return MinerArrived(peer, f"192.0.2.1:{peer}", "", "", "", "")


def test_each_job_is_announced_with_its_tip() -> None:
    pool = Listened()
    offered = pool.talk.offer()
    (first,) = pool.announced()
    job = pool.talk.state.book.current
    assert job is not None
    assert first == MiningJobCreated(str(job.job_id), offered.prev_hash, HEIGHT)
    pool.talk.offer()
    (fresher,) = pool.announced()
    assert isinstance(fresher, MiningJobCreated)
    assert (fresher.job_id != first.job_id, fresher.prev_hash) == (True, offered.prev_hash)


def test_the_job_that_was_there_before_is_announced_first() -> None:
    pool = Listened()
    pool.talk.offer()
    late = Announcer(pool.talk.state, pool.talk.now)
    (job,) = late.due(pool.talk.now)
    assert isinstance(job, MiningJobCreated)
    assert job.height == HEIGHT


def test_a_miner_comes_and_goes_and_its_shares_are_told() -> None:
    pool = Listened()
    pool.talk.offer()
    pool.announced()
    device = Device(pool.talk, STANDARD)
    assert pool.announced() == [StratumClientConnected("192.0.2.1:1", 2)]
    device.find(2)
    shares = pool.announced()
    assert all(isinstance(share, ShareSubmitted) and share.miner_id == "alice" for share in shares)
    assert len(shares) == 2
    pool.talk.leave(device.peer, "idle")
    assert pool.announced() == [StratumClientDisconnected("192.0.2.1:1", "idle")]


def test_who_never_was_a_miner_is_not_said_to_have_left() -> None:
    pool = Listened()
    pool.talk.leave(pool.talk.connect())
    assert pool.announced() == []


def test_before_the_first_template_there_is_no_job_to_tell_of() -> None:
    pool = Listened()
    pool.announcer.hear(PeerLeft(7, "", "", 0, 0))
    assert pool.announced() == []


def credited(number: int) -> Credited:
    return Credited(1, "", "", number, 1, bytes(32), 1, False, 0)


def test_of_what_is_recorded_shares_alone_are_told() -> None:
    pool = Listened()
    pool.announcer.read([TipSeen(0, HEIGHT, bytes(32), 0), credited(7)])
    assert pool.announced() == [ShareSubmitted("7", bytes(32), None)]


def test_who_ends_costs_the_pool_nothing_any_more() -> None:
    pool = Listened()
    assert pool.talk.state.journal is not None
    pool.announcer.end()
    assert pool.talk.state.journal is None


def test_a_flood_of_shares_is_told_in_part() -> None:
    pool = Listened()
    told: list[EventPayload] = []
    for number in range(50):
        pool.announcer.read([credited(number) for _ in range(100)])
        told += pool.announced(0.1)
    assert 4 * SHARES_A_SECOND <= len(told) <= 5 * A_SECOND + SHARES_A_SECOND
    assert told[-1] == ShareSubmitted("49", bytes(32), None)  # the newest
    pool.announcer.hear(arrived(1))
    assert pool.announced() == [StratumClientConnected("192.0.2.1:1", 2)]  # in front of them


def test_miners_that_come_all_at_once_are_told_of_in_turn() -> None:
    pool = Listened()
    for peer in range(KEPT + 5):
        pool.announcer.hear(arrived(peer))
    assert pool.announcer.dropped == 5
    told: list[EventPayload] = []
    seconds = 0
    while len(told) < KEPT:
        told += pool.announced(1.0)
        seconds += 1
        assert len(told) <= (seconds + 1) * A_SECOND
    assert seconds <= 1 + KEPT / A_SECOND
    assert told[0] == StratumClientConnected("192.0.2.1:5", 2)
