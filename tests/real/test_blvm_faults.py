"""A blvm-node that misbehaves at random, by a seed: whatever it does, blocks go on, and no fault of ours ends its service."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from sluice.blvm.connection import Identity
from sluice.blvm.frame import frame
from sluice.node.bitcoind.rpc import Access
from sluice.node.blvm.blvm import SUBSCRIBED, Blvm, BlvmSettings
from sluice.node.blvm.client import Attachment
from sluice.pool.ports import Trouble
from sluice.work.template import Template
from support.blocks import found as mined
from support.found import whole
from support.scripted_blvm import CREDENTIALS, EVERYTHING, Quirks, ScriptedBlvm, serving_blvm

NAME = "blvm-stratum-v2"
SECONDS = 60
FAULTS = 25
Fault = Callable[[ScriptedBlvm, random.Random], Awaitable[None]]


async def drops(node: ScriptedBlvm, _chance: random.Random) -> None:
    for session in node.sessions:
        session.writer.close()


async def restarts(node: ScriptedBlvm, chance: random.Random) -> None:
    port = int(node.url.rpartition(":")[2])
    await node.stop(chance.choice(("", "an update")))
    await asyncio.sleep(chance.uniform(0, 0.2))
    with suppress(OSError):
        await node.start(port)
        return
    await node.start()


async def babbles(node: ScriptedBlvm, chance: random.Random) -> None:
    """Bodies that nobody understands."""
    for session in node.sessions:
        session.writer.write(frame(chance.randbytes(chance.randint(0, 60))))


async def breaks_off(node: ScriptedBlvm, _chance: random.Random) -> None:
    """What is no frame at all."""
    for session in node.sessions:
        session.writer.write(b"\xff" * 7)


async def hears_of_a_block(node: ScriptedBlvm, _chance: random.Random) -> None:
    node.mine()
    node.spend(3)


async def changes_its_ways(node: ScriptedBlvm, chance: random.Random) -> None:
    quirks = node.quirks
    quirks.slow_ack = chance.choice((0, 0.05))
    quirks.slow_template = chance.choice((0, 0.1))
    quirks.slow_validation = chance.choice((0, 0.1))
    quirks.silent = chance.random() < 0.5
    node.manifest[NAME] = chance.choice((EVERYTHING, EVERYTHING - {"queue_inbound_block"}))


ALL: tuple[Fault, ...] = (drops, restarts, babbles, breaks_off, hears_of_a_block, changes_its_ways)


async def mine(blvm: Blvm, news: AsyncIterator[Template | Trouble]) -> None:
    """Every template is mined, and given to the node by all routes, as a pool would."""
    async for each in news:
        if isinstance(each, Template):
            block = whole(mined(each), each.height)
            await asyncio.gather(*(route.submit(block) for route in blvm.routes))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_node_does_blocks_go_on(tmp_path: Path, seed: int) -> None:
    node = ScriptedBlvm(tmp_path, Quirks())
    node.manifest[NAME] = EVERYTHING
    node.spend(20)
    chance = random.Random(seed)

    async def run() -> None:
        async with asyncio.timeout(SECONDS), serving_blvm(node):
            user, _, password = CREDENTIALS.partition(":")
            settings = BlvmSettings(
                Attachment(node.socket, Identity(NAME, NAME, "0.1.0"), subscribed=SUBSCRIBED),
                ("submitblock", "QueueReceivedBlock"),
                Access(node.url, user, password),
                refresh_seconds=0.2,
                ask_seconds=0.1,
                patience=(0.02,),
            )
            blvm = Blvm(settings, lambda _: None)
            await blvm.start()
            async with aclosing(blvm.watch()) as news:  # type: ignore[type-var]
                mining = asyncio.create_task(mine(blvm, news))
                for _ in range(FAULTS):
                    await chance.choice(ALL)(node, chance)
                    await asyncio.sleep(chance.uniform(0, 0.1))
                    assert not mining.done()
                    assert not node.dead
                height = node.chain.height
                while node.chain.height < height + 3:
                    await asyncio.sleep(0.01)
                    assert not mining.done()
                mining.cancel()
                await asyncio.gather(mining, return_exceptions=True)
            await blvm.close()

    asyncio.run(run())
    assert not node.dead
