from sluice.alarms.counts import Counts, counts_of
from sluice.work.tally import Tally
from sluice.work.verdict import Verdict
from support.pool import mining


def test_a_connection_that_has_done_nothing_has_no_names() -> None:
    device = mining()
    assert counts_of(device.talk.miner(device.peer)) == Counts(device.peer, 0, {}, (), {})


def test_shares_are_counted_by_fate_and_name_who_mined() -> None:
    device = mining()
    device.find(3)
    unit = device.unit()
    share = next(device.shares(unit))
    device.submit(unit, share)
    device.forge(unit, share)
    counts = counts_of(device.talk.miner(device.peer))
    assert counts == Counts(device.peer, 4, {Verdict.DUPLICATE.value: 1}, ("alice",), {})


def test_closed_channels_count_but_have_no_name_any_more() -> None:
    device = mining()
    device.find(2)
    miner = device.talk.miner(device.peer)
    miner.closed.absorb(device.talk.channel(device.peer).tally)
    miner.channels.clear()
    assert counts_of(miner) == Counts(device.peer, 2, {}, (), {})


def test_workers_behind_a_channel_are_told_apart() -> None:
    device = mining()
    channel = device.talk.channel(device.peer)
    channel.workers = {"a": Tally(0.0), "b": Tally(0.0)}
    channel.workers["a"].credit(Verdict.ACCEPTED, 1, 1, 1.0)
    channel.workers["a"].refuse(Verdict.STALE)
    assert counts_of(device.talk.miner(device.peer)).workers == {"a": 1, "b": 0}
