"""Found blocks and the nodes: every attempt has its answer, every look its end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from sluice.pool.effects import Look, Submit
from sluice.pool.inputs import Answered, BlockInput, Routed, Sighted
from sluice.pool.ports import Answer, FoundBlock, Node, Outcome, Route, Sight
from sluice.server import courier as module
from sluice.server.courier import WORKERS, Courier
from support.found import a_block
from support.serving import Puppet, until

Sees = Callable[[int], Awaitable[Sight | None]]


class Eyes(Puppet):
    """A puppet with routes and a chain of the test's choice."""

    def __init__(self, name: str, *routes: Route, sees: Sees | None = None) -> None:
        super().__init__()
        self.name = name
        self.ways: Sequence[Route] = routes
        self._sees = sees

    @property
    def routes(self) -> Sequence[Route]:
        return self.ways

    async def look(self, height: int) -> Sight | None:
        return None if self._sees is None else await self._sees(height)


@asynccontextmanager
async def running(courier: Courier) -> AsyncIterator[list[BlockInput]]:
    """What it tells, while it runs."""
    told: list[BlockInput] = []
    async with asyncio.TaskGroup() as group:
        task = group.create_task(courier.run(told.append))
        yield told
        task.cancel()


def route(node: str, name: str, answer: Answer = Answer.ACCEPTED) -> Route:
    async def submit(found: FoundBlock) -> Outcome:
        return Outcome(node, name, answer)

    return Route(node, name, submit)


def answers(told: list[BlockInput]) -> list[Answered]:
    return [each for each in told if isinstance(each, Answered)]


def test_it_says_which_ways_there_are_and_when_they_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROUTES_SECONDS", 0.01)

    async def scenario() -> None:
        a, b = Eyes("a", route("a", "one"), route("a", "two")), Eyes("b")
        async with running(Courier((a, b))) as told:
            await until(lambda: bool(told))
            await asyncio.sleep(0.05)
            assert told == [Routed((("a", "one"), ("a", "two")))]
            b.ways = (route("b", "one"),)
            await until(lambda: len(told) == 2)
            assert told[1] == Routed((("a", "one"), ("a", "two"), ("b", "one")))

    asyncio.run(scenario())


def test_each_attempt_goes_its_way_and_its_answer_is_told() -> None:
    block = a_block(1)

    async def scenario() -> None:
        courier = Courier(
            (Eyes("a", route("a", "x"), route("a", "y", Answer.REFUSED)), Eyes("b", route("b", "x")))
        )
        async with running(courier) as told:
            for node, name in (("a", "x"), ("a", "y"), ("b", "x")):
                courier.submit(Submit(block, node, name))
            await courier.finish()
            assert {(each.block_hash, each.outcome) for each in answers(told)} == {
                (block.block_hash, Outcome("a", "x", Answer.ACCEPTED)),
                (block.block_hash, Outcome("a", "y", Answer.REFUSED)),
                (block.block_hash, Outcome("b", "x", Answer.ACCEPTED)),
            }

    asyncio.run(scenario())


def test_a_way_that_is_gone_is_silent() -> None:
    async def scenario() -> None:
        courier = Courier((Eyes("a"),))
        async with running(courier) as told:
            courier.submit(Submit(a_block(1), "a", "x"))
            await courier.finish()
            (answered,) = answers(told)
            assert answered.outcome.answer is Answer.SILENT
            assert "any more" in answered.outcome.reason

    asyncio.run(scenario())


def test_one_that_hangs_holds_up_nobody_on_another_way_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ATTEMPT_SECONDS", 0.2)

    async def hang(found: FoundBlock) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError

    async def scenario() -> None:
        courier = Courier((Eyes("a", Route("a", "x", hang), route("a", "y")),))
        async with running(courier) as told:
            for name in "xy":
                courier.submit(Submit(a_block(1), "a", name))
            await until(lambda: len(answers(told)) == 2)
            first, second = (each.outcome for each in answers(told))
            assert (first.route, first.answer) == ("y", Answer.ACCEPTED)
            assert (second.route, second.answer, second.reason) == (
                "x",
                Answer.SILENT,
                "no answer within 0.2 s",
            )

    asyncio.run(scenario())


