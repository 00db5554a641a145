from sluice.bitcoin.network import COIN, REGTEST
from sluice.node.several.contest import Contest, Moment
from sluice.node.several.kinship import Question, Relation
from sluice.node.several.standing import State
from sluice.pool.node_events import NodeApart
from sluice.pool.ports import Trouble
from support.racing import Track, in_step
from support.work import HEIGHT, NTIME, template


def test_what_a_node_offers_is_mined() -> None:
    contest = Contest(["a"], 0.0)
    contest.open(REGTEST)
    offered = template(1)
    assert contest.leader is None
    assert list(contest.hear(0, offered, Moment(1.0, NTIME))) == [offered]
    assert contest.leader == 0


def test_what_cannot_be_is_trouble_of_its_node() -> None:
    track = in_step("ab")
    track.hear("b", template(coinbase_value=50 * COIN))
    track.wait(10)
    assert (track.leader, len(track.mined)) == ("a", 1)
    (apart,) = track.happened(NodeApart)
    assert (apart.node, apart.state) == ("b", "in trouble")
    assert apart.why.startswith("the node b offers a reward of 5000000000 satoshis at height 800000, where")
    track.offer("b", fees=5)
    track.wait(10)
    assert track.leader == "b"


def test_of_a_single_node_what_cannot_be_is_not_mined_either() -> None:
    track = Track("a")
    track.hear("a", template(min_ntime=NTIME + 100_000))
    assert track.mined == []
    (trouble,) = track.troubles
    assert "seconds from now" in trouble.reason


def test_a_node_that_cannot_be_used_is_told_and_the_others_go_on() -> None:
    track = in_step("ab")
    track.take(track.contest.refuse(1, "it is on testnet4", track.now))
    assert track.states == [State.LEADING, State.UNUSABLE]
    assert track.told == [NodeApart("b", "unusable", "it is on testnet4")]
    track.offer("b")
    assert track.states == [State.LEADING, State.IN_STEP]


def test_a_question_comes_out_and_its_answer_goes_in() -> None:
    contest = Contest(["a", "b"], 0.0)
    contest.open(REGTEST)
    list(contest.hear(0, template(HEIGHT % 150), Moment(0.0, NTIME)))
    higher = template(HEIGHT % 150 + 3)
    (asked,) = contest.hear(1, higher, Moment(0.0, NTIME))
    assert isinstance(asked, Question)
    assert list(contest.answer(asked, Relation.SAME, 0.1)) == [higher]


def test_trouble_of_the_last_is_the_pool_s() -> None:
    contest = Contest(["a"], 0.0)
    contest.open(REGTEST)
    assert list(contest.hear(0, Trouble("a", "gone"), Moment(0.0, NTIME))) == [Trouble("a", "gone")]
    assert list(contest.tick(1.0)) == []
    (standing,) = contest.standings(1.0)
    assert (standing.state, standing.why) == (State.TROUBLED, "gone")
