"""The bitcoind adapter against a scripted node: what it asks, what it refuses, what it waits out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest

from sluice.bitcoin.network import MAINNET, REGTEST, Network
from sluice.node.bitcoind.bitcoind import Bitcoind, BitcoindSettings
from sluice.node.bitcoind.rpc import Access
from sluice.pool.ports import Node, NodeError, Sight, Trouble
from sluice.work.template import Template
from support.blocks import found
from support.found import a_block, untimed, verdict
from support.scripted_node import DROP, GBT, HANG, Reply, ScriptedNode, error, http, result, scripted
from support.vectors import vector_json

ANSWER = vector_json("bitcoind_getblocktemplate.json")["result"]
OFFER = result(ANSWER)
INFO = {"chain": "regtest", "pruned": False, "verificationprogress": 1}
WHOLE: dict[str, Any] = {
    "getblockchaininfo": result(INFO),
    "getnetworkinfo": result({"subversion": "/Satoshi:0.12.0/"}),
    "getzmqnotifications": result([]),
    "getbestblockhash": result(ANSWER["previousblockhash"]),
    "getblocktemplate": OFFER,
    "longpoll": HANG,
}


@dataclass
class Desk:
    """A scripted node, the adapter to it, and what the adapter told."""

    script: ScriptedNode
    node: Bitcoind
    told: list[str] = field(default_factory=list)


def meet(
    what: Callable[[Desk], Awaitable[None]], network: Network | None = None, **answers: Reply | list[Reply]
) -> Desk:
    """`what` with a node that gives these answers instead of the right ones."""
    script = ScriptedNode(**(WHOLE | answers))
    desks: list[Desk] = []

    async def conversation() -> None:
        async with scripted(script), asyncio.timeout(20):
            told: list[str] = []
            settings = BitcoindSettings(
                Access(script.url, "u"), "n", network, refresh_seconds=0.01, ask_seconds=60, patience=(0.01,)
            )
            node = Bitcoind(settings, lambda trouble: told.append(f"{trouble.node}: {trouble.reason}"))
            desks.append(Desk(script, node, told))
            try:
                await what(desks[0])
            finally:
                await node.close()

    asyncio.run(conversation())
    return desks[0]


def refusal(network: Network | None = None, **answers: Reply | list[Reply]) -> str:
    """Why the node is refused at the start."""

    async def start(desk: Desk) -> None:
        with pytest.raises(NodeError) as caught:
            await desk.node.start()
        reasons.append(str(caught.value))

    reasons: list[str] = []
    meet(start, network, **answers)
    return reasons[0]


async def start(desk: Desk) -> None:
    assert await desk.node.start() == REGTEST


def test_it_is_a_node() -> None:
    node: Node = Bitcoind(BitcoindSettings(Access("http://127.0.0.1:1", "u"), "one"), lambda _: None)
    assert node.name == "one"


@pytest.mark.parametrize("network", [None, REGTEST])
def test_a_node_in_order_starts_without_a_word(network: Network | None) -> None:
    desk = meet(start, network)
    assert desk.told == []
    assert desk.script.calls[GBT] == [[{"rules": ["segwit", "signet"]}]]


@pytest.mark.parametrize(
    ("network", "answers", "words"),
    [
        (MAINNET, {}, "is on chain 'regtest', and 'main' is wanted: correct node.url"),
        (None, {"getblockchaininfo": result({"chain": "liquid"})}, "unknown chain 'liquid': point node.url"),
        (
            None,
            {"getblockchaininfo": result({"name": "lightning"})},
            "as no Bitcoin node should (Object missing",
        ),
        (None, {"getblockchaininfo": error(-32601, "Method not found")}, "does not know getblockchaininfo"),
        (
            None,
            {"getblockchaininfo": http(401, b"")},
            "does not accept user 'u' with the password given: correct",
        ),
        (
            None,
            {"getblockchaininfo": http(403, b"")},
            "forbids getblockchaininfo (HTTP 403): allow this machine",
        ),
        (None, {"getblockchaininfo": http(200, b"<html>")}, "is not the RPC of a Bitcoin node (HTTP 200"),
        (None, {"getblocktemplate": error(-32601, "Method not found")}, "does not know getblocktemplate"),
        (None, {"getblocktemplate": http(403, b"")}, "forbids getblocktemplate"),
        (None, {"getblocktemplate": result({})}, "answers getblocktemplate as no Bitcoin node should"),
        (
            None,
            {"getblocktemplate": result(ANSWER | {"rules": [], "default_witness_commitment": ""})},
            "by rules from before segwit (/Satoshi:0.12.0/): update it",
        ),
    ],
)
def test_what_waiting_cannot_mend_is_refused(
    network: Network | None, answers: dict[str, Any], words: str
) -> None:
    assert words in refusal(network, **answers)


def test_what_passes_is_waited_out_and_told_once_for_each_reason() -> None:
    warming, dead = error(-28, "Loading block index…"), DROP
    desk = meet(start, getblockchaininfo=[warming, warming, warming, dead, dead, dead, dead, result(INFO)])
    assert [told.partition("(")[0] for told in desk.told] == [
        f"n: the node at {desk.script.url} is still starting ",
        f"n: what listens at {desk.script.url} hangs up on getblockchaininfo ",
    ]


@pytest.mark.parametrize("passing", [error(-10, "syncing"), error(-9, "not connected"), error(-7, "?"), DROP])
def test_a_node_that_has_no_template_yet_is_no_reason_to_wait_at_the_start(passing: Reply) -> None:
    assert meet(start, getblocktemplate=passing).told == []


def test_a_pruned_node_will_do_and_it_is_said() -> None:
    (told,) = meet(start, getblockchaininfo=result(INFO | {"pruned": True})).told
    assert told.endswith("is pruned: that is enough for mining")


def test_without_zmq_the_node_is_not_troubled() -> None:
    meet(start, getzmqnotifications=error(-32601, "Method not found"))


def test_a_zmq_address_that_is_none_is_told() -> None:
    async def watch(desk: Desk) -> None:
        await desk.node.start()
        assert isinstance(await anext(desk.node.watch()), Template)

    publishers = [
        {"type": "pubhashtx", "address": "?"},
        {"type": "pubhashblock", "address": "tcp://127.0.0.1:x"},
    ]
    (told,) = meet(watch, getzmqnotifications=result(publishers)).told
    assert "ZMQ at tcp://127.0.0.1:x does not work" in told


async def news_of(desk: Desk, number: int) -> list[Template | Trouble]:
    await desk.node.start()
    news = desk.node.watch()
    return [await anext(news) for _ in range(number)]


def heard(number: int, **answers: Reply | list[Reply]) -> list[Template | Trouble]:
    """So many news of a node with these answers."""
    gathered: list[Template | Trouble] = []

    async def watch(desk: Desk) -> None:
        gathered.extend(await news_of(desk, number))

    meet(watch, None, **answers)
    return gathered


def test_a_template_comes_at_once_and_fresh_ones_after_it() -> None:
    first, second, third = heard(3)
    assert isinstance(first, Template)
    assert isinstance(second, Template)
    assert isinstance(third, Template)
    assert [first.template_id, second.template_id, third.template_id] == [1, 2, 3]


def test_trouble_is_one_word_until_it_is_over() -> None:
    busy = http(503, b"")
    _, trouble, template = heard(3, getblocktemplate=[OFFER, OFFER, busy, busy, busy, busy, OFFER])
    assert isinstance(trouble, Trouble)
    assert trouble.node == "n"
    assert "too many calls waiting" in trouble.reason
    assert isinstance(template, Template)


def test_a_download_says_how_far_it_is() -> None:
    info = result(INFO | {"verificationprogress": 0.8712})
    (trouble,) = heard(1, getblockchaininfo=info, getblocktemplate=[OFFER, error(-10, "…")])
    assert isinstance(trouble, Trouble)
    assert "still downloading the chain (87% is there): let it finish" in trouble.reason


def test_a_contradictory_template_is_trouble() -> None:
    odd = result(ANSWER | {"default_witness_commitment": "6a24aa21a9ed" + "00" * 32})
    (trouble,) = heard(1, getblocktemplate=[OFFER, odd])
    assert isinstance(trouble, Trouble)
    assert "is not that of the transactions beside it" in trouble.reason


def test_what_comes_back_on_another_chain_is_trouble_and_no_template() -> None:
    main = result(INFO | {"chain": "main"})
    _, trouble, wrong, template = heard(
        4,
        getblocktemplate=[OFFER, OFFER, DROP, DROP, OFFER],
        getblockchaininfo=[result(INFO), main, main, result(INFO)],
    )
    assert isinstance(trouble, Trouble)
    assert isinstance(wrong, Trouble)
    assert "is on chain 'main', and 'regtest' is wanted" in wrong.reason
    assert isinstance(template, Template)


def test_a_new_tip_is_fetched_without_waiting_for_the_refresh() -> None:
    tip = "11" * 32
    script = ScriptedNode(
        **(WHOLE | {"getblocktemplate": [OFFER, OFFER, result(ANSWER | {"previousblockhash": tip})]})
    )
    script.answers["longpoll"] = [result({"previousblockhash": tip, "longpollid": tip}), HANG]

    async def conversation() -> list[Template | Trouble]:
        async with scripted(script), asyncio.timeout(20):
            settings = BitcoindSettings(Access(script.url, "u"), refresh_seconds=60, ask_seconds=60)
            node = Bitcoind(settings, lambda _: None, count(7))
            await node.start()
            news = node.watch()
            gathered = [await anext(news), await anext(news)]
            await news.aclose()  # type: ignore[attr-defined]
            await node.close()
            return gathered

    first, second = asyncio.run(conversation())
    assert isinstance(first, Template)
    assert isinstance(second, Template)
    assert (first.template_id, second.template_id) == (7, 8)
    assert second.prev_hash.hex() == tip


def test_a_watcher_may_leave_at_any_moment() -> None:
    async def watch(desk: Desk) -> None:
        await desk.node.start()
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(read(desk.node.watch()))
            await desk.script.called(GBT, 4)
            watching.cancel()
        news = desk.node.watch()
        await anext(news)
        await news.aclose()  # type: ignore[attr-defined]
        again = desk.node.watch()
        assert isinstance(await anext(again), Template)
        await again.aclose()  # type: ignore[attr-defined]

    async def read(news: AsyncIterator[Template | Trouble]) -> None:
        async for _ in news:
            pass

    meet(watch)


def test_a_closed_one_has_no_more_news() -> None:
    async def watch(desk: Desk) -> None:
        await desk.node.start()
        news = desk.node.watch()
        await anext(news)
        await desk.node.close()
        assert [each async for each in news] == []

    meet(watch)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (result(None), None),
        (result("bad-cb-amount"), "bad-cb-amount"),
        (error(-22, "Block decode failed"), "Block decode failed"),
    ],
)
def test_a_proposal_is_answered_in_the_nodes_words(answer: Reply, word: str | None) -> None:
    async def propose(desk: Desk) -> None:
        (template,) = await news_of(desk, 1)
        assert isinstance(template, Template)
        block = found(template)
        desk.script.answers[GBT] = [answer]
        assert await desk.node.propose(block) == word
        proposed = desk.script.calls[GBT][-1][0]
        assert (proposed["mode"], proposed["data"]) == ("proposal", block.hex())

    meet(propose)


def test_a_block_is_submitted() -> None:
    async def submit(desk: Desk) -> None:
        (route,) = desk.node.routes
        assert untimed(await route.submit(a_block(1))) == verdict("n", "high-hash")

    submitted = meet(submit, submitblock=result("high-hash")).script.calls["submitblock"]
    assert submitted == [[a_block(1).raw.hex()]]


@pytest.mark.parametrize(
    ("count", "hash_", "sight"),
    [
        (result(100), result("00" * 31 + "07"), Sight("n", b"\x07" + bytes(31), 100)),
        (result(99), DROP, Sight("n", None, 99)),
        (result(100), error(-8, "Block height out of range"), None),
        (result(100), result("not a hash"), None),
        (error(-28, "Loading…"), DROP, None),
    ],
)
def test_its_chain_can_be_looked_at(count: Reply, hash_: Reply, sight: Sight | None) -> None:
    async def look(desk: Desk) -> None:
        assert await desk.node.look(100) == sight

    meet(look, getblockcount=count, getblockhash=hash_)
