"""A found block, from the share to the node's verdict."""

import pytest

from sluice.bitcoin.block import Block
from sluice.bitcoin.hashes import sha256d, to_display
from sluice.bitcoin.transaction import Transaction
from sluice.pool import candidate
from sluice.pool.candidate import Candidates, Fate
from sluice.pool.effects import Submit, Tell
from sluice.pool.events import BlockAccepted, BlockFound, BlockRefused
from sluice.pool.inputs import Answered, MovePrefix
from sluice.pool.ports import Answer, Outcome
from sluice.sim.client_plan import ClientPlan
from sluice.work.book import JobBook
from sluice.work.share import Judgement, judge
from support.pool import EXTENDED, GROUPED, STANDARD, Device, mining, one
from support.work import EASY_NBITS, HEIGHT, MAX_NTIME, PAYOUT, SUBSIDY, extended, spend, template

FULL = (spend(1), spend(2, segwit=False), spend(3))
YES = Outcome("core", "submitblock", Answer.ACCEPTED)
NO = Outcome("other", "submitblock", Answer.INCONCLUSIVE, "inconclusive")


def found(number: int = 0) -> Judgement:
    """A judgement over a block, one for each number."""
    book = JobBook(PAYOUT, iter(range(1, 9)).__next__, lambda height: SUBSIDY)
    book.offer(template(nbits=EASY_NBITS))
    channel = extended()
    assert book.current is not None
    channel.issue(book.current, 10)
    nonces = iter(range(10**6))
    winners = (
        judgement
        for nonce in nonces
        if (
            judgement := judge(
                channel, (1, nonce, book.current.min_ntime, 0x2000_0000), bytes(12), 0.0, MAX_NTIME
            )
        ).candidate
    )
    for _ in range(number):
        next(winners)
    return next(winners)


@pytest.mark.parametrize("plan", [STANDARD, GROUPED, EXTENDED], ids=["standard", "grouped", "extended"])
@pytest.mark.parametrize("transactions", [FULL, ()], ids=["full", "empty"])
def test_the_block_is_whole(plan: ClientPlan, transactions: tuple[Transaction, ...]) -> None:
    device = mining(plan, nbits=EASY_NBITS, transactions=transactions)
    device.find()
    (submitted,) = device.talk.blocks
    block = Block.parse(submitted.raw)
    coinbase, *others = block.transactions
    assert submitted.block_hash == block.header.hash() == sha256d(submitted.raw[:80])
    assert submitted.height == HEIGHT
    assert tuple(others) == transactions
    assert coinbase.inputs[0].witness == (bytes(32),)
    assert coinbase.outputs[0].script_pubkey == PAYOUT.script_pubkey
    assert sum(output.value for output in coinbase.outputs) == SUBSIDY + sum(
        transaction.outputs[0].value for transaction in transactions
    )


def test_the_winning_share_s_own_prefix_is_used_after_a_move() -> None:
    device = mining(nbits=EASY_NBITS)
    unit = device.unit()
    share = next(device.shares(unit))
    device.talk.feed(MovePrefix(device.peer, 2))
    device.forge(unit, share)
    (submitted,) = device.talk.blocks
    assert Block.parse(submitted.raw).header.hash() == submitted.block_hash == share.hash


def test_a_coinbase_without_commitment_has_no_witness() -> None:
    device = mining(nbits=EASY_NBITS, coinbase_outputs=())
    device.find()
    coinbase, *_ = Block.parse(device.talk.blocks[0].raw).transactions
    assert coinbase.inputs[0].witness == ()


def test_a_block_is_submitted_once_and_told() -> None:
    candidates, judgement = Candidates(), found()
    submit, tell = candidates.find(judgement, "alice", 7, 1_700_000_000)
    assert isinstance(submit, Submit)
    assert submit.found.header == judgement.header
    hash_text = to_display(judgement.header_hash)
    assert tell == Tell(BlockFound(HEIGHT, hash_text, "alice", 7, judgement.verdict.value))
    assert candidates.find(judgement, "alice", 7, 1_700_000_000) == []
    assert [each.fate for each in candidates.found.values()] == [Fate.SUBMITTED]


@pytest.mark.parametrize(
    ("outcomes", "fate"),
    [
        ((YES,), Fate.ACCEPTED),
        ((NO,), Fate.REFUSED),
        ((NO, YES), Fate.ACCEPTED),
        ((YES, NO, YES), Fate.ACCEPTED),
    ],
)
def test_one_node_that_takes_it_is_enough(outcomes: tuple[Outcome, ...], fate: Fate) -> None:
    candidates, judgement = Candidates(), found()
    candidates.find(judgement, "alice", 7, 0)
    hash_text = to_display(judgement.header_hash)
    for outcome in outcomes:
        told = (
            BlockAccepted(HEIGHT, hash_text, outcome.node, "alice")
            if outcome.accepted
            else BlockRefused(HEIGHT, hash_text, outcome.node, outcome.reason)
        )
        assert candidates.answered(judgement.header_hash, outcome) == [Tell(told)]
    (kept,) = candidates.found.values()
    assert (kept.fate, kept.outcomes) == (fate, list(outcomes))
    assert candidates.accepted == (fate is Fate.ACCEPTED)


def test_a_verdict_over_a_block_of_somebody_else_says_nothing() -> None:
    assert Candidates().answered(bytes(32), YES) == []


def test_only_so_many_are_kept_and_those_without_an_answer_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidate, "KEPT", 3)
    candidates = Candidates()
    blocks = [found(number) for number in range(6)]
    hashes = [block.header_hash for block in blocks]
    for block in blocks[:3]:
        candidates.find(block, "alice", 7, 0)
    candidates.answered(hashes[1], YES)
    candidates.find(blocks[3], "alice", 7, 0)
    assert list(candidates.found) == [hashes[0], hashes[2], hashes[3]]
    for block in blocks[4:]:  # a node that never answers
        candidates.find(block, "alice", 7, 0)
    assert list(candidates.found) == hashes[3:]
    assert candidates.accepted == 1


def test_the_pool_hands_the_node_s_verdict_on() -> None:
    device = mining(nbits=EASY_NBITS)
    device.find()
    (submitted,) = device.talk.blocks
    (effect,) = device.talk.feed(Answered(submitted.block_hash, YES))
    assert one([effect], Tell).event == BlockAccepted(
        HEIGHT, to_display(submitted.block_hash), "core", "alice"
    )


def test_a_block_is_a_block_though_its_share_is_stale() -> None:
    device: Device = mining(nbits=EASY_NBITS)
    unit = device.unit()
    share = next(device.shares(unit))
    device.talk.offer(HEIGHT + 1)
    device.talk.now += device.talk.state.policy.stale_grace + 1
    device.forge(unit, share)
    assert [refused.reason for refused in device.refused] == ["stale-share"]
    assert [submitted.block_hash for submitted in device.talk.blocks] == [share.hash]
    (told,) = device.talk.happened(BlockFound)
    assert told.share == "stale"
