"""What the module answers questions from: the pool's state at one moment, and where it stands.

Rule: an answer is made from what is here alone; whoever asked holds the node meanwhile, so the node cannot be asked.
"""

from dataclasses import dataclass

from sluice.bitcoin.target import difficulty
from sluice.pool.overview import MinerView, PoolView, overview
from sluice.pool.state import PoolState
from sluice.work.job import ActiveJob


@dataclass(frozen=True, slots=True)
class Place:
    """Where the module listens, and which file configures it."""

    listen: str
    config_file: str


@dataclass(frozen=True, slots=True)
class Shares:
    """How many shares there were, by fate."""

    accepted: int
    refused: int

    @property
    def total(self) -> int:
        return self.accepted + self.refused


@dataclass(frozen=True, slots=True)
class Sight:
    """The pool at `now`, in steady seconds."""

    state: PoolState
    place: Place
    now: float

    @property
    def view(self) -> PoolView:
        """The picture that people get."""
        return overview(self.state, self.now)

    @property
    def job(self) -> ActiveJob | None:
        """The work of now; None before the first template."""
        return self.state.book.current

    @property
    def opening_difficulty(self) -> float:
        """Where a channel opens that does not say what it wants; 0 if that follows from a hash rate."""
        target = self.state.opening_target or self.state.policy.default_target
        return 0.0 if target is None else float(difficulty(target))


def shares_of(miner: MinerView) -> Shares:
    """What one connection has sent, over all channels it ever had."""
    return Shares(miner.figures.accepted, sum(miner.figures.refused.values()))


def shares_of_all(view: PoolView) -> Shares:
    """What those that are connected have sent."""
    each = [shares_of(miner) for miner in view.miners]
    return Shares(sum(shares.accepted for shares in each), sum(shares.refused for shares in each))
