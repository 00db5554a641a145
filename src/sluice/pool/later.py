"""A connection as it was seen some seconds ago, as it is seen now if nothing has happened since.

Rule: the same as a new look would show: times grow, and hash rates fade as the tallies' do (`work/tally.py`). What a
connection has done is the sum of what its channels, closed and open, are seen to have done.
"""

from collections.abc import Callable, Iterable

from sluice.pool.overview import ChannelView, Figures, MinerView, sum_of
from sluice.work.tally import fading

Aged = Callable[[Figures], Figures]


def aging(seconds: float) -> Aged:
    """What figures are so many seconds later."""
    faded = fading(seconds)

    def aged(figures: Figures) -> Figures:
        ago = figures.last_share_ago
        if ago is None and not figures.counted_for:  # nothing was done
            return figures
        return Figures(
            figures.accepted,
            figures.refused,
            figures.work,
            figures.best_difficulty,
            faded(figures.hashrates, figures.counted_for),
            None if ago is None else ago + seconds,
            figures.late,
            figures.counted_for + seconds,
        )

    return aged


def channel_later(view: ChannelView, aged: Aged) -> ChannelView:
    """A channel, with figures aged."""
    return ChannelView(
        view.channel_id,
        view.kind,
        view.user,
        view.difficulty,
        aged(view.figures),
        {worker: aged(figures) for worker, figures in view.workers.items()} if view.workers else view.workers,
        view.fixed,
        view.account,
        view.worker,
    )


def miner_later(view: MinerView, seconds: float, aged: Aged, channels: Iterable[ChannelView]) -> MinerView:
    """A connection so many seconds later, with `channels`, which are as they are then."""
    closed = None if view.closed is None else aged(view.closed)
    shown = tuple(channels)
    return MinerView(
        view.peer,
        view.address,
        view.vendor,
        view.hardware_version,
        view.firmware,
        view.connected_for + seconds,
        view.heard_ago + seconds,
        sum_of(closed, shown),
        shown,
        view.wire,
        view.extensions,
        view.flags,
        closed,
    )
