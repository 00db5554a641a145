"""What people can see of the pool: one frozen picture of it at a time.

Rule: computed from the state when asked for, so that the share path pays nothing for being watched; what takes long
can be made in slices, between which others have their turn. Hash rates are hashes a second over 1, 5 and 60 minutes;
difficulties and sums of work are numbers for people, and texts can be written (`legible.writable`).
"""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from sluice.accounting.name import earner_of
from sluice.bitcoin.target import DIFFICULTY_1
from sluice.legible import writable
from sluice.pool.candidate import Candidate
from sluice.pool.miner import Miner
from sluice.pool.state import PoolState
from sluice.work.channel import Channel
from sluice.work.tally import Rates, Tally
from sluice.work.verdict import Verdict

HashRates = Rates
_NO_RATES: HashRates = (0.0, 0.0, 0.0)
#: Seconds without a credited share of anybody after which nothing seems to be mined: slow devices take minutes.
QUIET_SECONDS = 600.0
#: Channels and workers in one part of a connection's view: some hundreds of microseconds to write.
PART = 64


class Figures(Struct, frozen=True, gc=False):
    """A tally, in numbers: shares by fate, work in hashes, the best share, hash rates."""

    accepted: int = 0
    refused: dict[str, int] = {}
    work: float = 0.0
    best_difficulty: float = 0.0
    hashrates: HashRates = _NO_RATES
    #: Seconds since the last credited share; None before the first.
    last_share_ago: float | None = None
    #: Of those accepted, for a tip that had just changed.
    late: int = 0
    #: Seconds that hash rates are over where that is shorter than theirs; 0 before the first share.
    counted_for: float = 0.0


class ChannelView(Struct, frozen=True, gc=False):
    """One channel; `fixed`: its difficulty was set by an operator, and vardiff leaves it alone."""

    channel_id: int
    kind: str
    user: str
    difficulty: float
    figures: Figures
    #: By name, those that a proxy says are behind it (extension 0x0002).
    workers: dict[str, Figures] = {}
    fixed: bool = False
    #: What `user` stands for: whom it credits, and with which device; both as they are credited.
    account: str = ""
    worker: str = ""


class MinerView(Struct, frozen=True, gc=False):
    """One connection: what it said of itself, and what its channels did; in `figures`, closed ones too.

    One with many channels comes in parts, whose channels and figures are to be added up (`joined`).
    """

    peer: int
    address: str
    vendor: str
    hardware_version: str
    firmware: str
    connected_for: float
    heard_ago: float
    figures: Figures
    channels: tuple[ChannelView, ...]
    #: The language that it speaks, by its name.
    wire: str = ""
    #: Extensions of Stratum V2 that were agreed, by number.
    extensions: tuple[int, ...] = ()
    #: What it asked for when it was set up, in the specification's words.
    flags: str = ""
    #: What of `figures` channels did that are closed by now; None if they did nothing.
    closed: Figures | None = None


class PoolView(Struct, frozen=True):
    """The whole pool; `trouble` says in one sentence why there is no work, empty if there is."""

    height: int | None
    network_difficulty: float
    miners: tuple[MinerView, ...]
    blocks: tuple[Candidate, ...]
    blocks_accepted: int
    closings: dict[str, int]
    trouble: str

    @property
    def hashrates(self) -> HashRates:
        """Over all miners."""
        return summed([miner.figures.hashrates for miner in self.miners])


def overview(state: PoolState, now: float) -> PoolView:
    """The pool at `now`, in steady seconds."""
    tip = state.book.tip
    return PoolView(
        height=None if tip is None else tip.height,
        network_difficulty=0.0 if tip is None else difficulty_of(tip.target),
        miners=tuple(joined(list(_views(miner, now))) for miner in state.miners.values()),
        blocks=tuple(state.candidates.found.values()),
        blocks_accepted=state.candidates.accepted,
        closings=dict(state.closings),
        trouble=trouble_of(state),
    )


def trouble_of(state: PoolState) -> str:
    """Why there is no work for anybody; empty if there is."""
    return state.trouble or ("" if state.book.tip else "no template has come from the node yet")


def idle_because(state: PoolState, channels: int, ago: float | None) -> str:
    """Why nothing is mined, and what to do, in one sentence; empty if something is.

    `channels` are open, and the last good share of all that is connected was `ago` seconds ago; None if there was none.
    """
    if reason := trouble_of(state):
        return reason
    if state.draining:
        return "the pool sends its miners away and takes no new ones: `sluice drain --off` takes them again"
    if not state.miners:
        return "no miner is connected: give one the URL of this pool"
    if not channels:
        return "miners are connected, but none has an open channel: their own logs say what they wait for"
    if ago is None:
        return "miners are connected, but none has sent a good share yet: `sluice miners` shows what is refused, and why"
    if ago >= QUIET_SECONDS:
        return "miners are connected, but no good share has come of late: `sluice miners` shows what is refused, and why"
    return ""


