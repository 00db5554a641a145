"""Which connections and channels are not as an earlier picture showed them, and which are gone.

Rule: found by comparing with what was seen last, so that the share path pays nothing for being watched. What only time
changes (ages, hash rates that fade) is no change: `pool/later.py` tells it from the last view.
"""

from collections import deque
from collections.abc import Mapping
from itertools import filterfalse

from msgspec import Struct

from sluice.bitcoin.target import Target
from sluice.pool.inputs import PeerId
from sluice.pool.miner import Miner
from sluice.work.channel import Channel
from sluice.work.tally import Tally

#: Ends of connections and channels that are remembered, for watchers to be told of: more in a few seconds are a pool that
#: lost its miners, and a whole picture of what is left is the shorter one.
MOST_GONE = 20_000

#: A channel that is gone, or with None a connection.
Ended = tuple[PeerId, int | None]


class _SeenChannel(Struct, gc=False):
    """A channel as it was looked at last, and the picture that was the first to show it so. Mutable."""

    tally: Tally  # another one is another channel: some devices choose the numbers, and use one again
    shares: int
    target: Target
    ordered: Target | None
    picture: int


class _SeenMiner(Struct):
    """The same for a connection. Mutable."""

    heard: float = -1.0
    picture: int = 0
    last_share: float = 0.0
    channels: dict[int, _SeenChannel] = {}


class Changes:
    """Mutable; one owner. Pictures count from 1; since picture 0, everything has changed.

    Of what was looked at for this picture, `miners` are set up and `channels` are open.
    """

    def __init__(self) -> None:
        self.picture = 0
        self.miners = 0
        self.channels = 0
        self._last_share = 0.0
        self._seen: dict[PeerId, _SeenMiner] = {}
        self._gone: deque[tuple[int, Ended]] = deque()
        #: Since which picture all that is gone is known.
        self._known_since = 0

    def begin(self, miners: Mapping[PeerId, Miner]) -> None:
        """The next picture. Who is not among `miners` any more is gone."""
        self.picture += 1
        self.miners, self.channels, self._last_share = 0, 0, 0.0
        for peer in list(filterfalse(miners.__contains__, self._seen)):
            del self._seen[peer]
            self._went((peer, None))
        while (
            len(self._gone) > MOST_GONE
        ):  # here alone: while a picture is made, nothing that it needs is forgotten
            self._known_since, _ = self._gone.popleft()

    @property
    def last_share(self) -> float | None:
        """When the last credited share came, in steady seconds, from whoever was looked at for this picture."""
        return self._last_share or None

    def since(self, picture: int) -> int:
        """That picture, or 0 if it is too long ago for us to tell what has changed."""
        return picture if picture >= self._known_since else 0

    def of(self, miner: Miner, since: int) -> list[Channel] | None:
        """The channels that changed since a picture; None if its connection did not change either."""
        seen = self._seen.get(miner.peer)
        if seen is None:
            seen = self._seen[miner.peer] = _SeenMiner()
        channels = miner.channels
        if seen.heard != miner.last_heard:
            self._listen(miner, seen)
        self._compare(channels, seen)
        if len(seen.channels) != len(channels):
            self._forget(miner, seen)
        self.miners += miner.setup_at is not None
        self.channels += len(channels)
        self._last_share = max(self._last_share, seen.last_share)
        if seen.picture <= since:
            return None
        known = seen.channels
        return [channel for number, channel in channels.items() if known[number].picture > since]

    def gone(self, since: int) -> list[Ended]:
        """Who ended since a picture. What came again under the same number is shown by the same picture, too."""
        return [ended for picture, ended in self._gone if picture > since]

    def _listen(self, miner: Miner, seen: _SeenMiner) -> None:
        """It said something: only so do shares come."""
        picture, known = self.picture, seen.channels
        for number, channel in miner.channels.items():
            tally = channel.tally
            shares = sum(tally.shares.values())  # each counts one, whatever comes of it
            then = known.get(number)
            if then is not None and then.shares != shares:
                then.shares, then.picture = shares, picture
            if tally.last_share is not None and tally.last_share > seen.last_share:
                seen.last_share = tally.last_share
        seen.heard, seen.picture = miner.last_heard, picture

    def _compare(self, channels: Mapping[int, Channel], seen: _SeenMiner) -> None:
        """What we did with it, and what was opened."""
        known = seen.channels
        for number, channel in channels.items():
            then = known.get(number)
            if (
                then is None
                or then.tally is not channel.tally
                or then.target != channel.target
                or then.ordered != channel.ordered
            ):
                tally = channel.tally
                known[number] = _SeenChannel(
                    tally, sum(tally.shares.values()), channel.target, channel.ordered, self.picture
                )
                seen.picture = self.picture

    def _forget(self, miner: Miner, seen: _SeenMiner) -> None:
        """Channels of it are gone, and count among its closed ones."""
        for number in list(filterfalse(miner.channels.__contains__, seen.channels)):
            del seen.channels[number]
            self._went((miner.peer, number))
        seen.picture = self.picture

    def _went(self, ended: Ended) -> None:
        self._gone.append((self.picture, ended))
