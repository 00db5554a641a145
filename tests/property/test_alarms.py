"""Alarms under any sequence of happenings, looks and pauses: nothing is told twice, nothing too soon, nothing unbounded.

What is expected comes from a model of its own, which knows when each name had an open channel, and nothing of debouncing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.alarms.counts import Counts
from sluice.alarms.gather import MOST_NAMES
from sluice.alarms.kinds import KINDS
from sluice.alarms.message import Message
from sluice.alarms.rules import Rules
from sluice.alarms.webhook import body_of
from sluice.alarms.words import html, markdown, plain, utf16_length
from sluice.pool import events, node_events
from sluice.pool.events import Happening
from support.alarms import HOSTILE, NOW, PACE, PLAN, letter, look
from support.services import CODE, telegram_text

USERS = ("alice", "bob.rig", HOSTILE, "שלום", "")
PEERS = st.integers(1, 4)
CHANNELS = st.integers(2, 3)
NAMES = st.sampled_from(USERS)
HASHES = st.sampled_from(("00", "11", "22"))
NODES = st.sampled_from(("core", "attic", HOSTILE))
#: Seconds between two things: most within the pauses, some far beyond.
PAUSES = st.sampled_from((0.0, 1.0, 7.0, 30.0, 60.0, 95.0, 290.0, 310.0, 3_700.0, 90_000.0))
COUNTS = st.integers(0, 3)

OF_WORKERS: tuple[st.SearchStrategy[Happening], ...] = (
    st.builds(events.ChannelOpened, PEERS, CHANNELS, st.just("extended"), NAMES, st.just(1.0), st.just(1.0)),
    st.builds(events.ChannelClosed, PEERS, CHANNELS, NAMES, st.just("closed"), COUNTS, COUNTS),
    st.builds(events.PeerLeft, PEERS, st.just("192.0.2.1"), st.just("gone"), COUNTS, COUNTS),
)
OTHERS: tuple[st.SearchStrategy[Happening], ...] = (
    st.builds(events.BlockFound, st.integers(1, 3), HASHES, NAMES, PEERS, st.just("accepted")),
    st.builds(events.BlockAccepted, st.integers(1, 3), HASHES, NODES, NAMES),
    st.builds(events.BlockRefused, st.integers(1, 3), HASHES, NODES, NAMES),
    st.builds(events.BlockUndelivered, st.integers(1, 3), HASHES, NAMES),
    st.builds(events.BlockOvertaken, st.integers(1, 3), HASHES, NODES, HASHES),
    st.builds(events.BlockBuried, st.integers(1, 3), HASHES, NODES),
    st.builds(events.BlockOrphaned, st.integers(1, 3), HASHES, NODES, HASHES),
    st.builds(events.NewBest, NAMES, NAMES, st.floats(0, 1e30), st.floats(0, 1e30)),
    st.builds(node_events.NodeApart, NODES, st.just("lagging"), NAMES),
    st.builds(node_events.NodeInStep, NODES, st.just("lagging"), st.just(1.0)),
    st.builds(
        node_events.NodesDisagree,
        NODES,
        st.just(5),
        st.just("aa"),
        NODES,
        st.just(5),
        st.just("bb"),
        NAMES,
    ),
    st.builds(node_events.NodesAgree, st.just(1.0)),
    st.builds(events.NodeTroubled, NODES, NAMES),
    st.builds(events.NodeRecovered, st.just(5)),
    st.builds(events.RecordFailing, NAMES),
    st.builds(events.RecordRecovered, COUNTS),
    st.builds(events.Draining, COUNTS),
    st.builds(events.TakingAgain),
)
LOOK = st.builds(
    Counts,
    PEERS,
    st.integers(0, 50),
    st.dictionaries(st.sampled_from(("stale", "duplicate")), st.integers(0, 50)),
    st.lists(NAMES, max_size=2).map(tuple),
    st.dictionaries(st.sampled_from(("behind-1", "behind-2")), st.integers(0, 30)),
)
#: Few of everything, so that names meet themselves on other channels.
FEW = (st.integers(1, 2), st.just(2), st.sampled_from(("alice", HOSTILE)))
OF_FEW: tuple[st.SearchStrategy[Happening], ...] = (
    st.builds(events.ChannelOpened, FEW[0], FEW[1], st.just("extended"), FEW[2], st.just(1.0), st.just(1.0)),
    st.builds(events.PeerLeft, FEW[0], st.just("192.0.2.1"), st.just("gone"), st.integers(0, 1), st.just(0)),
)
#: Good shares of those behind the first connection.
BEHIND = st.dictionaries(st.sampled_from(("behind-1", "behind-2")), st.integers(0, 30))
LOOKS = st.lists(LOOK, max_size=3, unique_by=lambda counts: counts.peer)


@dataclass
class Channels:
    """The model: which names have an open channel, and since when each has none."""

    open: dict[tuple[int, int], str] = field(default_factory=dict)
    away_since: dict[str, float] = field(default_factory=dict)
    #: When each away time began and ended.
    absences: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    #: Names that may have mined.
    mined: set[str] = field(default_factory=set)

    def hear(self, event: Happening, now: float) -> None:
        match event:
            case events.ChannelOpened(peer=peer, channel_id=channel_id, user=user):
                if self.open.get((peer, channel_id), user) != user:
                    self._close((peer, channel_id), now)
                self.open[peer, channel_id] = user
                if since := self._since(user):
                    self.absences[user].append((since[0], now))
            case events.ChannelClosed(peer=peer, channel_id=channel_id, accepted=accepted):
                if accepted and (peer, channel_id) in self.open:
                    self.mined.add(self.open[peer, channel_id])
                self._close((peer, channel_id), now)
            case events.PeerLeft(peer=peer, accepted=accepted):
                for key in [key for key in self.open if key[0] == peer]:
                    if accepted:
                        self.mined.add(self.open[key])
                    self._close(key, now)

    def counts(self, behind: dict[str, int]) -> list[Counts]:
        """All that are connected, each with good shares; one of them is a proxy."""
        users = {peer: user for (peer, _), user in self.open.items()}
        return [
            Counts(peer, 1, {}, (user,), behind if peer == 1 else {}) for peer, user in sorted(users.items())
        ]

    def was_away(self, user: str, seconds: float, now: float) -> bool:
        """Whether there was a time of so many seconds, not yet over or over by now, without an open channel."""
        absences = [*self.absences[user], (self.away_since.get(user, inf), now)]
        return any(end - begin >= seconds for begin, end in absences)

    def _since(self, user: str) -> list[float]:
        return [self.away_since.pop(user)] if user in self.away_since else []

    def _close(self, key: tuple[int, int], now: float) -> None:
        user = self.open.pop(key, None)
        if user is not None and user not in self.open.values():
            self.away_since[user] = now


def assert_sound(messages: Iterable[Message]) -> None:
    """Each is what docs/alarms.md promises, and fits every receiver whatever its names are."""
    for message in messages:
        kind = KINDS[message.kind]
        assert message.topic is kind.topic
        assert set(message.details) <= set(kind.details)
        for words in (message.title, message.text):
            assert plain(words).isprintable() or "\u2068" in plain(words)
            assert "\n" not in markdown(words)
            assert "everyone" not in CODE.sub("", markdown(words))
        assert utf16_length(telegram_text(f"{html(message.title)} {html(message.text)}")) < 3_900
        assert len(plain(message.text).encode()) < 4_000
        assert body_of(letter(message), NOW)


@settings(max_examples=200)
@given(st.lists(st.tuples(PAUSES, st.one_of(*OF_FEW) | BEHIND), max_size=60))
def test_workers_are_gone_and_back_in_turn_and_never_too_soon(
    script: list[tuple[float, Happening | dict[str, int]]],
) -> None:
    rules, channels = Rules(PLAN), Channels()
    gone: set[str] = set()
    now, told_at = 0.0, defaultdict[str, float](lambda: -inf)

    def hear(messages: Iterable[Message]) -> None:
        for message in messages:
            assert_sound([message])
            if not message.kind.startswith("workers_"):
                continue
            names = message.details["workers"]
            assert isinstance(names, tuple)
            assert message.details["count"] == len(names) == len(set(names)) <= MOST_NAMES
            for name in names:
                assert (name in gone) == (message.kind == "workers_back")
                assert now >= told_at[name] + PACE.dwell
                if message.kind == "workers_gone" and not name.startswith("behind"):
                    assert name in channels.mined
                    assert channels.was_away(name, PACE.quiet, now)
                told_at[name] = now
            gone.symmetric_difference_update(names)

    for pause, happened in script:
        # About as often as it is asked; of long pauses, their beginning and their end.
        for moment in sorted({now + step for step in range(0, int(min(pause, 700)), 10)} | {now + pause}):
            now = moment
            hear(rules.tick(now, NOW + int(now)))
        if isinstance(happened, dict):
            channels.mined.update(channels.open.values())
            look(rules, now, *channels.counts(happened))
        else:
            channels.hear(happened, now)
            hear(rules.told(happened, now))


@settings(max_examples=200)
@given(st.lists(st.tuples(PAUSES, st.one_of(*OF_WORKERS, *OTHERS) | LOOKS), max_size=60))
def test_nothing_is_told_twice_and_what_begins_ends(
    script: list[tuple[float, Happening | list[Counts]]],
) -> None:
    rules = Rules(PLAN)
    steps: set[tuple[str, str]] = set()
    rings: set[str] = set()
    now, bests_at = 0.0, -inf
    begins = {"node_apart": "node_in_step", "nodes_disagree": "nodes_agree", "no_work": "work_again",
              "record_failing": "record_recovered", "refusals_rising": "refusals_over"}  # fmt: skip
    ends = {end: begin for begin, end in begins.items()}

    for pause, happened in script:
        now += pause
        messages = list(rules.tick(now, NOW + int(now)))
        if isinstance(happened, list):
            look(rules, now, *happened)
        else:
            messages += rules.told(happened, now)
        assert_sound(messages)
        for message in messages:
            if message.kind.startswith("block_"):
                step = (message.kind, str(message.details["block_hash"]))
                assert step not in steps
                steps.add(step)
            elif message.kind in begins:
                key = (
                    f"{message.kind} {message.details['node']}"
                    if message.kind == "node_apart"
                    else message.kind
                )
                assert key not in rings
                rings.add(key)
            elif message.kind in ends:
                begin = ends[message.kind]
                rings.remove(f"{begin} {message.details['node']}" if begin == "node_apart" else begin)
            elif message.kind == "new_best":
                assert now >= bests_at + PLAN.bests.pause
                bests_at = now


@given(st.lists(st.tuples(PAUSES, st.one_of(*OTHERS)), max_size=40), st.sets(st.sampled_from(list(KINDS))))
def test_what_was_not_chosen_is_never_told(script: list[tuple[float, Happening]], kinds: set[str]) -> None:
    topics = frozenset(KINDS[kind].topic for kind in kinds)
    rules, now = Rules(replace(PLAN, topics=topics)), 0.0
    messages = list(rules.started())
    for pause, happened in script:
        now += pause
        messages += [*rules.tick(now, NOW + int(now)), *rules.told(happened, now)]
    assert {message.topic for message in messages} <= topics