def miner_parts(miner: Miner, now: float, of: Iterable[Channel]) -> Iterator[MinerView | None]:
    """The view of a connection and these channels `of` it, in parts of PART of them or so; there is at least one part.

    None in between: others may have their turn. What changes meanwhile is seen or not; what ended meanwhile is still seen.
    """
    closed = figures_of(miner.closed, now)
    of_closed = None if closed is NOTHING else closed
    channels, size, first = list[ChannelView](), 0, True
    for channel in of:
        workers: dict[str, Figures] = {}
        if channel.workers:
            for name, tally in list(channel.workers.items()):
                workers[writable(name)] = figures_of(tally, now)
                yield None
        channels.append(_channel(miner, channel, workers, now))
        size += 1 + len(workers)
        if size >= PART:
            yield _miner(miner, of_closed, channels, now)
            channels, size, first, of_closed = [], 0, False, None
        else:
            yield None
    if channels or first:
        yield _miner(miner, of_closed, channels, now)


def joined(parts: list[MinerView]) -> MinerView:
    """One connection of its parts; there is at least one."""
    first = parts[0]
    if len(parts) == 1:
        return first
    return MinerView(
        first.peer,
        first.address,
        first.vendor,
        first.hardware_version,
        first.firmware,
        first.connected_for,
        first.heard_ago,
        together([part.figures for part in parts]),
        tuple(channel for part in parts for channel in part.channels),
        first.wire,
        first.extensions,
        first.flags,
        first.closed,
    )


def _views(miner: Miner, now: float) -> Iterator[MinerView]:
    return (part for part in miner_parts(miner, now, miner.channels.values()) if part is not None)


def _miner(miner: Miner, closed: Figures | None, channels: list[ChannelView], now: float) -> MinerView:
    device = miner.device
    return MinerView(
        miner.peer,
        miner.address,
        writable(device.vendor),
        writable(device.hardware_version),
        writable(device.firmware),
        now - miner.connected_at,
        now - miner.last_heard,
        sum_of(closed, channels),
        tuple(channels),
        miner.words.wire,
        miner.extensions,
        miner.flags.name or "",
        closed,
    )


def sum_of(closed: Figures | None, channels: Iterable[ChannelView]) -> Figures:
    """What a connection did: its closed channels, and those that are open."""
    parts = [] if closed is None else [closed]
    parts += [channel.figures for channel in channels]
    return together(parts) if parts else NOTHING


def _channel(miner: Miner, channel: Channel, workers: dict[str, Figures], now: float) -> ChannelView:
    user = writable(channel.user_identity)
    return ChannelView(
        channel.channel_id,
        miner.words.kind(channel),
        user,
        difficulty_of(channel.target),
        figures_of(channel.tally, now),
        workers,
        channel.ordered is not None,
        *earner_of(user),
    )


#: The figures of who has done nothing at all: most connections' closed channels.
NOTHING = Figures()


def figures_of(tally: Tally, now: float) -> Figures:
    """A tally as people read it."""
    shares = tally.shares
    if not shares:
        return NOTHING
    best = tally.best_hash
    accepted = late = 0
    refused: dict[str, int] = {}
    for verdict, count in shares.items():
        if verdict.credited:
            accepted += count
            if verdict is Verdict.LATE:
                late = count
        else:
            refused[verdict.value] = count
    return Figures(
        accepted,
        refused,
        float(tally.work),
        0.0 if best is None else difficulty_of(best),
        tally.hashrates(now),
        None if tally.last_share is None else now - tally.last_share,
        late,
        tally.age(now),
    )


def difficulty_of(target: int) -> float:
    """As `bitcoin.target.difficulty`, rounded to the nearest number for people at once, and fast."""
    return DIFFICULTY_1 / max(target, 1)


def together(parts: list[Figures]) -> Figures:
    """Figures of several, as if of one."""
    if len(parts) == 1:
        return parts[0]
    refused: dict[str, int] = {}
    for part in parts:
        for reason, count in part.refused.items():
            refused[reason] = refused.get(reason, 0) + count
    return Figures(
        sum(part.accepted for part in parts),
        refused,
        sum(part.work for part in parts),
        max((part.best_difficulty for part in parts), default=0.0),
        summed([part.hashrates for part in parts]),
        min((part.last_share_ago for part in parts if part.last_share_ago is not None), default=None),
        sum(part.late for part in parts),
        max((part.counted_for for part in parts), default=0.0),
    )


def summed(rates: list[HashRates]) -> HashRates:
    """Hash rates of all of them."""
    one, five, sixty = (sum(column) for column in zip(*rates, strict=True)) if rates else _NO_RATES
    return one, five, sixty
