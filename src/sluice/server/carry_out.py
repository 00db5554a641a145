"""What an operator wants, as inputs of the pool, and what the pool says to it in the operator's words.

Rule: one row for each command; the pool decides, and what it tells while it does is the answer. What takes longer,
because it concerns very many, is said to be under way.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sluice.control.words import Ban, CloseChannels, Command, Done, Drain, Refused, SetDifficulty, Unban
from sluice.legible import difficulty_text, duration_text, several
from sluice.pool import inputs
from sluice.pool.events import (
    Banned,
    ChannelsClosed,
    DifficultyFixed,
    Draining,
    Happening,
    NotOrdered,
    TakingAgain,
    Unbanned,
)
from sluice.pool.orders import MOST_SECONDS, network_of

#: Feeds the pool, and answers what it tells meanwhile.
Feed = Callable[[inputs.Input], Sequence[Happening]]

UNDER_WAY = "it is under way: so many channels take some seconds"


def carry_out(command: Command, feed: Feed, unix_time: int) -> Done | Refused:
    """Do it now; what came of it."""
    if isinstance(command, Ban) and not _lasts(command.seconds):
        return Refused("a ban lasts for at least a second and at most ten years, or for good")
    told = feed(_INPUTS[type(command)](command, unix_time))
    for event in told:
        if isinstance(event, NotOrdered):
            return Refused(event.reason)
        if words := _WORDS.get(type(event)):
            return words(event, command)
    return Done(UNDER_WAY)


def _lasts(seconds: float | None) -> bool:
    return seconds is None or 1 <= seconds <= MOST_SECONDS


_INPUTS: Mapping[type[Command], Callable[[Any, int], inputs.Input]] = {
    SetDifficulty: lambda it, now: inputs.FixDifficulty(it.name, it.difficulty),
    CloseChannels: lambda it, now: inputs.CloseNamed(it.name),
    Ban: lambda it, now: inputs.Ban(it.what, None if it.seconds is None else now + round(it.seconds)),
    Unban: lambda it, now: inputs.Unban(it.what),
    Drain: lambda it, now: inputs.TakeAgain() if it.off else inputs.Drain(),
}


def _fixed(event: DifficultyFixed, command: SetDifficulty) -> Done:
    at = f"at difficulty {difficulty_text(event.difficulty)}" if event.difficulty else "at what vardiff finds"
    here = several(event.channels, "open channel")
    return Done(f"{event.name} mines {at} on {here}, and on those to come", event.channels)


def _closed(event: ChannelsClosed, command: CloseChannels) -> Done:
    return Done(f"{several(event.channels, 'open channel')} of {event.name} closed", event.channels)


def _banned(event: Banned, command: Ban) -> Done:
    how_long = "for good" if command.seconds is None else f"for {duration_text(command.seconds)}"
    kind = "connection" if network_of(event.what) else "open channel"
    return Done(f"{event.what} is banned {how_long}; {several(event.ended, kind)} closed", event.ended)


def _draining(event: Draining, command: Drain) -> Done:
    asked = several(event.miners, "connection")
    return Done(f"no miners are taken any more; {asked} asked to go elsewhere", event.miners)


_WORDS: Mapping[type[Happening], Callable[[Any, Any], Done]] = {
    DifficultyFixed: _fixed,
    ChannelsClosed: _closed,
    Banned: _banned,
    Unbanned: lambda event, command: Done(f"{event.what} is taken again", 1),
    Draining: _draining,
    TakingAgain: lambda event, command: Done("miners are taken again"),
}
