"""The node of a world: templates, verdicts after a while, and blocks of others."""

from sluice.bitcoin.hashes import sha256d
from sluice.node.bitcoind.submission import SUBMIT_BLOCK_ROUTE
from sluice.node.embedded.chain import ChainPlan
from sluice.pool.effects import Look, Submit
from sluice.pool.inputs import Answered, Input, Offered, Routed, Sighted
from sluice.pool.ports import Answer, Sight
from sluice.sim.world.jumping_clock import JumpingClock
from sluice.sim.world.node import EPOCH, NAME, WAY, WorldNode
from support.blocks import found
from support.found import as_found

PLAN = ChainPlan(hashrate=100, block_seconds=10.0, seed=1)


def opened(refresh_seconds: float = 10.0) -> tuple[JumpingClock, WorldNode, list[Input]]:
    clock = JumpingClock()
    news: list[Input] = []
    return clock, WorldNode(clock, PLAN, refresh_seconds, news.append), news


def last_offer(news: list[Input]) -> Offered:
    return [happened for happened in news if isinstance(happened, Offered)][-1]


def test_it_offers_a_template_at_once_and_fresher_ones_later() -> None:
    clock, _, news = opened()
    clock.run_until(WAY)
    clock.run_until(35)
    offers = [happened.template for happened in news if isinstance(happened, Offered)]
    assert [offer.ntime - EPOCH for offer in offers] == [0, 10, 20, 30]
    assert [offer.template_id for offer in offers] == [1, 2, 3, 4]
    assert len(offers[3].transactions) > len(offers[0].transactions)


def test_a_block_is_judged_after_a_while_and_the_next_template_follows() -> None:
    clock, node, news = opened()
    clock.run_until(1)
    block = found(last_offer(news).template)
    news.clear()
    node.submit(Submit(as_found(block, 1), NAME, SUBMIT_BLOCK_ROUTE))
    assert news == []
    clock.run_until(1 + 2 * WAY)
    answered, offered = news
    assert isinstance(answered, Answered)
    assert (answered.block_hash, answered.outcome.accepted, answered.outcome.reason) == (
        sha256d(block[:80]),
        True,
        "",
    )
    assert answered.outcome.node == NAME
    assert isinstance(offered, Offered)
    assert offered.template.prev_hash == sha256d(block[:80])
    assert [(each.height, each.block_hash) for each in node.blocks] == [(1, sha256d(block[:80]))]


def test_a_refusal_is_in_the_chain_s_words() -> None:
    clock, node, news = opened()
    clock.run_until(1)
    template = last_offer(news).template
    first, second = found(template), found(template, extranonce=1)
    news.clear()
    for block in (first, second):
        node.submit(Submit(as_found(block, 1), NAME, SUBMIT_BLOCK_ROUTE))
    clock.run_until(2)
    words = [happened.outcome.reason for happened in news if isinstance(happened, Answered)]
    assert words == ["", "inconclusive"]
    assert len(node.blocks) == 1


def test_its_chain_can_be_seen_and_by_which_way_blocks_come() -> None:
    clock, node, news = opened()
    clock.run_until(1)
    assert [happened.routes for happened in news if isinstance(happened, Routed)] == [
        ((NAME, SUBMIT_BLOCK_ROUTE),)
    ]
    node.others_find()
    for height in (1, 2):
        node.look(Look(height))
    clock.run_until(1 + WAY)
    assert [happened for happened in news if isinstance(happened, Sighted)] == [
        Sighted(1, (Sight(NAME, node.blocks[0].block_hash, 1),)),
        Sighted(2, (Sight(NAME, None, 1),)),
    ]


def test_a_node_that_is_away_neither_answers_nor_offers_nor_shows() -> None:
    clock, node, news = opened()
    clock.run_until(1)
    block = as_found(found(last_offer(news).template), 1)
    news.clear()
    node.away = True
    node.submit(Submit(block, NAME, SUBMIT_BLOCK_ROUTE))
    node.look(Look(1))
    clock.run_until(30)
    answered, sighted = news
    assert isinstance(answered, Answered)
    assert answered.outcome.answer is Answer.SILENT
    assert sighted == Sighted(1, ())
    assert node.blocks == []
    node.away = False
    clock.run_until(41)
    assert isinstance(news[-1], Offered)


def test_others_find_real_blocks() -> None:
    clock, node, news = opened()
    clock.run_until(3)
    node.others_find()
    node.others_find()
    clock.run_until(4)
    assert [each.height for each in node.blocks] == [1, 2]
    assert node.chain.height == 2
    assert last_offer(news).template.prev_hash == node.blocks[-1].block_hash
    assert not any(isinstance(happened, Answered) for happened in news)


def test_the_clock_is_the_world_s() -> None:
    clock, node, _ = opened()
    clock.run_until(12.5)
    assert node.unix_time == EPOCH + 12.5
