"""Alarms in tests: letters, rules with short pauses, a receiver that does as it is told."""

import asyncio
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sluice.alarms.bests import BestsPlan
from sluice.alarms.counts import Counts
from sluice.alarms.debounce import Pace
from sluice.alarms.message import Message, Name, Weight, Words
from sluice.alarms.receiver import Later, Letter, Outcome, Receiver, Sent
from sluice.alarms.refusals import RefusalsPlan
from sluice.alarms.rules import Rules, RulesPlan
from sluice.alarms.topics import Topic
from sluice.alarms.web import Web
from sluice.pool.events import ChannelOpened

T = TypeVar("T")

#: Whom to believe: made once, as that reads some hundred certificates.
TLS = ssl.create_default_context()

NOW = 1_700_000_000
#: A name as bad as names get: mark-up of every receiver, a link, a mention, right to left, a new line, a surrogate.
HOSTILE = '<b>&@everyone `x` [a](http://e.test) _*~|\u202egnp.exe\u202c\r\nBcc: x@e.test\x00\x1b[31m"\udcff'

PACE = Pace(300.0, 90.0)
GATHER = 60.0
BESTS = BestsPlan(0.0, 3_600.0, daily=False)
REFUSALS = RefusalsPlan(600.0, 0.05, 20)
PLAN = RulesPlan(frozenset(Topic), PACE, Pace(60.0, 60.0), GATHER, BESTS, REFUSALS)

FOUND: Words = ("Block 5 was found by ", Name("alice.rig"))


def message(
    title: Words = FOUND,
    text: Words = ("It is on its way.",),
    topic: Topic = Topic.BLOCKS,
    weight: Weight = Weight.INFO,
    kind: str = "block_found",
) -> Message:
    return Message(topic, kind, weight, title, text, {"height": 5, "user": "alice.rig"})


def letter(said: Message | None = None, at: int = NOW) -> Letter:
    return Letter(said or message(), "0123456789abcdef", at, "My Pool")


def opened(peer: int, user: str, channel_id: int = 2) -> ChannelOpened:
    return ChannelOpened(peer, channel_id, "extended", user, 1.0, 1.0)


def counts(peer: int, *users: str, accepted: int = 1, **refused: int) -> Counts:
    return Counts(peer, accepted, refused, users, {})


def look(rules: Rules, now: float, *all_counts: Counts) -> None:
    """A whole look at once."""
    rules.saw(all_counts, now)
    for _ in rules.looked(now):
        pass


def send(
    receiver: Receiver, said: Letter | None = None, *, seconds: float = 5.0, unix_time: int = NOW
) -> Outcome:
    """What comes of one attempt."""

    async def main(web: Web) -> Outcome:
        return await receiver.send(said or letter(), web, unix_time)

    return with_web(main, seconds)


def with_web(main: Callable[[Web], Awaitable[T]], seconds: float = 5.0) -> T:
    """The result of `main`, with HTTP."""

    async def inside() -> T:
        async with Web(TLS, seconds) as web:
            return await main(web)

    return asyncio.run(inside())


class Scripted:
    """A receiver whose outcomes a test has chosen; then it takes all."""

    name = "scripted"
    where = "a test"

    def __init__(self, *outcomes: Outcome | Exception) -> None:
        self.outcomes = deque(outcomes)
        self.letters: list[Letter] = []
        self.hangs = False

    async def send(self, letter: Letter, web: Web, unix_time: int) -> Outcome:
        if self.hangs:
            await asyncio.Event().wait()
        self.letters.append(letter)
        outcome = self.outcomes.popleft() if self.outcomes else Sent()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @property
    def kinds(self) -> list[str]:
        return [letter.message.kind for letter in self.letters]


LATER = Later("it is away")
