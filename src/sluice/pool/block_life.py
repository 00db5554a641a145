"""The life of a found block, as one table: where it stands, and what moves it (design 5).

`MOVES` has every move there is; one that is not there is a bug, and raises. The picture in docs/blocks.md is
printed from here. What is looked at is set on top of it (`candidate`): routes, back-off, what chains show.
Rule: only what a chain shows ends a life; no answer of a node does.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Stage(Enum):
    """Where a block stands; the value is the word that people and the record see."""

    FOUND = "found"
    OFFERED = "offered"
    REFUSED = "refused"
    HELD = "held"
    IN_CHAIN = "in the chain"
    OVERTAKEN = "overtaken"
    BURIED = "buried"
    ORPHANED = "orphaned"
    REJECTED = "rejected"

    @property
    def settled(self) -> bool:
        """Whether nothing more is to be done."""
        return not MOVES[self]


class Turn(Enum):
    """What can happen to a block; the value says what is so."""

    RECORDED = "it is on the disk"
    UNRECORDED = "the disk fails or hangs"
    HELD = "a node has it"
    REFUSED = "every node that answers refuses it"
    FORGOTTEN = "no node that had it shows it"
    SHOWN = "a best chain shows it"
    BURIED = "a best chain shows it buried"
    ABSENT = "chains do not reach its height"
    OVERTAKEN = "chains show another block in its place"
    RIVAL_BURIED = "the other block is buried"


MEANINGS: Mapping[Stage, str] = MappingProxyType(
    {
        Stage.FOUND: "it is being written down; nothing has left yet",
        Stage.OFFERED: "it goes to every node by every route, again and again",
        Stage.REFUSED: "every node that answers refuses it by a rule: an alarm; it still goes there, ever more slowly",
        Stage.HELD: "a node says that it has it; chains are looked at",
        Stage.IN_CHAIN: "a node's best chain shows it, but may yet turn away from it",
        Stage.OVERTAKEN: "best chains show another block in its place, but may yet turn to it",
        Stage.BURIED: "in the chain for good",
        Stage.ORPHANED: "another block is in its place for good: a race was lost",
        Stage.REJECTED: "refused by a rule, and another block is in its place for good",
    }
)

_ON_DISK = (Turn.RECORDED, Turn.UNRECORDED)


def _stays(stage: Stage, *turns: Turn) -> dict[Turn, Stage]:
    return dict.fromkeys(turns, stage)


MOVES: Mapping[Stage, Mapping[Turn, Stage]] = MappingProxyType(
    {
        Stage.FOUND: {Turn.RECORDED: Stage.OFFERED, Turn.UNRECORDED: Stage.OFFERED},
        Stage.OFFERED: {
            Turn.HELD: Stage.HELD,
            Turn.REFUSED: Stage.REFUSED,
            Turn.SHOWN: Stage.IN_CHAIN,
            Turn.OVERTAKEN: Stage.OVERTAKEN,
            Turn.BURIED: Stage.BURIED,
            Turn.RIVAL_BURIED: Stage.ORPHANED,
            **_stays(Stage.OFFERED, *_ON_DISK, Turn.ABSENT),
        },
        Stage.REFUSED: {
            Turn.HELD: Stage.HELD,
            Turn.SHOWN: Stage.IN_CHAIN,
            Turn.BURIED: Stage.BURIED,
            Turn.RIVAL_BURIED: Stage.REJECTED,
            **_stays(Stage.REFUSED, *_ON_DISK, Turn.REFUSED, Turn.ABSENT, Turn.OVERTAKEN),
        },
        Stage.HELD: {
            Turn.FORGOTTEN: Stage.OFFERED,
            Turn.SHOWN: Stage.IN_CHAIN,
            Turn.OVERTAKEN: Stage.OVERTAKEN,
            Turn.BURIED: Stage.BURIED,
            Turn.RIVAL_BURIED: Stage.ORPHANED,
            **_stays(Stage.HELD, *_ON_DISK, Turn.HELD, Turn.ABSENT),
        },
        Stage.IN_CHAIN: {
            Turn.ABSENT: Stage.OFFERED,
            Turn.OVERTAKEN: Stage.OVERTAKEN,
            Turn.BURIED: Stage.BURIED,
            Turn.RIVAL_BURIED: Stage.ORPHANED,
            **_stays(Stage.IN_CHAIN, *_ON_DISK, Turn.HELD, Turn.REFUSED, Turn.SHOWN),
        },
        Stage.OVERTAKEN: {
            Turn.REFUSED: Stage.REFUSED,
            Turn.SHOWN: Stage.IN_CHAIN,
            Turn.ABSENT: Stage.OFFERED,
            Turn.BURIED: Stage.BURIED,
            Turn.RIVAL_BURIED: Stage.ORPHANED,
            **_stays(Stage.OVERTAKEN, *_ON_DISK, Turn.HELD, Turn.OVERTAKEN),
        },
        Stage.BURIED: {},
        Stage.ORPHANED: {},
        Stage.REJECTED: {},
    }
)


def moved(stage: Stage, turn: Turn) -> Stage:
    """Where a block stands after `turn`; KeyError for what cannot happen there."""
    return MOVES[stage][turn]


def mermaid() -> str:
    """The moves that lead elsewhere, as a Mermaid diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {Stage.FOUND.name}"]
    for stage, turns in MOVES.items():
        for following in Stage:
            words = [turn.value for turn, there in turns.items() if there is following is not stage]
            if words:
                lines.append(f"    {stage.name} --> {following.name}: {' / '.join(words)}")
    lines += [f"    {stage.name} --> [*]" for stage in Stage if stage.settled]
    return "\n".join(lines) + "\n"


def stage_table() -> str:
    """What each stage means, as a Markdown table."""
    rows = "".join(f"| {stage.value} | {meaning} |\n" for stage, meaning in MEANINGS.items())
    return f"| stage | meaning |\n|---|---|\n{rows}"
