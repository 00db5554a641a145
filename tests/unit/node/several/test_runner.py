from sluice.node.several.kinship import Relation
from sluice.node.several.runner import REMEMBERED, Runner, agree
from support.work import HEIGHT, template


def on_its_way(*heights: int, fork: int = 0) -> Runner:
    runner = Runner("a", 0.0)
    for now, height in enumerate(heights):
        runner.take(template(height, fork), float(now))
    return runner


def test_before_its_first_template_there_is_nothing_to_mine() -> None:
    runner = Runner("a", 5.0)
    assert (runner.runs, runner.tip, runner.height, runner.reward, runner.nbits) == (False, b"", 0, 0, 0)


def test_it_remembers_where_it_came_from_and_when() -> None:
    runner = on_its_way(HEIGHT, HEIGHT + 1, HEIGHT + 1)
    assert runner.came_from == template(HEIGHT).prev_hash
    assert runner.tip == template(HEIGHT + 1).prev_hash
    assert (runner.tip_since, runner.offered_at) == (1.0, 2.0)


def test_trouble_lasts_until_the_next_template() -> None:
    runner = on_its_way(HEIGHT)
    runner.fail("gone", 5.0)
    runner.fail("still gone", 9.0)
    assert not runner.runs
    assert (runner.trouble, runner.trouble_at, runner.heard_at, runner.offered_at) == (
        "still gone",
        5.0,
        9.0,
        0.0,
    )
    runner.take(template(), 10.0)
    assert runner.runs


def test_what_is_known_of_its_chain_is_known_of_two_tips() -> None:
    runner = on_its_way(HEIGHT)
    ours = b"\x01" * 32
    runner.relation = (runner.tip, ours, Relation.SAME)
    assert runner.related(ours) is Relation.SAME
    assert runner.related(b"\x02" * 32) is None
    runner.take(template(HEIGHT + 1), 5.0)
    assert runner.related(ours) is None


def test_tips_one_above_the_other_are_a_way_and_a_leap_begins_another() -> None:
    assert sorted(on_its_way(HEIGHT, HEIGHT + 1, HEIGHT + 2).tips) == [HEIGHT, HEIGHT + 1, HEIGHT + 2]
    assert sorted(on_its_way(HEIGHT, HEIGHT + 2).tips) == [HEIGHT + 2]
    assert sorted(on_its_way(HEIGHT, HEIGHT + 1, HEIGHT).tips) == [HEIGHT]


def test_the_way_is_not_remembered_for_ever() -> None:
    tips = on_its_way(*range(HEIGHT, HEIGHT + 2 * REMEMBERED)).tips
    assert sorted(tips) == list(range(HEIGHT + REMEMBERED, HEIGHT + 2 * REMEMBERED))


def test_two_ways_agree_by_the_highest_that_both_have_been_on() -> None:
    ours, behind = on_its_way(HEIGHT, HEIGHT + 1), on_its_way(HEIGHT)
    assert agree(ours.tips, behind.tips)
    assert not agree(ours.tips, on_its_way(HEIGHT + 2).tips)
    assert not agree(ours.tips, on_its_way(HEIGHT + 1, fork=1).tips)
    parted = Runner("b", 0.0)
    parted.take(template(HEIGHT), 0.0)
    parted.take(template(HEIGHT + 1, 1), 1.0)
    assert not agree(ours.tips, parted.tips)
