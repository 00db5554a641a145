import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from sluice.alarms import lane as lane_module
from sluice.alarms.lane import Clocks, Lane, Patience
from sluice.alarms.message import Weight
from sluice.alarms.receiver import Later, Never, Sent
from sluice.alarms.topics import Topic
from sluice.alarms.web import Web
from support.alarms import LATER, NOW, Scripted, letter, message, with_web
from support.serving import until

#: All pauses are none.
HASTY = Patience(first=0.0, longest=0.0)
WORKER = letter(message(topic=Topic.WORKERS, kind="workers_gone"))
BLOCK = letter()


class Time:
    """Steady seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    @property
    def clocks(self) -> Clocks:
        return Clocks(lambda: self.now, lambda: NOW + int(self.now))


def run(lane: Lane, script: Callable[[], Awaitable[None]]) -> None:
    """Do `script` while the lane lives."""

    async def main(web: Web) -> None:
        task = asyncio.create_task(lane.run(web))
        try:
            async with asyncio.timeout(20.0):
                await script()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    with_web(main)


def lane_of(receiver: Scripted, patience: Patience = HASTY, time: Time | None = None) -> Lane:
    return Lane(receiver, (time or Time()).clocks, patience)


def test_letters_arrive_in_order() -> None:
    receiver = Scripted()
    lane = lane_of(receiver)

    async def script() -> None:
        for number in range(5):
            lane.put(replace(BLOCK, number=str(number)))
        await lane.finish()

    run(lane, script)
    assert [each.number for each in receiver.letters] == ["0", "1", "2", "3", "4"]
    assert (lane.sent, lane.dropped) == (5, 0)


def test_a_failure_is_tried_again_and_told_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    receiver = Scripted(LATER, LATER, Later("still away"), Sent())
    lane = lane_of(receiver)

    async def script() -> None:
        lane.put(BLOCK)
        lane.put(WORKER)
        await until(lambda: lane.sent == 2)

    run(lane, script)
    assert receiver.kinds == ["block_found"] * 4 + ["workers_gone"]
    assert caplog.messages == [
        "alarms by scripted do not get through: it is away",
        "alarms by scripted get through again",
    ]


def test_after_so_many_attempts_it_is_given_up_with_one_line(caplog: pytest.LogCaptureFixture) -> None:
    receiver = Scripted(*[LATER] * 3)
    lane = lane_of(receiver, replace(HASTY, attempts=3))

    async def script() -> None:
        lane.put(BLOCK)
        lane.put(WORKER)
        await until(lambda: lane.sent == 1)

    run(lane, script)
    assert receiver.kinds == ["block_found"] * 3 + ["workers_gone"]
    assert lane.dropped == 1
    assert caplog.messages[1] == "an alarm by scripted is given up (block_found): it is away"


def test_after_so_much_time_it_is_given_up() -> None:
    time = Time()
    receiver = Scripted(LATER, LATER)
    lane = lane_of(receiver, replace(HASTY, seconds=100.0), time)

    async def script() -> None:
        lane.put(BLOCK)
        time.now = 101.0
        await until(lambda: lane.dropped == 1)

    run(lane, script)


def test_what_is_never_wanted_is_given_up_at_once() -> None:
    receiver = Scripted(Never("HTTP 401"), Sent())
    lane = lane_of(receiver)

    async def script() -> None:
        lane.put(BLOCK)
        lane.put(WORKER)
        await until(lambda: lane.sent == 1)

    run(lane, script)
    assert receiver.kinds == ["block_found", "workers_gone"]


def test_pauses_double_up_to_the_longest_and_heed_what_the_receiver_asks() -> None:
    lane = lane_of(Scripted(), Patience())
    pauses = []
    for failures in range(1, 14):
        lane._failures = failures
        pauses.append(lane._pause(LATER))
    assert pauses[:4] == [2.0, 4.0, 8.0, 16.0]
    assert pauses[-1] == 900.0
    lane._failures = 1
    assert lane._pause(Later("", 50.0)) == 50.0
    assert lane._pause(Later("", 1e9)) == 3_600.0
    lane._failures = 1_000_000
    assert lane._pause(LATER) == 900.0


def test_too_many_letters_are_given_up_those_about_blocks_last() -> None:
    """Also while the receiver hangs, and the first letter is on its way."""
    receiver = Scripted()
    receiver.hangs = True
    lane = lane_of(receiver, replace(HASTY, letters=10))
    error = letter(message(topic=Topic.NODES, weight=Weight.ERROR, kind="no_work"))

    async def script() -> None:
        lane.put(WORKER)
        await asyncio.sleep(0)
        lane.put(BLOCK)
        lane.put(error)
        for _ in range(50):
            lane.put(WORKER)

    run(lane, script)
    kinds = [waiting.letter.message.kind for waiting in lane._queue]
    assert kinds == ["workers_gone", "block_found", "no_work", *["workers_gone"] * 7]
    assert lane.dropped == 43


def test_a_receiver_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_module, "ATTEMPT_SECONDS", 0.05)
    receiver = Scripted()
    receiver.hangs = True
    lane = lane_of(receiver, replace(HASTY, attempts=2))

    async def script() -> None:
        lane.put(BLOCK)
        await until(lambda: lane.dropped == 1)

    run(lane, script)


def test_a_bug_of_ours_is_told_with_its_traceback_and_the_lane_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver = Scripted(KeyError("oops"), Sent())
    lane = lane_of(receiver)

    async def script() -> None:
        lane.put(BLOCK)
        lane.put(WORKER)
        await until(lambda: lane.sent == 1)

    run(lane, script)
    assert [record.levelno for record in caplog.records if record.exc_info] == [logging.ERROR]


def test_the_end_waits_for_nobody_who_fails() -> None:
    receiver = Scripted(*[LATER] * 100)
    lane = lane_of(receiver, Patience())

    async def script() -> None:
        await lane.finish()
        lane.put(BLOCK)
        await until(lambda: len(receiver.letters) == 1)
        await lane.finish()

    run(lane, script)
