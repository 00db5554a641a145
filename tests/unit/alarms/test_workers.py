from dataclasses import replace

import pytest

from sluice.alarms.counts import Counts
from sluice.alarms.message import Message, Name, Weight
from sluice.alarms.roll import Roll
from sluice.alarms.words import plain
from sluice.alarms.workers import LEAST, MOST_CHANNELS, PAUSES, Workers
from sluice.pool.events import ChannelClosed, Draining, PeerLeft, TakingAgain
from sluice.sv2.codes import BANNED
from support.alarms import GATHER, PACE, counts, opened

QUIET = PACE.quiet


def left(peer: int, accepted: int = 5) -> PeerLeft:
    return PeerLeft(peer, "192.0.2.1", "closed by the peer", accepted, 0)


def mined(workers: Workers, *names: str, now: float = 0.0) -> None:
    """Each on a connection of its own, and each has mined."""
    for peer, name in enumerate(names, 1):
        workers.told(opened(peer, name), now)
    look(workers, now, *[counts(peer, name) for peer, name in enumerate(names, 1)])


def look(workers: Workers, now: float, *all_counts: Counts) -> None:
    workers.saw(all_counts)
    for _ in workers.looked(now):
        pass


def run(workers: Workers, start: float, end: float) -> list[Message]:
    """All that is told in that time, asked every five seconds."""
    told: list[Message] = []
    now = start
    while now <= end:
        told += workers.tick(now)
        now += 5.0
    return told


def test_gone_and_back_are_one_message_each() -> None:
    workers = Workers(PACE, GATHER)
    mined(workers, "alice.rig")
    workers.told(left(1), 100.0)
    assert run(workers, 100.0, 100.0 + QUIET + GATHER - 5.0) == []
    [gone] = run(workers, 460.0, 4_000.0)
    assert (gone.kind, gone.weight) == ("workers_gone", Weight.WARNING)
    assert gone.title == ("Worker ", Name("alice.rig"), " is gone")
    assert plain(gone.text) == "Nothing has come from it for 5 min or more."
    assert gone.details == {"count": 1, "workers": ("alice.rig",)}
    workers.told(opened(2, "alice.rig"), 4_000.0)
    [back] = run(workers, 4_000.0, 8_000.0)
    assert (back.kind, plain(back.title)) == ("workers_back", "Worker alice.rig is back")


def test_many_at_once_are_one_message() -> None:
    workers = Workers(PACE, GATHER)
    names = [f"w{number}" for number in range(17)]
    mined(workers, *names)
    for peer in range(1, 18):
        workers.told(left(peer), 100.0 + peer)
    [gone] = run(workers, 100.0, 2_000.0)
    assert plain(gone.title) == "17 workers are gone: w0, w1, w2, w3, w4 and 12 more"
    assert gone.details == {"count": 17, "workers": tuple(names)}


def test_who_comes_back_soon_was_not_gone() -> None:
    workers = Workers(PACE, GATHER)
    mined(workers, "alice")
    for peer in range(1, 20):
        workers.told(left(peer), 100.0 * peer)
        workers.told(opened(peer + 1, "alice"), 100.0 * peer + 90.0)
    assert run(workers, 0.0, 5_000.0) == []


def test_a_flapping_worker_is_one_message() -> None:
    workers = Workers(PACE, GATHER)
    mined(workers, "alice")
    workers.told(left(1), 0.0)
    told = run(workers, 0.0, 1_000.0)
    now = 1_000.0
    for peer in range(2, 40):
        workers.told(opened(peer, "alice"), now)
        told += run(workers, now, now + 60.0)
        workers.told(left(peer), now + 60.0)
        told += run(workers, now + 60.0, now + 120.0)
        now += 120.0
    assert [message.kind for message in told] == ["workers_gone"]


def test_first_seen_is_no_news_and_who_never_mined_is_nobody() -> None:
    workers = Workers(PACE, GATHER)
    workers.told(opened(1, "idler"), 0.0)
    look(workers, 10.0, *[counts(1, accepted=0)])
    workers.told(left(1, accepted=0), 20.0)
    assert run(workers, 0.0, 2_000.0) == []


def test_who_mined_between_two_looks_is_somebody() -> None:
    workers = Workers(PACE, GATHER)
    workers.told(opened(1, "quick"), 0.0)
    workers.told(left(1, accepted=1), 5.0)
    workers.told(opened(2, "other"), 0.0)
    workers.told(ChannelClosed(2, 2, "other", "closed by the miner", 3, 0), 5.0)
    [gone] = run(workers, 0.0, 2_000.0)
    assert gone.details["workers"] == ("quick", "other")


