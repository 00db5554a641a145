"""Answers that are kept for a moment."""

import asyncio
from collections.abc import Callable

import pytest

from sluice.web import memory
from sluice.web.memory import Memory


def remembering(main: Callable[[Memory], object]) -> None:
    async def run() -> None:
        async with asyncio.TaskGroup() as group:
            await main(Memory(group))  # type: ignore[misc]

    asyncio.run(run())


def test_many_who_ask_are_one_question() -> None:
    asked: list[int] = []

    async def ask() -> int:
        asked.append(1)
        await asyncio.sleep(0)
        return len(asked)

    async def main(memory: Memory) -> None:
        answers = await asyncio.gather(*(memory.recall("key", 60, ask, 5) for _ in range(10)))
        assert answers == [1] * 10
        assert await memory.recall("key", 60, ask, 5) == 1
        assert await memory.recall("other", 60, ask, 5) == 2

    remembering(main)


def test_what_is_old_is_given_and_asked_for_anew() -> None:
    count = 0

    async def ask() -> int:
        nonlocal count
        count += 1
        return count

    async def main(memory: Memory) -> None:
        assert await memory.recall("key", 0, ask, 5) == 1
        assert await memory.recall("key", 0, ask, 5) == 1
        await asyncio.sleep(0.01)
        assert await memory.recall("key", 60, ask, 5) == 2

    remembering(main)


def test_where_the_record_hangs_no_more_questions_wait_than_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_ASKED", 3)

    async def main(memory: Memory) -> None:
        goes_on = asyncio.Event()
        asked: list[str] = []

        async def at_once() -> str:
            return "known"

        assert await memory.recall("known", 0, at_once, 5) == "known"
        for name in ("a", "b", "c", "d", "e", "a"):

            async def hang(name: str = name) -> str:
                asked.append(name)
                await goes_on.wait()
                return name

            assert await memory.recall(name, 60, hang, 0.01) is None
        assert asked == ["a", "b", "c"]
        assert await memory.recall("known", 0, at_once, 0.01) == "known", "though it is old"
        goes_on.set()
        assert await memory.recall("a", 60, at_once, 5) == "a"
        assert await memory.recall("d", 60, at_once, 5) == "known"

    remembering(main)


def test_who_asks_waits_no_longer_than_its_patience() -> None:
    async def main(memory: Memory) -> None:
        ready = asyncio.Event()

        async def ask() -> str:
            await ready.wait()
            return "late"

        assert await memory.recall("key", 60, ask, 0.01) is None
        ready.set()
        await asyncio.sleep(0.01)
        assert await memory.recall("key", 60, ask, 0) == "late"

    remembering(main)


def test_no_answer_is_not_kept() -> None:
    answers = iter([None, "here"])

    async def ask() -> str | None:
        return next(answers)

    async def main(memory: Memory) -> None:
        assert await memory.recall("key", 60, ask, 5) is None
        assert await memory.recall("key", 60, ask, 5) == "here"

    remembering(main)


def test_no_more_are_kept_than_the_bound() -> None:
    count = 0

    async def ask() -> int:
        nonlocal count
        count += 1
        return count

    async def main(remembered: Memory) -> None:
        for key in range(memory.MOST_KEPT + 1):
            await remembered.recall(key, 60, ask, 5)
        before = count
        await remembered.recall(memory.MOST_KEPT, 60, ask, 5)
        assert count == before
        await remembered.recall(0, 60, ask, 5)
        assert count == before + 1

    remembering(main)


def test_a_question_that_fails_ends_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    async def fails() -> int:
        raise ZeroDivisionError("a bug")

    async def answers() -> int:
        return 7

    async def main(memory: Memory) -> None:
        assert await memory.recall("bug", 60, fails, 5) is None
        assert await memory.recall("key", 60, answers, 5) == 7

    remembering(main)
    assert "a bug" in caplog.text
