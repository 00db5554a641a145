"""Pictures of a running pool, made in slices, as lines of the control socket.

A picture shows everything, or what has changed since an earlier one (`pool/changes.py`).
Rule: the loop is never held for longer than a slice, and what all slices take together is told with the picture, so
that whoever orders pictures can keep to a part of the processor.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from msgspec import json

from sluice.bitcoin.hashes import to_display
from sluice.control.words import (
    AnswerPicture,
    BanPicture,
    BlockPicture,
    FixedPicture,
    Gone,
    MinerPictures,
    NodePicture,
    PictureEnd,
    PoolPicture,
    RecordPicture,
    TemplatePicture,
)
from sluice.legible import writable
from sluice.node.several.standing import MEANINGS, Standing
from sluice.pool.candidate import Candidate
from sluice.pool.changes import Changes, Ended
from sluice.pool.overview import (
    NOTHING,
    Figures,
    MinerView,
    difficulty_of,
    idle_because,
    miner_parts,
    together,
)
from sluice.pool.state import PoolState
from sluice.server.clock import steady, wall, worked
from sluice.server.loop import Owner
from sluice.server.metrics import counters

#: Seconds that a slice takes, and that the others have after it: shares wait no longer for being watched.
SLICE, PAUSE = 0.002, 0.006
#: Blocks in a picture: those that are looked after, and some more; `sluice blocks` has them all.
MOST_BLOCKS = 100
#: Orders of a kind in a picture; the file of them has all.
MOST_ORDERS = 1_000

encode = json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a pool before it runs, for people."""

    version: str = ""
    network: str = ""
    tag: str = ""
    mode: str = "pool"
    payout: str = ""
    names: str = "address"
    fee_percent: float = 0.0
    key_temporary: bool = False
    blocks_dir: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A picture as lines, its number, and since which it shows what has changed; 0: it is whole.

    It took so many seconds of a processor.
    """

    number: int
    since: int
    lines: tuple[bytes, ...]
    seconds: float


class _Slices:
    """Work on one picture, cut into slices, each of a moment `now` in steady seconds. Mutable."""

    def __init__(self) -> None:
        self.cost = 0.0
        self.now, self._working = steady(), worked()

    @property
    def over(self) -> bool:
        """Whether it is the others' turn."""
        return steady() - self.now >= SLICE

    async def pause(self) -> None:
        """Let the others have theirs."""
        self.end()
        await asyncio.sleep(PAUSE)
        self.now, self._working = steady(), worked()

    def end(self) -> None:
        """Nothing more is to be done."""
        self.cost += worked() - self._working


