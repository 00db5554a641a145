"""What people are told of a template provider's clients."""

from dataclasses import dataclass
from typing import ClassVar

from sluice.pool.events import Happening


@dataclass(frozen=True, slots=True)
class ClientArrived(Happening):
    """A SetupConnection was accepted."""

    peer: int
    address: str
    vendor: str
    hardware_version: str
    firmware: str


@dataclass(frozen=True, slots=True)
class RoomAsked(Happening):
    """A client said what it adds to a coinbase: bytes of outputs, and the cost of their sigops."""

    peer: int
    size: int
    sigops: int


@dataclass(frozen=True, slots=True)
class SolutionRefused(Happening):
    """A client's solution makes no block that a node should be asked about."""

    level: ClassVar[str] = "warning"
    peer: int
    address: str
    reason: str


@dataclass(frozen=True, slots=True)
class ClientLeft(Happening):
    """A connection ended, by either side, for the given reason."""

    peer: int
    address: str
    reason: str
    solutions: int
