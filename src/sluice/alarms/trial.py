"""A message to try the ways with: one attempt by each, all at once, and what came of it."""

import asyncio
from collections.abc import Sequence
from secrets import token_hex

from sluice.alarms.message import Message, Weight
from sluice.alarms.receiver import ATTEMPT_SECONDS, Later, Letter, Outcome, Receiver
from sluice.alarms.topics import Topic
from sluice.alarms.web import Web, trusted

TRIAL = Message(
    Topic.POOL,
    "test",
    Weight.INFO,
    ("This is a test",),
    ("Alarms of your pool will come this way. Somebody has typed `sluice alarms test`.",),
)


async def tried(receivers: Sequence[Receiver], pool: str, unix_time: int) -> list[Outcome]:
    """What came of an attempt by each."""
    letter = Letter(TRIAL, token_hex(8), unix_time, pool)

    async def one(receiver: Receiver, web: Web) -> Outcome:
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                return await receiver.send(letter, web, unix_time)
        except TimeoutError:
            return Later(f"no end within {ATTEMPT_SECONDS:g} s")

    async with Web(trusted()) as web:
        return await asyncio.gather(*(one(receiver, web) for receiver in receivers))
