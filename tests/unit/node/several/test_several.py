"""Several nodes as one: who is waited for, who is refused, and that none can end the others."""

import asyncio
import logging
from typing import Any

import pytest

from sluice.bitcoin.network import MAINNET, REGTEST, SIGNET, Network
from sluice.node.several import several as several_module
from sluice.node.several.several import Several
from sluice.node.several.standing import State
from sluice.pool.node_events import LeadTaken, NodeApart, NodeInStep, NodesDisagree
from sluice.pool.ports import Node, NodeError, Sight, Trouble
from sluice.work.template import Template
from support.actors import HEIGHT, Actor, offer, watched
from support.serving import run_on, serving, until


def refused(actors: list[Actor]) -> str:
    with pytest.raises(NodeError) as error:
        asyncio.run(Several(actors, print).start())
    return str(error.value)


# Starting.


def test_one_of_one_is_a_node_like_any_other() -> None:
    async def scenario() -> None:
        actor = Actor("cellar")
        async with watched([actor]) as cast:
            node: Node = cast.several
            assert node.name == "cellar"
            news: list[Template | Trouble] = [
                offer(),
                Trouble("cellar", "gone"),
                offer(HEIGHT + 1),
                offer(HEIGHT + 1),
            ]
            for each in news:
                actor.says(each)
            await until(lambda: cast.news == news)
            assert cast.told == []
        assert actor.closed

    run_on("asyncio", scenario())


def test_it_starts_with_the_first_that_can_be_used_and_the_others_join() -> None:
    async def scenario() -> None:
        ready = asyncio.Event()
        late, first = Actor("late", ready, REGTEST), Actor("first")
        async with watched([late, first]) as cast:
            first.says(offer())
            late.says(offer(HEIGHT + 1))
            await until(lambda: len(cast.news) == 1)
            assert cast.several.standings()[0].state is State.WAITING
            late.chain = first.chain = {HEIGHT - 1: offer().prev_hash}
            ready.set()
            await until(lambda: len(cast.news) == 2)
            assert cast.news[-1] == offer(HEIGHT + 1)

    run_on("asyncio", scenario())


def test_if_none_can_be_used_all_reasons_are_named() -> None:
    assert refused([Actor("a", NodeError("a: no cookie"))]) == "a: no cookie"
    both = [Actor("a", NodeError("a: no cookie")), Actor("b", NodeError("b: is a printer"))]
    assert refused(both) == "a: no cookie; b: is a printer"


def test_one_that_cannot_be_used_is_told_while_another_is_waited_for() -> None:
    async def scenario() -> None:
        ready = asyncio.Event()
        told: list[Any] = []
        several = Several([Actor("a", NodeError("no cookie")), Actor("b", ready, REGTEST)], told.append)
        starting = asyncio.create_task(several.start())
        await until(lambda: bool(told))
        assert told == [NodeApart("a", "unusable", "no cookie")]
        assert not starting.done()
        ready.set()
        assert await starting is REGTEST

    run_on("asyncio", scenario())


