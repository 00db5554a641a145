"""What channels of one kind did together outlives each of them."""

from sluice.bitcoin.target import MAX_TARGET, Target
from sluice.work.channel import Channel, ChannelTerms
from sluice.work.sums import Sums
from sluice.work.vardiff import Vardiff, VardiffPolicy
from sluice.work.verdict import Verdict


def a_channel(number: int, sums: Sums | None = None) -> Channel:
    terms = ChannelTerms(number, "alice", bytes(4), MAX_TARGET)
    vardiff = Vardiff(Target(77), VardiffPolicy(), 0.0, MAX_TARGET, Target(1))
    return Channel(terms, Target(77), vardiff, 0.0, sums)


def test_nothing_has_happened_at_first() -> None:
    sums = Sums()
    assert sums.shares == dict.fromkeys(Verdict, 0)
    assert (sums.work, sums.opened, sums.closed) == (0, 0, 0)


def test_channels_count_together_and_by_themselves() -> None:
    sums = Sums()
    one, other, alone = a_channel(2, sums), a_channel(3, sums), a_channel(4)
    one.refuse(Verdict.STALE)
    other.refuse(Verdict.STALE)
    other.refuse(Verdict.DUPLICATE)
    alone.refuse(Verdict.STALE)
    assert (sums.opened, alone.sums.opened) == (2, 1)
    assert (sums.shares[Verdict.STALE], sums.shares[Verdict.DUPLICATE]) == (2, 1)
    assert one.tally.refused == {Verdict.STALE: 1}
