"""Who is mined on, and when that changes."""

import pytest

from sluice.bitcoin.network import TESTNET4
from sluice.bitcoin.target import Target, nbits_from_target, target_from_nbits
from sluice.node.several.race import BEGINNING_SECONDS, CALM_SECONDS, FRESH_SECONDS, HOLD_SECONDS
from sluice.node.several.standing import State
from sluice.work.template import Template
from support.racing import Track, in_step
from support.work import HARD_NBITS, HEIGHT


def easier(times: int) -> int:
    return nbits_from_target(Target(target_from_nbits(HARD_NBITS) * times))


def test_the_first_template_is_mined_at_once() -> None:
    track = Track("ab")
    first = track.offer("b")
    assert track.mined == [first]
    assert track.leader == "b"


def test_what_is_no_better_is_not_mined() -> None:
    track = in_step("abc")
    assert len(track.mined) == 1
    track.wait(60)
    track.offer("b")
    track.offer("c")
    assert len(track.mined) == 1


def test_the_leader_s_own_refreshes_are_mined() -> None:
    track = in_step("ab")
    refreshed = track.offer("a", fees=5)
    again = track.offer("a", fees=3)
    assert track.mined[1:] == [refreshed, again]


def test_the_higher_tip_wins_at_once_whoever_has_it() -> None:
    track = in_step("abc")
    track.answering = False
    higher = track.offer("c", HEIGHT + 1)
    assert track.mined[-1] is higher
    track.answer_all()
    track.offer("a", HEIGHT + 1)
    track.offer("b", HEIGHT + 1)
    assert (track.leader, track.mined[-1]) == ("c", higher)


def test_the_same_height_is_no_reason_to_turn() -> None:
    track = in_step("ab")
    track.offer("b", HEIGHT, "short", fees=100)
    track.wait(60)
    assert (track.leader, len(track.mined)) == ("a", 1)


def test_a_better_reward_wins_on_the_same_tip_but_jobs_live_long_enough() -> None:
    track = in_step("ab")
    better = track.offer("b", fees=10)
    assert len(track.mined) == 1
    track.wait(CALM_SECONDS - 1)
    assert len(track.mined) == 1
    track.wait(1)
    assert (track.leader, track.mined[-1]) == ("b", better)
    assert len(track.mined) == 2


def test_a_leader_that_refreshes_to_less_than_another_offers_is_not_mined_again() -> None:
    track = in_step("ab")
    track.wait(CALM_SECONDS)
    better = track.offer("b", fees=10)
    assert track.mined[-1] is better
    track.offer("b", fees=1)
    track.offer("a", fees=5)
    track.wait(CALM_SECONDS)
    assert track.leader == "a"


def test_an_old_reward_does_not_win() -> None:
    track = in_step("ab")
    track.offer("b", fees=10)
    track.fail("b")
    track.wait(CALM_SECONDS)
    track.offer("b", fees=9)
    assert track.leader == "b"
    track.wait(FRESH_SECONDS)
    fresh = track.offer("a", fees=3)
    assert (track.leader, track.mined[-1]) == ("a", fresh)


def test_when_the_leader_fails_the_next_best_is_mined_at_once() -> None:
    track = in_step("abc")
    track.offer("b", fees=7)
    best = track.offer("c", fees=8)
    track.fail("a")
    assert track.mined[-1] is best
    assert track.troubles == []


def test_who_comes_back_takes_part_again() -> None:
    track = in_step("ab")
    track.fail("a")
    assert track.leader == "b"
    track.wait(CALM_SECONDS)
    track.offer("a")
    assert track.leader == "b"
    best = track.offer("a", fees=1)
    assert (track.leader, track.mined[-1]) == ("a", best)


def test_only_when_nobody_is_left_the_pool_is_told() -> None:
    track = in_step("ab")
    track.fail("a", "a is gone")
    track.fail("b", "b is gone")
    assert [(trouble.node, trouble.reason) for trouble in track.troubles] == [("b", "b is gone")]
    before = len(track.mined)
    back = track.offer("a")
    assert track.mined[before:] == [back]


def test_who_was_alone_and_fails_is_mined_again_as_soon_as_it_is_back() -> None:
    track = Track("a")
    track.offer("a")
    track.fail("a", "one thing")
    track.fail("a", "another")
    assert [trouble.reason for trouble in track.troubles] == ["one thing", "another"]
    back = track.offer("a")
    assert track.mined[-1] is back


