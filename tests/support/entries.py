"""Journals for tests of the record: a seeded life of a pool, in batches."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

from sluice.ledger.record import Record
from sluice.ledger.schema import DAY
from sluice.pool.journal import (
    CandidateAnswered,
    CandidateFound,
    CandidateMoved,
    ChannelBegan,
    ChannelEnded,
    Configured,
    Credited,
    Entry,
    Lost,
    Refusals,
    TargetSet,
    TemplateSeen,
    TipSeen,
)
from sluice.pool.ports import Start

#: A day's beginning.
T0 = 19_700 * DAY
NAMES = ("alice.attic", "alice_cellar", "bob", "", "bad\0\udcff.\u202e<b>", "x" * 255)


def start(at: int = T0, **settings: str) -> Start:
    return Start(at, "1.0", "regtest", 0, settings)


def credited(channel: int = 1, at: int = T0, work: int = 1 << 40, **more: object) -> Credited:
    fields: dict[str, object] = {
        "channel": channel,
        "user": "",
        "worker": "",
        "job_id": 1,
        "template_id": 1,
        "share_hash": b"\xaa" * 32,
        "work": work,
        "late": False,
        "at": at,
    }
    return Credited(**(fields | more))  # type: ignore[arg-type]


def began(channel: int, user: str, at: int = T0) -> ChannelBegan:
    return ChannelBegan(at, channel, user, "standard", "10.0.0.1:1", "maker")


def life(seed: int, batches: int = 12, size: int = 30, step: int = 1_300) -> Iterator[list[Entry]]:
    """Batches of everything that a journal can hold; time goes on by `step` seconds a batch."""
    chance = Random(seed)
    yield [began(channel, name) for channel, name in enumerate(NAMES, 1)]
    blocks: list[bytes] = []
    for number in range(batches):
        at = T0 + number * step
        batch: list[Entry] = [
            credited(
                chance.randint(1, len(NAMES)),
                at,
                1 << chance.randint(0, 90) | chance.getrandbits(30),
                worker=chance.choice(("", "", "rig\0", "behind")),
                share_hash=chance.randbytes(32),
                late=chance.random() < 0.1,
            )
            for _ in range(chance.randint(0, size))
        ]
        batch.append(Refusals(at, chance.randint(0, len(NAMES)), chance.choice(("stale", "duplicate")), 3))
        batch.append(TipSeen(at, number, chance.randbytes(32), 0x207FFFFF))
        batch.append(TemplateSeen(at, number, number, bytes(32), bytes(32), 5_000_000_000, 1, 2))
        batch.append(TargetSet(at, 1, chance.getrandbits(250), 1 << 80))
        if chance.random() < 0.3:
            blocks.append(chance.randbytes(32))
            batch.append(CandidateFound(at, blocks[-1], number, number, chance.choice(NAMES)))
        if blocks and chance.random() < 0.6:
            block = chance.choice(blocks)
            batch.append(CandidateAnswered(at, block, "node", "submitblock", "accepted", "", 3))
            batch.append(CandidateMoved(at, block, chance.choice(("accepted", "in chain")), "it was shown"))
        chance.shuffle(batch)
        yield batch
    yield [ChannelEnded(T0 + batches * step, 1, "gone"), Configured(T0, "x", "y"), Lost(T0, 4)]


def recorded(file: Path, seed: int = 1, *, caught_up: bool = True, keep_days: int = 0) -> Record:
    """A record with a whole life in it."""
    record = Record(str(file), keep_days)
    run = record.begin(start())
    for number, batch in enumerate(life(seed), 1):
        record.append(run, number, batch)
    while caught_up and record.catch_up():
        pass
    return record
