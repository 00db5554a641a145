"""Lines of the control socket become pictures.

Rule: a whole picture begins anew, another one changes what is known; either way, what comes out is the whole pool as
it is at the moment of the picture, what did not change told from its last view (`pool/later.py`).
"""

from dataclasses import dataclass, field

from msgspec.structs import replace

from sluice.control.words import (
    Answer,
    ChannelView,
    Gone,
    MinerPictures,
    MinerView,
    PictureEnd,
    PoolPicture,
)
from sluice.pool.later import Aged, aging, channel_later, miner_later
from sluice.pool.overview import together


@dataclass(frozen=True, slots=True)
class Picture:
    """A pool at one moment, with all its connections."""

    pool: PoolPicture
    miners: tuple[MinerView, ...]


@dataclass(slots=True)
class _Known:
    """A connection and its channels, each with the uptime of its view."""

    view: MinerView
    uptime: float
    channels: dict[int, tuple[ChannelView, float]] = field(default_factory=dict)


class Assembly:
    """Mutable; one owner. Views of the same moment are aged by the same seconds."""

    __slots__ = ("_known", "_pool")

    def __init__(self) -> None:
        self._pool: PoolPicture | None = None
        self._known: dict[int, _Known] = {}

    def take(self, line: Answer) -> Picture | None:
        """The picture that this line completes, if it does."""
        match line:
            case PoolPicture():
                self._pool = line
                if line.whole:
                    self._known = {}
            case Gone():
                self._part(line)
            case MinerPictures():
                self._meet(line)
            case PictureEnd() if self._pool is not None:
                picture = self._finished(self._pool)
                self._pool = None
                return picture
        return None

    def _part(self, line: Gone) -> None:
        for peer in line.peers:
            self._known.pop(peer, None)
        for peer, channel in line.channels:
            if known := self._known.get(peer):
                known.channels.pop(channel, None)

    def _meet(self, line: MinerPictures) -> None:
        for part in line.miners:
            known = self._known.get(part.peer)
            if known is None:
                known = self._known[part.peer] = _Known(part, line.uptime)
            elif part.closed is not None or known.view.closed is None:  # of several parts, the first has it
                known.view, known.uptime = part, line.uptime
            for channel in part.channels:
                known.channels[channel.channel_id] = channel, line.uptime

    def _finished(self, pool: PoolPicture) -> Picture:
        agings: dict[float, Aged] = {}

        def aged(uptime: float) -> Aged:
            if uptime not in agings:
                agings[uptime] = aging(max(0.0, pool.uptime - uptime))
            return agings[uptime]

        miners = tuple(
            miner_later(
                known.view,
                max(0.0, pool.uptime - known.uptime),
                aged(known.uptime),
                [channel_later(view, aged(uptime)) for view, uptime in known.channels.values()],
            )
            for known in self._known.values()
        )
        if not pool.whole:
            pool = replace(pool, figures=together([miner.figures for miner in miners]))
        return Picture(pool, miners)
