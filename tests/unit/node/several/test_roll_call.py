"""How nodes stand, and that people are told each thing once, and its end."""

from sluice.bitcoin.hashes import to_display
from sluice.node.several.race import BEGINNING_SECONDS, CALM_SECONDS, FRESH_SECONDS, HOLD_SECONDS
from sluice.node.several.roll_call import OURS, RULES, WELL
from sluice.node.several.standing import LAG_SECONDS, SILENT_SECONDS, State
from sluice.pool.node_events import LeadTaken, NodeApart, NodeInStep, NodesAgree, NodesDisagree
from support.racing import Track, block_hash, in_step
from support.work import HEIGHT


def test_the_last_rule_has_an_answer_for_every_node_that_is_left() -> None:
    track = in_step("ab")
    track.offer("a", HEIGHT + 1)
    race = track.contest._race
    assert [rule(race, 1, track.now) for rule in RULES] == [None, None, None, State.SLOW]
    assert set(WELL) < set(OURS)


def test_everyday_business_is_not_told() -> None:
    track = in_step("abc")
    for height in range(HEIGHT + 1, HEIGHT + 5):
        for name in "bca":
            track.offer(name, height, fees=ord(name))
            track.wait(1)
        track.wait(60)
    assert track.told == []
    assert set(track.states) == {State.LEADING, State.IN_STEP}


def test_who_has_not_answered_is_waited_for() -> None:
    track = Track("ab")
    track.offer("a")
    assert track.states == [State.LEADING, State.WAITING]


def test_who_hears_late_is_slow_and_then_lags() -> None:
    track = in_step("ab")
    track.offer("a", HEIGHT + 1)
    track.wait(LAG_SECONDS - 1)
    assert (track.states[1], track.told) == (State.SLOW, [])
    track.wait(1)
    track.offer("b")
    assert track.states[1] is State.LAGGING
    assert track.told == [NodeApart("b", "lagging", "it is 1 block behind")]
    track.wait(5)
    track.offer("b", HEIGHT + 1)
    assert track.told[1:] == [NodeInStep("b", "lagging", 5.0)]
    assert track.standing("b").lag == LAG_SECONDS + 5


def test_who_lags_is_told_of_once_however_far_it_falls_behind() -> None:
    track = in_step("ab")
    for height in range(HEIGHT + 1, HEIGHT + 20):
        track.offer("a", height)
        track.wait(30)
        track.offer("b")
    assert len(track.told) == 1
    assert track.standing("b").behind == 19


def test_who_hangs_is_told_apart_from_who_lags() -> None:
    track = in_step("ab")
    track.offer("a", HEIGHT + 1)
    track.wait(SILENT_SECONDS)
    assert [event.state for event in track.happened(NodeApart)] == ["lagging", "silent"]
    track.offer("b", HEIGHT + 1)
    assert track.happened(NodeInStep) == [NodeInStep("b", "silent", SILENT_SECONDS - LAG_SECONDS)]


def test_silence_on_the_tip_that_is_mined_is_no_matter() -> None:
    track = in_step("ab")
    track.wait(10 * SILENT_SECONDS)
    assert track.told == []


def test_one_node_s_trouble_is_that_node_s_and_so_is_its_end() -> None:
    track = in_step("ab")
    track.fail("b", "it is full")
    track.fail("b", "it is full")
    track.fail("b", "it burns")
    track.wait(5)
    assert track.told == [NodeApart("b", "in trouble", why) for why in ("it is full", "it burns")]
    track.offer("b")
    assert track.told[2:] == [NodeInStep("b", "in trouble", 5.0)]


def test_a_failover_has_a_line_with_its_reason() -> None:
    track = in_step("ab")
    track.fail("a", "it is gone")
    assert track.happened(LeadTaken) == [LeadTaken("b", "a", "the leader is in trouble")]
    track.offer("a", fees=3)
    track.wait(CALM_SECONDS)
    assert track.leader == "a"
    assert len(track.happened(LeadTaken)) == 1  # a better reward is everyday business


def test_a_leader_that_says_nothing_any_more_is_a_failover_too() -> None:
    track = in_step("ab")
    track.wait(FRESH_SECONDS)
    track.offer("b")
    assert track.happened(LeadTaken) == [LeadTaken("b", "a", "the leader has nothing fresh on this tip")]


def test_that_nothing_is_left_to_mine_is_the_pool_s_to_tell() -> None:
    alone = Track("a")
    alone.offer("a")
    alone.fail("a", "it is gone")
    assert (alone.told, len(alone.troubles)) == ([], 1)
    alone.offer("a")
    assert alone.told == []
    both = in_step("ab")
    both.fail("a", "a is gone")
    both.fail("b", "b is gone")
    assert [event.node for event in both.happened(NodeApart)] == ["a"]
    both.offer("a")
    assert [event.node for event in both.happened(NodeApart)] == ["a", "b"]  # now it is one of several


# The alarm.


