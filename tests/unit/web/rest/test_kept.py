"""What is asked of the record, and how often."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sluice.ledger.reading import Reader
from sluice.web.problem import Refusal
from sluice.web.rest import kept as asking
from sluice.web.rest.kept import kept, kept_or, needed, shared
from sluice.web.sight import NoRecord, Sight, seen
from support.kept import keep_story
from support.web import settings_in


def with_sight(directory: Path, ask: Callable[[Sight], Awaitable[None]], **more: str) -> None:
    async def main() -> None:
        async with seen(settings_in(directory, **more)) as sight:
            await ask(sight)

    asyncio.run(main())


def test_the_same_question_is_asked_once(tmp_path: Path) -> None:
    asked: list[int] = []

    def blocks(reader: Reader) -> int:
        asked.append(1)
        return reader.blocks(0, 10).total

    async def ask(sight: Sight) -> None:
        answers = await asyncio.gather(*(kept(sight, "blocks", blocks) for _ in range(50)))
        assert answers == [1] * 50
        assert len(asked) == 1
        assert await kept_or(sight, "blocks", blocks) == await needed(sight, "blocks", blocks) == 1
        assert len(asked) == 1

    with_sight(tmp_path, ask, database=keep_story(tmp_path, 1_000_000))


def test_who_comes_back_later_is_told_what_is_so_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(asking, "monotonic", lambda: now[0])
    told = iter(range(100))

    async def make() -> int:
        return next(told)

    async def ask(sight: Sight) -> None:
        assert [await shared(sight, "x", make) for _ in range(3)] == [0, 0, 0]
        now[0] += 3_600
        assert await shared(sight, "x", make) == 1

    with_sight(tmp_path, ask)


def test_a_bug_in_a_question_is_that_questions_alone(tmp_path: Path) -> None:
    async def ask(sight: Sight) -> None:
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                await kept(sight, "bug", lambda reader: reader.blocks(0, 1).total // 0)
        assert await kept(sight, "no bug", lambda reader: reader.blocks(0, 1).total) == 1

    with_sight(tmp_path, ask, database=keep_story(tmp_path, 1_000_000))


def test_an_answer_may_be_none(tmp_path: Path) -> None:
    async def ask(sight: Sight) -> None:
        assert await needed(sight, "block", lambda reader: reader.block("00" * 32)) is None

    with_sight(tmp_path, ask, database=keep_story(tmp_path, 1_000_000))


def test_where_there_is_none(tmp_path: Path) -> None:
    async def ask(sight: Sight) -> None:
        with pytest.raises(NoRecord):
            await kept(sight, "totals", lambda reader: reader.totals())
        assert await kept_or(sight, "totals", lambda reader: reader.totals()) is None
        with pytest.raises(Refusal, match="no record to read"):
            await needed(sight, "totals", lambda reader: reader.totals())

    with_sight(tmp_path, ask)


def test_a_record_that_takes_too_long_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", 0.05)

    def slow(reader: Reader) -> int:
        going.wait(5)
        return reader.blocks(0, 1).total

    async def ask(sight: Sight) -> None:
        with pytest.raises(Refusal, match="too long"):
            await kept(sight, "slow", slow)
        going.set()

    import threading

    going = threading.Event()
    with_sight(tmp_path, ask, database=keep_story(tmp_path, 1_000_000))
