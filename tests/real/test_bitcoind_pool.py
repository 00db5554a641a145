"""Sluice between a real bitcoind on regtest and miners of our own, each a process: the main job, end to end.

On regtest every share is a block, as half of all hashes are: twenty a second here, so that two of them are often
found on one tip. The node calls the second `inconclusive`; that race, and nothing else, may cost a block.
"""

import asyncio
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sluice.bitcoin.address import script_for_address
from sluice.bitcoin.block import assemble_block
from sluice.bitcoin.coinbase import with_witness
from sluice.bitcoin.header import header_bytes
from sluice.bitcoin.network import REGTEST, Network, subsidy
from sluice.node.bitcoind import bitcoind as adapter
from sluice.node.bitcoind.rpc import Access
from sluice.noise.authority import PoolUrl
from sluice.pool.events import BlockAccepted, BlockRefused
from sluice.pool.policy import Policy
from sluice.pool.ports import Route, Sight, Trouble
from sluice.work.book import JobBook, MineNow, TurnTo
from sluice.work.job import ActiveJob, Payout
from sluice.work.template import Template
from sluice.work.vardiff import VardiffPolicy
from support.bitcoind import Bitcoind
from support.miners import mining_well
from support.peer import open_standard, peer
from support.processes import SLUICE
from support.server import REGTEST_ADDRESS, ServerProcess, sluice_server
from support.serving import Live, run_on, serving, until
from support.waiting import PATIENCE, wait_for

BLOCKS = 100
#: Coins can be spent 100 blocks later; the subsidy halves at 150, in the middle of what is mined here.
MATURE = 110


@dataclass
class Wallet:
    """The node's wallet: it pays itself, so that there is something in the mempool."""

    node: Bitcoind
    paid: list[str] = field(default_factory=list)

    def pay(self, times: int) -> None:
        """Three kinds of outputs; what spends them later has witnesses of all kinds."""
        for _ in range(times):
            for kind in ("bech32", "bech32m", "p2sh-segwit"):
                txid = self.node.rpc("sendtoaddress", self.node.rpc("getnewaddress", "", kind), 0.1)
                # A wallet that is behind its node makes transactions, rarely, that the node does not take.
                if txid in self.node.rpc("getrawmempool") or self.is_mined(txid):
                    self.paid.append(txid)

    def is_mined(self, txid: str) -> bool:
        return int(self.node.rpc("gettransaction", txid)["confirmations"]) > 0

    def waiting(self) -> set[str]:
        """What it paid and no block has."""
        return set(self.paid) & set(self.node.rpc("getrawmempool"))


@pytest.fixture
def wallet(bitcoind: Bitcoind) -> Wallet:
    bitcoind.rpc("createwallet", "w")
    bitcoind.rpc("generatetoaddress", MATURE, bitcoind.rpc("getnewaddress", "", "bech32"))
    return Wallet(bitcoind)


@contextmanager
def pool_on(node: Bitcoind, *flags: str, **settings: object) -> Iterator[ServerProcess]:
    """`sluice run` on the node, by cookie and ZMQ."""
    where = {"node__url": node.url, "node__cookie_file": node.cookie, "node__zmq_hashblock": node.zmq}
    with sluice_server(*flags, **({"node__kind": "bitcoind"} | where | settings)) as server:
        yield server


def blocks_from(node: Bitcoind, height: int) -> list[dict[str, Any]]:
    """The blocks above a height, with their transactions spelt out."""
    top = node.rpc("getblockcount")
    return [node.rpc("getblock", node.rpc("getblockhash", at), 2) for at in range(height + 1, top + 1)]