def test_a_name_on_two_connections_is_gone_with_the_last() -> None:
    workers = Workers(PACE, GATHER)
    mined(workers, "alice", "alice")
    workers.told(left(1), 0.0)
    assert run(workers, 0.0, 2_000.0) == []
    workers.told(left(2), 2_000.0)
    assert len(run(workers, 2_000.0, 4_000.0)) == 1


def test_a_channel_that_is_opened_again_is_the_same_worker() -> None:
    workers = Workers(PACE, GATHER)
    mined(workers, "alice")
    workers.told(opened(1, "alice"), 10.0)  # without a word about the first
    workers.told(ChannelClosed(1, 2, "alice", "opened again", 1, 0), 20.0)
    workers.told(ChannelClosed(1, 9, "alice", "never heard of", 1, 0), 20.0)
    workers.told(opened(1, "alice"), 20.0)
    assert run(workers, 0.0, 2_000.0) == []


def test_nobody_is_gone_because_miners_are_sent_away() -> None:
    workers = Workers(PACE, GATHER)
    mined(workers, "alice")
    behind(workers, 0.0, a=3)
    workers.told(Draining(1), 0.0)
    workers.told(left(1), 1.0)
    look(workers, 2.0)
    assert run(workers, 0.0, 2_000.0) == []
    workers.told(TakingAgain(), 2_000.0)
    workers.told(opened(2, "alice"), 2_100.0)
    assert run(workers, 2_000.0, 4_000.0) == []
    workers.told(left(2), 4_100.0)
    assert len(run(workers, 4_100.0, 6_000.0)) == 1


def behind(workers: Workers, now: float, **shares: int) -> None:
    """What a proxy's channel has of each worker behind it."""
    look(workers, now, *[Counts(1, sum(shares.values()), {}, ("farm",), shares)])


def test_a_worker_behind_a_proxy_is_silent_after_ten_times_its_usual_pause() -> None:
    workers = Workers(PACE, GATHER)
    workers.told(opened(1, "farm"), 0.0)
    for count in range(LEAST + 1):  # a share every 100 seconds
        behind(workers, count * 100.0, a=count, b=count)
    last = LEAST * 100.0
    told = []
    for step in range(1, 30):
        now = last + step * 100.0
        behind(workers, now, a=LEAST, b=LEAST + step)
        told += run(workers, now, now + 95.0)
    [gone] = told
    assert gone.details["workers"] == ("a",)
    # It comes back with a share.
    behind(workers, 5_000.0, a=LEAST + 1, b=100)
    [back] = run(workers, 5_000.0, 6_000.0)
    assert back.details["workers"] == ("a",)
    assert PAUSES * 100.0 > QUIET


def test_one_of_few_shares_is_not_called_silent() -> None:
    workers = Workers(PACE, GATHER)
    workers.told(opened(1, "farm"), 0.0)
    for now in range(0, 20_000, 100):
        behind(workers, float(now), a=3)
        assert list(workers.tick(float(now))) == []


def test_workers_behind_a_proxy_go_with_it() -> None:
    workers = Workers(PACE, GATHER)
    workers.told(opened(1, "farm"), 0.0)
    behind(workers, 0.0, a=3, b=1)
    workers.told(left(1), 10.0)
    look(workers, 15.0)
    [gone] = run(workers, 15.0, 2_000.0)
    assert set(gone.details["workers"]) == {"farm", "a", "b"}  # type: ignore[arg-type]


def test_channels_are_followed_up_to_a_bound() -> None:
    workers = Workers(PACE, GATHER)
    for number in range(MOST_CHANNELS + 10):
        workers.told(opened(1, f"w{number}", number), 0.0)
    assert workers._tracked == len(workers._open) == MOST_CHANNELS
    workers.told(left(1), 1.0)
    assert workers._tracked == len(workers._open) == len(workers._peers) == 0


def proxy(peer: int, **workers: int) -> Counts:
    """A proxy that tells its workers apart."""
    return Counts(peer, 1, {}, ("proxy",), workers)


def proxied(workers: Workers, *, pause: float = 10.0) -> float:
    """`far` has mined through the proxy of connection 1 for long enough to be known; when it last did."""
    workers.told(opened(1, "proxy"), 0.0)
    for count in range(1, LEAST + 2):
        look(workers, count * pause, proxy(1, far=count))
    return (LEAST + 1) * pause


def restarted(workers: Workers, now: float = 0.0) -> Workers:
    """Another run, that knows what the last one has left."""
    after = Workers(PACE, GATHER)
    after.recall(workers.roll(0), now)
    return after


@pytest.mark.parametrize("ends", [left(1), ChannelClosed(1, 2, "alice", BANNED, 5, 0)])
def test_whom_an_operator_bans_is_not_missed(ends: PeerLeft | ChannelClosed) -> None:
    workers = Workers(PACE, GATHER)
    mined(workers, "alice", "bob")
    workers.told(replace(ends, reason=BANNED), 100.0)
    workers.told(left(2), 100.0)
    [gone] = run(workers, 100.0, 2_000.0)
    assert gone.details["workers"] == ("bob",)
    assert restarted(workers).roll(0).gone == ("bob",)


