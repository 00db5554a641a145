"""The embedded chain, block by block, without a clock of its own."""

from random import Random

import pytest

from sluice.bitcoin.block import Block
from sluice.bitcoin.hashes import sha256d, to_display
from sluice.bitcoin.header import HEADER_SIZE
from sluice.bitcoin.network import COIN
from sluice.bitcoin.sigops import sigops_cost
from sluice.bitcoin.target import hashrate_for_target, target_from_nbits, work
from sluice.bitcoin.transaction import Transaction
from sluice.node.embedded import chain as chain_module
from sluice.node.embedded.chain import GENESIS, Chain, ChainPlan
from sluice.work.template import tip_of
from support.blocks import draft, found

NOW = 1_800_000_000.0
PLAN = ChainPlan(hashrate=1, transactions_per_second=2)


def grown(blocks: int, plan: ChainPlan = PLAN) -> tuple[Chain, float]:
    """A chain of so many blocks, ten seconds apart, and the time after them."""
    chain, now = Chain(plan, NOW), NOW
    for _ in range(blocks):
        now += 10
        assert chain.submit(found(chain.template(1, now)), now) == ""
    return chain, now


def test_it_begins_with_regtests_genesis() -> None:
    expected = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"
    assert to_display(GENESIS.hash()) == expected
    assert Chain(PLAN, NOW).tip == GENESIS.hash()


def test_a_block_moves_the_tip_and_takes_its_transactions() -> None:
    chain, now = grown(3)
    template = chain.template(4, now + 10)
    block = found(template)
    assert template.height == 4
    assert len(template.transactions) == 20
    assert chain.propose(block, now + 10) == ""
    assert chain.submit(block, now + 10) == ""
    assert chain.tip == sha256d(block[:HEADER_SIZE])
    assert chain.height == 4
    following = chain.template(5, now + 10)
    assert following.prev_hash == chain.tip
    assert following.transactions == ()
    assert following.coinbase_value == 50 * COIN


def test_a_refused_block_changes_nothing() -> None:
    chain, now = grown(2)
    before = chain.template(1, now)
    assert chain.submit(draft(before).paying(51 * COIN).block(), now) == "bad-cb-amount"
    assert chain.template(1, now) == before
    assert chain.submit(found(before), now) == ""


def test_what_is_known_is_a_duplicate() -> None:
    chain, now = grown(1)
    block = found(chain.template(1, now))
    assert chain.submit(block, now) == ""
    assert chain.submit(block, now) == "duplicate"
    assert chain.propose(block, now) == "inconclusive-not-best-prevblk"


def test_a_rival_of_the_tip_is_inconclusive_and_forgotten() -> None:
    chain, now = grown(1)
    template = chain.template(1, now)
    first, rival = found(template), found(template, extranonce=1)
    assert chain.submit(first, now) == ""
    assert chain.submit(rival, now) == "inconclusive"
    assert chain.submit(rival, now) == "inconclusive"
    assert chain.tip == sha256d(first[:HEADER_SIZE])


@pytest.mark.parametrize("raw", [b"", b"\x00", bytes(80), bytes(80) + b"\x01"])
def test_what_is_no_block(raw: bytes) -> None:
    chain = Chain(PLAN, NOW)
    assert chain.submit(raw, NOW) == chain.propose(raw, NOW) == "Block decode failed"


def test_a_block_of_nothing() -> None:
    chain = Chain(PLAN, NOW)
    assert chain.submit(GENESIS.to_bytes() + b"\x00", NOW) == "bad-blk-length"


def test_only_so_many_blocks_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_module, "REMEMBERED", 3)
    chain, now = Chain(PLAN, NOW), NOW
    blocks = [found(chain.template(1, now))]
    for _ in range(4):
        assert chain.submit(blocks[-1], now) == ""
        blocks.append(found(chain.template(1, now)))
    assert chain.submit(blocks[3], now) == "duplicate"
    assert chain.submit(blocks[0], now) == "prev-blk-not-found"


def test_transactions_come_with_time() -> None:
    chain = Chain(PLAN, NOW)
    counts = [len(chain.template(1, NOW + seconds).transactions) for seconds in (0, 0.4, 0.5, 1, 1, 10)]
    assert counts == [0, 0, 1, 2, 2, 20]


def test_time_that_goes_back_harms_nothing() -> None:
    chain, now = grown(5)
    template = chain.template(1, now - 3_600)
    assert template.ntime == template.min_ntime
    assert chain.submit(found(template), now - 3_600) == ""


def test_the_subsidy_halves_as_on_regtest() -> None:
    chain = Chain(PLAN, NOW)
    chain.height = 148
    assert chain.template(1, NOW).coinbase_value == 50 * COIN
    chain.height = 149
    assert chain.template(1, NOW).coinbase_value == 25 * COIN


def test_the_first_target_is_that_of_the_stated_hash_rate() -> None:
    chain = Chain(ChainPlan(hashrate=1_000_000, block_seconds=20), NOW)
    assert hashrate_for_target(chain.target, 3) == pytest.approx(1_000_000, rel=1e-4)
    assert target_from_nbits(chain.template(1, NOW).nbits) == chain.target
    assert tip_of(chain.template(1, NOW)).target == chain.target


def test_blocks_that_come_too_fast_get_harder_and_too_slow_easier() -> None:
    chain = Chain(ChainPlan(hashrate=200), NOW)
    first = chain.target
    assert chain.submit(found(chain.template(1, NOW)), NOW + 1) == ""
    harder = chain.target
    assert harder < first
    assert chain.submit(found(chain.template(1, NOW + 2)), NOW + 60) == ""
    assert chain.target > harder


def test_miners_find_a_block_about_every_ten_seconds() -> None:
    """Two hundred blocks at a hash rate four times the stated one, times drawn, blocks real."""
    hashrate, noise = 4.0, Random(7)
    chain, now = Chain(ChainPlan(hashrate=1, transactions_per_second=0.5), NOW), NOW
    starts = []
    for _ in range(200):
        now += noise.expovariate(hashrate / work(chain.target))
        assert chain.submit(found(chain.template(1, now)), now) == ""
        starts.append(now)
    assert (starts[-1] - starts[19]) / 180 == pytest.approx(10, rel=0.2)


def test_the_same_seed_and_times_make_the_same_chain() -> None:
    (first, now), (second, _) = grown(5), grown(5)
    assert first.tip == second.tip
    assert first.template(9, now + 5) == second.template(9, now + 5)
    other, _ = grown(5, ChainPlan(hashrate=1, transactions_per_second=2, seed=1))
    assert other.tip != first.tip


def test_its_blocks_hold_segwit_and_legacy_transactions() -> None:
    chain, now = grown(2)
    others = Block.parse(found(chain.template(1, now + 60))).transactions[1:]
    assert {each.has_witness for each in others} == {True, False}


def test_a_template_tells_what_is_known_of_its_transactions() -> None:
    chain = Chain(ChainPlan(hashrate=1), NOW)
    template = chain.template(1, NOW + 60)
    parsed = [Transaction.parse(raw) for raw in template.transactions]
    assert len(parsed) == len(template.facts) > 50
    assert [fact.txid for fact in template.facts] == [each.txid() for each in parsed]
    assert [fact.weight for fact in template.facts] == [each.weight() for each in parsed]
    assert sum(fact.fee for fact in template.facts) == template.fees
    assert sum(fact.sigops for fact in template.facts) == sum(
        sigops_cost(output.script_pubkey) for each in parsed for output in each.outputs
    )
