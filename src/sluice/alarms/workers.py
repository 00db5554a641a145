"""Workers that are gone, and back: who has mined and has no channel any more, or is silent behind a proxy.

Rule: pure, time is an argument. A name that never had a good share is nobody, so that names cost work; one that is
seen first is no news, nor is anybody gone because the pool itself ends, or because an operator has banned him.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf

from sluice.alarms.counts import Counts
from sluice.alarms.debounce import Debounce, Pace
from sluice.alarms.gather import Gather, Gathered
from sluice.alarms.message import Detail, Message, Weight, Words, counted, listing
from sluice.alarms.roll import Roll, called
from sluice.alarms.topics import Topic
from sluice.legible import duration_text
from sluice.pool.events import ChannelClosed, ChannelOpened, Draining, Happening, PeerLeft, TakingAgain
from sluice.sv2.codes import BANNED

#: Channels that are followed, and names that may be away at once: some tens of MiB. Who comes later is not followed.
MOST_CHANNELS = MOST_AWAY = 65_536
#: Names that are gone through at once: half a millisecond.
AT_ONCE = 500
#: A worker behind a proxy is silent after so many times the mean pause between its shares, or `quiet` if that is
#: longer: chance alone does it to one in twenty thousand. Before it has `LEAST` shares, nobody knows what is usual.
PAUSES, LEAST = 10, 10


@dataclass(slots=True)
class _Seen:
    """A worker behind a proxy: its connection, and its good shares when first and when last seen with another one."""

    peer: int
    first_count: int
    first_at: float
    count: int
    last_at: float

    def patience(self) -> float:
        """Seconds of silence that mean something."""
        shares = self.count - self.first_count
        return PAUSES * (self.last_at - self.first_at) / shares if shares >= LEAST else inf


class Workers:
    """Mutable; one owner."""

    __slots__ = (
        "_back",
        "_banned",
        "_behind",
        "_debounce",
        "_gone",
        "_known",
        "_open",
        "_pace",
        "_peers",
        "_roll",
        "_seen",
        "_tracked",
    )

    def __init__(self, pace: Pace, gather: float) -> None:
        """`gather`: seconds in which workers that go together are one message."""
        self._pace = pace
        self._debounce = Debounce(pace, MOST_AWAY)
        self._gone, self._back = Gather(gather), Gather(gather)
        #: The open channels of each connection, with their names, and how many there are of each name.
        self._peers: dict[int, dict[int, str]] = {}
        self._tracked = 0
        self._open: Counter[str] = Counter()
        #: Names of open channels that have mined, or of those that had before a restart.
        self._known: set[str] = set()
        #: Workers behind proxies, and what the look that is under way has found of them.
        self._seen: dict[str, _Seen] = {}
        self._behind: dict[str, tuple[int, int]] = {}
        #: Connections that an operator has ended since the look before the last: their workers are not missed.
        self._banned: tuple[set[int], set[int]] = (set(), set())
        #: Who was there when miners were sent away, as nobody is gone by himself from then on; None: they were not.
        self._roll: Roll | None = None

    def told(self, event: Happening, now: float) -> None:
        """The pool has said something."""
        if isinstance(event, ChannelClosed | PeerLeft) and event.reason == BANNED:
            self._banned[0].add(event.peer)
        if isinstance(event, ChannelOpened):
            self._opened(event, now)
        elif isinstance(event, ChannelClosed):
            self._closed(event.peer, event.channel_id, event.reason, worked=event.accepted > 0, now=now)
        elif isinstance(event, PeerLeft):
            channels = self._peers.get(event.peer, {})
            alone = event.accepted > 0 and len(set(channels.values())) == 1
            for channel_id in list(channels):
                self._closed(event.peer, channel_id, event.reason, worked=alone, now=now)
        elif isinstance(event, Draining):
            self._roll = self.roll(0)
        elif isinstance(event, TakingAgain) and self._roll is not None:
            roll, self._roll = self._roll, None
            self.recall(roll, now)

    def roll(self, unix_time: int) -> Roll:
        """What the next run has to know; to be asked some times an hour: it takes milliseconds."""
        if self._roll is not None:
            return Roll(unix_time, self._roll.gone, self._roll.here)
        away = [*self._debounce.away()]
        here = chain(
            ((name, 0.0) for name in self._known if name in self._open),
            ((name, 0.0) for name, told in away if not told),
            ((name, seen.patience()) for name, seen in self._seen.items() if seen.patience() < inf),
        )
        return called(unix_time, (name for name, told in away if told), here)

    def recall(self, roll: Roll, now: float) -> None:
        """Take up what the last run knew: who mined then is gone if he is not seen soon."""
        for name in roll.gone:
            self._debounce.recall(name, now)
        for name, patience in roll.here.items():
            if name not in self._open and name not in self._seen:
                if not patience:
                    self._known.add(name)
                self._debounce.down(name, now + max(0.0, patience - self._pace.quiet))

    def saw(self, some: Sequence[Counts]) -> None:
        """Connections, as they are now: a part of a look, which is over with `looked`."""
        for counts in some:
            self._known.update(user for user in counts.users if user in self._open)
            for name, count in counts.workers.items():
                if name not in self._open and (name in self._behind or len(self._behind) < MOST_CHANNELS):
                    _, before = self._behind.get(name, (0, 0))
                    self._behind[name] = counts.peer, before + count

    def looked(self, now: float) -> Iterator[None]:
        """All connections were seen. To be gone through; it pauses now and then for others."""
        behind, self._behind = self._behind, {}
        for at, name in enumerate([*self._seen]):
            if name not in behind:
                peer = self._seen.pop(name).peer
                if any(peer in banned for banned in self._banned):
                    self._debounce.forget(name)
                elif name not in self._open:
                    self._down(name, now)
            if not at % AT_ONCE:
                yield
        for at, (name, (peer, count)) in enumerate(behind.items()):
            if name not in self._open:
                self._see(name, peer, count, now)
            if not at % AT_ONCE:
                yield
        # Who was banned while this look was under way is still in it: it is the next that misses its workers.
        self._banned = set(), self._banned[0]

    def tick(self, now: float) -> Iterator[Message]:
        """What is to be told by now."""
        if self._roll is not None:
            return
        turned = self._debounce.due(now)
        self._gone.add(turned.fallen, now)
        self._back.add(turned.risen, now)
        if gone := self._gone.take(now):
            yield _gone(gone, self._pace.quiet)
        if back := self._back.take(now):
            yield _back(back)

    def _opened(self, event: ChannelOpened, now: float) -> None:
        channels = self._peers.get(event.peer)
        if channels is not None and event.channel_id in channels:
            self._closed(event.peer, event.channel_id, "opened again", worked=False, now=now)
        if self._tracked >= MOST_CHANNELS:
            return
        self._peers.setdefault(event.peer, {})[event.channel_id] = event.user
        self._tracked += 1
        self._open[event.user] += 1
        self._debounce.up(event.user, now)

    def _closed(self, peer: int, channel_id: int, reason: str, *, worked: bool, now: float) -> None:
        channels = self._peers.get(peer, {})
        user = channels.pop(channel_id, None)
        if user is None:
            return
        if not channels:
            del self._peers[peer]
        self._tracked -= 1
        self._open[user] -= 1
        if worked:
            self._known.add(user)
        if self._open[user]:
            return
        del self._open[user]
        if reason == BANNED:
            self._known.discard(user)
            self._debounce.forget(user)
        elif user in self._known or user in self._debounce:
            self._known.discard(user)
            self._down(user, now)

    def _see(self, name: str, peer: int, count: int, now: float) -> None:
        """A worker behind a proxy, by which connection, and how many good shares it has."""
        seen = self._seen.get(name)
        if seen is None or count < seen.count:
            self._seen[name] = _Seen(peer, count, now, count, now)
            self._debounce.up(name, now)
        elif count > seen.count:
            seen.peer, seen.count, seen.last_at = peer, count, now
            self._debounce.up(name, now)
        elif now - seen.last_at >= seen.patience() and name not in self._debounce:
            # What it was silent for already counts: `quiet` begins with its last share.
            self._down(name, max(seen.last_at, now - self._pace.quiet))

    def _down(self, name: str, now: float) -> None:
        if self._roll is None:
            self._debounce.down(name, now)


def _gone(gathered: Gathered, quiet: float) -> Message:
    whom = "it" if gathered.count == 1 else "any of them"
    text: Words = (f"Nothing has come from {whom} for {duration_text(quiet)} or more.",)
    return _message("workers_gone", Weight.WARNING, gathered, ("gone", text))


def _back(gathered: Gathered) -> Message:
    text: Words = ("It mines again." if gathered.count == 1 else "They mine again.",)
    return _message("workers_back", Weight.INFO, gathered, ("back", text))


def _message(kind: str, weight: Weight, gathered: Gathered, said: tuple[str, Words]) -> Message:
    word, text = said
    listed = listing(gathered.names, gathered.count)
    one = gathered.count == 1
    title: Words = (
        ("Worker ", *listed, f" is {word}")
        if one
        else (f"{counted(gathered.count, 'worker')} are {word}: ", *listed)
    )
    details: dict[str, Detail] = {"count": gathered.count, "workers": gathered.names}
    return Message(Topic.WORKERS, kind, weight, title, text, details)