def test_one_that_breaks_is_one_bad_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def submit(found: FoundBlock) -> Outcome:
        if found == a_block(1):
            raise ZeroDivisionError("of all things")
        return Outcome("a", "x", Answer.ACCEPTED)

    async def scenario() -> None:
        courier = Courier((Eyes("a", Route("a", "x", submit)),))
        async with running(courier) as told:
            for number in range(1, 3 * WORKERS):
                courier.submit(Submit(a_block(number), "a", "x"))
            await courier.finish()
            outcomes = {each.block_hash: each.outcome for each in answers(told)}
            broken = outcomes.pop(a_block(1).block_hash)
            assert broken.answer is Answer.SILENT
            assert "of all things" in broken.reason
            assert len(outcomes) == 3 * WORKERS - 2
            assert all(outcome.accepted for outcome in outcomes.values())

    asyncio.run(scenario())
    assert [record.getMessage() for record in caplog.records] == ["submitting a block failed"]


def test_the_highest_block_goes_first_and_only_so_many_at_once() -> None:
    order: list[int] = []

    async def scenario() -> None:
        door = asyncio.Event()

        async def submit(found: FoundBlock) -> Outcome:
            order.append(found.height)
            await door.wait()
            return Outcome("a", "x", Answer.ACCEPTED)

        courier = Courier((Eyes("a", Route("a", "x", submit)),))
        async with running(courier):
            for number in range(WORKERS):
                courier.submit(Submit(a_block(number), "a", "x"))
            await until(lambda: len(order) == WORKERS)
            for height in (7, 9, 8, 9):
                courier.submit(Submit(a_block(height, height), "a", "x"))
            await asyncio.sleep(0.05)
            assert len(order) == WORKERS
            door.set()
            await courier.finish()

    asyncio.run(scenario())
    assert order[WORKERS:] == [9, 9, 8, 7]


def test_all_chains_are_looked_at_and_those_that_cannot_be_seen_hold_up_nobody(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.2)
    caplog.set_level(logging.WARNING)

    async def there(height: int) -> Sight:
        return Sight("a", height.to_bytes(32), height)

    async def never(height: int) -> Sight:
        await asyncio.Event().wait()
        raise AssertionError

    async def broken(height: int) -> Sight:
        raise ZeroDivisionError

    nodes: tuple[Node, ...] = (
        Eyes("a", sees=there),
        Eyes("blind"),
        Eyes("hanging", sees=never),
        Eyes("broken", sees=broken),
    )

    async def scenario() -> None:
        courier = Courier(nodes)
        async with running(courier) as told:
            courier.look(Look(7))
            courier.look(Look(8))
            await until(lambda: sum(isinstance(each, Sighted) for each in told) == 2)
            sighted = [each for each in told if isinstance(each, Sighted)]
            assert sighted == [
                Sighted(height, (Sight("a", height.to_bytes(32), height),)) for height in (7, 8)
            ]

    asyncio.run(scenario())
    assert [record.getMessage() for record in caplog.records] == ["looking at the chain of broken failed"] * 2


def test_a_node_that_hangs_is_waited_for_once_and_believed_again_when_it_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.3)
    monkeypatch.setattr(module, "ABSENT_SECONDS", 0.0)
    asked: list[int] = []

    async def sees(height: int) -> Sight:
        asked.append(height)
        if len(asked) == 1:
            await asyncio.Event().wait()
        if len(asked) == 2:
            await asyncio.sleep(0.1)  # less than a look may take, more than one of a node that is away
        return Sight("a", None, height)

    async def scenario() -> list[tuple[Sight, ...]]:
        seen: list[tuple[Sight, ...]] = []
        courier = Courier((Eyes("a", sees=sees),))
        async with running(courier) as told:
            for height in (7, 8, 9):
                monkeypatch.setattr(module, "ABSENT_SECONDS", 0.0 if height < 9 else 10.0)
                courier.look(Look(height))
                await until(lambda: sum(isinstance(each, Sighted) for each in told) == height - 6)  # noqa: B023 - waited for
            assert courier._absent == set()
            seen += [each.sights for each in told if isinstance(each, Sighted)]
        return seen

    assert asyncio.run(scenario()) == [(), (), (Sight("a", None, 9),)]
