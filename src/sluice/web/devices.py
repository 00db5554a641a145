"""Who mines now, out of one picture: every worker of every channel, found by account.

Rule: computed once for a picture, when somebody asks; names are as the record keeps them, so that what is live and what
is kept find each other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from sluice.control.words import ChannelView, Figures, MinerView, PoolPicture

#: Characters of a name that the record keeps.
MOST_NAME = 1_024
#: Seconds without a share after which ckpool and we call a device idle.
IDLE_SECONDS = 60.0


def kept_name(text: str) -> str:
    """A name as the record has it: no database takes all that a miner may send."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")[:MOST_NAME]


@dataclass(frozen=True, slots=True)
class Device:
    """One worker on one channel of one connection, which proxies and farms have many of."""

    account: str
    worker: str
    #: Eight hexadecimal digits, others after each start and each new channel.
    session: str
    miner: MinerView
    channel: ChannelView
    figures: Figures
    #: Unix seconds: when the connection came, and its last credited share, None before the first.
    since: float
    last_share_at: float | None

    @property
    def name(self) -> str:
        """As ckpool writes it: `account.worker`, or the account alone."""
        return f"{self.account}.{self.worker}" if self.worker else self.account

    def is_idle(self, at: float) -> bool:
        """Whether nothing was found for a minute."""
        return at - (self.last_share_at or self.since) > IDLE_SECONDS


@dataclass(frozen=True, slots=True)
class Devices:
    """Everybody in one picture."""

    all: tuple[Device, ...] = ()
    _accounts: dict[str, tuple[Device, ...]] = field(default_factory=dict)

    @property
    def accounts(self) -> frozenset[str]:
        """Who has a device that mines."""
        return frozenset(self._accounts)

    def of(self, account: str, worker: str | None = None) -> tuple[Device, ...]:
        """An account's, or one worker's of it."""
        devices = self._accounts.get(account, ())
        return devices if worker is None else tuple(each for each in devices if each.worker == worker)


def devices_of(pool: PoolPicture, miners: Iterable[MinerView]) -> Devices:
    """Of one picture."""
    found = tuple(
        device
        for miner in miners
        for channel in miner.channels
        for device in _of_channel(pool, miner, channel)
    )
    accounts: dict[str, list[Device]] = {}
    for device in found:
        accounts.setdefault(device.account, []).append(device)
    return Devices(found, {account: tuple(devices) for account, devices in accounts.items()})


def _of_channel(pool: PoolPicture, miner: MinerView, channel: ChannelView) -> Iterator[Device]:
    """The workers that a proxy names (extension 0x0002), and the channel's own for what none of them did."""
    own = channel.figures
    for worker, figures in channel.workers.items():
        own = _without(own, figures)
        yield _device(pool, miner, channel, worker, figures)
    if own.accepted or not channel.workers:
        yield _device(pool, miner, channel, channel.worker, own)


def _device(
    pool: PoolPicture, miner: MinerView, channel: ChannelView, worker: str, figures: Figures
) -> Device:
    # The connections of another run have the same numbers.
    seed = f"{pool.started_at}/{miner.peer}/{channel.channel_id}/{worker}"
    ago = figures.last_share_ago
    return Device(
        account=kept_name(channel.account),
        worker=kept_name(worker),
        session=sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:8],
        miner=miner,
        channel=channel,
        figures=figures,
        since=pool.at - miner.connected_for,
        last_share_at=None if ago is None else pool.at - ago,
    )


def _without(whole: Figures, part: Figures) -> Figures:
    """What is left of a channel's figures: sums less the part's; a best share that is the part's is not its."""
    one, five, sixty = (max(0.0, a - b) for a, b in zip(whole.hashrates, part.hashrates, strict=True))
    return Figures(
        accepted=max(0, whole.accepted - part.accepted),
        refused={
            reason: left
            for reason, count in whole.refused.items()
            if (left := count - part.refused.get(reason, 0)) > 0
        },
        work=max(0.0, whole.work - part.work),
        best_difficulty=whole.best_difficulty if whole.best_difficulty > part.best_difficulty else 0.0,
        hashrates=(one, five, sixty),
        last_share_ago=whole.last_share_ago,
        late=max(0, whole.late - part.late),
    )
