from itertools import permutations

from sluice.accounting.name import Earner
from sluice.ledger.schema import DAY, SLOT
from sluice.ledger.sums import NO_HASH, Part, Sums


def shares(work: int, best: bytes, late: int, at: int) -> Part:
    """One share."""
    return Part(1, late, 0, work, best, at, at, at)


def test_the_best_of_a_part_is_the_smallest_hash_and_of_equal_ones_the_first() -> None:
    them = [(1, b"\x02", 0, 30), (2, b"\x01", 1, 50), (4, b"\x01", 0, 40)]
    for order in permutations(them):
        part = Part()
        for share in order:
            part.add(shares(*share))
        assert part == Part(3, 1, 0, 7, b"\x01", 40, 30, 50)


def test_refusals_have_no_best_and_take_none_away() -> None:
    refused = Part(refused=5, first_at=5, last_at=5)
    assert refused.best == NO_HASH
    refused.add(shares(1, b"\x09", 0, 10))
    refused.add(Part(refused=1, first_at=7, last_at=7))
    assert refused == Part(1, 0, 6, 1, b"\x09", 10, 5, 10)


def test_shares_count_for_their_worker_slot_day_and_the_pool() -> None:
    slot = 3 * DAY + SLOT
    at = slot + 7
    sums = Sums(slots_from=3 * DAY, by_day=True)
    sums.credit("alice.attic", "", slot, shares(5, b"\x07", 0, at))
    sums.credit("alice.attic", "behind", slot, shares(6, b"\x06", 1, at))
    sums.refuse(
        "alice.attic", "stale", 0, Part(refused=2, first_at=10, last_at=10)
    )  # long ago: no slot by worker
    attic, behind = Earner("alice", "attic"), Earner("alice", "behind")
    assert sums.standings == {
        attic: Part(1, 0, 2, 5, b"\x07", at, 10, at),
        behind: Part(1, 1, 0, 6, b"\x06", at, at, at),
    }
    assert set(sums.slots) == {(slot, attic), (slot, behind)}
    assert set(sums.days) == {(attic, 3), (behind, 3), (attic, 0)}
    assert sums.pool_slots[slot].work == 11
    assert sums.pool_slots[0].refused == 2
    assert sums.reasons == {(attic, "stale"): 2}
