"""Who mined and who was told gone, over a restart: a small file in the data directory.

Rule: only a memory. One that cannot be read, or is a week old, is told of or passed over and then written anew; where
none can be written, a restart forgets.
"""

import logging
from collections.abc import Iterable
from pathlib import Path

from msgspec import MsgspecError, Struct, json

from sluice.kept_file import read_kept, write_kept

NAME = "workers.json"
#: Workers of each kind that are remembered: half a MiB. Who has more does not look for one of them by name.
MOST_REMEMBERED = 10_000
#: Bytes: that many of each kind, each with the longest of names and every letter of it spelt out.
MOST_BYTES = 33_554_432
#: Seconds after which who mined then is nobody to be missed: the pool was switched off, not restarted.
WEEK = 604_800

logger = logging.getLogger(__name__)


class Roll(Struct, frozen=True):
    """`at` is in unix seconds; `gone`: who was told gone and not yet back; `here`: who mined, and how many seconds of
    silence mean nothing with him (behind a proxy; 0.0 for one with a channel of his own).
    """

    at: int = 0
    gone: tuple[str, ...] = ()
    here: dict[str, float] = {}


def called(unix_time: int, gone: Iterable[str], here: Iterable[tuple[str, float]]) -> Roll:
    """A roll within its bounds: of those who are gone the last, of those who are here any."""
    absent = tuple(filter(_spelt, gone))[-MOST_REMEMBERED:]
    missing = frozenset(absent)
    present: dict[str, float] = {}
    for name, patience in here:
        if len(present) >= MOST_REMEMBERED:
            break
        if name not in missing and _spelt(name):
            present[name] = patience
    return Roll(unix_time, absent, present)


def load(file: Path, unix_time: int) -> Roll:
    """What an earlier run has left; an empty roll if that is nothing of use."""
    try:
        data = read_kept(file, MOST_BYTES)
        roll = Roll() if data is None else json.decode(data, type=Roll)
    except (OSError, MsgspecError, ValueError) as error:
        logger.warning("who mined before the restart is not known: %s cannot be read: %s", file, error)
        return Roll()
    if not 0 <= unix_time - roll.at < WEEK:
        return Roll()
    return called(roll.at, roll.gone, roll.here.items())


def save(file: Path, roll: Roll) -> None:
    """Raises OSError."""
    write_kept(file, json.format(json.encode(roll), indent=1) + b"\n")


def _spelt(name: str) -> bool:
    """Whether a name is text; one of other bytes (they travel as surrogates) is not remembered."""
    return name.isascii() or not any("\udc80" <= letter <= "\udcff" for letter in name)
