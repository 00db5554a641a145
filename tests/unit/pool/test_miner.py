"""What a connection is, beside its channels."""

import pytest

from sluice.pool.miner import Miner
from sluice.pool.sv2_words import SV2
from sluice.sv2.flags import MiningFlags
from sluice.work.group import FIRST_GROUP_ID
from sluice.work.verdict import Verdict
from support.pool import START
from support.work import extended


def miner() -> Miner:
    return Miner(7, "192.0.2.1:7", SV2, START)


def test_ids_are_never_the_first_group_s_nor_used_twice() -> None:
    one = miner()
    ids = [one.new_id() for _ in range(5)]
    assert ids == [FIRST_GROUP_ID + 1 + number for number in range(5)]


@pytest.mark.parametrize(
    ("flags", "standard_jobs", "own_work"),
    [(0b000, False, False), (0b001, True, False), (0b010, False, True), (0b101, True, False)],
)
def test_flags_say_what_jobs_it_takes(flags: int, *, standard_jobs: bool, own_work: bool) -> None:
    one = miner()
    one.flags = MiningFlags(flags)
    assert one.wants_standard_jobs is standard_jobs
    assert one.selects_work is own_work


def test_an_id_stands_for_a_channel_or_for_all_of_a_group() -> None:
    one = miner()
    for number in (5, 2, 3):
        one.channels[number] = extended()
        one.groups.join(FIRST_GROUP_ID, number)
    one.groups.join(9, 3)
    assert one.addressed(2) == [one.channels[2]]
    assert one.addressed(FIRST_GROUP_ID) == [one.channels[2], one.channels[5]]
    assert one.addressed(9) == [one.channels[3]]
    assert one.addressed(4) == []


def test_closed_channels_are_counted_with_open_ones() -> None:
    one = miner()
    one.channels[2] = extended()
    one.channels[2].tally.credit(Verdict.LATE, 100, 5, START)
    one.channels[2].tally.refuse(Verdict.STALE)
    one.closed.credit(Verdict.ACCEPTED, 50, 9, START)
    one.closed.refuse(Verdict.UNKNOWN_CHANNEL)
    one.closed.refuse(Verdict.STALE)
    assert (one.accepted, one.refused, one.work) == (2, 3, 150)
    assert one.tallies == [one.closed, one.channels[2].tally]
