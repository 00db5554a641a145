"""A pool on a clock of the test's choice, looked at by one who always sees all of it and by some who hear of changes.

Rule: what the latter put together is what the former sees; numbers that fade or grow with time may differ by their
last digits.
"""

from collections.abc import Mapping, Sequence
from math import isclose

from msgspec import json, to_builtins
from msgspec.structs import replace

from sluice.control.assembly import Assembly, Picture
from sluice.control.words import Answer, PoolPicture
from sluice.server.limits import Limits
from sluice.server.loop import Owner
from sluice.server.pictures import Facts, Pictures, Taken
from support.pool import PoolTalk

#: Seconds between what happened and a look at it: no clock stands still.
A_MOMENT = 0.001


class Looker:
    """One who hears of changes. Mutable."""

    def __init__(self) -> None:
        self.assembly = Assembly()
        self.since = 0

    def take(self, taken: Taken) -> Picture:
        assert taken.since <= self.since
        self.since = taken.number
        return assembled(taken, self.assembly)


class Looked:
    """The pool and who looks at it. Mutable; `module.steady` must tell the pool's time."""

    def __init__(self, talk: PoolTalk) -> None:
        self.talk = talk
        self.pictures = Pictures(Facts(), lambda: ())
        self.owner = Owner(talk.pool, Limits(), lambda event: None, lambda effect: None)

    def take(self, since: int = 0) -> Taken:
        try:
            self.pictures.take(self.owner, since).send(None)
        except StopIteration as end:
            taken: Taken = end.value
            return taken
        raise AssertionError("it paused although time stands still")

    def look(self, looker: Looker) -> Taken:
        """What he puts together is what is there; the picture that told him."""
        self.talk.now += A_MOMENT
        taken = self.take(looker.since)
        accumulated, whole = looker.take(taken), assembled(self.take(), Assembly())
        same(_comparable(accumulated), _comparable(whole))
        return taken


def assembled(taken: Taken, assembly: Assembly) -> Picture:
    pictures = [assembly.take(json.decode(line, type=Answer)) for line in taken.lines]
    (picture,) = filter(None, pictures)
    assert pictures[-1] is picture
    return picture


def _comparable(picture: Picture) -> object:
    pool: PoolPicture = replace(picture.pool, whole=True, at=0.0, counters=type(picture.pool.counters)())
    miners = [
        replace(miner, channels=tuple(sorted(miner.channels, key=lambda channel: channel.channel_id)))
        for miner in sorted(picture.miners, key=lambda miner: miner.peer)
    ]
    return to_builtins([pool, miners])


def same(one: object, other: object, path: str = "") -> None:
    """Fails with the path to what differs."""
    match one, other:
        case float(), float():
            assert isclose(one, other, rel_tol=1e-6, abs_tol=1e-9), (path, one, other)
        case Mapping(), Mapping():
            assert one.keys() == other.keys(), (path, one, other)
            for key in one:
                same(one[key], other[key], f"{path}.{key}")
        case (list(), list()) | (tuple(), tuple()):
            assert isinstance(one, Sequence)
            assert isinstance(other, Sequence)
            assert len(one) == len(other), (path, one, other)
            for number, (left, right) in enumerate(zip(one, other, strict=True)):
                same(left, right, f"{path}[{number}]")
        case _:
            assert one == other, (path, one, other)
