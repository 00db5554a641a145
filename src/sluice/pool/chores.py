"""What is to be done to many channels, a few at a time, so that no share waits for it.

Rule: a chore looks at every channel that was open when it began, once; what has ended meanwhile is let be. At first it
gets as far as it can at once, which for a pool of some hundreds is to its end, then a little further with each tick.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sluice.pool.effects import Effect, Tell
from sluice.pool.events import Happening
from sluice.pool.inputs import PeerId
from sluice.pool.miner import Miner
from sluice.work.channel import Channel

#: What looking at a channel costs, against acting on it, which may make a job for it: under a microsecond, and some 30.
LOOK, ACT = 1, 50
#: What is done at once, and with each tick: some milliseconds, and one.
AT_ONCE, EACH_TICK = 5_000, 1_000

Miners = Mapping[PeerId, Miner]


@dataclass(slots=True)
class Chore:
    """Mutable. `concerns` says which channels, `act` what is done to one, `told` what is told of so many."""

    concerns: Callable[[Channel], bool]
    act: Callable[[Miner, Channel, float], Iterable[Effect]]
    told: Callable[[int], Happening]
    #: What is done to a connection after its last channel, if any of its channels was concerned.
    after: Callable[[Miner, float], Iterable[Effect]] = lambda miner, now: ()
    #: What is done to a connection as a whole, before its channels are looked at: it counts, if it is anything.
    meet: Callable[[Miner, float], Sequence[Effect]] = lambda miner, now: ()
    count: int = 0
    done: bool = False
    _peers: deque[PeerId] = field(default_factory=deque)
    _peer: PeerId = 0
    _channels: deque[int] = field(default_factory=deque)
    _acted: bool = False

    def begin(self, miners: Miners) -> None:
        """These are all that are looked at."""
        self._peers.extend(miners)

    def work(self, miners: Miners, now: float, budget: int) -> Iterator[Effect]:
        """Use up a budget; that it is done, it tells."""
        while budget > 0 and not self.done:
            budget -= LOOK
            miner = miners.get(self._peer)
            if miner is None or not self._channels:
                before = self.count
                yield from self._turn_to_next(miners, now)
                budget -= ACT * (self.count - before)
                continue
            channel = miner.channels.get(self._channels.popleft())
            if channel is not None and self.concerns(channel):
                budget -= ACT
                self.count += 1
                self._acted = True
                yield from self.act(miner, channel, now)
            if self._acted and not self._channels and miner.peer in miners:
                yield from self.after(miner, now)

    def _turn_to_next(self, miners: Miners, now: float) -> Iterator[Effect]:
        self._acted = False
        if not self._peers:
            self.done = True
            yield Tell(self.told(self.count))
            return
        self._peer = self._peers.popleft()
        miner = miners.get(self._peer)
        if miner is None:
            return
        met = self.meet(miner, now)
        self.count += bool(met)
        yield from met
        self._channels = deque(miner.channels)


class Chores:
    """One after the other. Mutable; one owner."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: deque[Chore] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def begin(self, chore: Chore, miners: Miners, now: float) -> Iterator[Effect]:
        """As far as it goes at once, unless others wait."""
        chore.begin(miners)
        self._waiting.append(chore)
        if len(self._waiting) == 1:
            yield from self.work(miners, now, AT_ONCE)

    def work(self, miners: Miners, now: float, budget: int = EACH_TICK) -> Iterator[Effect]:
        """A little of what is to be done."""
        if not self._waiting:
            return
        chore = self._waiting[0]
        yield from chore.work(miners, now, budget)
        if chore.done:
            self._waiting.popleft()
