"""One scenario on both nodes: templates with segwit transactions, their blocks proposed and accepted, the
next tip heard of; and every refusal in the same words, in which the embedded chain is held to a real node.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass

import pytest

from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.header import HEADER_SIZE
from sluice.bitcoin.network import REGTEST
from sluice.bitcoin.transaction import Transaction
from sluice.node.bitcoind.bitcoind import Bitcoind, BitcoindSettings
from sluice.node.bitcoind.rpc import Access
from sluice.node.embedded.chain import ChainPlan
from sluice.node.embedded.embedded import Embedded
from sluice.pool.ports import Trouble
from sluice.work.template import Template
from support import bitcoind as real
from support.blocks import REFUSALS, draft, found
from support.found import submit, untimed, verdict

SECONDS = 60  # a mempool's news take a node up to ten
BLOCKS = 12
PAID_EVERY = 6  # blocks
FEW = 3  # transactions at least


@dataclass
class Subject:
    """A node under test, and how it comes to new transactions with witnesses."""

    node: Bitcoind | Embedded
    pay: Callable[[], None]


@pytest.fixture(params=["embedded", "bitcoind"])
def subject(request: pytest.FixtureRequest) -> Subject:
    if request.param == "embedded":
        plan = ChainPlan(hashrate=1, transactions_per_second=50)
        return Subject(Embedded(plan, time.time, refresh_seconds=0.5), lambda: None)
    node: real.Bitcoind = request.getfixturevalue("bitcoind")
    node.rpc("createwallet", "w")
    address = node.rpc("getnewaddress", "", "bech32")
    node.rpc("generatetoaddress", 101 + BLOCKS, address)

    def pay() -> None:
        # Two more than needed: Knots refuses a locktime of 21, and a wallet rarely chooses that one.
        for kind in ("legacy", "p2sh-segwit", "bech32", "bech32m", "bech32m"):
            node.rpc("sendtoaddress", node.rpc("getnewaddress", "", kind), 1)

    access = Access(node.url, cookie_file=node.cookie)
    settings = BitcoindSettings(access, network=REGTEST, refresh_seconds=0.5)
    return Subject(Bitcoind(settings, lambda _: None), pay)


def on(subject: Subject, scenario: Callable[[AsyncIterator[Template | Trouble]], Awaitable[None]]) -> None:
    """The scenario, with the news of a node that has started."""

    async def run() -> None:
        async with asyncio.timeout(2 * SECONDS):
            try:
                assert await subject.node.start() == REGTEST
                async with aclosing(subject.node.watch()) as news:  # type: ignore[type-var]
                    await scenario(news)
            finally:
                await subject.node.close()

    asyncio.run(run())


async def template(
    news: AsyncIterator[Template | Trouble], wanted: Callable[[Template], bool] = lambda _: True
) -> Template:
    """The next one that is as wanted."""
    async with asyncio.timeout(SECONDS):
        async for each in news:
            assert isinstance(each, Template), each
            if wanted(each):
                return each
    raise AssertionError("the news ended")


def is_full(each: Template) -> bool:
    return len(each.transactions) >= FEW


def test_a_block_on_every_template_is_accepted(subject: Subject) -> None:
    node = subject.node

    async def scenario(news: AsyncIterator[Template | Trouble]) -> None:
        accepted: list[bytes] = []
        ids, witnesses = [], []
        for _ in range(BLOCKS):
            current = await template(news, lambda each: not accepted or each.prev_hash == accepted[-1])
            ids.append(current.template_id)
            if len(accepted) % PAID_EVERY == 0:
                subject.pay()
                current = await template(news, is_full)
            block = found(current)
            assert await node.propose(block) is None
            assert untimed(await submit(node, block)) == verdict(node.name)
            assert untimed(await submit(node, block)) == verdict(node.name, "duplicate")
            accepted.append(sha256d(block[:HEADER_SIZE]))
            witnesses += [Transaction.parse(raw).has_witness for raw in current.transactions]
        assert ids == sorted(set(ids))
        assert sum(witnesses) >= FEW

    on(subject, scenario)


def test_refusals_word_by_word(subject: Subject) -> None:
    node = subject.node

    async def scenario(news: AsyncIterator[Template | Trouble]) -> None:
        await template(news)
        subject.pay()
        current = await template(news, is_full)
        honest = draft(current)
        for word, build in REFUSALS:
            assert untimed(await submit(node, build(honest))) == verdict(node.name, word)
        block = found(current, extranonce=3)  # another header than those refused for their witness
        assert await node.propose(block) is None
        assert (await submit(node, block)).accepted
        assert untimed(await submit(node, block)) == verdict(node.name, "duplicate")
        rival = found(current, extranonce=1)
        assert untimed(await submit(node, rival)) == verdict(node.name, "inconclusive")
        stale = found(current, extranonce=2)
        assert await node.propose(stale) == "inconclusive-not-best-prevblk"
        following = await template(news, lambda each: each.prev_hash != current.prev_hash)
        assert following.prev_hash == sha256d(block[:HEADER_SIZE])
        assert following.height == current.height + 1

    on(subject, scenario)


def test_a_template_says_what_is_so(subject: Subject) -> None:
    async def scenario(news: AsyncIterator[Template | Trouble]) -> None:
        await template(news)
        subject.pay()
        current = await template(news, is_full)
        assert current.coinbase_tx_locktime == current.height - 1
        assert current.coinbase_tx_sequence != 0xFFFFFFFF
        assert current.fees > 0
        assert current.coinbase_value == current.fees + (50 * 10**8 >> current.height // 150)
        assert current.min_ntime <= current.ntime <= max(time.time() + 1, current.min_ntime)
        underpaid = draft(current).paying(current.coinbase_value - 1).block()
        assert await subject.node.propose(underpaid) is None
        overpaid = draft(current).paying(current.coinbase_value + 1).block()
        assert await subject.node.propose(overpaid) == "bad-cb-amount"

    on(subject, scenario)
