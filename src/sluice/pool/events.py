"""What people and the record are told: one class for each thing worth a line.

Rule: there is none for a share. A class name is the line's name, its fields are the line's fields; hashes are
in display order, difficulties are numbers for people.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened; `level` is the log's."""

    level: ClassVar[str] = "info"


@dataclass(frozen=True, slots=True)
class PeerConnected(Happening):
    level: ClassVar[str] = "debug"
    peer: int
    address: str


@dataclass(frozen=True, slots=True)
class MinerArrived(Happening):
    """A SetupConnection was accepted."""

    peer: int
    address: str
    vendor: str
    hardware_version: str
    firmware: str
    flags: str


@dataclass(frozen=True, slots=True)
class SetupRefused(Happening):
    level: ClassVar[str] = "warning"
    peer: int
    address: str
    error_code: str


@dataclass(frozen=True, slots=True)
class ChannelOpened(Happening):
    peer: int
    channel_id: int
    kind: str
    user: str
    hashrate: float
    difficulty: float


@dataclass(frozen=True, slots=True)
class ChannelRefused(Happening):
    level: ClassVar[str] = "warning"
    peer: int
    user: str
    error_code: str


@dataclass(frozen=True, slots=True)
class ChannelClosed(Happening):
    peer: int
    channel_id: int
    user: str
    reason: str
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class TargetChanged(Happening):
    level: ClassVar[str] = "debug"
    peer: int
    channel_id: int
    difficulty: float


@dataclass(frozen=True, slots=True)
class PeerLeft(Happening):
    """A connection ended, by either side, for the given reason."""

    peer: int
    address: str
    reason: str
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class TipChanged(Happening):
    height: int
    prev_hash: str
    difficulty: float
    transactions: int
    reward: int


@dataclass(frozen=True, slots=True)
class TemplateRefreshed(Happening):
    level: ClassVar[str] = "debug"
    height: int
    transactions: int
    reward: int


@dataclass(frozen=True, slots=True)
class NodeTroubled(Happening):
    level: ClassVar[str] = "warning"
    node: str
    reason: str


@dataclass(frozen=True, slots=True)
class NodeRecovered(Happening):
    level: ClassVar[str] = "info"
    height: int


@dataclass(frozen=True, slots=True)
class BlockFound(Happening):
    """A header met the network's target; `verdict` is what the share itself came to."""

    height: int
    block_hash: str
    user: str
    peer: int
    verdict: str


@dataclass(frozen=True, slots=True)
class BlockAccepted(Happening):
    height: int
    block_hash: str
    node: str
    user: str


@dataclass(frozen=True, slots=True)
class BlockRefused(Happening):
    level: ClassVar[str] = "error"
    height: int
    block_hash: str
    node: str
    reason: str


@dataclass(frozen=True, slots=True)
class Draining(Happening):
    miners: int
