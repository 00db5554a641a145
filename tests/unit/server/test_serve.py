"""A running server in this process, on both loops: its node, its blocks, its end."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from sluice.ledger.block_record import BlockRecord
from sluice.pool.events import (
    BlockAccepted,
    BlockFound,
    BlockRefused,
    BlockResumed,
    Draining,
    NodeRecovered,
    NodeTroubled,
    PeerLeft,
    TipChanged,
)
from sluice.pool.ports import FoundBlock, Outcome, Trouble
from sluice.server import serve as serve_module
from sluice.server.limits import Limits
from sluice.server.listener import ListenError
from sluice.server.serve import Running, serve
from sluice.sv2.messages.common import Reconnect
from support.peer import HeaderMiner, Peer, open_standard
from support.serving import LOOPS, Live, Puppet, accept, answer, live, plan, run_on, until
from support.work import EASY_NBITS, HEIGHT, template

on_each_loop = pytest.mark.parametrize("loop", LOOPS)


def connect(running: Live) -> HeaderMiner:
    """A miner on a standard channel; it blocks, and belongs into a thread."""
    connected = Peer(running.url)
    connected.setup()
    return open_standard(connected, "alice")


def find_block(miner: HeaderMiner, blocks: list[FoundBlock]) -> None:
    """Shares until one of them is a block, which half of all hashes are."""
    known = len(blocks)
    for _ in range(200):
        miner.peer.send(miner.share())
        miner.answer()
        if len(blocks) > known:
            return
    raise AssertionError("no block in 200 shares")


async def a_block(running: Live, node: Puppet) -> None:
    """One miner comes, finds a block, and goes."""
    miner = await asyncio.to_thread(connect, running)
    await asyncio.to_thread(find_block, miner, node.blocks)
    miner.peer.close()


@on_each_loop
def test_from_a_share_to_an_accepted_block(loop: str) -> None:
    async def scenario() -> None:
        node = Puppet()
        async with live(node) as running:
            await a_block(running, node)
            await until(lambda: bool(running.events(BlockAccepted)))
            found, accepted = running.events(BlockFound)[0], running.events(BlockAccepted)[0]
            assert (found.height, found.user) == (HEIGHT, "alice")
            assert accepted.block_hash == found.block_hash
            assert accepted.node == "puppet"
        assert node.closed

    run_on(loop, scenario())


def test_a_refused_block_is_told_in_the_nodes_words() -> None:
    async def refuse(block: FoundBlock) -> Outcome:
        return answer("bad-cb-amount")

    async def scenario() -> None:
        node = Puppet(refuse)
        async with live(node) as running:
            await a_block(running, node)
            await until(lambda: bool(running.events(BlockRefused)))
            assert running.events(BlockRefused)[0].reason == "bad-cb-amount"

    run_on("asyncio", scenario())


def test_what_the_node_says_reaches_the_pool_in_order() -> None:
    async def scenario() -> None:
        node = Puppet()
        async with live(node) as running:
            node.news.put_nowait(Trouble("puppet", "it sleeps"))
            node.news.put_nowait(template(HEIGHT + 1, nbits=EASY_NBITS))
            await until(lambda: len(running.events(TipChanged)) == 2)
            kinds = [type(event) for event in running.told]
        assert kinds == [TipChanged, NodeTroubled, NodeRecovered, TipChanged]

    run_on("asyncio", scenario())


@on_each_loop
def test_a_watch_that_breaks_is_told_and_begun_again_and_no_miner_notices(
    loop: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serve_module, "WATCH_AGAIN", 0.05)

    async def scenario() -> None:
        node = Puppet()
        async with live(node) as running:
            miner = await asyncio.to_thread(connect, running)
            node.news.put_nowait(ZeroDivisionError("of all things"))
            await until(lambda: node.watches == 2)
            assert "a bug of ours" in running.events(NodeTroubled)[0].reason
            await asyncio.to_thread(find_block, miner, node.blocks)
            node.news.put_nowait(template(HEIGHT + 1, nbits=EASY_NBITS))
            await until(lambda: len(running.events(TipChanged)) == 2)
            await asyncio.to_thread(find_block, miner, node.blocks)
            assert running.events(PeerLeft) == []
            miner.peer.close()

    run_on(loop, scenario())
    (record,) = (record for record in caplog.records if record.exc_info)
    assert record.getMessage() == "the watch of the node puppet failed"


@on_each_loop
def test_the_end_sends_miners_away_and_lets_go_of_everything(loop: str) -> None:
    async def scenario() -> None:
        node = Puppet()
        async with live(node, limits=Limits(drain_seconds=10)) as running:
            miner = await asyncio.to_thread(connect, running)
            running.stop.set()
            assert await asyncio.to_thread(miner.peer.wait, Reconnect) == Reconnect("", 0)
            with pytest.raises(OSError, match="refused"):
                await asyncio.to_thread(Peer, running.url)
            miner.peer.close()
        assert node.closed
        assert running.running.owner.pumps == {}
        assert running.events(Draining) == [Draining(1)]
        assert [event.reason for event in running.events(PeerLeft)] == ["closed by the peer"]

    run_on(loop, scenario())


@on_each_loop
def test_whoever_stays_is_closed_in_the_end(loop: str) -> None:
    async def scenario() -> None:
        async with live(Puppet(), limits=Limits(drain_seconds=0.1)) as running:
            miner = await asyncio.to_thread(connect, running)
            running.stop.set()
            await asyncio.to_thread(miner.peer.wait, Reconnect)
            await asyncio.to_thread(miner.peer.wait_closed)
            miner.peer.close()
        assert [event.reason for event in running.events(PeerLeft)] == ["the server ended"]

    run_on(loop, scenario())


def test_a_block_on_its_way_is_answered_for_before_the_end_and_nobody_can_find_another() -> None:
    async def slowly(block: FoundBlock) -> Outcome:
        await asyncio.sleep(0.5)
        return await accept(block)

    async def scenario() -> None:
        node = Puppet(slowly)
        async with live(node, limits=Limits(drain_seconds=0.1)) as running:
            miner = await asyncio.to_thread(connect, running)  # it does not leave by itself
            await asyncio.to_thread(find_block, miner, node.blocks)
        miner.peer.close()
        assert len(running.events(BlockAccepted)) == len(running.events(BlockFound)) >= 1
        kinds = [type(event) for event in running.told]
        assert kinds.index(PeerLeft) < kinds.index(BlockAccepted)

    run_on("asyncio", scenario())


def test_a_block_that_the_node_never_answers_for_goes_to_it_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve_module, "LAST_SUBMISSIONS", 0.2)
    record = BlockRecord(tmp_path / "blocks")

    async def never(block: FoundBlock) -> Outcome:
        await asyncio.Event().wait()
        return await accept(block)

    async def first_run() -> list[FoundBlock]:
        node = Puppet(never)
        async with live(node, blocks=record) as running:
            await a_block(running, node)
        return node.blocks

    async def second_run() -> list[FoundBlock]:
        node = Puppet()
        async with live(node, blocks=record) as running:
            await until(lambda: len(running.events(BlockAccepted)) == kept)
            assert len(running.events(BlockResumed)) == kept
        return node.blocks

    found = run_on("asyncio", first_run())
    stems = record.unsettled()
    kept = len(stems)
    assert set(found) <= {record.read(stem).found for stem in stems}
    handed_in = run_on("asyncio", second_run())
    assert set(found) <= set(handed_in)
    assert len(handed_in) == kept


def test_an_address_that_cannot_be_had_lets_the_node_go() -> None:
    async def scenario() -> None:
        node = Puppet()
        with pytest.raises(ListenError):
            await serve(plan(node, host="192.0.2.1"), print, print, asyncio.Event())
        assert node.closed
        assert node.watches == 0

    run_on("asyncio", scenario())


def test_a_caller_that_breaks_leaves_nothing_open() -> None:
    """`ready` is the caller's: what it raises ends the server, as nobody would know of it."""

    async def scenario() -> None:
        node = Puppet()

        def ready(_: object) -> None:
            raise BrokenPipeError("stdout is gone")

        with pytest.raises(ExceptionGroup) as failed:
            await serve(plan(node), print, ready, asyncio.Event())
        assert failed.group_contains(BrokenPipeError)
        assert node.closed
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(scenario())


