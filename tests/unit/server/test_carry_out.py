"""An operator's commands as inputs, and what the pool tells as an answer."""

import pytest

from sluice.control.words import (
    Ban,
    CloseChannels,
    Command,
    Done,
    Drain,
    Refused,
    SetDifficulty,
    Unban,
)
from sluice.pool import inputs
from sluice.pool.events import Happening
from sluice.server.carry_out import UNDER_WAY, carry_out
from support.pool import PoolTalk, mining

NOW = 1_000_000


def carried_out(talk: PoolTalk, command: Command) -> Done | Refused:
    def feed(happened: inputs.Input) -> list[Happening]:
        talk.events.clear()
        talk.feed(happened)
        return list(talk.events)

    return carry_out(command, feed, NOW)


def test_each_command_has_words_for_what_came_of_it() -> None:
    talk = mining().talk
    for command, answer in (
        (
            SetDifficulty("alice", 1e-9),
            Done("alice mines at difficulty 0.000000001 on 1 open channel, and on those to come", 1),
        ),
        (
            SetDifficulty("bob"),
            Done("bob mines at what vardiff finds on 0 open channels, and on those to come", 0),
        ),
        (CloseChannels("alice"), Done("1 open channel of alice closed", 1)),
        (Ban("192.0.2.0/24", 3_600.0), Done("192.0.2.0/24 is banned for 1 h; 0 connections closed", 0)),
        (Ban("bob"), Done("bob is banned for good; 0 open channels closed", 0)),
        (Unban("bob"), Done("bob is taken again", 1)),
        (Drain(), Done("no miners are taken any more; 0 connections asked to go elsewhere", 0)),
        (Drain(off=True), Done("miners are taken again")),
    ):
        assert carried_out(talk, command) == answer


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (SetDifficulty("alice", 0.0), "a difficulty is above zero"),
        (SetDifficulty("", 1.0), "a name has 1 to"),
        (CloseChannels(""), "a name has 1 to"),
        (Ban("0.0.0.0/0"), "too much of the world"),
        (Ban("alice", 0.0), "at least a second"),
        (Ban("alice", 1e300), "at most ten years"),
        (Unban("alice"), "is not banned"),
    ],
)
def test_what_cannot_be_done_is_said(command: Command, words: str) -> None:
    answer = carried_out(mining().talk, command)
    assert isinstance(answer, Refused)
    assert words in answer.words


def test_a_ban_for_a_time_ends_by_the_wall_clock() -> None:
    fed: list[inputs.Input] = []

    def feed(happened: inputs.Input) -> list[Happening]:
        fed.append(happened)
        return []

    assert carry_out(Ban("alice", 90.4), feed, NOW) == Done(UNDER_WAY)
    assert fed == [inputs.Ban("alice", NOW + 90)]
