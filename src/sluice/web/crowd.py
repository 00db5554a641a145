"""The miners of one picture as people think of them: accounts, and the workers of each.

Rule: a worker is one name, however many connections and channels it has; what is shown of it is all of them together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sluice.pool.overview import Figures, together
from sluice.web.devices import Device, Devices


@dataclass(frozen=True, slots=True)
class Rig:
    """A worker that is connected. `difficulty` is that of its newest channel."""

    account: str
    worker: str
    figures: Figures
    difficulty: float
    fixed: bool
    connections: int
    vendor: str
    hardware: str
    firmware: str
    wire: str
    kind: str
    connected_for: float

    @property
    def device(self) -> str:
        """What it says that it is."""
        return " ".join(filter(None, (self.vendor, self.hardware)))

    @property
    def refused(self) -> int:
        """Refused shares, for whatever reason."""
        return sum(self.figures.refused.values())


@dataclass(frozen=True, slots=True)
class Crowd:
    """Everybody who is connected: rigs by account and worker."""

    accounts: Mapping[str, Mapping[str, Rig]]

    @property
    def rigs(self) -> Iterable[Rig]:
        """One after the other."""
        return (rig for rigs in self.accounts.values() for rig in rigs.values())

    @property
    def workers(self) -> int:
        """How many."""
        return sum(map(len, self.accounts.values()))


def crowd_of(devices: Devices) -> Crowd:
    """Put together what belongs together."""
    parts: dict[str, dict[str, list[Device]]] = {}
    for device in devices.all:
        parts.setdefault(device.account, {}).setdefault(device.worker, []).append(device)
    return Crowd(
        {
            account: {worker: _rig(found) for worker, found in workers.items()}
            for account, workers in parts.items()
        }
    )


def _rig(devices: list[Device]) -> Rig:
    newest = devices[-1]
    miner, channel = newest.miner, newest.channel
    return Rig(
        newest.account,
        newest.worker,
        together([device.figures for device in devices]),
        channel.difficulty,
        channel.fixed,
        len({device.miner.peer for device in devices}),
        miner.vendor,
        miner.hardware_version,
        miner.firmware,
        miner.wire,
        channel.kind,
        max(device.miner.connected_for for device in devices),
    )
