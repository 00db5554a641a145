"""The server under measurement, in a process of its own; it tells its CPU time and memory when asked.

Every share is valid: the share target is
the easiest there is, the network's is mainnet's, so that nothing is a block.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from os import urandom
from time import process_time

from bench.control import Commands, answer_commands
from sluice.app import run
from sluice.bitcoin.hashes import BlockHash
from sluice.bitcoin.network import MAINNET, Network
from sluice.bitcoin.script import push_height, witness_commitment_script
from sluice.bitcoin.target import MAX_TARGET
from sluice.bitcoin.transaction import TxOut
from sluice.bitcoin.witness import witness_commitment
from sluice.pool.effects import Broadcast
from sluice.pool.inputs import Offered
from sluice.pool.policy import Patience, Policy
from sluice.pool.ports import Route, Sight, Trouble
from sluice.server.clock import steady, unix_time
from sluice.server.identity import Credentials
from sluice.server.limits import Limits
from sluice.server.serve import Plan, Running, serve
from sluice.work.job import Payout
from sluice.work.template import Template
from sluice.work.vardiff import VardiffPolicy

#: Hashes in the merkle path: a block of 2,049 to 4,096 transactions.
DEPTH = 12
HEIGHT = 900_000
NBITS = 0x17034219
DAY = 86_400


def template(number: int, prev_hash: bytes) -> Template:
    """A full block's template at mainnet's difficulty, without the transactions' bytes."""
    now = unix_time()
    height = HEIGHT + number
    return Template(
        template_id=number,
        height=height,
        prev_hash=BlockHash(prev_hash),
        nbits=NBITS,
        version=0x20000000,
        min_ntime=now - 3600,
        ntime=now,
        coinbase_value=312_500_000,
        coinbase_outputs=(TxOut(0, witness_commitment_script(witness_commitment(()))),),
        merkle_path=tuple(urandom(32) for _ in range(DEPTH)),
        transactions=(),
        coinbase_prefix=push_height(height),
        coinbase_tx_locktime=height - 1,
    )


class OneTemplate:
    """A node that has one template, and takes no block."""

    name = "bench"

    async def start(self) -> Network:
        """On mainnet, so that no share is a block."""
        return MAINNET

    async def watch(self) -> AsyncIterator[Template | Trouble]:
        """One template, then silence."""
        yield template(1, urandom(32))
        await asyncio.Event().wait()

    @property
    def routes(self) -> Sequence[Route]:
        """None: no share meets mainnet's target."""
        return ()

    async def look(self, height: int) -> Sight | None:
        """Its chain cannot be seen."""
        return None

    async def close(self) -> None:
        """Nothing is held."""


def plan() -> Plan:
    """Everything that keeps a share valid and a silent connection open."""
    day = float(DAY)
    policy = Policy(
        vardiff=VardiffPolicy(shares_per_minute=10**12, easiest=MAX_TARGET),
        patience=Patience(setup=day, channel=day, idle=day),
    )
    return Plan(
        node=OneTemplate(),
        network=MAINNET,
        payout=Payout(bytes.fromhex("0014" + "11" * 20), b"Sluice"),
        policy=policy,
        limits=Limits(max_connections=100_000, handshake_seconds=day),
        credentials=Credentials(urandom(32), DAY, unix_time(), urandom),
        host="127.0.0.1",
        port=0,
    )


def commands(running: Running) -> Commands:
    """What may be asked, by name."""
    owner = running.owner
    state = owner.pool.state

    def usage() -> dict[str, float]:
        return {
            "connections": len(owner.pumps),
            "channels": sum(len(miner.channels) for miner in state.miners.values()),
            "accepted": sum(miner.accepted for miner in state.miners.values()),
            "refused": sum(miner.refused for miner in state.miners.values()),
        }

    def block() -> dict[str, float]:
        tip = state.book.tip
        number = 2 if tip is None else tip.height - HEIGHT + 1
        happened = Offered(template(number, urandom(32)))
        before = process_time()
        told = before
        for effect in owner.pool.react(happened, steady()):
            owner.performer.perform(effect)
            if isinstance(effect, Broadcast) and effect.urgent:
                told = process_time()
        owner.flush()
        return {"told": told - before, "cpu": process_time() - before, "connections": len(owner.pumps)}

    def refresh() -> dict[str, float]:
        tip = state.book.tip
        assert tip is not None
        before = process_time()
        owner.feed(Offered(template(tip.height - HEIGHT, tip.prev_hash)))
        return {"cpu": process_time() - before, "connections": len(owner.pumps)}

    return {"usage": usage, "block": block, "refresh": refresh}


async def main() -> int:
    """Serve until stdin ends."""
    stop = asyncio.Event()
    running: asyncio.Future[Running] = asyncio.get_running_loop().create_future()

    async def answer() -> None:
        server = await running
        await answer_commands(server.port, commands(server))
        stop.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(serve(plan(), lambda event: None, running.set_result, stop))
        group.create_task(answer())
    return 0


if __name__ == "__main__":
    sys.exit(run(main()))
