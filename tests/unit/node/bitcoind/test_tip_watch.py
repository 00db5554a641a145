"""The bell: who hears what, when it rings, and what is told once. The node is a script, the rest is real."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
import zmq
import zmq.asyncio

from sluice.node.bitcoind import tip_watch
from sluice.node.bitcoind.methods import GET_BLOCK_TEMPLATE, OfferedBlock
from sluice.node.bitcoind.rpc import Access, Rpc
from sluice.node.bitcoind.tip_watch import TipWatch, reachable_endpoint
from support.bitcoind import free_port
from support.scripted_node import DROP, HANG, Reply, ScriptedNode, result, scripted
from support.vectors import vector_json

ANSWER = vector_json("bitcoind_getblocktemplate.json")["result"]
OLD, NEW = ANSWER["previousblockhash"], "11" * 32
NEVER = 60.0


def offer(tip: str = OLD) -> OfferedBlock:
    return GET_BLOCK_TEMPLATE.answer.decode(json.dumps(ANSWER | {"previousblockhash": tip}))


def polled(tip: str) -> bytes:
    return result({"previousblockhash": tip, "longpollid": tip + "1"})


def listen(
    node: ScriptedNode,
    then: Callable[[TipWatch], Awaitable[None]],
    ask_seconds: float = NEVER,
    zmq_endpoint: str = "",
) -> list[str]:
    """What is told while `then` happens."""
    told: list[str] = []

    async def conversation() -> None:
        async with scripted(node), asyncio.timeout(20), asyncio.TaskGroup() as group:
            rpc = Rpc(Access(node.url, "u"))
            tips = TipWatch(rpc, told.append)
            listening = group.create_task(tips.listen(zmq_endpoint, ask_seconds))
            await then(tips)
            listening.cancel()
            await rpc.close()

    asyncio.run(conversation())
    return told


async def until(tips: TipWatch, seconds: float) -> bool:
    """Whether it rang."""
    clock = asyncio.get_running_loop().time
    before = clock()
    await tips.wait(seconds)
    return clock() - before < seconds


def test_a_long_poll_rings_for_a_new_tip_and_goes_on_from_there() -> None:
    node = ScriptedNode(longpoll=[polled(OLD), polled(NEW), HANG])

    async def then(tips: TipWatch) -> None:
        tips.offered(offer())
        assert await until(tips, NEVER)
        await node.called("longpoll", 3)

    assert listen(node, then) == []
    asked = [params[0]["longpollid"] for params in node.calls["longpoll"]]
    assert asked == [ANSWER["longpollid"], OLD + "1", NEW + "1"]


def test_a_node_that_answers_a_long_poll_at_once_is_not_flooded() -> None:
    node = ScriptedNode(longpoll=polled(OLD))

    async def then(tips: TipWatch) -> None:
        tips.offered(offer())
        await node.called("longpoll")
        await asyncio.sleep(0.3)

    assert listen(node, then) == []
    assert len(node.calls["longpoll"]) == 1


def test_before_the_first_template_nothing_is_asked() -> None:
    node = ScriptedNode(longpoll=HANG, getbestblockhash=result(OLD))

    async def then(tips: TipWatch) -> None:
        await asyncio.sleep(0.1)

    assert listen(node, then, ask_seconds=0.01) == []
    assert not node.calls


def test_asking_rings_for_a_new_tip_and_once_for_a_node_that_is_gone() -> None:
    node = ScriptedNode(longpoll=HANG, getbestblockhash=[result(OLD), result(NEW), result(OLD), DROP])

    async def then(tips: TipWatch) -> None:
        tips.offered(offer())
        assert await until(tips, NEVER)
        assert await until(tips, NEVER)
        asked = len(node.calls["getbestblockhash"])
        await node.called("getbestblockhash", asked + 4)
        assert not await until(tips, 0.05)

    assert listen(node, then, ask_seconds=0.01) == []


def test_two_who_tell_the_same_ring_once() -> None:
    async def then(tips: TipWatch) -> None:
        tips.offered(offer())
        tips.hear(NEW)
        assert await until(tips, NEVER)
        tips.hear(NEW)  # the second comes while the template is fetched
        tips.offered(offer(NEW))
        assert not await until(tips, 0.05)
        tips.hear(NEW)
        assert not await until(tips, 0.05)

    assert listen(ScriptedNode(longpoll=HANG), then) == []


def test_a_tip_newer_than_the_template_still_rings() -> None:
    async def then(tips: TipWatch) -> None:
        tips.offered(offer())
        tips.hear("22" * 32)
        tips.offered(offer(NEW))
        assert await until(tips, NEVER)

    assert listen(ScriptedNode(longpoll=HANG), then) == []


def test_a_long_poll_that_fails_is_told_once_and_when_it_works_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tip_watch, "AGAIN_SECONDS", 0.01)
    node = ScriptedNode(longpoll=[DROP] * 6 + [polled(NEW), HANG])

    async def then(tips: TipWatch) -> None:
        tips.offered(offer())
        assert await until(tips, NEVER)
        await node.called("longpoll", 8)

    lost, regained = listen(node, then)
    assert lost.startswith("long polling does not work (Server disconnected")
    assert regained == "long polling works again"


def test_a_long_poll_that_misses_a_tip_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tip_watch, "AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(tip_watch, "LATE_SECONDS", 0.02)
    node = ScriptedNode(longpoll=HANG)

    async def then(tips: TipWatch) -> None:
        tips.offered(offer())
        await node.called("longpoll")
        for tip in (OLD, NEW, OLD):  # an older template that comes late is no reason, nor is the same tip
            tips.offered(offer(tip))
        await asyncio.sleep(0.1)
        assert len(node.calls["longpoll"]) == 1
        tips.offered(offer(NEW))
        await node.called("longpoll", 2)

    (lost,) = listen(node, then)
    assert "it missed a new block" in lost


def test_a_node_without_long_polls_is_asked() -> None:
    node = ScriptedNode(getbestblockhash=result(NEW))

    async def then(tips: TipWatch) -> None:
        tips.offered(GET_BLOCK_TEMPLATE.answer.decode(json.dumps(ANSWER | {"longpollid": ""})))
        assert await until(tips, NEVER)

    (told,) = listen(node, then, ask_seconds=0.05)
    assert told == "the node offers no long polling: new blocks are heard of in the other ways"


@pytest.mark.parametrize("answer", [DROP, HANG])
def test_it_ends_whatever_it_waits_for(answer: Reply) -> None:
    async def then(tips: TipWatch) -> None:
        tips.offered(offer())
        await asyncio.sleep(0.05)

    listen(ScriptedNode(longpoll=answer, getbestblockhash=HANG), then, ask_seconds=0.01)


def test_zmq_rings_and_its_loss_is_told_once() -> None:
    endpoint = f"tcp://127.0.0.1:{free_port()}"

    async def then(tips: TipWatch) -> None:
        tips.offered(offer())
        for _ in range(2):
            await publish_until_heard(tips, endpoint)

    lost, regained, *rest = listen(ScriptedNode(longpoll=HANG), then, zmq_endpoint=endpoint)
    assert lost.startswith(f"ZMQ at {endpoint} does not work (it is not connected")
    assert regained == f"ZMQ at {endpoint} works again"
    assert [each.partition(" (")[0] for each in rest] in (
        [],  # who listens comes back before it has noticed
        [f"ZMQ at {endpoint} does not work", f"ZMQ at {endpoint} works again"],
    )


async def publish_until_heard(tips: TipWatch, endpoint: str) -> None:
    """A publisher comes, says what is no news, then what is, and goes."""
    context = zmq.asyncio.Context()
    try:
        publisher = context.socket(zmq.XPUB)
        publisher.bind(endpoint)
        while (await publisher.recv())[1:] != b"hashblock":
            pass
        await tips.wait(1)  # that it works again rings too
        for topic, body in ((b"hashblock", bytes.fromhex(OLD)), (b"hashtx", bytes(32)), (b"hashblock", b"")):
            await publisher.send_multipart([topic, body, bytes(4)])
        assert not await until(tips, 0.1)
        await publisher.send_multipart([b"hashblock", bytes.fromhex(NEW), bytes(4)])
        assert await until(tips, NEVER)
    finally:
        context.destroy(linger=0)


@pytest.mark.parametrize(
    ("address", "node_url", "endpoint"),
    [
        ("tcp://127.0.0.1:28332", "http://127.0.0.1:8332", "tcp://127.0.0.1:28332"),
        ("tcp://127.0.0.1:28332", "http://localhost:8332", "tcp://127.0.0.1:28332"),
        ("tcp://127.0.0.1:28332", "http://10.0.0.7:8332", ""),
        ("tcp://0.0.0.0:28332", "http://10.0.0.7:8332", "tcp://10.0.0.7:28332"),
        ("tcp://[::]:28332", "http://[fd00::7]:8332", "tcp://[fd00::7]:28332"),
        ("tcp://*:28332", "http://node.example:8332", "tcp://node.example:28332"),
        ("tcp://10.0.0.7:28332", "http://10.0.0.7:8332", "tcp://10.0.0.7:28332"),
        ("ipc:///run/zmq", "http://127.0.0.1:8332", "ipc:///run/zmq"),
        ("ipc:///run/zmq", "http://10.0.0.7:8332", ""),
        ("tcp://[", "http://127.0.0.1:8332", ""),
        ("tcp://0.0.0.0:x", "http://127.0.0.1:8332", "tcp://127.0.0.1:x"),
    ],
)
def test_where_a_publisher_is_seen_from_here(address: str, node_url: str, endpoint: str) -> None:
    assert reachable_endpoint(address, node_url) == endpoint
