import asyncio
import logging

import pytest

from sluice.bitcoin.network import REGTEST
from sluice.node.several import member as member_module
from sluice.node.several.member import Member
from sluice.pool.ports import Answer, FoundBlock, Node, Outcome, Sight
from support.actors import Actor, offer
from support.found import a_block


def test_it_is_the_node_to_whoever_uses_it() -> None:
    async def scenario() -> None:
        actor = Actor("cellar")
        member: Node = Member(actor)
        assert member.name == "cellar"
        assert await member.start() is REGTEST
        offered = offer()
        actor.says(offered)
        async for news in member.watch():
            assert news is offered
            break
        actor.chain = {7: b"\x07" * 32}
        assert await member.look(7) == Sight("cellar", b"\x07" * 32, 7)
        await member.close()
        assert actor.closed

    asyncio.run(scenario())


def test_it_knows_its_network_once_it_has_started() -> None:
    member = Member(Actor("a"))
    assert member.network is None
    asyncio.run(member.start())
    assert member.network is REGTEST


def test_what_comes_of_blocks_is_counted() -> None:
    answers = [
        Outcome("a", "r", answer, reason)
        for answer, reason in ((Answer.ACCEPTED, ""), (Answer.REFUSED, "no"))
    ]

    async def verdict(block: FoundBlock) -> Outcome:
        return answers.pop(0)

    async def scenario() -> None:
        actor = Actor("a")
        actor._verdict = verdict
        member = Member(actor)
        (route,) = member.routes
        assert (route.node, route.name) == (actor.routes[0].node, actor.routes[0].name)
        assert (await route.submit(a_block(1))).accepted
        assert member.last_outcome == "accepted"
        assert not (await route.submit(a_block(1))).accepted
        assert member.outcomes == {"accepted": 1, "refused": 1}
        assert member.last_outcome == "refused no"

    asyncio.run(scenario())


def test_a_glance_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member_module, "LOOK_SECONDS", 0.05)
    actor = Actor("a")
    actor.chain = None
    assert asyncio.run(Member(actor).glance(7)) is None


def test_a_glance_that_breaks_is_logged_and_shows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Actor):
        async def look(self, height: int) -> Sight | None:
            raise ZeroDivisionError

    with caplog.at_level(logging.ERROR):
        assert asyncio.run(Member(Broken("cellar")).glance(7)) is None
    assert "looking at the chain of cellar failed" in caplog.text
