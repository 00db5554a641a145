"""By hand: is it sound, where is it, and what do nodes say."""

import asyncio
from dataclasses import replace

import pytest

from sluice.pool.ports import Answer, FoundBlock, Outcome, Route, Sight
from sluice.server import by_hand
from sluice.server.by_hand import fault_of, give, sights
from support.found import whole
from support.recorded import a_sound_block
from support.serving import Puppet
from support.vectors import MAINNET_BLOCK, vector_bytes

BLOCK = a_sound_block()


def test_a_sound_block_has_no_fault() -> None:
    assert fault_of(BLOCK) == ""
    assert fault_of(whole(vector_bytes(MAINNET_BLOCK), 702_861)) == ""


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        (replace(BLOCK, transactions=BLOCK.transactions[:1]), "bad-txnmrklroot"),
        (replace(BLOCK, height=BLOCK.height + 1), "bad-cb-height"),
        (replace(BLOCK, header=BLOCK.header[:-8] + bytes(4) + BLOCK.header[-4:]), "high-hash"),
        (
            replace(BLOCK, coinbase=BLOCK.coinbase[:-36] + b"\x07" * 32 + BLOCK.coinbase[-4:]),
            "bad-witness-merkle-match",
        ),
    ],
)
def test_what_is_wrong_is_named_in_the_nodes_words(broken: FoundBlock, word: str) -> None:
    assert fault_of(broken) == word


class Node(Puppet):
    """A puppet that shows, and hangs, as it is told."""

    def __init__(self, *, hangs: bool) -> None:
        super().__init__()
        self._hangs = hangs

    @property
    def routes(self) -> tuple[Route, ...]:
        return (Route("node", "one", self._answer), Route("node", "two", self._answer))

    async def _answer(self, found: FoundBlock) -> Outcome:
        if self._hangs:
            await asyncio.Event().wait()
        return Outcome("node", "some", Answer.ACCEPTED)

    async def look(self, height: int) -> Sight | None:
        if self._hangs:
            await asyncio.Event().wait()
        return Sight("node", None, height - 1)


def test_every_way_is_tried_and_every_chain_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_hand, "NODE_SECONDS", 0.1)

    async def scenario() -> None:
        nodes = (Node(hangs=False), Node(hangs=True))
        outcomes = await give(nodes, BLOCK)
        assert [outcome.answer for outcome in outcomes] == [Answer.ACCEPTED] * 2 + [Answer.SILENT] * 2
        assert await sights((*nodes, Puppet()), 7) == [Sight("node", None, 6)]

    asyncio.run(scenario())
