"""The windows through which a world's pool sees its chain."""

from sluice.node.embedded.chain import Chain, ChainPlan
from sluice.node.several.standing import State
from sluice.pool.events import Happening
from sluice.pool.inputs import Input, Offered, Ticked, Troubled
from sluice.pool.node_events import NodeApart
from sluice.sim.world.jumping_clock import JumpingClock
from sluice.sim.world.node import EPOCH
from sluice.sim.world.nodes import WorldNodes
from sluice.work.template import Template
from support.actors import HEIGHT, offer


class Scene:
    """Windows called a, b, …, on a chain of which nothing is known but what is offered."""

    def __init__(self, names: str) -> None:
        self.clock = JumpingClock()
        self.fed: list[Input] = []
        self.told: list[Happening] = []
        self.nodes = WorldNodes(self.clock, names, self.fed.append, self.told.append)
        self.nodes.look_out(Chain(ChainPlan(1), EPOCH))

    def offers(self, height: int = HEIGHT) -> Template:
        made = offer(height, min_ntime=EPOCH)
        self.nodes.hear(Offered(made))
        return made

    @property
    def states(self) -> list[State]:
        return [standing.state for standing in self.nodes.standings()]


def test_through_one_window_everything_is_seen_as_it_is() -> None:
    scene = Scene("a")
    first, second = scene.offers(), scene.offers(HEIGHT + 1)
    scene.nodes.hear(Ticked(5))
    assert scene.fed == [Offered(first), Offered(second), Ticked(5)]


def test_a_window_some_way_off_shows_it_later_and_nothing_twice() -> None:
    scene = Scene("ab")
    scene.nodes.windows[0].way = 0.5
    made = scene.offers()
    assert scene.fed == [Offered(made)]
    assert scene.states == [State.WAITING, State.LEADING]
    scene.clock.run_until(0.5)
    assert scene.states == [State.IN_STEP, State.LEADING]
    assert len(scene.fed) == 1


def test_who_fails_says_so_and_who_hangs_does_not() -> None:
    scene = Scene("ab")
    scene.offers()
    scene.nodes.hang(1)
    scene.offers(HEIGHT + 1)
    assert scene.states == [State.LEADING, State.SLOW]
    assert scene.told == []
    scene.nodes.fail(0)
    assert [event.node for event in scene.told if isinstance(event, NodeApart)] == ["a"]
    scene.nodes.recover(1)
    assert scene.states == [State.TROUBLED, State.LEADING]


def test_when_all_fail_the_pool_hears_of_it() -> None:
    scene = Scene("a")
    scene.offers()
    scene.nodes.fail(0)
    scene.nodes.recover(0)
    assert [type(happened) for happened in scene.fed] == [Offered, Troubled, Offered]


def test_time_passes_for_them() -> None:
    scene = Scene("ab")
    scene.offers()
    scene.nodes.hang(1)
    scene.offers(HEIGHT + 1)
    scene.clock.run_until(15)
    assert scene.states[1] is State.LAGGING


def test_a_window_on_another_chain_is_found_out_by_looking() -> None:
    scene = Scene("ab")
    chain = Chain(ChainPlan(1), EPOCH)
    scene.nodes.look_out(chain)
    scene.nodes.windows[1].astray = Chain(ChainPlan(1, seed=1), EPOCH)
    genesis = chain.template(1, EPOCH)
    scene.nodes.hear(Offered(genesis))
    assert scene.fed == [Offered(genesis)]
    scene.nodes.say(1, offer(HEIGHT, min_ntime=EPOCH))
    assert len(scene.fed) == 1
    scene.clock.run_until(1)
    assert len(scene.fed) == 2  # both show the genesis at the lower tip: the higher is on our chain
