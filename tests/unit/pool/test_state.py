"""Who gets jobs, job ids, and the wall clock."""

from itertools import islice

import pytest

from sluice.bitcoin.network import REGTEST
from sluice.pool import state
from sluice.pool.journal import Credited, Entry
from sluice.pool.miner import Miner
from sluice.pool.state import MAX_NTIME_AHEAD, PoolState, job_ids
from sluice.pool.sv2_words import SV2
from support.pool import EXTENDED, POLICY, START, mining
from support.work import NTIME, PAYOUT, extended


def opened() -> tuple[PoolState, Miner]:
    pool = PoolState(POLICY, PAYOUT, REGTEST, NTIME)
    return pool, Miner(1, "", SV2, START)


def test_job_ids_come_round_before_they_outgrow_the_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(islice(job_ids(), 3)) == [1, 2, 3]
    # 2^32 of them would take hours; the last of a smaller range comes round in the same way.
    monkeypatch.setattr(state, "MOST_JOB_IDS", 3)
    assert list(islice(job_ids(), 5)) == [1, 2, 3, 1, 2]


def test_a_header_may_be_a_little_ahead_of_the_clock() -> None:
    pool, _ = opened()
    assert pool.max_ntime == NTIME + MAX_NTIME_AHEAD
    pool.set_time(NTIME + 5)
    assert (pool.unix_time, pool.max_ntime) == (NTIME + 5, NTIME + 5 + MAX_NTIME_AHEAD)
    assert MAX_NTIME_AHEAD < 7_200  # what the network allows


def test_a_group_is_forgotten_with_its_last_member() -> None:
    pool, miner = opened()
    other = Miner(2, "", SV2, START)
    for each in (miner, other):
        each.channels[2] = extended()
        each.groups.join(1, 2)
        pool.enroll(each, 1)
    assert pool.payees.house.grouped == {1: {1: None, 2: None}}
    pool.strike(miner)
    assert pool.payees.house.grouped == {1: {1: None, 2: None}}
    miner.groups.leave(2)
    pool.strike(miner)
    assert pool.payees.house.grouped == {1: {2: None}}
    other.groups.leave(2)
    pool.strike(other)
    assert pool.payees.house.grouped == {}


def test_who_wants_jobs_of_its_own_is_struck_with_its_last_channel() -> None:
    pool, miner = opened()
    miner.channels[2] = extended()
    pool.enroll(miner, None)
    pool.strike(miner)
    assert pool.ungrouped == {1: None}
    del miner.channels[2]
    pool.strike(miner)
    assert pool.ungrouped == {}


def test_there_is_a_journal_as_long_as_somebody_reads_it() -> None:
    device = mining(EXTENDED)
    state = device.talk.state
    device.find(2)
    assert state.journal is None
    one: list[Entry] = []
    other: list[Entry] = []
    readers = one.extend, other.extend
    for reader in readers:
        state.listen(reader)
    device.find(3)
    device.talk.tick(0.01)
    assert [type(entry) for entry in one] == [Credited] * 3
    assert one == other
    for reader in readers:
        state.ignore(reader)
    assert state.journal is None
    device.find()
    state.ignore(one.extend)  # nobody notices
