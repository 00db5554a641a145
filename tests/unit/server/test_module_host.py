"""The module beside a running pool: calls answered, life announced, payouts asked for, by what the node permits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import json

from sluice.bitcoin.transaction import TxOut
from sluice.blvm.events.chain import MiningJobCreated, ShareSubmitted
from sluice.blvm.events.relay import StratumClientConnected, StratumClientDisconnected
from sluice.blvm.modules import CliCall, CliResult, ModuleApiCall, ModuleApiResult
from sluice.blvm.structures import Block
from sluice.module.sight import Place
from sluice.server import module_host
from sluice.server.module_host import ModuleHost, Wishes
from support.neighbours import Neighbourhood, client_of, neighbourhood
from support.peer import Peer, open_standard
from support.serving import Live, Puppet, live, until
from support.work import EASY_NBITS, PAYOUT, template

PLACE = Place("127.0.0.1:3333", "config.toml")
NO_WISHES = Wishes()
SHARE = {"script": "51", "value": 1_000}


@asynccontextmanager
async def hosting(
    node: Neighbourhood, wishes: Wishes = NO_WISHES
) -> AsyncIterator[tuple[ModuleHost, Live, Puppet, list[str]]]:
    """A pool with a puppet for its templates, and the module joined to `node`; what a person was told is last."""
    told: list[str] = []
    puppet = Puppet()
    async with client_of(node) as client:
        host = ModuleHost(client, PLACE, wishes, told.append)
        async with live(puppet, companions=(host,)) as running:
            await until(lambda: running.running.owner.pool.state.book.current is not None)
            yield host, running, puppet, told


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_host, "ANNOUNCE_SECONDS", 0.01)
    monkeypatch.setattr(module_host, "PAYOUT_SECONDS", 0.05)


def mine_a_block(running: Live, puppet: Puppet) -> None:
    """A miner comes, finds one, and goes; it blocks."""
    connected = Peer(running.url)
    connected.setup()
    miner = open_standard(connected, "alice")
    for _ in range(200):
        connected.send(miner.share())
        miner.answer()
        if puppet.blocks:
            break
    connected.close()


def test_a_command_is_answered_and_what_it_wants_is_done(tmp_path: Path) -> None:
    async def main() -> None:
        async with neighbourhood(tmp_path) as node, hosting(node) as (_, running, _puppet, _told):
            answer = await node.invoke(CliCall("set-difficulty", ("4",)))
            assert answer.payload == CliResult("Default difficulty set to 4 for new channels", "", 0)
            assert running.running.owner.pool.state.opening_target is not None

    asyncio.run(main())


def test_another_module_is_answered_and_one_that_asks_nonsense_is_told_so(tmp_path: Path) -> None:
    async def main() -> None:
        async with neighbourhood(tmp_path) as node, hosting(node):
            answer = await node.invoke(ModuleApiCall("get_pool_stats", b"", "unknown"))
            assert isinstance(answer.payload, ModuleApiResult)
            assert json.decode(answer.payload.value)["miner_count"] == 0
            answer = await node.invoke(ModuleApiCall("x", b"", "unknown"))
            assert (answer.success, answer.error) == (False, "Unknown method: x")

    asyncio.run(main())


def test_before_there_is_a_pool_the_answer_is_that_it_is_starting(tmp_path: Path) -> None:
    async def main() -> None:
        async with neighbourhood(tmp_path) as node, client_of(node) as client:
            ModuleHost(client, PLACE, Wishes(), lambda words: None)
            answer = await node.invoke(CliCall("status", ()))
            assert answer.error == "the module is still starting"

    asyncio.run(main())


def test_a_bug_in_an_answer_is_in_the_log_and_the_node_gets_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with neighbourhood(tmp_path) as node, hosting(node) as (host, _running, _puppet, _told):
            del host.module.api  # whatever it may be
            answer = await node.invoke(ModuleApiCall("get_template", b"", "unknown"))
            assert answer.error == "internal error"

    asyncio.run(main())
    assert "a call of the node's failed" in caplog.text


def test_the_pool_s_life_is_announced(tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            neighbourhood(tmp_path) as node,
            hosting(node, Wishes(publish=True)) as (_, running, puppet, _told),
        ):
            await asyncio.to_thread(mine_a_block, running, puppet)
            puppet.news.put_nowait(template(nbits=EASY_NBITS))
            wanted = {StratumClientConnected, ShareSubmitted, StratumClientDisconnected, MiningJobCreated}
            await until(lambda: {type(said.payload) for said in node.published} == wanted)
            assert all(said.event_type.name == said.payload.wire_name for said in node.published)

    asyncio.run(main())


def test_a_node_that_permits_nothing_is_asked_once_and_mining_goes_on(tmp_path: Path) -> None:
    async def main() -> None:
        async with (
            neighbourhood(tmp_path, permitted=False) as node,
            hosting(node, Wishes(publish=True, datum=True)) as (_, running, puppet, told),
        ):
            await asyncio.to_thread(mine_a_block, running, puppet)
            wanted = {
                "DATUM cannot be asked whom to pay",
                "DATUM cannot be told of a block",
                "nothing can be announced",
            }
            await until(lambda: {words.partition(":")[0] for words in told} == wanted)
            await asyncio.sleep(0.3)
            assert len(told) == len(wanted)
            assert (node.calls["PublishEvent"], node.calls["IsModuleAvailable"]) == (1, 1)
            assert node.published == []

    asyncio.run(main())


def test_datum_s_payouts_are_paid_and_it_is_told_of_blocks(tmp_path: Path) -> None:
    async def main() -> None:
        async with neighbourhood(tmp_path) as node:
            says = {"outputs": [SHARE, SHARE], "primary_tag": "D", "unique_id": 7}
            node.modules["datum"] = {
                "get_coinbase_payout": lambda params: json.encode(says),
                "submit_pow": lambda params: b'{"accepted":true}',
            }
            async with hosting(node, Wishes(datum=True)) as (_, running, puppet, told):
                book = running.running.owner.pool.state.book
                paid = replace(
                    PAYOUT, shares=(TxOut(1_000, b"\x51"),) * 2, pool_tag=b"D/7/" + PAYOUT.pool_tag
                )
                await until(lambda: book.payout == paid)
                puppet.news.put_nowait(template(nbits=EASY_NBITS))
                await asyncio.to_thread(mine_a_block, running, puppet)
                await until(lambda: any(method == "submit_pow" for method, _ in node.called))
                proof, _ = Block.codec.read(dict(node.called)["submit_pow"], 0)
                assert len(proof.transactions) == 1 + len(puppet.blocks[0].transactions)
                assert told == []
                node.modules.clear()  # it is not there any more
                await until(lambda: book.payout == PAYOUT)

    asyncio.run(main())


def test_an_answer_of_no_use_is_told_once_and_the_last_good_one_holds(tmp_path: Path) -> None:
    async def main() -> None:
        async with neighbourhood(tmp_path) as node:
            answers = [b"nonsense", b'{"outputs":[{"script":"51","value":5}]}']
            node.modules["blvm-datum"] = {
                "get_coinbase_payout": lambda params: answers.pop() if len(answers) > 1 else answers[0]
            }
            async with hosting(node, Wishes(datum=True)) as (_, running, _puppet, told):
                book = running.running.owner.pool.state.book
                await until(lambda: bool(told))
                assert book.payout.shares == (TxOut(5, b"\x51"),)
                await asyncio.sleep(0.2)
                assert len(told) == 1
                assert told[0].startswith("what DATUM says of whom to pay is of no use: not JSON")

    asyncio.run(main())


def test_an_answer_that_is_old_holds_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_host, "PAYOUT_HOLDS", 0.3)

    async def main() -> None:
        async with neighbourhood(tmp_path) as node:
            answers = [b"nonsense", b'{"outputs":[{"script":"51","value":5}]}']
            node.modules["blvm-datum"] = {
                "get_coinbase_payout": lambda params: answers.pop() if len(answers) > 1 else answers[0]
            }
            async with hosting(node, Wishes(datum=True)) as (_, running, _puppet, _told):
                book = running.running.owner.pool.state.book
                await until(lambda: bool(book.payout.shares))
                await until(lambda: book.payout == PAYOUT)

    asyncio.run(main())


def test_rewards_are_looked_for_in_blocks_that_were_found(tmp_path: Path) -> None:
    async def main() -> None:
        async with neighbourhood(tmp_path) as node, hosting(node) as (host, running, puppet, _told):
            await asyncio.to_thread(mine_a_block, running, puppet)
            await until(lambda: bool(host.module.api.merge_mining.blocks))
            register = {"chain_id": "x", "reward_script": PAYOUT.script_pubkey.hex()}
            await node.invoke(
                ModuleApiCall("register_merge_mining_channel", json.encode(register), "unknown")
            )
            answer = await node.invoke(ModuleApiCall("get_block_merge_mining_rewards", b"", "unknown"))
            assert isinstance(answer.payload, ModuleApiResult)
            (reward, *_) = json.decode(answer.payload.value)["rewards"]
            assert reward["block_hash"] == puppet.blocks[0].block_hash.hex()
            assert reward["reward_amount"] > 0

    asyncio.run(main())
