"""What passes between the miner and its worker processes, and how it looks in a pipe.

Rule: a length, then a pickle. Both ends are this program, of one version, joined by a pipe that nobody else holds.
"""

import pickle
import struct
from dataclasses import dataclass
from typing import TypeVar

from sluice.sim.miner.work_unit import Share, WorkUnit

_LENGTH = struct.Struct("<I")
LENGTH_SIZE = _LENGTH.size


@dataclass(frozen=True, slots=True)
class Order:
    """Hash this from now on (None: nothing). `age`: seconds since the unit's tip came, for its ntime."""

    serial: int
    unit: WorkUnit | None = None
    age: float = 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """Hashes since the worker's last report, and the shares it found for the order of this serial."""

    serial: int
    hashes: int
    shares: tuple[Share, ...]


T = TypeVar("T", Order, Report)


def pack(letter: Order | Report) -> bytes:
    """As it goes into the pipe."""
    body = pickle.dumps(letter)
    return _LENGTH.pack(len(body)) + body


def length_of(head: bytes) -> int:
    """How many bytes follow the first LENGTH_SIZE."""
    length: int = _LENGTH.unpack(head)[0]
    return length


def unpack(kind: type[T], body: bytes) -> T:
    """From the bytes after the length."""
    letter = pickle.loads(body)  # noqa: S301 - written by our own process, see above
    assert isinstance(letter, kind)
    return letter
