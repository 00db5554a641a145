"""A record of two rounds that are small enough to be computed by hand."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from sluice.ledger.record import Record
from sluice.pool.journal import CandidateFound, CandidateMoved, Entry, TemplateSeen, TipSeen
from support.entries import T0, began, credited, start

#: The easiest target there is: a block takes two hashes.
NBITS = 0x207FFFFF
BLOCK_TAKES = 2
FIRST, SECOND = bytes(30) + b"\x01\x00", bytes(30) + b"\x02\x00"
#: As they are shown.
FIRST_HASH, SECOND_HASH = FIRST[::-1].hex(), SECOND[::-1].hex()
REWARDS = (5_000_000_000, 5_000_000_100)
#: Seconds from the record's beginning to the first round's block, and to the second's.
FOUND = (3, 13)


def _job(at: int, template: int, height: int, reward: int) -> list[Entry]:
    tip = bytes([template]) * 32
    return [TipSeen(at, height, tip, NBITS), TemplateSeen(at, template, height, tip, bytes(32), reward, 0, 0)]


def _found(at: int, block: bytes, height: int, template: int, name: str) -> list[Entry]:
    return [
        CandidateFound(at, block, height, template, name),
        CandidateMoved(at, block, "in the chain", "it is shown"),
    ]


def two_rounds(file: Path, settings: Mapping[str, str] = MappingProxyType({})) -> Record:
    """Block 7 by alice: 300 of alice, 300 of bob. Block 8 by carol: 50 of bob, 250 of carol. Then 40 of bob."""
    t = T0
    record = Record(str(file))
    run = record.begin(start(t, **settings))
    record.append(
        run,
        1,
        [
            *(began(channel, name, t) for channel, name in enumerate(("alice.attic", "bob", "carol.x"), 1)),
            *_job(t, 1, 7, REWARDS[0]),
            credited(1, t + 1, 100),
            credited(2, t + 2, 300),
            credited(1, t + FOUND[0], 200, share_hash=FIRST),
            *_found(t + FOUND[0], FIRST, 7, 1, "alice.attic"),
        ],
    )
    record.append(
        run,
        2,
        [
            *_job(t + 4, 2, 8, REWARDS[1]),
            credited(2, t + 11, 50),
            credited(3, t + 12, 150),
            credited(3, t + FOUND[1], 100, share_hash=SECOND),
            *_found(t + FOUND[1], SECOND, 8, 2, "carol.x"),
            credited(2, t + 20, 40),
        ],
    )
    while record.catch_up():
        pass
    return record
