import pytest

from sluice.node.several.kinship import DEPTH, Question, Relation, question, relation
from sluice.pool.ports import Sight

A, B, C = (bytes([number]) * 32 for number in range(3))


def sights(*hashes: bytes | None) -> list[Sight | None]:
    return [Sight("n", block, 100) for block in hashes]


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        (sights(A, B), sights(A, B), Relation.SAME),
        (sights(A, B), sights(A, C), Relation.SAME),  # below a common block nobody has to look
        (sights(A, B), sights(C, B), Relation.BRANCH),
        (sights(A, B), sights(B, C), Relation.OTHER),
        (sights(A, None), sights(B, C), Relation.UNKNOWN),
        (sights(None, B), sights(A, B), Relation.UNKNOWN),  # it has gone back meanwhile
        ([None, None], sights(A, B), Relation.UNKNOWN),
        ([*sights(A), None], sights(B, C), Relation.UNKNOWN),
        ([*sights(A), None], sights(A, C), Relation.SAME),
    ],
)
def test_what_follows_from_what_two_nodes_show(
    one: list[Sight | None], other: list[Sight | None], found: Relation
) -> None:
    assert relation(one, other) is found
    assert relation(other, one) is found


def test_both_are_asked_at_the_lower_tip_and_some_blocks_below() -> None:
    assert question((1, 0), (A, B), 500) == Question((1, 0), (A, B), (500, 500 - DEPTH))


def test_there_is_nothing_below_the_genesis() -> None:
    assert question((1, 0), (A, B), 2).heights == (2, 0)
