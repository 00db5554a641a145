from sluice.alarms.counts import Counts
from sluice.alarms.message import Message, Name, Weight
from sluice.alarms.words import plain
from sluice.alarms.workers import LEAST, MOST_CHANNELS, PAUSES, Workers
from sluice.pool.events import ChannelClosed, Draining, PeerLeft, TakingAgain
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
    assert run(workers, 2_000.0, 4_000.0) == []
    workers.told(opened(2, "alice"), 4_000.0)
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
