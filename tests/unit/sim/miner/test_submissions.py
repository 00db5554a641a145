"""Shares on their way, and answers to them: exact, partial, out of order, impossible."""

from fractions import Fraction

import pytest

from sluice.sim.miner.rules import Rule, RuleBroken
from sluice.sim.miner.submissions import MAX_REASONS, OTHER_REASONS, Submissions


def sent(*difficulties: float, block: bool = False) -> Submissions:
    submissions = Submissions()
    for each in difficulties:
        submissions.add(Fraction(each), block)
    return submissions


def test_numbers_count_up_from_one() -> None:
    submissions = Submissions()
    assert [submissions.add(Fraction(1), False) for _ in range(3)] == [1, 2, 3]
    assert (submissions.submitted, submissions.waiting) == (3, 3)


def test_a_batch_is_accepted_whole() -> None:
    submissions = sent(1, 2, 4)
    submissions.acknowledge(2, 2, 3)
    assert (submissions.accepted, submissions.accepted_difficulty, submissions.waiting) == (2, Fraction(3), 1)
    submissions.acknowledge(3, 1, 4)
    assert (submissions.accepted, submissions.accepted_difficulty, submissions.waiting) == (3, Fraction(7), 0)


def test_an_empty_acknowledgement_says_nothing() -> None:
    submissions = sent(1)
    submissions.acknowledge(1, 0, 0)
    assert (submissions.accepted, submissions.waiting) == (0, 1)


@pytest.mark.parametrize("total", [0, 1, 2, 3, 4, 5, 6])
def test_sums_may_be_rounded_per_share_or_per_batch(total: int) -> None:
    sent(1.5, 1.9).acknowledge(2, 2, total) if 1 <= total <= 5 else None
    if total in (0, 6):
        with pytest.raises(RuleBroken) as caught:
            sent(1.5, 1.9).acknowledge(2, 2, total)
        assert caught.value.rule is Rule.ACK_SUM


def test_difficulties_below_one_may_sum_to_nothing() -> None:
    sent(*[1e-9] * 100).acknowledge(100, 100, 0)


def test_a_part_of_a_batch_may_weigh_as_its_lightest_or_heaviest() -> None:
    sent(10, 100, 1000).acknowledge(3, 1, 10)
    sent(10, 100, 1000).acknowledge(3, 1, 1000)
    for total in (8, 1002):
        with pytest.raises(RuleBroken):
            sent(10, 100, 1000).acknowledge(3, 1, total)


def test_delayed_validation_may_refuse_a_share_that_seemed_accepted() -> None:
    """The server accepts 1 and 3, then refuses 2 (spec 5.3.14): at first we took 1 and 2 for accepted."""
    submissions = sent(1, 2, 4)
    submissions.acknowledge(3, 2, 5)
    assert (submissions.accepted, submissions.waiting) == (2, 1)
    submissions.refuse(2, "stale-share")
    assert (submissions.accepted, submissions.waiting) == (2, 0)
    assert submissions.accepted_difficulty == 5


def test_whichever_it_was() -> None:
    """Of 1 to 4 the server accepts 2 and 4, then refuses 1, then accepts 3."""
    submissions = sent(1, 2, 4, 8)
    submissions.acknowledge(4, 2, 10)
    submissions.refuse(1, "stale-share")
    submissions.acknowledge(3, 1, 4)
    assert (submissions.accepted, submissions.waiting) == (3, 0)
    assert submissions.accepted_difficulty == 14


def test_a_late_refusal_is_counted_by_its_word() -> None:
    submissions = sent(1, 2, 4)
    submissions.acknowledge(3, 2, 5)
    submissions.refuse(2, "stale-share")
    assert submissions.refused == {"stale-share": 1}


def test_or_accept_it_later() -> None:
    submissions = sent(1, 2, 4)
    submissions.acknowledge(3, 2, 5)
    submissions.acknowledge(2, 1, 2)
    assert (submissions.accepted, submissions.accepted_difficulty, submissions.waiting) == (3, Fraction(7), 0)


def test_an_acknowledgement_may_come_for_an_earlier_share_than_we_thought() -> None:
    """Of 1 to 4 the server accepts 2 and 4, then 1, then 3."""
    submissions = sent(1, 2, 4, 8)
    submissions.acknowledge(4, 2, 10)
    submissions.acknowledge(1, 1, 1)
    submissions.acknowledge(3, 1, 4)
    assert (submissions.accepted, submissions.accepted_difficulty) == (4, Fraction(15))


def test_but_no_more_can_be_refused_than_are_open() -> None:
    submissions = sent(1, 1, 1)
    submissions.acknowledge(3, 2, 2)
    submissions.refuse(1, "no")
    for sequence in (1, 2, 3):
        with pytest.raises(RuleBroken) as caught:
            submissions.refuse(sequence, "no")
        assert caught.value.rule is Rule.ANSWERED_ONCE


def test_a_refused_block_is_none() -> None:
    submissions = sent(1, 1, block=True)
    assert submissions.blocks == 2
    assert submissions.refuse(1, "duplicate-share")
    assert submissions.blocks == 1


def test_a_server_cannot_fill_memory_with_words() -> None:
    submissions = sent(*[1] * (MAX_REASONS + 10))
    for sequence in range(1, MAX_REASONS + 11):
        submissions.refuse(sequence, f"reason-{sequence}")
    assert len(submissions.refused) == MAX_REASONS + 1
    assert submissions.refused[OTHER_REASONS] == 10
    assert sum(submissions.refused.values()) == MAX_REASONS + 10
