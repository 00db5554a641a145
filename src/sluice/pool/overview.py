"""What people can see of the pool: one frozen picture of it at a time.

Rule: computed from the state when asked for, so that the share path pays nothing for being watched.
Hash rates are hashes a second over 1, 5 and 60 minutes; difficulties are numbers for people.
"""

from collections import Counter
from dataclasses import dataclass

from sluice.bitcoin.target import Target, difficulty
from sluice.pool.candidate import Candidate
from sluice.pool.miner import Miner
from sluice.pool.state import PoolState
from sluice.work.channel import Channel
from sluice.work.tally import Tally

HashRates = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Figures:
    """A tally, in numbers: shares by fate, work in hashes, the best share, hash rates."""

    accepted: int
    refused: dict[str, int]
    work: int
    best_difficulty: float
    hashrates: HashRates
    #: Seconds since the last credited share; None before the first.
    last_share_ago: float | None


@dataclass(frozen=True, slots=True)
class ChannelView:
    """One channel."""

    channel_id: int
    kind: str
    user: str
    difficulty: float
    figures: Figures
    workers: dict[str, Figures]


@dataclass(frozen=True, slots=True)
class MinerView:
    """One connection: what it said of itself, and what its channels did; in `figures`, closed ones too."""

    peer: int
    address: str
    vendor: str
    hardware_version: str
    firmware: str
    connected_for: float
    heard_ago: float
    figures: Figures
    channels: tuple[ChannelView, ...]


@dataclass(frozen=True, slots=True)
class PoolView:
    """The whole pool; `trouble` says in one sentence why nothing is mined, empty if something is."""

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
        return _summed([miner.figures.hashrates for miner in self.miners])


def overview(state: PoolState, now: float) -> PoolView:
    """The pool at `now`, in steady seconds."""
    tip = state.book.tip
    return PoolView(
        height=None if tip is None else tip.height,
        network_difficulty=0.0 if tip is None else float(difficulty(tip.target)),
        miners=tuple(_miner(miner, now) for miner in state.miners.values()),
        blocks=tuple(state.candidates.found.values()),
        blocks_accepted=state.candidates.accepted,
        closings=dict(state.closings),
        trouble=state.trouble or ("" if tip else "no template has come from the node yet"),
    )


def _miner(miner: Miner, now: float) -> MinerView:
    return MinerView(
        miner.peer,
        miner.address,
        miner.device.vendor,
        miner.device.hardware_version,
        miner.device.firmware,
        now - miner.connected_at,
        now - miner.last_heard,
        _together([figures(tally, now) for tally in miner.tallies]),
        tuple(_channel(channel, now) for channel in miner.channels.values()),
    )


def _channel(channel: Channel, now: float) -> ChannelView:
    return ChannelView(
        channel.channel_id,
        "standard" if channel.is_standard else "extended",
        channel.user_identity,
        float(difficulty(channel.target)),
        figures(channel.tally, now),
        {name: figures(tally, now) for name, tally in (channel.workers or {}).items()},
    )


def figures(tally: Tally, now: float) -> Figures:
    """A tally as people read it."""
    best = tally.best_hash
    return Figures(
        tally.accepted,
        {verdict.value: count for verdict, count in tally.refused.items()},
        tally.work,
        0.0 if best is None else float(difficulty(Target(best))),
        tally.hashrates(now),
        None if tally.last_share is None else now - tally.last_share,
    )


def _together(parts: list[Figures]) -> Figures:
    reasons = sum((Counter(part.refused) for part in parts), Counter[str]())
    return Figures(
        sum(part.accepted for part in parts),
        dict(reasons),
        sum(part.work for part in parts),
        max(part.best_difficulty for part in parts),
        _summed([part.hashrates for part in parts]),
        min((part.last_share_ago for part in parts if part.last_share_ago is not None), default=None),
    )


def _summed(rates: list[HashRates]) -> HashRates:
    one, five, sixty = (sum(column) for column in zip(*rates, strict=True)) if rates else (0.0, 0.0, 0.0)
    return one, five, sixty
