"""What is remembered of a provider's tips and templates."""

from sluice.tdp.memory import MOST_PLACES, MOST_TIPS, Memory
from sluice.tdp.solution import Place


def a_hash(number: int) -> bytes:
    return number.to_bytes(32)


def test_tips_by_height() -> None:
    memory = Memory()
    assert (memory.tip_height, memory.tip_at(10)) == (None, None)
    memory.turn(10, a_hash(1))
    memory.turn(11, a_hash(2))
    assert memory.tip_height == 11
    assert (memory.tip_at(10), memory.tip_at(11)) == (a_hash(1), a_hash(2))
    assert memory.tip_at(9) is memory.tip_at(12) is None


def test_what_a_reorganisation_takes_away_is_not_there_any_more() -> None:
    memory = Memory()
    for height in (10, 11, 12):
        memory.turn(height, a_hash(height))
    memory.turn(11, a_hash(99))
    assert (memory.tip_at(10), memory.tip_at(11), memory.tip_at(12)) == (a_hash(10), a_hash(99), None)
    assert memory.tip_height == 11


def test_heights_that_were_not_seen_are_not_known() -> None:
    memory = Memory()
    memory.turn(10, a_hash(1))
    memory.turn(13, a_hash(2))
    assert memory.tip_at(11) is memory.tip_at(12) is None


def test_old_tips_and_places_are_forgotten() -> None:
    memory = Memory()
    for number in range(MOST_TIPS + 5):
        memory.turn(number, a_hash(number))
        memory.keep(Place(number, a_hash(number), 0, 0, ()))
    assert memory.tip_at(4) is None
    assert memory.tip_at(5) == a_hash(5)
    assert [place.template_id for place in memory.places] == list(
        range(MOST_TIPS + 4, MOST_TIPS + 4 - MOST_PLACES, -1)
    )