def test_two_tips_of_one_height_ring_once_and_the_end_is_told() -> None:
    track = in_step("ab")
    track.offer("a", HEIGHT + 1)
    track.offer("b", HEIGHT + 1, "short")
    for _ in range(5):
        track.offer("b", HEIGHT + 1, "short")
        track.wait(10)
    (alarm,) = track.happened(NodesDisagree)
    assert (alarm.level, alarm.node, alarm.leader) == ("error", "b", "a")
    assert (alarm.next_height, alarm.leader_next_height) == (HEIGHT + 1, HEIGHT + 1)
    assert alarm.prev_hash == to_display(block_hash(HEIGHT, "short"))
    assert alarm.leader_prev_hash == to_display(block_hash(HEIGHT))
    assert alarm.why.startswith(f"it builds block {HEIGHT + 1} on {alarm.prev_hash}, and a builds block")
    track.offer("b", HEIGHT + 1)
    assert track.happened(NodesAgree) == [NodesAgree(50.0)]
    assert track.told[-2:] == [NodeInStep("b", "forked", 50.0), NodesAgree(50.0)]
    track.wait(60)
    assert len(track.happened(NodesDisagree)) == len(track.happened(NodesAgree)) == 1


def test_a_fork_that_its_branch_wins_is_one_occurrence() -> None:
    track = in_step("ab")
    track.offer("a", HEIGHT + 1)
    track.offer("b", HEIGHT + 1, "short")
    track.offer("b", HEIGHT + 2, "short")
    assert track.leader == "b"
    assert track.states == [State.FORKED, State.LEADING]
    track.wait(1)
    assert track.happened(NodesAgree) == []
    track.offer("a", HEIGHT + 2, "short")
    assert len(track.happened(NodesDisagree)) == len(track.happened(NodesAgree)) == 1


def test_each_occurrence_rings() -> None:
    track = in_step("ab")
    for height in (HEIGHT + 1, HEIGHT + 3):
        track.offer("a", height)
        track.offer("b", height, "short")
        track.wait(1)
        for name in "ab":
            track.offer(name, height + 1)
    assert len(track.happened(NodesDisagree)) == len(track.happened(NodesAgree)) == 2


def test_another_chain_rings_whatever_its_height() -> None:
    for height in (HEIGHT - 20, HEIGHT + 20):
        track = in_step("ab")
        track.wait(BEGINNING_SECONDS)
        track.offer("b", height, "other")
        (alarm,) = track.happened(NodesDisagree)
        assert "nothing in common for more than 6 blocks" in alarm.why


def test_a_branch_that_is_left_behind_is_a_fork_without_an_alarm() -> None:
    track = in_step("ab")
    track.offer("a", HEIGHT + 1)
    track.offer("b", HEIGHT, "short")
    assert track.states[1] is State.FORKED
    assert track.happened(NodesDisagree) == []
    assert [event.state for event in track.happened(NodeApart)] == ["forked"]


def test_a_fork_in_trouble_is_still_a_fork() -> None:
    track = in_step("ab")
    track.offer("b", HEIGHT, "short")
    track.fail("b")
    track.wait(60)
    assert track.happened(NodesAgree) == []
    track.offer("b", HEIGHT, "short")
    assert len(track.happened(NodesDisagree)) == 1
    track.offer("b")
    assert len(track.happened(NodesAgree)) == 1


def test_a_forked_node_stays_forked_while_it_is_asked_again() -> None:
    track = in_step("ab")
    track.offer("b", HEIGHT - 20, "far")
    track.answering = False
    for height in range(HEIGHT + 1, HEIGHT + 4):
        track.offer("a", height)
        assert track.states[1] is State.FORKED
        track.answer_all()
    assert len(track.happened(NodeApart)) == 1


def test_a_node_that_is_back_is_not_in_trouble_while_it_is_asked() -> None:
    track = in_step("ab")
    track.fail("b", "it is gone")
    track.answering = False
    track.offer("b", HEIGHT - 20)
    assert track.states[1] is State.SLOW
    assert len(track.told) == 1
    track.answer_all()
    track.wait(LAG_SECONDS)
    assert [event.state for event in track.happened(NodeApart)] == ["in trouble", "lagging"]


# Standings.


def test_a_standing_says_it_all() -> None:
    track = in_step("ab")
    track.offer("a", HEIGHT + 2, fees=7)
    track.wait(4)
    a, b = track.standing("a"), track.standing("b")
    assert (a.node, a.state, a.why, a.for_seconds) == ("a", State.LEADING, "", 4.0)
    assert (a.next_height, a.behind, a.template_age, a.lag) == (HEIGHT + 2, 0, 4.0, 0.0)
    assert a.reward == track.mined[-1].coinbase_value
    assert a.prev_hash == to_display(block_hash(HEIGHT + 1))
    assert (b.state, b.behind, b.template_age) == (State.SLOW, 2, 4.0)


def test_before_it_has_answered_a_node_has_little_to_show() -> None:
    standing = Track("ab").standing("a")
    assert (standing.state, standing.next_height, standing.prev_hash) == (State.WAITING, 0, "")
    assert (standing.lag, standing.template_age, standing.behind) == (None, None, 0)


def test_a_held_tip_has_no_leader_that_runs() -> None:
    track = in_step("ab")
    track.offer("a", HEIGHT + 1)
    track.fail("a", "it is gone")
    assert track.states == [State.TROUBLED, State.SLOW]
    track.wait(HOLD_SECONDS)
    assert track.states == [State.TROUBLED, State.LEADING]