def test_one_that_was_back_for_a_moment_and_is_banned_is_not_back() -> None:
    workers = Workers(PACE, GATHER)
    mined(workers, "alice")
    workers.told(left(1), 0.0)
    assert len(run(workers, 0.0, 1_000.0)) == 1
    workers.told(opened(2, "alice"), 1_000.0)
    workers.told(replace(left(2), reason=BANNED), 1_010.0)
    assert run(workers, 1_010.0, 9_000.0) == []


@pytest.mark.parametrize("looks", [0, 1])
def test_workers_behind_a_proxy_that_is_banned_are_not_missed(looks: int) -> None:
    workers = Workers(PACE, GATHER)
    now = proxied(workers)
    # In the second case the look that was under way has still seen the worker.
    workers.saw([proxy(1, far=LEAST + 1)] * looks)
    workers.told(replace(left(1), reason=BANNED), now)
    for _ in range(2):
        for _ in workers.looked(now):
            pass
    assert run(workers, now, now + 5_000.0) == []


def test_a_proxy_that_goes_by_itself_after_another_was_banned_is_missed() -> None:
    workers = Workers(PACE, GATHER)
    now = proxied(workers)
    workers.told(replace(left(9), reason=BANNED), now)
    workers.told(left(1), now)
    look(workers, now)
    [gone] = run(workers, now, now + 5_000.0)
    assert gone.details["workers"] == ("proxy", "far")


def test_who_was_told_gone_before_a_restart_is_told_back_after_it() -> None:
    workers = Workers(PACE, GATHER)
    mined(workers, "alice")
    workers.told(left(1), 0.0)
    assert len(run(workers, 0.0, 1_000.0)) == 1
    workers = restarted(workers)
    assert run(workers, 0.0, 5_000.0) == []
    workers.told(opened(1, "alice"), 5_000.0)
    [back] = run(workers, 5_000.0, 9_000.0)
    assert (back.kind, back.details["workers"]) == ("workers_back", ("alice",))
    assert restarted(workers).roll(0) == Roll()


def test_who_does_not_come_again_after_a_restart_is_gone_and_who_does_is_not() -> None:
    workers = Workers(PACE, GATHER)
    mined(workers, "alice", "bob", "carol")
    workers.told(left(3), 10.0)  # away, and not told yet
    workers = restarted(workers)
    workers.told(opened(1, "bob"), 100.0)
    assert run(workers, 0.0, QUIET + GATHER - 5.0) == []
    [gone] = run(workers, QUIET + GATHER, 5_000.0)
    assert gone.details == {"count": 2, "workers": ("alice", "carol")}


def test_a_short_visit_after_a_restart_is_no_return() -> None:
    workers = Workers(PACE, GATHER)
    mined(workers, "alice")
    workers = restarted(workers)
    workers.told(opened(1, "alice"), 10.0)
    workers.told(left(1, accepted=0), 20.0)
    [gone] = run(workers, 20.0, 5_000.0)
    assert gone.details["workers"] == ("alice",)


def test_a_slow_worker_behind_a_proxy_has_its_usual_patience_after_a_restart() -> None:
    pause = 2 * QUIET
    before = Workers(PACE, GATHER)
    proxied(before, pause=pause)
    workers = restarted(before)
    look(workers, 0.0)
    patience = PAUSES * pause
    told = run(workers, 0.0, patience - 5.0)
    assert [message.details["workers"] for message in told] == [("proxy",)]
    [gone] = run(workers, patience, patience + 500.0)
    assert gone.details["workers"] == ("far",)
    workers = restarted(before)
    look(workers, patience - 10.0, proxy(1, far=1))
    assert [message.details["workers"] for message in run(workers, 0.0, 9_000.0)] == [("proxy",)]


def test_one_of_few_shares_behind_a_proxy_is_not_remembered() -> None:
    workers = Workers(PACE, GATHER)
    look(workers, 0.0, proxy(1, far=1))
    assert workers.roll(0) == Roll()


def test_a_restart_remembers_who_mined_before_miners_were_sent_away() -> None:
    workers = Workers(PACE, GATHER)
    mined(workers, "alice", "bob")
    workers.told(Draining(2), 10.0)
    workers.told(left(1), 11.0)
    assert workers.roll(7) == Roll(7, (), {"alice": 0.0, "bob": 0.0})
    workers.told(TakingAgain(), 20.0)
    [gone] = run(workers, 20.0, 2_000.0)  # who was sent away and does not come again, though it could
    assert gone.details["workers"] == ("alice",)