class Pictures:
    """Makes them. Mutable: what is not known when it is made is set later."""

    def __init__(self, facts: Facts, standings: Callable[[], Sequence[Standing]]) -> None:
        """`standings` says how every node stands now."""
        self.facts = facts
        #: What miners paste, once the port is known.
        self.url = ""
        #: Where the dashboard is, once it is up.
        self.dashboard = ""
        #: How the record stands; None where there is none.
        self.record: Callable[[], RecordPicture] | None = None
        self.started_at = wall()
        self._started = steady()
        self._changes = Changes()
        self._standings = standings

    async def take(self, owner: Owner, since: int = 0) -> Taken:
        """The pool of `owner`, at about this moment: what has changed since a picture, or all of it."""
        state, changes, slices = owner.pool.state, self._changes, _Slices()
        changes.begin(state.miners)
        since = changes.since(since)
        total, parts = NOTHING, list[MinerView]()
        lines: list[bytes] = []

        def finish_line() -> None:
            nonlocal total, parts
            if not since:
                total = together([total, *(part.figures for part in parts)])
            if parts:
                lines.append(line_of(MinerPictures(tuple(parts), slices.now - self._started)))
            parts = []

        for part in self._parts(state, since, slices):
            if part is not None:
                parts.append(part)
            if slices.over:
                finish_line()
                await slices.pause()
        finish_line()
        if since and (gone := changes.gone(since)):
            lines.insert(0, line_of(_gone(gone)))
        first = line_of(self._pool(owner, total, whole=not since))
        slices.end()
        end = line_of(PictureEnd(slices.cost))
        return Taken(changes.picture, since, (first, *lines, end), slices.cost)

    def _parts(self, state: PoolState, since: int, slices: _Slices) -> Iterator[MinerView | None]:
        """Views of what has changed; None in between."""
        for miner in list(state.miners.values()):
            if miner.peer in state.miners:
                changed = self._changes.of(miner, since)
                if changed is not None:
                    yield from miner_parts(miner, slices.now, changed)
                yield None

    def _pool(self, owner: Owner, figures: Figures, *, whole: bool) -> PoolPicture:
        changes = self._changes
        state, now, facts = owner.pool.state, steady(), self.facts
        tip = state.book.tip
        found = state.candidates.found
        orders = state.orders.standing(state.unix_time)
        bans = tuple(BanPicture(what, orders.bans[what]) for what in islice(orders.bans, MOST_ORDERS))
        fixed = tuple(FixedPicture(name, orders.fixed[name]) for name in islice(orders.fixed, MOST_ORDERS))
        return PoolPicture(
            at=wall(),
            started_at=self.started_at,
            version=facts.version,
            network=facts.network,
            shard=state.policy.shard,
            tag=facts.tag,
            url=self.url,
            key_temporary=facts.key_temporary,
            mode=facts.mode,
            payout=facts.payout,
            names=facts.names,
            fee_percent=facts.fee_percent,
            height=None if tip is None else tip.height,
            prev_hash="" if tip is None else to_display(tip.prev_hash),
            network_difficulty=0.0 if tip is None else difficulty_of(tip.target),
            trouble=idle_because(
                state, changes.channels, None if changes.last_share is None else now - changes.last_share
            ),
            draining=state.draining,
            template=_template(state, now),
            nodes=tuple(map(node_picture, self._standings())),
            blocks=tuple(block_picture(found[each]) for each in list(found)[: -MOST_BLOCKS - 1 : -1]),
            blocks_alive=len(state.candidates.live),
            blocks_accepted=state.candidates.accepted,
            connections=len(owner.pumps),
            miners=changes.miners,
            channels=changes.channels,
            max_connections=owner.limits.max_connections,
            turned_away=dict(owner.turned_away),
            closings=dict(state.closings),
            figures=figures,
            record=None if self.record is None else self.record(),
            blocks_dir=facts.blocks_dir,
            dashboard=self.dashboard,
            counters=counters(owner),
            bans=bans,
            fixed=fixed,
            whole=whole,
            uptime=now - self._started,
        )


def _gone(ended: list[Ended]) -> Gone:
    return Gone(
        tuple(peer for peer, channel in ended if channel is None),
        tuple((peer, channel) for peer, channel in ended if channel is not None),
    )


def line_of(line: object) -> bytes:
    """As it goes over the socket."""
    return encode(line) + b"\n"


def _template(state: PoolState, now: float) -> TemplatePicture | None:
    job = state.book.current
    if job is None or state.offered_at is None:
        return None
    it = job.template
    return TemplatePicture(
        now - state.offered_at, it.height, it.coinbase_value, it.fees, len(it.transactions)
    )


def node_picture(standing: Standing) -> NodePicture:
    """A node's standing, for who is not in this process."""
    return NodePicture(
        node=writable(standing.node),
        state=standing.state.value,
        meaning=MEANINGS[standing.state].words,
        why=writable(standing.why),
        for_seconds=standing.for_seconds,
        next_height=standing.next_height,
        prev_hash=standing.prev_hash,
        behind=standing.behind,
        lag=standing.lag,
        template_age=standing.template_age,
        reward=standing.reward,
        outcomes=dict(standing.outcomes or {}),
        last_outcome=writable(standing.last_outcome),
    )


def block_picture(candidate: Candidate) -> BlockPicture:
    """A found block, without what it is made of."""
    found = candidate.found
    return BlockPicture(
        height=found.height,
        block_hash=to_display(found.block_hash),
        user=writable(found.user),
        found_at=found.found_at,
        stage=candidate.stage.value,
        settled=candidate.stage.settled,
        taken=candidate.taken,
        recorded=candidate.recorded,
        answers=tuple(
            AnswerPicture(
                writable(outcome.node),
                outcome.route,
                outcome.answer.value,
                writable(outcome.reason),
                outcome.milliseconds,
            )
            for outcome in candidate.outcomes
        ),
    )
