"""The module API of a node that does not say no, but closes: what is asked again, and what is not."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sluice.blvm.connection import Identity
from sluice.blvm.envelopes import EventMessage
from sluice.blvm.events.chain import BlockMined, NewBlock
from sluice.blvm.events.types import EventType
from sluice.blvm.modules import CliCall, CliResult, CliSpec, LogLevel, ModuleApiCall, ModuleApiResult
from sluice.blvm.requests import (
    GetBlockAndWitnesses,
    GetBlockHeight,
    GetBlockTemplate,
    GetChainTip,
    IsModuleAvailable,
    PublishEvent,
    RegisterRpcEndpoint,
)
from sluice.blvm.responses import U64, Bool, EventPublished, Hash, ModuleAvailable, RpcEndpointRegistered
from sluice.node.blvm import client as blvm_client
from sluice.node.blvm.client import Attachment, BlvmClient, CallFailed, Fault, Hooks
from support.scripted_blvm import EVERYTHING, Quirks, ScriptedBlvm, serving_blvm

SECONDS = 20
NAME = "blvm-stratum-v2"
PUBLISH = PublishEvent(EventType.NewBlock, NewBlock(bytes(32), 1))
REPAIRED = Quirks(
    one_at_a_time=False, mortal=False, hangs_up=False, by_exact_id=False, no_endpoints=False, no_cli=False
)


def attached(node: ScriptedBlvm, module_id: str = NAME, **more: object) -> BlvmClient:
    return BlvmClient(Attachment(node.socket, Identity(module_id, NAME, "0.1.0"), **more))  # type: ignore[arg-type]


def play(
    path: Path, what: Callable[[ScriptedBlvm, BlvmClient], Awaitable[None]], quirks: Quirks | None = None
) -> ScriptedBlvm:
    node = ScriptedBlvm(path, quirks)

    async def run() -> None:
        async with serving_blvm(node), asyncio.timeout(SECONDS):
            client = attached(node, subscribed=(EventType.BlockMined,))
            try:
                await what(node, client)
            finally:
                client.close()

    asyncio.run(run())
    return node


async def fault_of(asking: Awaitable[object]) -> Fault:
    with pytest.raises(CallFailed) as caught:
        await asking
    return caught.value.fault


def test_questions_are_answered_one_after_the_other(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        answers = await asyncio.gather(
            *(client.request(each) for each in (GetChainTip(), GetBlockHeight(), GetChainTip()))
        )
        assert answers == [Hash(node.chain.tip), U64(0), Hash(node.chain.tip)]
        assert client.node_version == "0.1.83"
        assert client.connected
        assert node.connections == 1

    play(tmp_path, story)


def test_an_answer_of_one_kind(tmp_path: Path) -> None:
    async def story(_node: ScriptedBlvm, client: BlvmClient) -> None:
        assert (await client.ask(GetBlockHeight(), U64)).value == 0
        assert await fault_of(client.ask(GetBlockHeight(), Bool)) is Fault.ILLEGIBLE

    play(tmp_path, story)


def test_what_the_node_closes_on_is_not_asked_again(tmp_path: Path) -> None:
    """B4 and B5: no permission, no answer, no connection."""

    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        assert await fault_of(client.request(PUBLISH)) is Fault.DROPPED
        assert await client.request(GetBlockHeight()) == U64(0)
        for _ in range(3):
            assert await fault_of(client.request(PUBLISH)) is Fault.SHUNNED
        assert node.calls["PublishEvent"] == 1
        assert node.connections == 2
        assert await fault_of(client.request(IsModuleAvailable("datum"))) is Fault.DROPPED  # another question

    play(tmp_path, story)


def test_after_a_while_it_is_asked_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blvm_client, "SHUNNED_SECONDS", 0.0)

    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        assert await fault_of(client.request(PUBLISH)) is Fault.DROPPED
        node.manifest[NAME] = EVERYTHING
        assert await client.request(PUBLISH) == EventPublished()
        assert node.calls["PublishEvent"] == 2

    play(tmp_path, story)


def test_each_time_it_is_left_alone_for_longer(tmp_path: Path) -> None:
    async def story(_node: ScriptedBlvm, client: BlvmClient) -> None:
        left_alone = []
        for _ in range(8):
            assert await fault_of(client.request(PUBLISH)) is Fault.DROPPED
            shunned = client._shunned[PublishEvent]
            left_alone.append(round(shunned.until - asyncio.get_running_loop().time()))
            shunned.until = 0.0  # so much later
        assert left_alone == [60, 120, 240, 480, 960, 1920, 3600, 3600]

    play(tmp_path, story)


def test_what_everything_rests_on_is_asked_again_at_once(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        node.manifest[NAME] = EVERYTHING - {"read_chain_state"}
        for _ in range(2):
            assert await fault_of(client.request(GetChainTip())) is Fault.DROPPED
        node.manifest.clear()
        assert await client.request(GetChainTip()) == Hash(node.chain.tip)

    play(tmp_path, story)


def test_a_repaired_node_says_no_and_nothing_is_lost(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        for _ in range(2):
            assert await fault_of(client.request(PUBLISH)) is Fault.DECLINED
        assert node.connections == 1
        assert await client.request(RegisterRpcEndpoint("m", "d")) == RpcEndpointRegistered()

    play(tmp_path, story, REPAIRED)


def test_what_no_published_node_can_do_costs_one_connection(tmp_path: Path) -> None:
    """B9."""

    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        assert await fault_of(client.request(RegisterRpcEndpoint("m", "d"))) is Fault.DROPPED
        assert await fault_of(client.request(RegisterRpcEndpoint("m", "d"))) is Fault.SHUNNED
        assert node.connections == 1

    play(tmp_path, story)


def test_each_connection_begins_with_the_introductions_once(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)
    node.manifest[NAME] = EVERYTHING

    async def run() -> None:
        async with serving_blvm(node), asyncio.timeout(SECONDS):
            spec = CliSpec(1, "stratum-v2", None, ())
            words = (EventType.BlockMined, EventType.NewBlock)
            client = attached(node, cli_spec=spec, subscribed=words, api_methods=("get_template",))
            heard: list[EventMessage] = []
            client.hooks.heard = heard.append
            for times in (1, 2):
                await client.request(GetChainTip())
                await client.request(GetChainTip())
                assert [
                    node.calls[name] for name in ("RegisterCliSpec", "SubscribeEvents", "RegisterModuleApi")
                ] == [times] * 3
                node.mine()
                await client.request(GetChainTip())
                assert [type(event.payload) for event in heard] == [BlockMined] * times  # not twice
                node.sessions[-1].writer.close()
                await asyncio.sleep(0.05)
            client.close()

    asyncio.run(run())


def test_an_introduction_that_costs_the_connection_is_left_out(tmp_path: Path) -> None:
    """RegisterModuleApi without its permission (B5)."""
    node = ScriptedBlvm(tmp_path)

    async def run() -> None:
        async with serving_blvm(node), asyncio.timeout(SECONDS):
            client = attached(node, subscribed=(EventType.BlockMined,), api_methods=("get_template",))
            assert await client.request(GetBlockHeight()) == U64(0)
            assert (node.calls["RegisterModuleApi"], node.connections) == (1, 2)
            assert client.connected
            client.close()

    asyncio.run(run())


def test_nobody_there_and_then_somebody(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path)

    async def run() -> None:
        gone: list[int] = []
        client = attached(node)
        client.hooks = Hooks(gone=lambda: gone.append(1))
        async with asyncio.timeout(SECONDS):
            assert await fault_of(client.request(GetChainTip())) is Fault.UNREACHABLE
            assert not gone  # it was never there
            async with serving_blvm(node):
                await client.request(GetChainTip())
            while not gone:
                assert await fault_of(client.request(GetChainTip())) in (Fault.UNREACHABLE, Fault.DROPPED)
            async with serving_blvm(node):
                assert await client.request(GetBlockHeight()) == U64(0)
        client.close()
        assert gone == [1]
        assert await fault_of(client.request(GetChainTip())) is Fault.UNREACHABLE

    asyncio.run(run())


def test_a_node_that_serves_another_module_is_waited_for_and_survives_it(tmp_path: Path) -> None:
    """B1 and B3: patience has an end, the pending handshake has none."""

    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        async with node.occupied():
            for _ in range(3):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await client.request(GetChainTip())
            assert client.waiting
            assert not client.connected
        assert await client.request(GetChainTip()) == Hash(node.chain.tip)
        assert not node.dead
        assert node.connections == 2

    play(tmp_path, story)


def test_a_node_that_is_slow_to_let_us_in(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.request(GetChainTip())
        assert await client.request(GetChainTip()) == Hash(node.chain.tip)
        assert not node.dead

    play(tmp_path, story, Quirks(slow_ack=0.3))


def test_a_lost_patience_does_not_confuse_the_answers(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        await client.request(GetChainTip())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await client.request(GetBlockTemplate((), None, "hex:51"))
        assert await client.request(GetBlockHeight()) == U64(0)
        assert node.connections == 1

    play(tmp_path, story, Quirks(slow_template=0.3))


def test_a_node_that_hangs_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blvm_client, "DEADLINES", {GetBlockTemplate: 0.1})

    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        template = GetBlockTemplate((), None, "hex:51")
        assert await fault_of(client.request(template)) is Fault.SILENT
        node.quirks.slow_template = 0
        assert await client.request(GetBlockHeight()) == U64(0)
        assert await fault_of(client.request(template)) is Fault.SHUNNED

    play(tmp_path, story, Quirks(slow_template=1.0))


def test_no_second_holds_more_questions_than_the_node_counts(tmp_path: Path) -> None:
    """The hundred and first costs the connection; the count survives a reconnect."""

    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        for _ in range(130):
            await client.request(GetBlockHeight())
        assert node.connections == 1
        assert max(node._rates.values()) <= 100

    play(tmp_path, story)


def test_what_this_version_does_not_know_is_not_sent(tmp_path: Path) -> None:
    node = ScriptedBlvm(tmp_path, version="0.1.40")

    async def run() -> None:
        async with serving_blvm(node), asyncio.timeout(SECONDS):
            client = attached(node)
            assert await fault_of(client.request(GetBlockAndWitnesses(bytes(32)))) is Fault.UNSUITABLE
            assert await client.request(GetBlockHeight()) == U64(0)
            client.close()

    asyncio.run(run())


def test_calls_are_answered_from_what_is_known_while_the_hub_is_held(tmp_path: Path) -> None:
    """B11: the caller's CallModule holds the node's hub until we have answered."""

    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        await client.request(GetChainTip())
        client.hooks.invoked = lambda call: (
            ModuleApiResult(b"{}") if isinstance(call, ModuleApiCall) else CliResult("ok\n", "", 0)
        )
        told = await node.invoke(ModuleApiCall("get_pool_stats", b"", "unknown"))
        assert (told.success, told.payload) == (True, ModuleApiResult(b"{}"))
        assert (await node.invoke(CliCall("status", ()))).payload == CliResult("ok\n", "", 0)

    play(tmp_path, story)


def test_the_command_line_through_a_repaired_node_and_a_published_one(tmp_path: Path) -> None:
    """B7."""

    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        await client.request(GetChainTip())
        client.hooks.invoked = lambda call: CliResult(f"{call}\n", "", 0)
        told = await node.run_module_cli("set-difficulty", "4")
        assert told.payload == CliResult(f"{CliCall('set-difficulty', ('4',))}\n", "", 0)
        node.quirks.no_cli = True
        with pytest.raises(TimeoutError):
            await node.run_module_cli("status", seconds=0.05)

    play(tmp_path, story, REPAIRED)


def test_a_question_that_crosses_a_call_waits_until_the_node_gives_the_call_up(tmp_path: Path) -> None:
    """B11, and nothing that we could do: the node reads our answer only after our question, which waits for it."""

    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        await client.request(GetChainTip())
        asking = asyncio.create_task(client.request(GetBlockHeight()))
        with pytest.raises(TimeoutError):
            await node.invoke(CliCall("status", ()), seconds=0.3)
        assert await asking == U64(0)
        assert node.connections == 1

    play(tmp_path, story)


def test_without_a_module_behind_it_calls_are_declined(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        await client.request(GetChainTip())
        told = await node.invoke(CliCall("status", ()))
        assert (told.success, told.error) == (False, "this module does not answer a CliCall")

    play(tmp_path, story)


def test_lines_for_the_nodes_log(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        assert not client.log(LogLevel.INFO, "nobody is there yet")
        await client.request(GetChainTip())
        assert client.log(LogLevel.WARN, "careful")
        await client.request(GetChainTip())
        [line] = node.logged
        assert (line.level, line.message, line.module_id, line.target) == (
            LogLevel.WARN,
            "careful",
            NAME,
            NAME,
        )

    play(tmp_path, story)


def test_the_adapter_hears_before_the_module() -> None:
    order: list[str] = []
    attachment = Attachment(Path("nowhere"), Identity(NAME, NAME, "1"))
    client = BlvmClient(attachment, lambda _: order.append("adapter"))
    client.hooks.heard = lambda _: order.append("module")
    client._heard(EventMessage(EventType.NewBlock, NewBlock(bytes(32), 1)))
    assert order == ["adapter", "module"]


def test_an_answer_that_is_none_of_ours(tmp_path: Path) -> None:
    async def story(node: ScriptedBlvm, client: BlvmClient) -> None:
        node.manifest[NAME] = EVERYTHING
        assert await client.request(IsModuleAvailable("datum")) == ModuleAvailable(value=False)

    play(tmp_path, story)