def test_a_hundred_blocks_with_segwit_transactions_are_accepted(bitcoind: Bitcoind, wallet: Wallet) -> None:
    wallet.pay(10)
    with pool_on(bitcoind, pool__shares_per_minute=600, pool__tag="A hundred") as server:
        with (
            mining_well(server.url, "extended", "--extended"),
            mining_well(server.url, "standard", "--standard"),
        ):
            for paid_at in range(MATURE, MATURE + BLOCKS, 10):
                wait_for(lambda: bitcoind.rpc("getblockcount") >= paid_at + 10)  # noqa: B023 - it is waited for
                wallet.pay(1)
            wait_for(lambda: not wallet.waiting())
        assert server.stop() == 0
        found, accepted, refused, answered = (
            server.events(f"block {fate}") for fate in ("found", "accepted", "refused", "answered")
        )
        assert server.events("node troubled") == []
    blocks = blocks_from(bitcoind, MATURE)
    assert len(blocks) == len(accepted) >= BLOCKS
    assert {block["hash"] for block in blocks} == {line["block_hash"] for line in accepted}
    assert {line["user"] for line in accepted} == {"extended", "standard"}
    assert refused == []
    assert {line["reason"] for line in answered} <= {"", "inconclusive", "duplicate"}
    # Each loser of a race had a winner.
    assert {line["height"] for line in found} == {block["height"] for block in blocks}
    look_at_blocks(blocks, wallet.paid)


def look_at_blocks(blocks: list[dict[str, Any]], paid: list[str]) -> None:
    """What the node accepted is what it offered: its transactions with their witnesses, and our coinbase."""
    script = script_for_address(REGTEST_ADDRESS, REGTEST).hex()
    mined: Counter[str] = Counter()
    witnesses = 0
    for block in blocks:
        coinbase, *others = block["tx"]
        mined.update(each["txid"] for each in others)
        witnesses += sum(each["hash"] != each["txid"] for each in others)
        reward, commitment = coinbase["vout"]
        assert reward["scriptPubKey"]["hex"] == script
        fees = sum(each["fee"] for each in others)
        assert round(reward["value"] * 10**8) == subsidy(block["height"], REGTEST) + round(fees * 10**8)
        assert commitment["scriptPubKey"]["hex"].startswith("6a24aa21a9ed")
        assert b"A hundred".hex() in coinbase["vin"][0]["coinbase"]
        assert coinbase["locktime"] == block["height"] - 1  # BIP54
    assert len(paid) > witnesses >= 10  # the wallet has legacy coins, too
    assert set(paid) <= set(mined)
    assert set(mined.values()) == {1}
    assert {block["height"] >= REGTEST.halving_interval for block in blocks} == {False, True}


@asynccontextmanager
async def a_miner(url: PoolUrl) -> AsyncIterator[None]:
    """`sluice mine`, beside a server of this process."""
    command = (*SLUICE, "mine", str(url), "--user", "alice.rig", "--threads", "1")
    quiet = subprocess.DEVNULL
    miner = await asyncio.create_subprocess_exec(*command, stdin=quiet, stderr=quiet)
    try:
        yield
    finally:
        miner.terminate()
        await miner.wait()


class Proposing:
    """A bitcoind that is asked, before the pool hears of a template, what it would say to its blocks.

    What is proposed are the blocks of the jobs that a pool cuts from it: the full one, and the empty one that
    was sent ahead and is mined first on a new tip.
    """

    def __init__(self, node: adapter.Bitcoind, payout: Payout) -> None:
        self.name = node.name
        self.node = node
        self.answers: Counter[str | None] = Counter()
        self.sizes: Counter[int] = Counter()
        self._book = JobBook(payout, count(1).__next__, lambda height: subsidy(height, REGTEST))

    async def start(self) -> Network:
        return await self.node.start()

    async def watch(self) -> AsyncIterator[Template | Trouble]:
        async for news in self.node.watch():
            assert isinstance(news, Template), news
            for step in self._book.offer(news):
                if isinstance(step, TurnTo | MineNow):
                    self.answers[await self.node.propose(block_of(step.job))] += 1
                    self.sizes[len(step.job.template.transactions)] += 1
            yield news

    @property
    def routes(self) -> Sequence[Route]:
        return self.node.routes

    async def look(self, height: int) -> Sight | None:
        return await self.node.look(height)

    async def close(self) -> None:
        await self.node.close()