def test_a_tip_that_only_a_failed_node_knew_is_held_for_a_while() -> None:
    track = in_step("ab")
    track.offer("a", HEIGHT + 1)
    track.fail("a")
    track.wait(HOLD_SECONDS - 1)
    track.offer("b", fees=10)
    assert [template.height for template in track.mined] == [HEIGHT, HEIGHT + 1]
    track.wait(1)
    assert (track.leader, track.mined[-1].height) == ("b", HEIGHT)


def test_while_a_tip_is_held_who_hears_of_it_takes_over_at_once() -> None:
    track = in_step("ab")
    track.offer("a", HEIGHT + 1)
    track.fail("a")
    followed = track.offer("b", HEIGHT + 1)
    assert track.mined[-1] is followed
    assert track.mined[-1].prev_hash == track.mined[-2].prev_hash


def test_a_tip_that_its_node_takes_back_is_not_held() -> None:
    track = in_step("ab")
    track.offer("a", HEIGHT + 1)
    track.offer("a", HEIGHT)
    assert track.mined[-1].height == HEIGHT


def test_the_way_back_down_is_taken_only_if_nobody_has_the_tip() -> None:
    track = in_step("abc")
    track.offer("a", HEIGHT + 1)
    track.offer("b", HEIGHT + 1)
    track.offer("a", HEIGHT, "short")
    assert (track.leader, track.mined[-1].height) == ("b", HEIGHT + 1)


# Who was not on our tip has to be compared with who is.


def test_a_node_that_joins_with_a_higher_tip_is_asked_for_ours() -> None:
    track = Track("ab", answering=False)
    track.offer("a")
    higher = track.offer("b", HEIGHT + 4)
    (asked,) = track.asked
    assert (asked.nodes, asked.heights) == ((1, 0), (HEIGHT - 1, HEIGHT - 7))
    assert track.leader == "a"
    track.answer_all()
    assert (track.leader, track.mined[-1]) == ("b", higher)


def test_a_step_that_was_believed_too_soon_is_taken_back() -> None:
    track = in_step("ab")
    track.wait(BEGINNING_SECONDS)
    track.answering = False
    track.offer("b", HEIGHT + 1, "far")
    assert track.leader == "b"
    track.answer_all()
    assert (track.leader, track.mined[-1].height) == ("a", HEIGHT)
    assert track.states[1] is State.FORKED


def test_a_longer_branch_that_parted_a_few_blocks_ago_is_a_reorganisation() -> None:
    track = in_step("ab")
    track.offer("b", HEIGHT, "short")
    longer = track.offer("b", HEIGHT + 1, "short")
    assert (track.leader, track.mined[-1]) == ("b", longer)


@pytest.mark.parametrize("branch", ["far", "other"])
def test_a_higher_tip_of_another_chain_does_not_win(branch: str) -> None:
    track = in_step("ab")
    track.wait(BEGINNING_SECONDS)
    for height in range(HEIGHT + 1, HEIGHT + 5):
        track.offer("b", height, branch, fees=100)
        track.wait(60)
        track.offer("a")
        assert (track.leader, track.mined[-1].height) == ("a", HEIGHT)
    assert (
        sum(template.height > HEIGHT for template in track.mined) == 1
    )  # the step that looked like any other


def test_a_node_that_is_stuck_and_then_jumps_to_another_chain_does_not_win() -> None:
    track = in_step("ab")
    for height in range(HEIGHT + 1, HEIGHT + 4):
        track.offer("a", height)
        track.wait(60)
    track.offer("b", HEIGHT + 9, "far")
    assert (track.leader, track.mined[-1].height) == ("a", HEIGHT + 3)
    assert track.states[1] is State.FORKED
    returned = track.offer("b", HEIGHT + 4)
    assert (track.leader, track.mined[-1]) == ("b", returned)


def test_a_chain_of_far_easier_blocks_does_not_win_even_from_our_tip() -> None:
    """As the blocks of a hard fork, or of another coin with our genesis, would be."""
    track = in_step("ab")
    track.offer("b", HEIGHT + 1, nbits=easier(200))
    track.wait(5)
    assert (track.leader, len(track.mined)) == ("a", 1)
    assert track.states[1] is State.FORKED
    track.offer("b", HEIGHT + 2, nbits=easier(200))
    assert track.leader == "a"


def test_a_retarget_is_no_other_network() -> None:
    track = in_step("ab")
    track.offer("b", HEIGHT + 1, nbits=easier(3))
    assert track.leader == "b"