@on_each_loop
def test_a_server_that_is_cancelled_leaves_nobody_connected(loop: str) -> None:
    async def scenario() -> None:
        node = Puppet()
        node.news.put_nowait(template(nbits=EASY_NBITS))
        ready: asyncio.Future[Running] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve(plan(node), lambda _: None, ready.set_result, asyncio.Event()))
        miner = await asyncio.to_thread(connect, Live(await ready, asyncio.Event()))
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        await asyncio.to_thread(miner.peer.wait_closed)
        miner.peer.close()
        assert node.closed

    run_on(loop, scenario())


def test_the_clock_of_the_handshake_runs() -> None:
    async def scenario() -> None:
        async with live(Puppet(), limits=Limits(handshake_seconds=0.2, drain_seconds=0.2)) as running:
            reader, writer = await asyncio.open_connection("127.0.0.1", running.running.port)
            with suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
            assert running.running.owner.turned_away == {"no handshake in time": 1}

    run_on("asyncio", scenario())


@on_each_loop
def test_no_task_outlives_the_server(loop: str) -> None:
    async def scenario() -> None:
        before = asyncio.all_tasks()
        node = Puppet()
        async with live(node) as running:
            await a_block(running, node)
        assert asyncio.all_tasks() == before

    run_on(loop, scenario())
