"""A real bitcoind that is not there yet, goes away, comes back, moves on by itself, or is not the right one."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.bitcoin.network import MAINNET, REGTEST
from sluice.node.bitcoind import bitcoind as adapter_module
from sluice.node.bitcoind.bitcoind import Bitcoind, BitcoindSettings
from sluice.node.bitcoind.rpc import Access
from sluice.pool.ports import Answer, NodeError, Trouble
from sluice.work.template import Template
from support import bitcoind as real
from support.blocks import found
from support.found import submit, untimed, verdict

StartBitcoind = Callable[..., real.Bitcoind]
News = AsyncIterator[Template | Trouble]

SECONDS = 60
NEVER = 3_600.0
SOMEONE = "raw(51)"


def settings_for(node: real.Bitcoind) -> BitcoindSettings:
    """Nothing comes by waiting: what is heard in these tests was told."""
    access = Access(node.url, cookie_file=node.cookie)
    return BitcoindSettings(access, refresh_seconds=NEVER, ask_seconds=NEVER, patience=(0.05,))


def use(settings: BitcoindSettings, what: Callable[[Bitcoind], Awaitable[None]]) -> list[str]:
    """What is told while `what` happens."""
    told: list[str] = []

    async def run() -> None:
        node = Bitcoind(settings, lambda trouble: told.append(trouble.reason))
        try:
            async with asyncio.timeout(SECONDS):
                await what(node)
        finally:
            await node.close()

    asyncio.run(run())
    return told


def watching(what: Callable[[Bitcoind, News], Awaitable[None]]) -> Callable[[Bitcoind], Awaitable[None]]:
    """`what` with the news of a node that has started."""

    async def watched(node: Bitcoind) -> None:
        assert await node.start() == REGTEST
        async with aclosing(node.watch()) as news:  # type: ignore[type-var]
            await what(node, news)

    return watched


def refusal(settings: BitcoindSettings) -> str:
    reasons = []

    async def start(node: Bitcoind) -> None:
        with pytest.raises(NodeError) as caught:
            await node.start()
        reasons.append(str(caught.value))

    use(settings, start)
    return reasons[0]


async def template(news: News) -> Template:
    each = await anext(news)
    assert isinstance(each, Template), each
    return each


async def recovered(news: News) -> Template:
    """The next template, after whatever trouble."""
    async for each in news:
        if isinstance(each, Template):
            return each
    raise AssertionError("the news ended")


def tip(node: real.Bitcoind) -> str:
    return str(node.rpc("getbestblockhash"))


def mine_elsewhere(node: real.Bitcoind, blocks: int = 1) -> None:
    node.rpc("generatetodescriptor", blocks, SOMEONE)


def test_wrong_credentials(bitcoind: real.Bitcoind, tmp_path: Path) -> None:
    right = settings_for(bitcoind)
    wrong_user = replace(right, access=Access(bitcoind.url, "alice", "wrong"))
    assert "does not accept user 'alice' with the password given: correct node.user" in refusal(wrong_user)
    cookie = tmp_path / "other.cookie"
    cookie.write_text("__cookie__:" + "00" * 32)
    wrong_cookie = replace(right, access=Access(bitcoind.url, cookie_file=cookie))
    assert f"does not accept the cookie in {cookie}: name the one" in refusal(wrong_cookie)


def test_user_and_password(start_bitcoind: StartBitcoind) -> None:
    proof = hmac.new(b"salt", b"open sesame", "sha256").hexdigest()
    node = start_bitcoind(f"-rpcauth=alice:salt${proof}")

    async def start(adapter: Bitcoind) -> None:
        assert await adapter.start() == REGTEST

    use(replace(settings_for(node), access=Access(node.url, "alice", "open sesame")), start)


def test_the_wrong_network(bitcoind: real.Bitcoind) -> None:
    settings = replace(settings_for(bitcoind), network=MAINNET)
    assert "is on chain 'regtest', and 'main' is wanted: correct node.url" in refusal(settings)


def test_a_port_that_is_not_the_rpc(bitcoind: real.Bitcoind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter_module, "MEET_SECONDS", 0.2)
    zmq_port = bitcoind.zmq.replace("tcp", "http")

    async def start(adapter: Bitcoind) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await adapter.start()

    (told,) = use(replace(settings_for(bitcoind), access=Access(zmq_port, "alice")), start)
    assert told.startswith(f"what listens at {zmq_port} leaves getblockchaininfo without an answer")
    assert "if it is not, correct node.url" in told


def test_a_forbidden_method(start_bitcoind: StartBitcoind) -> None:
    node = start_bitcoind("-rpcwhitelist=__cookie__:getblockchaininfo,stop")
    assert "forbids getblocktemplate (HTTP 403): allow" in refusal(settings_for(node))


def test_a_pruned_node_will_do(start_bitcoind: StartBitcoind) -> None:
    async def mine_one(node: Bitcoind, news: News) -> None:
        block = found(await template(news))
        assert untimed(await submit(node, block)) == verdict("bitcoind")
        assert (await template(news)).height == 2

    (told,) = use(settings_for(start_bitcoind("-prune=550")), watching(mine_one))
    assert told.endswith("is pruned: that is enough for mining")


def test_a_node_that_is_not_there_yet_is_waited_for(bitcoind: real.Bitcoind) -> None:
    bitcoind.stop()
    bitcoind.cookie.unlink(missing_ok=True)

    async def start_early(node: Bitcoind) -> None:
        async with asyncio.TaskGroup() as group:
            starting = group.create_task(node.start())
            await asyncio.sleep(0.2)
            assert not starting.done()
            await asyncio.to_thread(bitcoind.start)
        assert starting.result() == REGTEST

    told = use(settings_for(bitcoind), start_early)
    assert told[0].startswith(f"there is no cookie file {bitcoind.cookie}: start the node")
    assert len(told) == len(set(told))


def test_a_restart_in_between(bitcoind: real.Bitcoind) -> None:
    cookies = [bitcoind.cookie.read_text()]

    async def restart(node: Bitcoind, news: News) -> None:
        before = await template(news)
        await asyncio.to_thread(bitcoind.stop)
        trouble = await anext(news)
        assert isinstance(trouble, Trouble)
        assert trouble.node == "bitcoind"
        await asyncio.to_thread(bitcoind.start)
        after = await recovered(news)
        assert after.prev_hash == before.prev_hash
        cookies.append(bitcoind.cookie.read_text())
        await asyncio.to_thread(mine_elsewhere, bitcoind)
        assert to_display((await template(news)).prev_hash) == tip(bitcoind)

    told = use(settings_for(bitcoind), watching(restart))
    assert cookies[0] != cookies[1]
    assert sum("long polling does not work" in each for each in told) == 1
    assert sum("ZMQ" in each and "does not work" in each for each in told) == 1


def test_a_node_that_is_away_is_one_silent_attempt_and_takes_the_block_later(bitcoind: real.Bitcoind) -> None:
    async def resubmit(node: Bitcoind, news: News) -> None:
        block = found(await template(news))
        await asyncio.to_thread(bitcoind.stop)
        assert (await submit(node, block)).answer is Answer.SILENT
        await asyncio.to_thread(bitcoind.start)
        assert untimed(await submit(node, block)) == verdict("bitcoind")
        assert bitcoind.rpc("getblockcount") == 1

    use(settings_for(bitcoind), watching(resubmit))


@pytest.mark.parametrize("dead_zmq", ["", "tcp://127.0.0.1:1"], ids=["ZMQ and long poll", "long poll alone"])
def test_a_block_found_elsewhere_is_heard_of(bitcoind: real.Bitcoind, dead_zmq: str) -> None:
    async def listen(adapter: Bitcoind, news: News) -> None:
        await template(news)
        for _ in range(3):
            await asyncio.to_thread(mine_elsewhere, bitcoind)
            assert to_display((await template(news)).prev_hash) == tip(bitcoind)

    told = use(replace(settings_for(bitcoind), zmq_hashblock=dead_zmq), watching(listen))
    assert [each.partition(" (")[0] for each in told] == [f"ZMQ at {dead_zmq} does not work"] * bool(dead_zmq)


def test_a_reorganisation_is_followed(bitcoind: real.Bitcoind) -> None:
    async def reorganise(node: Bitcoind, news: News) -> None:
        first = await template(news)
        await asyncio.to_thread(mine_elsewhere, bitcoind)
        await template(news)
        await asyncio.to_thread(bitcoind.rpc, "invalidateblock", tip(bitcoind))
        back = await template(news)
        assert (back.prev_hash, back.height) == (first.prev_hash, 1)
        assert (await submit(node, found(back))).accepted

    use(settings_for(bitcoind), watching(reorganise))


def test_nothing_is_left_open_at_the_node(bitcoind: real.Bitcoind) -> None:
    """Templates on the same tip share one long poll: a node has few threads, and each takes one (16 here)."""

    async def refresh_often(node: Bitcoind, news: News) -> None:
        for _ in range(60):
            await template(news)

    use(replace(settings_for(bitcoind), refresh_seconds=0.01), watching(refresh_often))
    assert bitcoind.rpc("getblockcount") == 0
