"""The one place at the node, handed to the node and taken back."""

import asyncio
from pathlib import Path

import pytest

from sluice.blvm import requests as ask
from sluice.blvm.connection import Identity
from sluice.managed import hand_over as under_test
from sluice.managed.hand_over import NodeLeft, hand_over
from sluice.node.blvm.client import Attachment, BlvmClient
from support.neighbours import NAME, Supervisor
from support.scripted_blvm import Quirks

MODULE_ID = f"{NAME}_1"
WHO = Identity(MODULE_ID, NAME, "0.1.0")


async def supervisor(directory: Path, quirks: Quirks | None = None) -> Supervisor:
    node = Supervisor(directory, quirks)
    await node.start()
    node.mine()
    return node


@pytest.mark.parametrize("seconds", [0.2, 1.5])
@pytest.mark.parametrize("repaired", [False, True])
def test_the_module_is_loaded_and_served_by_its_name(tmp_path: Path, seconds: float, repaired: bool) -> None:
    quirks = Quirks(one_at_a_time=False, by_exact_id=False) if repaired else Quirks()

    async def main() -> None:
        node = await supervisor(tmp_path, quirks)
        async with node.supervising(MODULE_ID, seconds):
            assert await asyncio.wait_for(asyncio.to_thread(hand_over, node.socket, WHO), 20)
            client = BlvmClient(Attachment(node.socket, Identity(NAME, NAME, "0.1.0")))
            async with asyncio.timeout(10):
                await client.request(ask.IsModuleAvailable(NAME))  # a permission of the manifest's
            client.close()
        await node.stop()

    asyncio.run(main())


def test_without_it_whoever_comes_back_by_its_id_is_never_served_again(tmp_path: Path) -> None:
    async def main() -> None:
        node = await supervisor(tmp_path)
        async with node.supervising(MODULE_ID, 0.1):
            client = BlvmClient(Attachment(node.socket, WHO))
            await client.request(ask.GetChainTip())
            await asyncio.sleep(0.3)
            client.close()
            again = BlvmClient(Attachment(node.socket, WHO))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1.0):
                    await again.request(ask.GetChainTip())
            await node.stop()
            again.close()

    asyncio.run(main())


def test_a_node_that_never_loads_us_is_tried_for_so_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(under_test, "ROUNDS", 2)

    async def main() -> None:
        node = await supervisor(tmp_path)
        assert not await asyncio.to_thread(hand_over, node.socket, WHO)
        assert node.calls["GetChainTip"] == 198
        await node.stop()

    asyncio.run(main())


def test_a_node_that_ends_meanwhile_is_said_to_have_left(tmp_path: Path) -> None:
    async def main() -> None:
        node = await supervisor(tmp_path, Quirks(slow_ack=30))
        waiting = asyncio.create_task(asyncio.to_thread(hand_over, node.socket, WHO))
        await asyncio.sleep(0.2)
        await node.stop()
        with pytest.raises(NodeLeft, match="closed the connection"):
            await waiting

    asyncio.run(main())


def test_where_no_node_is_none_is_found(tmp_path: Path) -> None:
    with pytest.raises(NodeLeft, match="No such file"):
        hand_over(tmp_path / "node.sock", WHO)
