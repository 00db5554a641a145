"""The embedded chain behind the pool's port."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.network import REGTEST
from sluice.node.embedded.chain import ChainPlan
from sluice.node.embedded.embedded import NOTICE, Embedded
from sluice.pool.ports import Node, Sight, Trouble
from sluice.work.template import Template
from support.blocks import draft, found
from support.found import submit, verdict

NOW = 1_800_000_000.0
PLAN = ChainPlan(hashrate=1)


async def next_template(news: AsyncIterator[Template | Trouble]) -> Template:
    async with asyncio.timeout(20):
        template = await anext(news)
    assert isinstance(template, Template)
    return template


def test_it_is_a_node_and_says_which() -> None:
    node: Node = Embedded(PLAN, lambda: NOW)
    assert asyncio.run(node.start()) == REGTEST
    assert node.name == "embedded"
    assert "made-up" in NOTICE
    assert "worth nothing" in NOTICE


def test_every_watcher_gets_a_template_at_once_and_on_each_tip() -> None:
    async def watch_two() -> None:
        node = Embedded(PLAN, lambda: NOW, refresh_seconds=60)
        first, second = node.watch(), node.watch()
        template = await next_template(first)
        assert (await next_template(second)).prev_hash == template.prev_hash
        assert await submit(node, found(template)) == verdict("embedded")
        for news in (first, second):
            assert (await next_template(news)).height == 2
        await node.close()

    asyncio.run(watch_two())


def test_a_refused_block_is_no_news() -> None:
    async def watch_one() -> None:
        node = Embedded(PLAN, lambda: NOW, refresh_seconds=60)
        news = node.watch()
        template = await next_template(news)
        wrong = draft(template).paying(1 << 50).block()
        assert await node.propose(wrong) == "bad-cb-amount"
        assert await submit(node, wrong) == verdict("embedded", "bad-cb-amount")
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(next_template(news))
            await asyncio.sleep(0)
            assert not waiting.done()
            assert await node.propose(found(template)) is None
            assert (await submit(node, found(template))).accepted
        assert waiting.result().height == 2
        await node.close()

    asyncio.run(watch_one())


def test_templates_are_fresh_and_counted_by_one_counter() -> None:
    async def watch_three() -> list[Template]:
        times = count(NOW, 2)
        node = Embedded(PLAN, lambda: next(times), refresh_seconds=0.001, template_ids=count(100))
        news = node.watch()
        found = [await next_template(news) for _ in range(3)]
        await node.close()
        return found

    templates = asyncio.run(watch_three())
    assert [each.template_id for each in templates] == [100, 101, 102]
    assert [len(each.transactions) for each in templates] == [10, 20, 30]
    assert len({each.prev_hash for each in templates}) == 1


def test_a_closed_one_has_no_more_news() -> None:
    async def close_it() -> list[Template | Trouble]:
        node = Embedded(PLAN, lambda: NOW, refresh_seconds=60)
        news = node.watch()
        await next_template(news)
        async with asyncio.TaskGroup() as group:
            rest = group.create_task(everything(news))
            await asyncio.sleep(0)
            await node.close()
        return rest.result()

    async def everything(news: AsyncIterator[Template | Trouble]) -> list[Template | Trouble]:
        async with asyncio.timeout(20):
            return [each async for each in news]

    assert asyncio.run(close_it()) == []


def test_its_chain_can_be_looked_at() -> None:
    async def look() -> None:
        node = Embedded(PLAN, lambda: NOW, refresh_seconds=60)
        template = await next_template(node.watch())
        block = found(template)
        assert await node.look(1) == Sight("embedded", None, 0)
        await submit(node, block)
        assert await node.look(1) == Sight("embedded", sha256d(block[:80]), 1)
        assert await node.look(0) == Sight("embedded", template.prev_hash, 1)

    asyncio.run(look())
