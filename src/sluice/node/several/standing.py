"""How each of several nodes stands, for people: in the log, on the dashboard, in docs/nodes.md.

Rule: a state is a row with its meaning; which of them are worth a line in the log stands in the row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """What a node is to the pool right now. The value is its name in log lines."""

    LEADING = "leading"
    IN_STEP = "in step"
    SLOW = "slow"
    LAGGING = "lagging"
    FORKED = "forked"
    UNPROVEN = "unproven"
    SILENT = "silent"
    TROUBLED = "in trouble"
    UNUSABLE = "unusable"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A row of the table: what the state says, and whether people are told when a node comes to it."""

    words: str
    told: bool = False


#: Seconds behind the others after which a node is not merely slow: blocks reach most nodes within two.
LAG_SECONDS = 10.0
#: Seconds without a word from a node that is behind, after which it hangs: twice what most are refreshed in.
SILENT_SECONDS = 60.0

MEANINGS: Mapping[State, Meaning] = {
    State.LEADING: Meaning("Its template is the one that is mined."),
    State.IN_STEP: Meaning("It is on the tip that is mined on, and its template is next in line."),
    State.SLOW: Meaning(f"It has not heard of the newest tip yet, for less than {LAG_SECONDS:g} seconds."),
    State.LAGGING: Meaning("Its tip is an older block of the chain that is mined on.", told=True),
    State.FORKED: Meaning("Its tip is not a block of the chain that is mined on.", told=True),
    State.UNPROVEN: Meaning(
        "It claims a higher tip, and whether that is of our chain could not be found out.", told=True
    ),
    State.SILENT: Meaning(
        f"It is behind, and nothing has come from it for {SILENT_SECONDS:g} seconds, not even trouble.",
        told=True,
    ),
    State.TROUBLED: Meaning("It has no template for us, and says why, or offers what cannot be.", told=True),
    State.UNUSABLE: Meaning(
        "It is on another network, or refuses us in a way that waiting does not mend.", told=True
    ),
    State.WAITING: Meaning("It has not answered yet."),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One node, at one moment. Times in seconds, rewards in satoshis.

    `next_height` is that of the block to be found on its tip (0 before its first template), `behind` how many
    blocks the tip that is mined on is above its own, `lag` how much later than the first it heard of the last
    tip, `outcomes` what came of blocks that were given to it, by answer.
    """

    node: str
    state: State
    why: str = ""
    for_seconds: float = 0.0
    next_height: int = 0
    prev_hash: str = ""
    behind: int = 0
    lag: float | None = None
    template_age: float | None = None
    reward: int = 0
    outcomes: Mapping[str, int] | None = None
    last_outcome: str = ""


def states_table() -> str:
    """The part of docs/nodes.md that is printed."""
    rows = "".join(
        f"| {state.value} | {meaning.words} | {'yes' if meaning.told else ''} |\n"
        for state, meaning in MEANINGS.items()
    )
    return f"| state | meaning | told |\n|---|---|---|\n{rows}"
