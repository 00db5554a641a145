"""What alarms see of a connection when they look at the pool: its shares by fate, and who has mined through it.

Rule: copied from the books, which are never changed from here; a connection costs some microseconds a look.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from sluice.pool.miner import Miner


class Counts(NamedTuple):
    """One connection, since it came. `users` are names of channels that have a good share, `workers` those of good
    shares by each name behind a channel, if the miner tells them apart (extension 0x0002).
    """

    peer: int
    accepted: int
    refused: Mapping[str, int]
    users: tuple[str, ...]
    workers: Mapping[str, int]


def counts_of(miner: Miner) -> Counts:
    """What a connection has done so far."""
    accepted = 0
    refused: Counter[str] = Counter()
    users: dict[str, None] = {}
    workers: Counter[str] = Counter()
    for tally in miner.tallies:
        for verdict, count in tally.shares.items():
            if verdict.credited:
                accepted += count
            else:
                refused[verdict.value] += count
    for channel in miner.channels.values():
        if channel.tally.last_share is not None:
            users[channel.user_identity] = None
        for name, tally in (channel.workers or {}).items():
            workers[name] += tally.accepted
    return Counts(miner.peer, accepted, refused, tuple(users), workers)
