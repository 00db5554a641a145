"""Several nodes in any order of offers, troubles and silences: what always holds of what is mined."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from sluice.bitcoin.network import MAINNET, REGTEST
from sluice.node.several.race import CALM_SECONDS, FRESH_SECONDS, HOLD_SECONDS
from sluice.node.several.standing import State
from sluice.pool.node_events import NodeApart, NodeInStep, NodesAgree, NodesDisagree
from support.racing import Track, in_step
from support.work import HEIGHT

NAMES = "abcd"
LONG = HOLD_SECONDS + FRESH_SECONDS


@dataclass(frozen=True)
class Step:
    """What a node does: it offers, a few blocks on or the same, or it fails; then some time passes."""

    name: str
    fails: bool
    up: int
    fees: int
    pause: float


STEPS = st.lists(
    st.builds(
        Step,
        st.sampled_from(NAMES),
        st.sampled_from([False] * 4 + [True]),
        st.sampled_from([0, 0, 0, 1, 1, 2]),
        st.integers(0, 5),
        st.sampled_from([0.0, 0.0, 0.5, 3.0, 12.0, 70.0]),
    ),
    max_size=30,
)


def perform(track: Track, step: Step) -> None:
    """On the one chain that all are on; what a node has not heard of yet it hears of now."""
    if step.fails:
        track.fail(step.name, f"{step.name} is gone")
    else:
        track.offer(step.name, max(track.where[step.name].height, HEIGHT) + step.up, fees=step.fees)
    track.wait(step.pause)


def running(track: Track) -> list[str]:
    return [runner.name for runner in track.contest._race.runners if runner.runs]


@given(STEPS)
@settings(max_examples=200)
def test_the_highest_tip_of_a_node_that_runs_is_mined(steps: list[Step]) -> None:
    track = Track(NAMES)
    for step in steps:
        perform(track, step)
        highest = max((track.where[name].height for name in running(track)), default=0)
        if track.mined:
            assert track.mined[-1].height >= highest


@given(STEPS)
@settings(max_examples=200)
def test_the_tip_goes_back_only_if_nobody_who_runs_has_it(steps: list[Step]) -> None:
    track = Track(NAMES)
    for step in steps:
        before = track.mined[-1].height if track.mined else 0
        perform(track, step)
        if track.mined and track.mined[-1].height < before:
            assert all(track.where[name].height < before for name in running(track))


@given(STEPS)
@settings(max_examples=200)
def test_once_it_is_calm_the_best_fresh_reward_of_the_tip_is_mined(steps: list[Step]) -> None:
    track = in_step(NAMES)
    for step in steps:
        perform(track, step)
    for fees, name in enumerate(running(track)):
        track.offer(name, track.where[name].height, fees=fees)
    track.wait(CALM_SECONDS)
    lead = track.contest._race.lead
    assert lead is not None
    rewards = [
        runner.reward
        for runner in track.contest._race.runners
        if runner.runs and runner.tip == lead.template.prev_hash
    ]
    if rewards:
        assert lead.template.coinbase_value == max(rewards)


@given(STEPS)
@settings(max_examples=200)
def test_a_failed_leader_is_replaced_in_the_same_moment(steps: list[Step]) -> None:
    track = in_step(NAMES)
    for step in steps:
        perform(track, step)
        if not track.mined or not running(track):
            continue
        leader = track.leader
        on_tip = [name for name in running(track) if track.where[name].height == track.mined[-1].height]
        if on_tip:
            assert leader in running(track)


@given(STEPS)
@settings(max_examples=200)
def test_on_one_chain_there_is_no_alarm_and_lines_are_bounded(steps: list[Step]) -> None:
    track = in_step(NAMES)
    for step in steps:
        perform(track, step)
    assert track.happened(NodesDisagree) == []
    assert not {State.FORKED, State.UNPROVEN} & set(track.states)
    apart, in_step_again = track.happened(NodeApart), track.happened(NodeInStep)
    for name in NAMES:
        mine = [event for event in apart if event.node == name]
        ends = [event for event in in_step_again if event.node == name]
        assert len(ends) <= len(mine)
        # Each step can make a node fail, or leave it behind: late, then silent.
        assert len(mine) <= 3 * len(steps)


@given(STEPS, st.sampled_from(["short", "far", "other"]), st.sampled_from([MAINNET, REGTEST]))
@settings(max_examples=200)
def test_one_node_on_another_chain_never_outlasts_three_on_ours(
    steps: list[Step], branch: str, network: object
) -> None:
    track = Track(NAMES, network)  # type: ignore[arg-type]
    astray = NAMES[-1]
    for name in NAMES[:-1]:
        track.offer(name)
    for step in steps:
        if step.name == astray and not step.fails:
            height = max(track.where[astray].height, HEIGHT) + step.up
            track.offer(astray, height, branch, fees=step.fees)
            track.wait(step.pause)
        elif not step.fails:
            perform(track, step)
        if branch != "short" and track.where[astray].branch:
            assert track.leader != astray
    alarms, ends = len(track.happened(NodesDisagree)), len(track.happened(NodesAgree))
    assert alarms - ends in (0, 1)
    assert alarms <= 1 + len(steps)


@given(STEPS)
@settings(max_examples=100)
def test_one_node_alone_is_always_followed(steps: list[Step]) -> None:
    track = Track("a")
    offered = failed = 0
    for step in steps:
        if step.fails:
            track.fail("a", f"reason {failed}")
            failed += 1
        else:
            made = track.offer("a", HEIGHT + step.up, "far" if step.fees == 1 else "", fees=step.fees)
            assert track.mined[-1] is made
            offered += 1
        track.wait(step.pause)
    assert len(track.mined) == offered
    assert len(track.troubles) == failed
    assert track.told == []
