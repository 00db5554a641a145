from sluice.alarms.conditions import CONDITIONS, MOST_CONDITIONS, Conditions
from sluice.alarms.debounce import Pace
from sluice.alarms.message import Message, Weight
from sluice.alarms.topics import Topic
from sluice.alarms.words import plain
from sluice.pool.events import Happening, NodeRecovered, NodeTroubled, RecordFailing, RecordRecovered
from sluice.pool.node_events import NodeApart, NodeInStep, NodesAgree, NodesDisagree

PACE = Pace(60.0, 30.0)
APART = NodeApart("cellar", "lagging", "it is 3 blocks behind")
IN_STEP = NodeInStep("cellar", "lagging", 100.0)
SPLIT = NodesDisagree("cellar", 10, "aa", "attic", 10, "bb", "it builds on another block")


def run(conditions: Conditions, *script: tuple[float, Happening], end: float = 10_000.0) -> list[Message]:
    """What is told when these happen at these times."""
    told: list[Message] = []
    left = list(script)
    for now in range(0, int(end), 5):
        while left and left[0][0] <= now:
            conditions.told(left.pop(0)[1], float(now))
        told += conditions.tick(float(now))
    return told


def test_a_node_that_is_apart_for_long_and_then_well_is_two_messages() -> None:
    apart, well = run(Conditions(PACE), (0.0, APART), (600.0, IN_STEP))
    assert (apart.topic, apart.kind, apart.weight) == (Topic.NODES, "node_apart", Weight.WARNING)
    assert plain(apart.title) == "Node cellar is lagging"
    assert plain(apart.text) == "The others go on: it is 3 blocks behind."
    assert apart.details == {"node": "cellar", "state": "lagging", "why": "it is 3 blocks behind"}
    assert (well.kind, well.weight) == ("node_in_step", Weight.INFO)
    assert plain(well.title) == "Node cellar is with the others again"
    assert plain(well.text) == "It lasted 10 min."


def test_what_passes_soon_is_not_told() -> None:
    assert run(Conditions(PACE), (0.0, APART), (50.0, IN_STEP)) == []


def test_a_worse_state_meanwhile_is_the_one_that_is_told() -> None:
    worse = NodeApart("cellar", "silent", "nothing for 60 seconds")
    [told] = run(Conditions(PACE), (0.0, APART), (40.0, worse), (500.0, APART))
    assert plain(told.title) == "Node cellar is silent"


def test_each_node_is_one_of_its_own() -> None:
    other = NodeApart("attic", "forked", "")
    assert len(run(Conditions(PACE), (0.0, APART), (10.0, other))) == 2


def test_two_chains_are_an_error() -> None:
    split, over = run(Conditions(PACE), (0.0, SPLIT), (300.0, NodesAgree(300.0)))
    assert (split.kind, split.weight) == ("nodes_disagree", Weight.ERROR)
    assert plain(split.title) == "Nodes disagree: cellar and attic are on two chains"
    assert over.kind == "nodes_agree"


def test_no_work_is_an_error_though_its_log_line_is_none() -> None:
    troubled = NodeTroubled("core", "it downloads the chain")
    lost, again = run(Conditions(PACE), (0.0, troubled), (300.0, NodeRecovered(5)))
    assert (lost.kind, lost.weight) == ("no_work", Weight.ERROR)
    assert plain(lost.text) == "Node core: it downloads the chain."
    assert (again.kind, again.details["next_height"]) == ("work_again", 5)


def test_a_record_that_cannot_be_written() -> None:
    failing, again = run(Conditions(PACE), (0.0, RecordFailing("disk full")), (300.0, RecordRecovered(12)))
    assert (failing.topic, failing.kind, failing.weight) == (Topic.RECORD, "record_failing", Weight.ERROR)
    assert plain(failing.text) == "Mining goes on, and is not recorded: disk full."
    assert plain(again.title) == "The record is written again; 12 entries are missing"


def test_an_end_without_a_beginning_is_nothing() -> None:
    ends = (IN_STEP, NodesAgree(1.0), NodeRecovered(5), RecordRecovered(0))
    assert run(Conditions(PACE), *((0.0, event) for event in ends)) == []


def test_a_flapping_node_is_told_ever_less() -> None:
    script: list[tuple[float, Happening]] = []
    for at in range(0, 36_000, 120):
        script += [(float(at), APART), (at + 70.0, IN_STEP)]
    told = run(Conditions(PACE), *script, end=40_000)
    assert len(told) < 12


def test_memory_is_bounded() -> None:
    conditions = Conditions(PACE)
    for number in range(3 * MOST_CONDITIONS):
        conditions.told(NodeApart(f"n{number}", "lagging", ""), 0.0)
        list(conditions.tick(0.0))
    assert len(conditions._cases) <= MOST_CONDITIONS


def test_no_event_begins_two_conditions() -> None:
    assert len({each.begins for each in CONDITIONS} | {each.ends for each in CONDITIONS}) == 2 * len(
        CONDITIONS
    )