def test_a_bug_in_starting_with_one_does_not_keep_the_others(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        assert await Several([Actor("a", ZeroDivisionError()), Actor("b")], print).start() is REGTEST

    with caplog.at_level(logging.ERROR):
        run_on("asyncio", scenario())
    assert "starting with the node a failed" in caplog.text


@pytest.mark.parametrize("order", [(SIGNET, MAINNET), (MAINNET, SIGNET)])
def test_a_network_on_which_nobody_can_be_paid_is_passed_over(order: tuple[Network, Network]) -> None:
    actors = [Actor(network.name, network) for network in order]
    several = Several(actors, print, lambda network: network is MAINNET)
    assert asyncio.run(several.start()) is MAINNET


def test_if_it_is_the_only_one_the_caller_may_say_so() -> None:
    several = Several([Actor("a", SIGNET)], print, lambda network: network is MAINNET)
    assert asyncio.run(several.start()) is SIGNET


def test_a_network_that_does_not_fit_is_told_while_another_node_is_waited_for() -> None:
    async def scenario() -> None:
        told: list[Any] = []
        nodes = [Actor("a", SIGNET), Actor("b", asyncio.Event(), MAINNET)]
        starting = asyncio.create_task(Several(nodes, told.append, MAINNET.__eq__).start())
        await until(lambda: bool(told))
        assert "is on signet, where pool.address cannot be paid" in told[0].why
        starting.cancel()
        await asyncio.wait([starting])

    run_on("asyncio", scenario())


def test_a_node_of_another_network_is_refused_and_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(several_module, "START_AGAIN", 0.05)

    async def scenario() -> None:
        ready = asyncio.Event()
        ours, astray = Actor("ours"), Actor("astray", ready, SIGNET, SIGNET, SIGNET, REGTEST)
        async with watched([ours, astray]) as cast:
            ours.says(offer())
            ready.set()
            await until(lambda: bool(cast.told))
            (apart,) = cast.told
            assert isinstance(apart, NodeApart)
            assert (apart.node, apart.state) == ("astray", "unusable")
            assert apart.why.startswith("the node astray is on signet, and the pool mines on regtest")
            astray.says(offer())
            await until(lambda: len(cast.told) == 2)
            assert isinstance(cast.told[1], NodeInStep)
            assert astray.started >= 4

    run_on("asyncio", scenario())


# Watching.


def test_the_next_best_is_there_at_once_when_the_leader_fails() -> None:
    async def scenario() -> None:
        a, b = Actor("a"), Actor("b")
        async with watched([a, b]) as cast:
            a.says(offer(template_id=1))
            await until(lambda: len(cast.news) == 1)
            b.says(offer(template_id=2))
            a.says(Trouble("a", "gone"))
            await until(lambda: len(cast.news) == 2)
            assert cast.news[1] == offer(template_id=2)
            assert cast.told == [
                LeadTaken("b", "a", "the leader is in trouble"),
                NodeApart("a", "in trouble", "gone"),
            ]
            assert [standing.state for standing in cast.several.standings()] == [
                State.TROUBLED,
                State.LEADING,
            ]

    run_on("asyncio", scenario())


def test_two_chains_are_compared_by_looking_at_both() -> None:
    async def scenario() -> None:
        a, b = Actor("a"), Actor("b")
        a.chain, b.chain = ({HEIGHT - 1: bytes([one]) * 32, HEIGHT - 7: bytes([one]) * 32} for one in (1, 2))
        async with watched([a, b]) as cast:
            a.says(offer())
            await until(lambda: len(cast.news) == 1)
            b.says(offer(HEIGHT + 9, fork=1))
            await until(lambda: bool(cast.told))
            await until(lambda: any(isinstance(event, NodesDisagree) for event in cast.told))
            assert len(cast.news) == 1
            assert await cast.several.look(HEIGHT - 1) == Sight("a", bytes([1]) * 32, HEIGHT - 1)

    run_on("asyncio", scenario())


def test_a_node_that_leaves_a_look_without_an_answer_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluice.node.several.member.LOOK_SECONDS", 0.05)

    async def scenario() -> None:
        a, b = Actor("a"), Actor("b")
        a.chain = None
        b.chain = {HEIGHT: offer(HEIGHT + 1).prev_hash}
        async with watched([a, b]) as cast:
            a.says(offer())
            await until(lambda: len(cast.news) == 1)
            b.says(offer(HEIGHT + 1))
            await until(lambda: len(cast.news) == 2)
            a.chain = None
            assert await cast.several.look(HEIGHT) == Sight("b", offer(HEIGHT + 1).prev_hash, HEIGHT)

    run_on("asyncio", scenario())


def test_an_adapter_that_breaks_is_told_and_watched_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(several_module, "WATCH_AGAIN", 0.05)

    async def scenario() -> None:
        a, b = Actor("a"), Actor("b")
        async with watched([a, b]) as cast:
            a.says(offer())
            b.says(offer())
            await until(lambda: len(cast.news) == 1)
            b.says(ZeroDivisionError())
            await until(lambda: bool(cast.told))
            assert isinstance(cast.told[0], NodeApart)
            assert "a bug of ours" in cast.told[0].why
            b.says(offer(HEIGHT + 1))
            await until(lambda: len(cast.news) == 2)
            assert (b.watches, a.watches) == (2, 1)

    run_on("asyncio", scenario())
    assert "the watch of the node b failed" in caplog.text


def test_time_passes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(several_module, "TICK_SECONDS", 0.01)
    monkeypatch.setattr("sluice.node.several.roll_call.LAG_SECONDS", 0.05)

    async def scenario() -> None:
        a, b = Actor("a"), Actor("b")
        async with watched([a, b]) as cast:
            for actor in (a, b):
                actor.says(offer())
            await until(lambda: len(cast.news) == 1)
            b.says(offer(HEIGHT + 1))
            await until(lambda: bool(cast.told))
            assert cast.told == [NodeApart("a", "lagging", "it is 1 block behind")]

    run_on("asyncio", scenario())


def test_all_routes_are_offered_and_what_comes_of_blocks_is_kept() -> None:
    several = Several([Actor("a"), Actor("b")], print)
    assert len(several.routes) == 2
    assert [member.name for member in several.members] == ["a", "b"]
    several.members[1].outcomes["accepted"] += 1
    several.members[1].last_outcome = "accepted"
    first, second = several.standings()
    assert (first.outcomes, first.last_outcome) == ({}, "")
    assert (second.outcomes, second.last_outcome) == ({"accepted": 1}, "accepted")


def test_nothing_is_left_when_it_is_closed_or_the_watcher_leaves() -> None:
    async def scenario() -> None:
        before = asyncio.all_tasks()
        async with watched([Actor("a"), Actor("b")]):
            pass
        assert asyncio.all_tasks() == before
        several = Several([Actor("a")], print)
        await several.start()

        async def watch() -> None:
            async for _ in several.watch():
                raise AssertionError("nobody said anything")

        watching = asyncio.create_task(watch())
        await until(lambda: len(asyncio.all_tasks()) > len(before) + 3)
        watching.cancel()
        await asyncio.wait([watching])
        assert asyncio.all_tasks() == before

    run_on("asyncio", scenario())


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_a_server_runs_on_it_as_on_one(loop: str) -> None:
    async def scenario() -> None:
        a, b = Actor("a"), Actor("b")
        several = Several([a, b], print)
        await several.start()
        async with serving(several, nodes=several.members) as running:
            a.says(offer())
            await until(lambda: running.running.owner.pool.state.book.tip is not None)
            a.says(Trouble("a", "gone"))
            b.says(offer(HEIGHT + 1))
            await until(lambda: running.running.owner.pool.state.book.tip.height == HEIGHT + 1)  # type: ignore[union-attr]
        assert a.closed
        assert b.closed

    run_on(loop, scenario())
