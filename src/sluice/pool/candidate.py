"""One found block and its life, from the disk to the depth of the chain (design 5).

What happens to it comes in, what is to be done goes out; where it stands is moved by the table of `block_life` alone.
Rule: the header and coinbase are those that were found, never made again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import inf
from types import MappingProxyType

from sluice.bitcoin.hashes import to_display
from sluice.pool.block_life import Stage, Turn, moved
from sluice.pool.chain_view import turn_of
from sluice.pool.effects import Effect, Note, Record, Settle, Submit, Tell
from sluice.pool.errand import Errand, RouteKey
from sluice.pool.events import (
    BlockAccepted,
    BlockAnswered,
    BlockBuried,
    BlockForgotten,
    BlockInChain,
    BlockOrphaned,
    BlockOvertaken,
    BlockRecorded,
    BlockRefused,
    BlockRejected,
    BlockUndelivered,
    BlockUnrecorded,
    Happening,
)
from sluice.pool.history import Moved, Noted
from sluice.pool.ports import Answer, FoundBlock, Outcome, Sight

#: Seconds until a block that could not be written down is tried again; the last number counts for all that follow.
RECORD_PACE = (1, 2, 4, 8, 15, 30, 60)
#: Lines that one process adds to a block's history, its end aside: a node that comes and goes for days would fill
#: the disk. An ordinary block has three or four.
MOST_NOTES = 200
#: Answers that leave a block without a node.
_NOT_TAKEN = frozenset((Answer.REFUSED, Answer.SILENT, Answer.UNFIT))

#: What people are told when chains move a block to a stage.
_SHOWN: Mapping[Stage, Callable[[int, str, Sight], Happening]] = MappingProxyType(
    {
        Stage.IN_CHAIN: lambda height, text, sight: BlockInChain(height, text, sight.node),
        Stage.BURIED: lambda height, text, sight: BlockBuried(height, text, sight.node),
        Stage.OVERTAKEN: lambda height, text, sight: BlockOvertaken(height, text, sight.node, _rival(sight)),
        Stage.ORPHANED: lambda height, text, sight: BlockOrphaned(height, text, sight.node, _rival(sight)),
        Stage.REJECTED: lambda height, text, sight: BlockRejected(height, text, sight.node, _rival(sight)),
    }
)


def _rival(sight: Sight) -> str:
    return to_display(sight.block_hash) if sight.block_hash else ""


class Candidate:
    """Mutable; one owner. `now` is in steady seconds, `unix_time` in unix seconds."""

    __slots__ = (
        "_notes",
        "_record_due",
        "_record_row",
        "_told",
        "_visible",
        "errands",
        "found",
        "recorded",
        "stage",
        "taken",
    )

    def __init__(self, found: FoundBlock) -> None:
        self.found = found
        self.stage = Stage.FOUND
        #: Whether it is on the disk.
        self.recorded = False
        #: Whether a node was ever seen to take it, which is what counts, once.
        self.taken = False
        self.errands: dict[RouteKey, Errand] = {}
        self._record_due = inf
        self._record_row = 0
        #: Why the alarm rang last; it does not ring again for the same.
        self._told = ""
        #: Nodes whose chains could be seen at the last look.
        self._visible: frozenset[str] = frozenset()
        self._notes = 0

    @property
    def outcomes(self) -> list[Outcome]:
        """The last one of each route."""
        return [errand.outcome for errand in self.errands.values() if errand.outcome]

    def due(self, routes: Iterable[RouteKey]) -> float:
        """When something is to be done next."""
        if self.stage is Stage.FOUND:
            return inf
        errands = self.errands
        return min((self._record_due, *(errands[key].due if key in errands else -inf for key in routes)))

    def resume(self, history: Sequence[Noted], now: float) -> None:
        """Stand where an earlier run has left it; answers other than that a node has it count as long ago."""
        self.recorded = True
        self.stage = Stage.OFFERED
        for noted in history:
            if isinstance(noted.what, Outcome):
                errand = self.errands.setdefault(_key(noted.what), Errand(now))
                errand.answered(noted.what, now)
                errand.long_ago(now)
            else:
                self.stage = noted.what.stage
            self.taken = self.taken or _takes(noted)

    def begin(self) -> Iterator[Effect]:
        """It was found: first of all it is written down."""
        yield Record(self.found)

    def recorded_at(self, unix_time: int) -> Iterator[Effect]:
        """It is on the disk."""
        if self._record_row:
            yield self._tell(BlockRecorded)
        self.recorded = True
        self._record_due = inf
        yield from self._turn(Turn.RECORDED, unix_time)

    def unrecorded(self, reason: str, now: float, unix_time: int) -> Iterator[Effect]:
        """It could not be written down: it leaves all the same."""
        if not self._record_row:
            yield self._tell(BlockUnrecorded, reason)
        self._record_row += 1
        self._record_due = now + RECORD_PACE[min(self._record_row, len(RECORD_PACE)) - 1]
        yield from self._turn(Turn.UNRECORDED, unix_time)

    def offer(self, routes: Iterable[RouteKey], now: float) -> Iterator[Effect]:
        """Do what is due: give it to nodes, write it down."""
        if self.stage is Stage.FOUND:
            return
        if self._record_due <= now:
            self._record_due = inf
            yield Record(self.found)
        for key in routes:
            errand = self.errands.setdefault(key, Errand(now))
            if errand.due <= now:
                errand.leave()
                yield Submit(self.found, *key)

    def answered(self, outcome: Outcome, now: float, unix_time: int) -> Iterator[Effect]:
        """What came of one attempt."""
        errand = self.errands.setdefault(_key(outcome), Errand(inf))
        news = errand.answered(outcome, now)
        yield self._tell(
            BlockAnswered,
            outcome.node,
            outcome.route,
            outcome.answer.value,
            outcome.reason,
            outcome.milliseconds,
        )
        if self.stage.settled:
            return
        if news:
            yield from self._note(outcome, unix_time)
        if outcome.accepted:
            yield from self._take(outcome.node)
        yield from self._weigh(unix_time)

    def seen(self, sights: Sequence[Sight], now: float, unix_time: int) -> Iterator[Effect]:
        """What best chains show at its height."""
        if self.stage is Stage.FOUND or self.stage.settled:
            return
        before, self._visible = self._visible, frozenset(sight.node for sight in sights)
        for (node, _), errand in self.errands.items():
            if node in self._visible - before:
                errand.in_sight(now)
        for sight in sights:
            yield from self._compare(sight, now)
        turn = turn_of(self.found.block_hash, self.found.height, sights)
        if turn is None:
            return
        if turn[0] is Turn.ABSENT and self.stage is Stage.HELD and not self._held:
            turn = (Turn.FORGOTTEN, turn[1])
        if turn[0] in (Turn.SHOWN, Turn.BURIED):
            yield from self._take(turn[1].node)
        yield from self._turn(turn[0], unix_time, turn[1])

    @property
    def _held(self) -> bool:
        return any(errand.has for errand in self.errands.values())

    def _compare(self, sight: Sight, now: float) -> Iterator[Effect]:
        """A node's chain against what the node said."""
        there = [errand for key, errand in self.errands.items() if key[0] == sight.node]
        if sight.block_hash == self.found.block_hash:
            for errand in there:
                errand.shown()
            return
        if sight.block_hash is None and any(errand.has for errand in there):
            yield self._tell(BlockForgotten, sight.node)
        for errand in there:
            errand.not_shown(now)

    def _weigh(self, unix_time: int) -> Iterator[Effect]:
        """All answers together."""
        if self._held:
            yield from self._turn(Turn.HELD, unix_time)
            return
        outcomes = [errand.outcome for errand in self.errands.values()]
        if not all(outcome and outcome.answer in _NOT_TAKEN for outcome in outcomes):
            return
        refusals = [outcome for outcome in self.outcomes if outcome.answer is Answer.REFUSED]
        if refusals:
            yield from self._ring(BlockRefused, refusals)
            yield from self._turn(Turn.REFUSED, unix_time)
        elif self.stage is Stage.OFFERED:
            yield from self._ring(BlockUndelivered, self.outcomes)

    def _ring(
        self, alarm: type[BlockRefused] | type[BlockUndelivered], outcomes: Sequence[Outcome]
    ) -> Iterator[Effect]:
        """An alarm, once for each kind and reason."""
        nodes = ", ".join(dict.fromkeys(outcome.node for outcome in outcomes))
        reason = ", ".join(dict.fromkeys(outcome.reason for outcome in outcomes))
        text = f"{alarm.__name__} {nodes}"
        if text == self._told:
            return
        self._told = text
        yield self._tell(alarm, nodes, reason) if alarm is BlockRefused else self._tell(alarm, reason)

    def _take(self, node: str) -> Iterator[Effect]:
        if not self.taken:
            self.taken = True
            yield self._tell(BlockAccepted, node, self.found.user)

    def _turn(self, turn: Turn, unix_time: int, sight: Sight | None = None) -> Iterator[Effect]:
        """The only place where it moves on."""
        before, self.stage = self.stage, moved(self.stage, turn)
        if self.stage is before:
            return
        if before is not Stage.FOUND:
            yield from self._note(Moved(self.stage, turn, sight), unix_time)
        if sight is not None and self.stage in _SHOWN:
            yield Tell(_SHOWN[self.stage](self.found.height, to_display(self.found.block_hash), sight))
        if self.stage.settled:
            yield Settle(self.found)

    def _note(self, what: Outcome | Moved, unix_time: int) -> Iterator[Effect]:
        if self._notes < MOST_NOTES or self.stage.settled:
            self._notes += 1
            yield Note(self.found, Noted(unix_time, what))

    def _tell(self, event: Callable[..., Happening], *more: object) -> Tell:
        return Tell(event(self.found.height, to_display(self.found.block_hash), *more))


def _key(outcome: Outcome) -> RouteKey:
    return outcome.node, outcome.route


def _takes(noted: Noted) -> bool:
    """Whether a line says that a node took the block."""
    if isinstance(noted.what, Outcome):
        return noted.what.accepted
    return noted.what.stage in (Stage.IN_CHAIN, Stage.BURIED)
