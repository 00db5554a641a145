"""What an operator wants, as inputs of the pool, and what the pool says to it in the operator's words.

Rule: one row for each command; the pool decides, and what it tells while it does is the answer.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sluice.control.words import Command, Done, Drain, Refused
from sluice.pool import inputs
from sluice.server.loop import Owner

Answer = Done | Refused


def carry_out(owner: Owner, command: Command) -> Answer:
    """Do it now; what came of it."""
    act = ACTS.get(type(command))
    return act(owner, command) if act else Refused("this Sluice does not do that")


def _drain(owner: Owner, command: Drain) -> Answer:
    miners = len(owner.pool.state.miners)
    owner.feed(inputs.Drain())
    return Done("miners are asked to go elsewhere, and no new ones are taken", miners)


ACTS: Mapping[type, Callable[[Owner, Any], Answer]] = {Drain: _drain}
