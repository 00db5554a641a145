"""A record with a short story in it: two accounts, refused shares, one block and its life."""

from pathlib import Path

from sluice.bitcoin.target import DIFFICULTY_1
from sluice.ledger.record import Record
from sluice.pool.journal import (
    CandidateAnswered,
    CandidateFound,
    CandidateMoved,
    ChannelBegan,
    Credited,
    Entry,
    Refusals,
)
from sluice.pool.ports import Start
from support.pictures import ACCOUNT

#: Hashes of a share of difficulty 1, as the pool counts it.
WORK = 2**32
#: Difficulty of the best share of ACCOUNT's rig, of its attic, and of the other account.
BEST, ATTIC_BEST, OTHER_BEST = 4_096, 512, 64
BLOCK_HASH = bytes(range(32))
BLOCK = BLOCK_HASH[::-1].hex()
STORY = (
    # channel, name, difficulties of its shares
    (1, f"{ACCOUNT}.rig", [BEST, 8, 8]),
    (2, f"{ACCOUNT}.attic", [ATTIC_BEST]),
    (3, "other", [OTHER_BEST]),
)


def share_hash(difficulty: int) -> bytes:
    """A hash that just meets this difficulty, in wire order."""
    return (DIFFICULTY_1 // difficulty).to_bytes(32, "little")


def story(at: int) -> list[Entry]:
    """What happened by `at`, a share a minute."""
    entries: list[Entry] = []
    for number, name, difficulties in STORY:
        entries.append(ChannelBegan(at - 3_000, number, name, "standard", "192.0.2.1", "bitaxe"))
        for place, difficulty in enumerate(difficulties):
            entries.append(
                Credited(
                    number, name, "", 1, 1, share_hash(difficulty), 10 * WORK, place == 2, at - 60 * place
                )
            )
    entries += [
        Refusals(at, 1, "stale", 3),
        Refusals(at, 1, "duplicate", 1),
        CandidateFound(at - 120, BLOCK_HASH, 100, 1, f"{ACCOUNT}.rig"),
        CandidateAnswered(at - 119, BLOCK_HASH, "home", "submitblock", "accepted", "", 7),
        CandidateMoved(at - 118, BLOCK_HASH, "accepted", "a node took it"),
    ]
    return entries


def keep_story(directory: Path, at: int) -> str:
    """A record in this directory with the story; what a reader takes for its place."""
    file = directory / "record.sqlite"
    record = Record(str(file))
    settings = {"pool.tag": "Sluice", "node.url": "http://127.0.0.1:18443"}
    run = record.begin(Start(at - 4_000, "1.0", "regtest", 0, settings))
    record.append(run, 1, story(at))
    while record.catch_up():
        pass
    record.close()
    return str(file)
