"""Whatever a pool tells, in whatever batches, and whenever the views are brought up: they follow from the record."""

import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.accounting.name import Earner, earner_of
from sluice.ledger.reading import Reader
from sluice.ledger.record import Record
from sluice.ledger.replay import replay
from sluice.ledger.rows import plain
from sluice.ledger.schema import DAY, SLOT
from sluice.pool.journal import CandidateFound, CandidateMoved, Credited, Entry, Refusals
from support.entries import NAMES, T0, began, credited, start

#: Of two runs: the last is of none that began, which must be credited all the same.
CHANNELS = st.integers(1, len(NAMES) + 1)
TIMES = st.integers(T0, T0 + 3 * DAY)
BLOCKS = st.integers(1, 4).map(lambda number: bytes([number]) * 32)
SHARES = st.builds(
    credited,
    CHANNELS,
    TIMES,
    st.integers(1, (1 << 80) - 1),
    worker=st.sampled_from(("", "rig", "rig\0", "\udcff")),
    share_hash=st.binary(min_size=32, max_size=32),
    late=st.booleans(),
)
ENTRIES = st.one_of(
    SHARES,
    SHARES,
    st.builds(Refusals, TIMES, CHANNELS, st.sampled_from(("stale", "duplicate")), st.integers(1, 1 << 40)),
    st.builds(CandidateFound, TIMES, BLOCKS, st.integers(0, 9), st.just(1), st.sampled_from(NAMES)),
    st.builds(CandidateMoved, TIMES, BLOCKS, st.sampled_from(("accepted", "in chain")), st.just("seen")),
)
#: Batches, and after each: whether the views are brought up, and whether it is told again.
TOLD = st.lists(st.tuples(st.lists(ENTRIES, max_size=12), st.booleans(), st.booleans()), max_size=8)


def as_a_pool_tells(entries: Sequence[Entry], found: set[bytes]) -> list[Entry]:
    """Without what happens to a block before it is found, which no pool tells."""
    kept: list[Entry] = []
    for entry in entries:
        if isinstance(entry, CandidateFound):
            found.add(entry.block_hash)
        if not isinstance(entry, CandidateMoved) or entry.block_hash in found:
            kept.append(entry)
    return kept


def whose(channel: int, worker: str = "") -> Earner:
    name = NAMES[channel - 1] if channel <= len(NAMES) else ""
    return earner_of(plain(name), plain(worker))


def check_sums(reader: Reader, entries: Sequence[Entry]) -> None:
    """What is read is what a plain sum gives."""
    shares: dict[Earner, list[Credited]] = defaultdict(list)
    refused: dict[Earner, Counter[str]] = defaultdict(Counter)
    slots: Counter[int] = Counter()
    for entry in entries:
        if isinstance(entry, Credited):
            shares[whose(entry.channel, entry.worker)].append(entry)
            slots[entry.at - entry.at % SLOT] += entry.work
        elif isinstance(entry, Refusals):
            refused[whose(entry.channel)][entry.reason] += entry.count
    earners = shares.keys() | refused.keys()
    accounts = {earner.account for earner in earners}
    assert {each.account for each in reader.accounts(limit=1_000).rows} == accounts
    read = {Earner(each.account, each.worker): each for name in accounts for each in reader.account(name)}
    assert read.keys() == earners
    for earner, it in read.items():
        mine = shares[earner]
        assert (it.accepted, it.late) == (len(mine), sum(share.late for share in mine))
        assert it.work == sum(share.work for share in mine)
        assert it.best_hash == min(
            (int.from_bytes(share.share_hash, "little") for share in mine), default=None
        )
        assert it.refused == refused[earner]
    totals = reader.totals()
    assert totals.accepted == sum(map(len, shares.values()))
    assert totals.work == sum(slots.values())
    assert totals.refused == sum(refused.values(), Counter())
    worked = {point.at: point.work for point in reader.pool_chart(0, T0 * 2, SLOT) if point.work}
    assert worked == slots
    stages: dict[bytes, str] = {}
    for entry in entries:
        if isinstance(entry, CandidateFound):
            stages.setdefault(entry.block_hash, "found")
        elif isinstance(entry, CandidateMoved):
            stages[entry.block_hash] = entry.stage
    assert {bytes.fromhex(line.block_hash)[::-1]: line.stage for line in reader.blocks().rows} == stages


@given(st.lists(TOLD, min_size=1, max_size=2))
@settings(max_examples=60)
def test_the_views_follow_from_the_record_and_are_a_plain_sum(
    runs: list[list[tuple[list[Entry], bool, bool]]],
) -> None:
    said: list[Entry] = []
    found: set[bytes] = set()
    with tempfile.TemporaryDirectory() as directory:
        file = str(Path(directory) / "r")
        for told in runs:
            record = Record(file)
            run = record.begin(start())
            record.append(run, 1, [began(channel, name) for channel, name in enumerate(NAMES, 1)])
            for number, (entries, catches_up, again) in enumerate(told, 2):
                batch = as_a_pool_tells(entries, found)
                said += batch
                record.append(run, number, batch)
                if catches_up:
                    while record.catch_up():
                        pass
                    assert replay(record.database).differences == []
                if again:
                    record.append(run, number, batch)
            while record.catch_up():
                pass
            assert replay(record.database).differences == []
            record.close()
        reader = Reader(file)
        try:
            check_sums(reader, said)
        finally:
            reader.close()