def test_where_blocks_may_be_had_for_nothing_difficulty_says_nothing() -> None:
    track = in_step("ab", TESTNET4)
    track.offer("b", HEIGHT + 1, nbits=easier(200))
    assert track.leader == "b"


def test_under_one_tip_other_nbits_are_the_leader_s_to_take() -> None:
    """20 minutes without a block on a test network: nodes find out one after the other."""
    track = in_step("ab", TESTNET4)
    track.wait(60)
    track.offer("b", fees=10, nbits=easier(200))
    track.wait(60)
    assert (track.leader, len(track.mined)) == ("a", 1)
    track.offer("a", nbits=easier(200))
    assert track.mined[-1].nbits == easier(200)
    assert track.leader == "b"


def test_a_node_that_cannot_tell_is_believed_if_its_blocks_are_of_our_kind() -> None:
    track = Track("ab")
    track.where["b"].can_tell = False
    track.offer("a")
    track.offer("b", HEIGHT + 2)
    assert track.leader == "b"


def test_a_node_that_cannot_tell_and_has_far_easier_blocks_is_not_believed() -> None:
    track = Track("ab")
    track.where["b"].can_tell = False
    track.offer("a")
    track.offer("b", HEIGHT + 2, nbits=easier(200))
    assert track.leader == "a"
    assert track.states[1] is State.UNPROVEN


def test_an_answer_about_tips_of_yesterday_is_of_no_use() -> None:
    track = Track("ab", answering=False)
    track.offer("a")
    track.offer("b", HEIGHT + 1)
    old = list(track.asked)
    track.offer("b", HEIGHT + 9, "far")
    new, track.asked = track.asked[len(old) :], old
    track.answer_all()
    assert track.leader == "a"
    track.asked = new
    track.answer_all()
    assert track.leader == "a"


def test_the_same_is_not_asked_twice() -> None:
    track = Track("ab", answering=False)
    track.offer("a")
    for _ in range(5):
        track.offer("b", HEIGHT + 9, "far")
        track.offer("a")
        track.wait(3)
    assert len(track.asked) == 1


def test_a_leader_that_leaps_is_compared_with_who_stayed() -> None:
    track = in_step("ab")
    track.wait(BEGINNING_SECONDS)
    track.offer("a", HEIGHT + 9, "far")
    assert (track.leader, track.mined[-1].height) == ("b", HEIGHT)
    alone = Track("a")
    alone.offer("a")
    leapt = alone.offer("a", HEIGHT + 9, "far")
    assert alone.mined[-1] is leapt


# Two chains that have nothing in common.


def test_the_chain_of_most_nodes_is_ours_whoever_came_first() -> None:
    track = Track("abc")
    track.offer("a", HEIGHT + 7, "other")
    track.wait(1)
    track.offer("b")
    track.wait(BEGINNING_SECONDS)
    assert track.leader == "a"
    track.offer("c")
    assert track.leader in "bc"
    assert track.mined[-1].height == HEIGHT


def test_who_is_in_trouble_still_has_a_voice() -> None:
    track = Track("abc")
    track.offer("b")
    track.offer("c")
    track.wait(BEGINNING_SECONDS)
    track.offer("a", HEIGHT + 7, "other")
    track.fail("c")
    track.wait(5)
    assert track.leader == "b"


def test_of_as_many_the_order_of_the_configuration_counts_in_the_beginning() -> None:
    track = Track("ab")
    track.offer("b", HEIGHT + 7, "other")
    track.wait(1)
    track.offer("a")
    assert track.leader == "a"
    late = Track("ab")
    late.offer("b", HEIGHT + 7, "other")
    late.wait(BEGINNING_SECONDS)
    late.offer("a")
    assert late.leader == "b"


def test_of_as_many_the_far_harder_chain_is_ours() -> None:
    track = Track("ab")
    track.offer("a", HEIGHT + 7, "other", nbits=easier(200))
    track.wait(BEGINNING_SECONDS)
    track.offer("b")
    assert track.leader == "b"


def test_if_our_chain_is_nobody_s_any_more_another_is_better_than_none() -> None:
    track = in_step("ab")
    track.wait(BEGINNING_SECONDS)
    track.offer("b", HEIGHT + 9, "other")
    track.fail("a")
    track.wait(HOLD_SECONDS - 1)
    assert track.mined[-1].height == HEIGHT
    track.wait(1)
    assert (track.leader, track.mined[-1].height) == ("b", HEIGHT + 9)
    back: Template = track.offer("a")
    assert track.mined[-1] is not back
    assert track.states[0] is State.FORKED
