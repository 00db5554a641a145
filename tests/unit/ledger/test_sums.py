from itertools import permutations

from sluice.accounting.name import Earner
from sluice.ledger.schema import DAY, SLOT
from sluice.ledger.sums import NO_HASH, Part, Sums


def test_the_best_of_a_part_is_the_smallest_hash_and_of_equal_ones_the_first() -> None:
    shares = [(1, b"\x02", 0, 30), (2, b"\x01", 1, 50), (4, b"\x01", 0, 40)]
    for order in permutations(shares):
        part = Part()
        for share in order:
            part.credit(*share)
        assert part == Part(3, 1, 0, 7, b"\x01", 40, 30, 50)


def test_parts_add_up_as_their_shares_do() -> None:
    one, other, refused = Part(), Part(), Part()
    one.credit(1, b"\x09", 0, 10)
    other.credit(2, b"\x03", 1, 20)
    refused.refuse(5, 5)
    assert refused.best == NO_HASH
    refused.add(one)
    refused.add(other)
    assert refused == Part(2, 1, 5, 3, b"\x03", 20, 5, 20)


def test_shares_count_for_their_worker_slot_day_and_the_pool() -> None:
    at = 3 * DAY + SLOT + 7
    sums = Sums(slots_from=3 * DAY, by_day=True)
    sums.credit("alice.attic", "", (5, b"\x07", 0, at))
    sums.credit("alice.attic", "behind", (6, b"\x06", 1, at))
    sums.refuse("alice.attic", "stale", 2, 10)  # long ago: no slot by worker
    attic, behind = Earner("alice", "attic"), Earner("alice", "behind")
    assert sums.standings == {
        attic: Part(1, 0, 2, 5, b"\x07", at, 10, at),
        behind: Part(1, 1, 0, 6, b"\x06", at, at, at),
    }
    assert set(sums.slots) == {(3 * DAY + SLOT, attic), (3 * DAY + SLOT, behind)}
    assert set(sums.days) == {(attic, 3), (behind, 3), (attic, 0)}
    assert sums.pool_slots[3 * DAY + SLOT].work == 11
    assert sums.pool_slots[0].refused == 2
    assert sums.reasons == {(attic, "stale"): 2}
