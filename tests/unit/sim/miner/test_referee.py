"""What a share comes to, by the clock alone."""

import pytest

from sluice.bitcoin.hashes import BlockHash
from sluice.bitcoin.target import Target, work
from sluice.sim.miner.referee import Fate, Referee, Sent

A, B, C = (BlockHash(bytes([number]) * 32) for number in range(3))
EASY = Target(2**250)


def share(prev_hash: BlockHash, number: int = 0) -> Sent:
    return Sent(BlockHash(bytes([100 + number]) * 32), prev_hash, EASY)


def refereed(*, prev_hash: BlockHash, at: float) -> Referee:
    """Tip A from 0, B from 10, C from 20; grace 5; the share of a tip arrives at a time."""
    referee = Referee(5.0)
    referee.sent((1, 2, 3), share(prev_hash))
    for tip, since in ((A, 0.0), (B, 10.0), (B, 12.0), (C, 20.0)):
        if since <= at:
            referee.turned(tip, since)
    referee.arrived((1, 2, 3), at)
    return referee


@pytest.mark.parametrize(
    ("prev_hash", "at", "fate"),
    [
        (A, 1.0, Fate.GOOD),
        (A, 9.99, Fate.GOOD),
        (A, 10.0, Fate.LATE),
        (A, 15.0, Fate.LATE),
        (A, 15.01, Fate.STALE),
        (A, 19.99, Fate.STALE),
        (A, 20.0, Fate.FORGOTTEN),
        (B, 15.0, Fate.GOOD),
        (B, 25.0, Fate.LATE),
        (B, 26.0, Fate.STALE),
        (C, 99.0, Fate.GOOD),
    ],
)
def test_fates(prev_hash: BlockHash, at: float, fate: Fate) -> None:
    referee = refereed(prev_hash=prev_hash, at=at)
    assert referee.fates == {fate: 1}
    assert referee.work == (work(EASY) if fate in (Fate.GOOD, Fate.LATE) else 0)
    assert sum(referee.paid.values()) == fate.paid
    assert referee.refused == ({fate.value: 1} if fate.value else {})


def test_the_same_share_twice_is_seen() -> None:
    referee = Referee(5.0)
    referee.turned(A, 0.0)
    for sequence in (1, 2):
        referee.sent((1, 2, sequence), share(A))
        referee.arrived((1, 2, sequence), 1.0)
    assert max(referee.paid.values()) == 2


def test_a_channel_that_was_ended_is_not_paid_any_more() -> None:
    referee = Referee(5.0)
    referee.turned(A, 0.0)
    referee.sent((1, 2, 1), share(A))
    referee.sent((1, 3, 1), share(A, 1))
    referee.ended(1, 2)
    referee.arrived((1, 2, 1), 1.0)
    referee.arrived((1, 3, 1), 1.0)
    assert referee.fates == {Fate.ENDED: 1, Fate.GOOD: 1}
    assert referee.refused == {"invalid-channel-id": 1}


def test_what_does_not_arrive_is_lost() -> None:
    referee = Referee(5.0)
    referee.turned(A, 0.0)
    referee.sent((1, 2, 1), share(A, 1))
    referee.sent((1, 2, 2), share(A, 2))
    assert referee.lost_work == 2 * work(EASY)
    referee.arrived((1, 2, 1), 1.0)
    assert referee.lost_work == referee.work == work(EASY)
