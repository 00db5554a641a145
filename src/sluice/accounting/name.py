"""Whose work it is: the name under which a channel was opened, taken apart.

    bc1q….rig7   →  account bc1q…, worker rig7
    alice_attic  →  account alice, worker attic

Rule: a name is taken as it is; nothing in it is corrected, so that the same name is the same account for ever.
"""

from typing import NamedTuple

#: What stands between an account and a worker; whichever comes first.
SEPARATORS = "._"


class Earner(NamedTuple):
    """Who is credited: an account, and which of its workers; empty if it names none."""

    account: str
    worker: str


def earner_of(name: str, worker: str = "") -> Earner:
    """The earner that `name` stands for; `worker`, if the miner named one with the share, outweighs the name's."""
    cut = min((place for place in map(name.find, SEPARATORS) if place >= 0), default=len(name))
    return Earner(name[:cut], worker or name[cut + 1 :])
