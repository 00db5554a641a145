"""Several nodes of a simulated world: windows on its chain, each some way off, that fail, hang, lag and go astray.

Rule: what a node offers is the chain's, what is made of it the real `Contest`'s; only the ways between are made up.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sluice.bitcoin.network import REGTEST
from sluice.node.embedded.chain import Chain
from sluice.node.several.contest import Action, Contest, Moment
from sluice.node.several.kinship import Question, relation
from sluice.node.several.standing import Standing
from sluice.pool.events import Happening
from sluice.pool.inputs import Input, Offered, Troubled
from sluice.pool.ports import Sight, Trouble
from sluice.sim.world.jumping_clock import JumpingClock
from sluice.sim.world.node import EPOCH, WAY
from sluice.work.template import Template

TICK_SECONDS = 1.0


@dataclass(slots=True)
class Window:
    """One node. It offers what the chain offers `way` seconds later, unless it cannot. Mutable."""

    name: str
    way: float = 0.0
    #: It is gone, and says so; it is there, and says nothing.
    away: bool = False
    hanging: bool = False
    #: The chain that it is on instead of the world's.
    astray: Chain | None = None
    #: The height that it has heard of.
    height: int = 0


class WorldNodes:
    """Mutable; one owner. What they come to together goes to `feed`, what people are told to `tell`."""

    def __init__(
        self,
        clock: JumpingClock,
        names: Sequence[str],
        feed: Callable[[Input], None],
        tell: Callable[[Happening], None],
    ) -> None:
        self.windows = [Window(name) for name in names]
        self._clock = clock
        self._feed = feed
        self._tell = tell
        self._newest: Template | None = None
        self._chain: Chain | None = None
        self._contest = Contest(names, clock.now)
        self._contest.open(REGTEST)
        clock.every(TICK_SECONDS, lambda: self._act(self._contest.tick(clock.now)))

    def look_out(self, chain: Chain) -> None:
        """This is the world's chain."""
        self._chain = chain

    def hear(self, happened: Input) -> None:
        """The world's node says something: what it offers is what its windows show."""
        if not isinstance(happened, Offered):
            self._feed(happened)
            return
        self._newest = happened.template
        for node in range(len(self.windows)):
            self._show(node)

    def fail(self, node: int) -> None:
        """It is gone; its connection breaks."""
        self.windows[node].away = True
        self.say(node, Trouble(self.windows[node].name, "it is gone"))

    def hang(self, node: int) -> None:
        """It says nothing any more."""
        self.windows[node].hanging = True

    def recover(self, node: int) -> None:
        """It is there again, and on the world's chain."""
        window = self.windows[node]
        window.away = window.hanging = False
        window.astray = None
        self._show(node)

    def say(self, node: int, news: Template | Trouble) -> None:
        """What a node says, be it true or not."""
        at = Moment(self._clock.now, EPOCH + self._clock.now)
        self._act(self._contest.hear(node, news, at))

    def standings(self) -> tuple[Standing, ...]:
        """How they stand."""
        return self._contest.standings(self._clock.now)

    def _show(self, node: int) -> None:
        """What is newest, on its way through a window."""
        template, window = self._newest, self.windows[node]
        if template is None:
            return
        if window.way:
            self._clock.after(window.way, partial(self._arrive, node, template))
        else:
            self._arrive(node, template)

    def _arrive(self, node: int, template: Template) -> None:
        window = self.windows[node]
        if not (window.away or window.hanging or window.astray or template.height < window.height):
            window.height = template.height
            self.say(node, template)

    def _answer(self, asked: Question) -> None:
        seen = [self._sight(self.windows[node], height) for node in asked.nodes for height in asked.heights]
        found = relation(seen[: len(asked.heights)], seen[len(asked.heights) :])
        self._act(self._contest.answer(asked, found, self._clock.now))

    def _sight(self, window: Window, height: int) -> Sight | None:
        chain = window.astray or self._chain
        if window.away or window.hanging or chain is None:
            return None
        top = chain.height if window.astray else window.height - 1
        return Sight(window.name, chain.hash_at(height) if height <= top else None, top)

    def _act(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Template():
                    self._feed(Offered(action))
                case Trouble():
                    self._feed(Troubled(action))
                case Question():
                    self._clock.after(WAY, partial(self._answer, action))
                case Happening():
                    self._tell(action)
