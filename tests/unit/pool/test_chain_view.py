"""What chains show, and which of them is believed."""

import pytest

from sluice.pool.block_life import Turn
from sluice.pool.chain_view import DEEP, turn_of
from sluice.pool.ports import Sight

OURS, RIVAL, HEIGHT = b"\x01" * 32, b"\x02" * 32, 100


def ours(tip: int, node: str = "a") -> Sight:
    return Sight(node, OURS, tip)


def rival(tip: int, node: str = "b") -> Sight:
    return Sight(node, RIVAL, tip)


def low(tip: int, node: str = "c") -> Sight:
    return Sight(node, None, tip)


@pytest.mark.parametrize(
    ("sights", "turn", "speaker"),
    [
        ([ours(100)], Turn.SHOWN, "a"),
        ([ours(104)], Turn.SHOWN, "a"),
        ([ours(105)], Turn.BURIED, "a"),
        ([rival(100)], Turn.OVERTAKEN, "b"),
        ([rival(105)], Turn.RIVAL_BURIED, "b"),
        ([low(99)], Turn.ABSENT, "c"),
        # One that shows it outweighs those that do not know it yet, or have another one.
        ([low(99), ours(100)], Turn.SHOWN, "a"),
        ([rival(100), ours(100)], Turn.SHOWN, "a"),
        ([rival(105), ours(100)], Turn.SHOWN, "a"),
        ([ours(105), rival(104)], Turn.BURIED, "a"),
        ([low(99), rival(100)], Turn.OVERTAKEN, "b"),
        # Until another chain has left it behind for good.
        ([rival(106), ours(100)], Turn.RIVAL_BURIED, "b"),
        ([ours(106), rival(100)], Turn.BURIED, "a"),
        ([low(99), rival(105)], Turn.RIVAL_BURIED, "b"),
        ([ours(100, "slow"), ours(105, "fast")], Turn.BURIED, "fast"),
        ([rival(100, "slow"), rival(105, "fast")], Turn.RIVAL_BURIED, "fast"),
    ],
)
def test_what_chains_show(sights: list[Sight], turn: Turn, speaker: str) -> None:
    for order in (sights, sights[::-1]):
        found = turn_of(OURS, HEIGHT, order)
        assert found is not None
        assert (found[0], found[1].node) == (turn, speaker)


def test_no_chain_says_nothing() -> None:
    assert turn_of(OURS, HEIGHT, ()) is None


def test_a_block_is_deep_enough_when_it_is_the_sixth_from_the_end() -> None:
    assert DEEP == 6
