"""Several nodes as one, without a clock and without a wire: what one says goes in, what is to be done comes out.

    news of a node ─► plausible? ─► Race ─► Template | Trouble   for the pool
                                      └───► Question             to be asked of two nodes
                            RollCall ─────► Happening            for people

Rule: pure, with the times as arguments; `several.py` carries it out on sockets, `sim/` on a made-up clock.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sluice.bitcoin.network import MAINNET, SIGNET, Network
from sluice.node.several.kinship import Question, Relation
from sluice.node.several.plausible import Offer, implausible
from sluice.node.several.race import Decision, Fall, Lead, Race
from sluice.node.several.roll_call import RollCall
from sluice.node.several.standing import Standing
from sluice.pool.events import Happening
from sluice.pool.ports import Trouble
from sluice.work.template import Template

#: Networks whose difficulty is what their miners made of it; elsewhere there are blocks for nothing.
EARNED = (MAINNET, SIGNET)

Action = Template | Trouble | Question | Happening


@dataclass(frozen=True, slots=True)
class Moment:
    """Now: in steady seconds, and on the wall clock."""

    now: float
    unix_time: float


class Contest:
    """Mutable; one owner. Nodes are numbers, in the order of the configuration."""

    def __init__(self, names: Sequence[str], now: float) -> None:
        self._race = Race(names, now)
        self._roll = RollCall(self._race)
        self._network: Network | None = None

    @property
    def leader(self) -> int | None:
        """Whose template is mined."""
        return None if self._race.lead is None else self._race.lead.node

    def open(self, network: Network) -> None:
        """This is the network that all of them are on."""
        self._network = network
        self._race.any_nbits = network not in EARNED

    def hear(self, node: int, news: Template | Trouble, at: Moment) -> Iterator[Action]:
        """A node has a template, or none."""
        if isinstance(news, Trouble):
            return self._act(self._race.troubled(node, news.reason, at.now), at.now)
        assert self._network is not None
        if why := implausible(Offer(news, self._network, at.unix_time)):
            reason = (
                f"the node {self._name(node)} offers {why}: nobody may mine that; look what it is, and where"
            )
            return self._act(self._race.troubled(node, reason, at.now), at.now)
        return self._act(self._race.offered(node, news, at.now), at.now)

    def refuse(self, node: int, reason: str, now: float) -> Iterator[Action]:
        """A node cannot be used."""
        return self._act(self._race.unusable(node, reason, now), now)

    def answer(self, asked: Question, found: Relation, now: float) -> Iterator[Action]:
        """What came of a question."""
        return self._act(self._race.compared(asked, found, now), now)

    def tick(self, now: float) -> Iterator[Action]:
        """Time has passed."""
        return self._act(self._race.passed(now), now)

    def standings(self, now: float) -> tuple[Standing, ...]:
        """How every node stands."""
        return tuple(self._roll.standing(node, now) for node in range(len(self._race.runners)))

    def _name(self, node: int) -> str:
        return self._race.runners[node].name

    def _act(self, decisions: Iterable[Decision], now: float) -> Iterator[Action]:
        for decision in decisions:
            match decision:
                case Lead():
                    yield decision.template
                    yield from self._roll.led(decision)
                case Fall():
                    yield Trouble(self._name(decision.node), decision.reason)
                case Question():
                    yield decision
        yield from self._roll.call(now)
