"""All found blocks of a process: who is looked after now, what is due when, and what people see of them.

Rule: a block that is on the disk may be forgotten here for a while, never given up; at most LIVE are looked after
at a time, and the least urgent makes room.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any

from sluice.bitcoin.coinbase import with_witness
from sluice.bitcoin.hashes import to_display
from sluice.pool.block_life import Stage
from sluice.pool.candidate import Candidate
from sluice.pool.effects import Effect, Look, Park, Settle, Tell
from sluice.pool.errand import RouteKey
from sluice.pool.events import BlockDropped, BlockFound, BlockResumed
from sluice.pool.inputs import Answered, BlockInput, Recorded, Resumed, Routed, Sighted, Unrecorded
from sluice.pool.ports import FoundBlock
from sluice.work.channel import IssuedJob
from sluice.work.share import Judgement
from sluice.work.template import Template

#: Blocks looked after at a time: each may hold a whole block, 4 MB at most. A pool has two or three of them in an
#: hour; on regtest they come in swarms, nearly all of them beside each other.
LIVE = 64
#: Blocks that could not be written down, hence cannot be forgotten for a while. Only a swarm on a dead disk has
#: more; the oldest is dropped then, with an alarm.
MOST_UNRECORDED = 1_000
#: Blocks kept for people to see, some hundreds of bytes each: years of a large pool, minutes on regtest.
KEPT = 1_000
#: Seconds between two looks at a height: whenever there is news, but no sooner, and when there is none.
LOOK_GAP, LOOK_EVERY = 1.0, 30.0
#: Looks in a second, over all heights, that news alone is worth: a swarm on regtest has dozens of heights, and a node
#: answers two calls for each look.
LOOKS_A_SECOND = 8
#: Seconds after which a look is given up for lost.
LOOK_LOST = 120.0
#: Who makes room first: those that only wait for what others do.
_PATIENT = (Stage.REFUSED, Stage.OVERTAKEN, Stage.IN_CHAIN, Stage.HELD, Stage.OFFERED, Stage.FOUND)


@dataclass(slots=True)
class _Watch:
    """When a height is looked at."""

    due: float = inf
    last: float = -inf
    #: A look is under way, and there has been news since it began: a node that hangs takes its time over one.
    under_way: bool = False
    news: bool = False

    def want(self, now: float, gap: float) -> None:
        """There is news: look soon, but at one thing at a time."""
        if self.under_way:
            self.news = True
        else:
            self.due = min(self.due, max(now, self.last + gap))

    def begin(self, now: float) -> None:
        """A look sets out."""
        self.under_way, self.news, self.due = True, False, now + LOOK_LOST

    def end(self, now: float, gap: float) -> None:
        """It is back."""
        self.under_way, self.last = False, now
        self.due = now + (gap if self.news else LOOK_EVERY)


def found_block(judgement: Judgement, issued: IssuedJob, user: str, unix_time: int) -> FoundBlock:
    """The block that a winning share makes."""
    template = issued.job.template
    return FoundBlock(
        block_hash=judgement.header_hash,
        height=issued.job.height,
        header=judgement.header,
        coinbase=_as_node_wants(issued.job.coinbase(judgement.extranonce or issued.prefix), template),
        transactions=template.transactions,
        template_id=template.template_id,
        user=user,
        found_at=unix_time,
    )


def _as_node_wants(coinbase: bytes, template: Template) -> bytes:
    # A template without a witness commitment is one without segwit: its coinbase may not have a witness.
    return with_witness(coinbase) if template.coinbase_outputs else coinbase


class Candidates:
    """Mutable; one owner. `now` is in steady seconds; what comes back is to be done in order."""

    __slots__ = ("_due", "_watches", "accepted", "found", "live", "routes", "unix_time")

    def __init__(self, unix_time: int = 0) -> None:
        #: What people see, by hash, in the order in which they were found.
        self.found: dict[bytes, Candidate] = {}
        #: Those that are looked after.
        self.live: dict[bytes, Candidate] = {}
        self.routes: tuple[RouteKey, ...] = ()
        #: Blocks that a node was seen to take.
        self.accepted = 0
        self.unix_time = unix_time
        self._watches: dict[int, _Watch] = {}
        self._due = inf

    def react(self, happened: BlockInput, now: float) -> Iterator[Effect]:
        """Something happened to a block, or to the ways on which blocks leave."""
        return BLOCK_REACTIONS[type(happened)](self, happened, now)

    def find(self, judgement: Judgement, user: str, peer: int, now: float) -> Iterator[Effect]:
        """A share met the network's target: its block sets out, once."""
        issued = judgement.issued
        if issued is None or judgement.header_hash in self.found:
            return
        found = found_block(judgement, issued, user, self.unix_time)
        yield from self.take(found, now)
        text = to_display(found.block_hash)
        yield Tell(BlockFound(found.height, text, user, peer, judgement.verdict.value))

    def take(self, found: FoundBlock, now: float) -> Iterator[Effect]:
        """A block sets out, wherever it comes from; once."""
        if found.block_hash in self.found:
            return
        candidate = Candidate(found)
        self._add(candidate)
        yield from candidate.begin()
        yield from self._make_room(candidate)

    def routed(self, happened: Routed, now: float) -> Iterator[Effect]:
        """Nodes have other routes than before."""
        self.routes = happened.routes
        for candidate in list(self.live.values()):
            yield from self._offer(candidate, now)

    def recorded(self, happened: Recorded, now: float) -> Iterator[Effect]:
        """A block is on the disk: it leaves."""
        if candidate := self.live.get(happened.block_hash):
            yield from candidate.recorded_at(self.unix_time)
            yield from self._offer(candidate, now)

    def unrecorded(self, happened: Unrecorded, now: float) -> Iterator[Effect]:
        """A block is not on the disk: it leaves all the same."""
        if candidate := self.live.get(happened.block_hash):
            yield from candidate.unrecorded(happened.reason, now, self.unix_time)
            yield from self._offer(candidate, now)

    def answered(self, happened: Answered, now: float) -> Iterator[Effect]:
        """What came of an attempt; chains are looked at, as they have the last word."""
        if candidate := self.found.get(happened.block_hash):
            yield from self._done(candidate, candidate.answered(happened.outcome, now, self.unix_time))
            self._want(candidate, now)
            yield from self._offer(candidate, now)

    def sighted(self, happened: Sighted, now: float) -> Iterator[Effect]:
        """Chains were looked at."""
        if watch := self._watches.get(happened.height):
            watch.end(now, self._gap)
        there = [each for each in self.live.values() if each.found.height == happened.height]
        for candidate in there:
            yield from self._done(candidate, candidate.seen(happened.sights, now, self.unix_time))
            yield from self._offer(candidate, now)

    def resumed(self, happened: Resumed, now: float) -> Iterator[Effect]:
        """A block comes back from the disk."""
        found = happened.found
        if found.block_hash in self.live:
            return
        candidate = Candidate(found)
        candidate.resume(happened.history, now)
        if candidate.stage.settled:  # the process ended while it was being put aside
            yield Settle(found)
            return
        known = self.found.get(found.block_hash)
        self._add(candidate)
        if known is None:
            self.accepted += candidate.taken
            text = to_display(found.block_hash)
            yield Tell(BlockResumed(found.height, text, found.user, candidate.stage.value))
        self._want(candidate, now)
        yield from self._make_room(candidate)
        yield from self._offer(candidate, now)

    def look_again(self, now: float) -> None:
        """There is news of a node: every block may stand elsewhere."""
        for watch in self._watches.values():
            watch.want(now, self._gap)
            self._due = min(self._due, watch.due)

    def tick(self, now: float) -> Iterator[Effect]:
        """Do what is due."""
        if now < self._due:
            return
        for candidate in list(self.live.values()):
            if candidate.due(self.routes) <= now:
                yield from candidate.offer(self.routes, now)
        for height, watch in self._watches.items():
            if watch.due <= now:
                watch.begin(now)
                yield Look(height)
        self._plan()

    def _offer(self, candidate: Candidate, now: float) -> Iterator[Effect]:
        """What is due for it leaves at once."""
        if candidate.found.block_hash in self.live:
            yield from candidate.offer(self.routes, now)
        self._plan()

    def _done(self, candidate: Candidate, effects: Iterator[Effect]) -> Iterator[Effect]:
        """`effects`, and the books kept on what they say of it."""
        before = candidate.taken
        for effect in effects:
            yield effect
            if isinstance(effect, Settle):
                self._let_go(candidate)
        self.accepted += candidate.taken - before

    def _add(self, candidate: Candidate) -> None:
        block_hash = candidate.found.block_hash
        self.found[block_hash] = self.live[block_hash] = candidate
        self._watches.setdefault(candidate.found.height, _Watch())
        while len(self.found) > max(KEPT, len(self.live)):
            del self.found[next(each for each in self.found if each not in self.live)]

    def _let_go(self, candidate: Candidate) -> None:
        """It is not looked after any more; people still see it."""
        del self.live[candidate.found.block_hash]
        height = candidate.found.height
        candidate.found = replace(candidate.found, transactions=())
        if all(each.found.height != height for each in self.live.values()):
            del self._watches[height]

    def _make_room(self, newcomer: Candidate) -> Iterator[Effect]:
        """The least urgent of those that are on the disk is forgotten for now."""
        if len(self.live) <= LIVE:
            return
        others = [each for each in self.live.values() if each is not newcomer]
        kept = [each for each in others if each.recorded]
        if kept:
            patient = min(kept, key=lambda each: (_PATIENT.index(each.stage), each.found.height))
            yield Park(patient.found)
            self._let_go(patient)
        elif len(others) >= MOST_UNRECORDED:
            lost = others[0]
            yield Tell(BlockDropped(lost.found.height, to_display(lost.found.block_hash)))
            yield Park(lost.found)
            self._let_go(lost)

    def _want(self, candidate: Candidate, now: float) -> None:
        watch = self._watches.get(candidate.found.height)
        if watch is not None and candidate.stage is not Stage.FOUND:
            watch.want(now, self._gap)

    @property
    def _gap(self) -> float:
        """Seconds between two looks at one height, as there is news."""
        return max(LOOK_GAP, len(self._watches) / LOOKS_A_SECOND)

    def _plan(self) -> None:
        """When something is due next."""
        self._due = min(
            (
                *(candidate.due(self.routes) for candidate in self.live.values()),
                *(watch.due for watch in self._watches.values()),
                inf,
            )
        )


BLOCK_REACTIONS: Mapping[type[BlockInput], Callable[[Candidates, Any, float], Iterator[Effect]]] = {
    Routed: Candidates.routed,
    Recorded: Candidates.recorded,
    Unrecorded: Candidates.unrecorded,
    Answered: Candidates.answered,
    Sighted: Candidates.sighted,
    Resumed: Candidates.resumed,
}
