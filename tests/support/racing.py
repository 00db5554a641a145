"""A race of made-up nodes on made-up chains: who offers what is said by the test, questions are answered truly.

A branch is named by a letter and leaves its parent above a height; `""` is the chain from which all come.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.network import MAINNET, Network
from sluice.bitcoin.transaction import Transaction
from sluice.node.several.contest import Action, Contest, Moment
from sluice.node.several.kinship import Question, relation
from sluice.node.several.standing import Standing, State
from sluice.pool.events import Happening
from sluice.pool.ports import Sight, Trouble
from sluice.work.template import Template
from support.work import HARD_NBITS, HEIGHT, NTIME, spend, template

H = TypeVar("H", bound=Happening)

#: Branches: the one they leave, and the last height that both have.
BRANCHES: Mapping[str, tuple[str, int]] = {
    "short": ("", HEIGHT - 3),  # parted two blocks below our tip
    "far": ("", HEIGHT - 50),
    "other": ("", 0),
}


def block_hash(height: int, branch: str = "") -> bytes:
    """The block of that height, as seen from the branch."""
    while branch and height <= BRANCHES[branch][1]:
        branch = BRANCHES[branch][0]
    return sha256d(b"block %d of %s" % (height, branch.encode()))


@dataclass
class Where:
    """A node's place: the block it wants to find, on which branch; and whether it can be looked at."""

    height: int = 0
    branch: str = ""
    can_tell: bool = True


@dataclass
class Track:
    """A contest and what came of it."""

    names: str
    network: Network = MAINNET
    now: float = 1_000.0
    #: Whether questions are answered at once; else they wait in `asked`.
    answering: bool = True
    mined: list[Template] = field(default_factory=list)
    told: list[Happening] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    asked: list[Question] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.contest = Contest([*self.names], self.now)
        self.contest.open(self.network)
        self.where = {name: Where() for name in self.names}
        self._ids = 0

    def offer(
        self, name: str, height: int = HEIGHT, branch: str = "", *, fees: int = 0, nbits: int = HARD_NBITS
    ) -> Template:
        """The node called so is there, and offers this."""
        self._ids += 1
        place = self.where[name]
        place.height, place.branch = height, branch
        transactions: tuple[Transaction, ...] = (spend(fees),) if fees else ()
        made = template(
            height,
            transactions=transactions,
            template_id=self._ids,
            prev_hash=block_hash(height - 1, branch),
            nbits=nbits,
        )
        self.hear(name, made)
        return made

    def hear(self, name: str, news: Template | Trouble) -> None:
        at = Moment(self.now, NTIME + self.now - 1_000)
        self.take(self.contest.hear(self.names.index(name), news, at))

    def fail(self, name: str, reason: str = "it is gone") -> None:
        self.hear(name, Trouble(name, reason))

    def wait(self, seconds: float) -> None:
        """So long, with a look in between, as the clock of `Several` has it."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(end, self.now + 1)
            self.take(self.contest.tick(self.now))

    def answer_all(self) -> None:
        """What was asked and not answered yet."""
        while self.asked:
            asked = self.asked.pop(0)
            seen = [self.sight(node, height) for node in asked.nodes for height in asked.heights]
            found = relation(seen[: len(asked.heights)], seen[len(asked.heights) :])
            self.take(self.contest.answer(asked, found, self.now))

    def sight(self, node: int, height: int) -> Sight | None:
        place = self.where[self.names[node]]
        if not place.can_tell:
            return None
        there = block_hash(height, place.branch) if height < place.height else None
        return Sight(self.names[node], there, place.height - 1)

    def take(self, actions: Iterable[Action]) -> None:
        for action in actions:
            match action:
                case Template():
                    self.mined.append(action)
                case Trouble():
                    self.troubles.append(action)
                case Question():
                    self.asked.append(action)
                case Happening():
                    self.told.append(action)
        if self.answering:
            self.answer_all()

    def happened(self, kind: type[H]) -> list[H]:
        return [event for event in self.told if isinstance(event, kind)]

    @property
    def leader(self) -> str:
        leader = self.contest.leader
        return "" if leader is None else self.names[leader]

    def standing(self, name: str) -> Standing:
        return self.contest.standings(self.now)[self.names.index(name)]

    @property
    def states(self) -> list[State]:
        return [standing.state for standing in self.contest.standings(self.now)]


def in_step(names: str, network: Network = MAINNET) -> Track:
    """Nodes that have all offered the same tip; the first one leads."""
    track = Track(names, network)
    for name in names:
        track.offer(name)
    return track