def block_of(job: ActiveJob) -> bytes:
    """A whole block, but for the proof of work."""
    extranonce = bytes(range(16))
    root, tip = job.merkle_root(extranonce), job.tip
    header = header_bytes(job.version, tip.prev_hash, root, job.min_ntime, tip.nbits, 0)
    return assemble_block(header, with_witness(job.coinbase(extranonce)), job.template.transactions)


def test_every_block_was_fine_with_the_node_before_it_was_mined(bitcoind: Bitcoind, wallet: Wallet) -> None:
    bitcoind.rpc("generatetoaddress", 30, bitcoind.rpc("getnewaddress"))  # the subsidy halves ten blocks on
    begin, found = MATURE + 30, 20
    payout = Payout(script_for_address(REGTEST_ADDRESS, REGTEST), b"Proposing")
    policy = Policy(VardiffPolicy(shares_per_minute=120))
    settings = adapter.BitcoindSettings(
        Access(bitcoind.url, cookie_file=bitcoind.cookie), zmq_hashblock=bitcoind.zmq, refresh_seconds=1
    )

    async def scenario() -> tuple[Proposing, Live]:
        node = Proposing(adapter.Bitcoind(settings, lambda trouble: None), payout)
        assert await node.start() == REGTEST
        async with serving(node, payout=payout, policy=policy) as running, a_miner(running.url):
            for wanted in range(1, found, 4):
                await asyncio.to_thread(wallet.pay, 2)
                await until(lambda: len(running.events(BlockAccepted)) >= wanted)  # noqa: B023 - waited for
            await until(lambda: len(running.events(BlockAccepted)) >= found)
        return node, running

    node, running = run_on("uvloop", scenario())
    assert running.events(BlockRefused) == []
    blocks = blocks_from(bitcoind, begin)
    assert len(blocks) == len(running.events(BlockAccepted)) >= found
    # A block may be found while the node is asked about one on the tip before.
    assert set(node.answers) <= {None, "inconclusive-not-best-prevblk"}
    assert node.answers[None] > len(blocks)
    assert node.sizes[0] >= found / 2  # the empty blocks that are sent ahead
    assert max(node.sizes) >= 3


@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 0)])
def test_a_block_that_no_node_was_there_for_is_accepted_after_the_next_start(
    bitcoind: Bitcoind, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    bitcoind.rpc("generatetoaddress", 20, REGTEST_ADDRESS)
    easy = {"pool__min_difficulty": 1e-9, "pool__shares_per_minute": 600}
    files = tmp_path / "blocks"
    with pool_on(bitcoind, "--data-dir", str(tmp_path), **easy) as server:
        with peer(server.url) as miner:
            miner.setup()
            channel = open_standard(miner)
            bitcoind.stop()
            miner.send(channel.share())
            wait_for(lambda: list(files.glob("*.hex")))
        server.process.send_signal(number)
        assert server.process.wait(PATIENCE) == code
        [found] = server.events("block found")
        assert server.events("block accepted") == []
    assert {path.stem for path in files.iterdir()} == {f"21-{found['block_hash']}"}
    bitcoind.start()
    assert bitcoind.rpc("getblockcount") == 20
    with pool_on(bitcoind, "--data-dir", str(tmp_path), **easy) as server:
        wait_for(lambda: bitcoind.rpc("getblockcount") == 21)
        assert bitcoind.rpc("getbestblockhash") == found["block_hash"]
        bitcoind.rpc("generatetoaddress", 5, REGTEST_ADDRESS)
        wait_for(lambda: server.events("block buried"))
        wait_for(lambda: not list(files.glob("*.*")))
        assert {path.stem for path in (files / "settled").iterdir()} == {f"21-{found['block_hash']}"}
        assert [line["block_hash"] for line in server.events("block resumed")] == [found["block_hash"]]
        assert server.stop() == 0
