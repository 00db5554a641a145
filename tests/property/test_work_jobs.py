"""What holds of every job cut from any template, and of every block made from one."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sluice.bitcoin.block import Block, assemble_block
from sluice.bitcoin.coinbase import is_bip54, with_witness
from sluice.bitcoin.merkle import merkle_root
from sluice.bitcoin.script import witness_commitment_script
from sluice.bitcoin.transaction import Transaction, TxOut
from sluice.bitcoin.witness import witness_commitment
from sluice.work.book import JobBook, SendAhead
from sluice.work.extranonce import EXTRANONCE_SIZE
from sluice.work.job import ActiveJob, Job, Payout, cut
from sluice.work.share import judge
from sluice.work.template import Template, empty_successor
from support.work import EASY_NBITS, MAX_NTIME, NTIME, PAYOUT, extended, spend, standard, template

transactions = st.lists(
    st.builds(spend, st.integers(1, 200), segwit=st.booleans()),
    max_size=6,
    unique_by=lambda spent: spent.txid(),
).map(tuple)
templates = st.builds(
    template,
    height=st.integers(1, 2**24),
    transactions=transactions,
    coinbase_tx_version=st.sampled_from([1, 2]),
)
scripts = st.binary(min_size=1, max_size=34)
payouts = st.builds(Payout, script_pubkey=scripts, pool_tag=st.binary(min_size=1, max_size=70))
shares = st.lists(st.builds(TxOut, st.integers(0, 2**40), scripts), max_size=5).map(tuple)
extranonces = st.binary(min_size=EXTRANONCE_SIZE, max_size=EXTRANONCE_SIZE)
job_ids = st.integers(0, 2**32 - 1)


def coinbase_of(job: Job, extranonce: bytes) -> Transaction:
    return Transaction.parse(job.coinbase(extranonce))


@given(payouts, shares, st.integers(0, 2**42))
def test_not_a_satoshi_is_lost_or_made_whoever_is_paid(
    payout: Payout, shares: tuple[TxOut, ...], value: int
) -> None:
    outputs = replace(payout, shares=shares).outputs(value)
    promised = sum(share.value for share in shares)
    assert sum(output.value for output in outputs) == value
    assert all(output.value >= 0 for output in outputs)
    if promised > value:
        assert outputs == payout.outputs(value)  # none of them, rather than some
    else:
        assert outputs[: len(shares)] == shares
        assert all(output.script_pubkey == payout.script_pubkey for output in outputs[len(shares) :])


@given(templates, payouts, job_ids, extranonces)
def test_a_coinbase_pays_exactly_and_can_never_be_repeated(
    offered: Template, payout: Payout, job_id: int, extranonce: bytes
) -> None:
    coinbase = coinbase_of(cut(offered, payout, job_id), extranonce)
    (txin,) = coinbase.inputs
    assert coinbase.is_coinbase
    assert coinbase.version == offered.coinbase_tx_version
    assert is_bip54(coinbase, offered.height)
    assert txin.sequence >> 31 == 1  # BIP68 does not read it
    assert txin.script_sig.startswith(offered.coinbase_prefix)
    assert txin.script_sig.endswith(extranonce)
    assert len(txin.script_sig) in range(2, 101)
    rewards = [output for output in coinbase.outputs if output.script_pubkey == payout.script_pubkey]
    assert sum(output.value for output in rewards) == offered.coinbase_value
    assert coinbase.outputs[len(rewards) :] == offered.coinbase_outputs


@given(templates, st.lists(job_ids, min_size=2, max_size=20, unique=True), extranonces)
def test_jobs_of_one_template_never_share_a_coinbase(
    offered: Template, numbers: list[int], extranonce: bytes
) -> None:
    # Numbers that are 2^31 - 1 apart may: they are never valid together.
    near = [number % 2**20 for number in numbers]
    coinbases = {cut(offered, PAYOUT, number).coinbase(extranonce) for number in near}
    assert len(coinbases) == len(set(near))


AGAIN: dict[str, Callable[[JobBook], Job]] = {
    "again": JobBook.again,
    "ahead again": lambda book: book.ahead_again().job,
}
offers = st.sampled_from(["refresh", "refresh", "block", "reorg", "nbits", "again", "ahead again"])


@given(st.lists(offers, max_size=30), extranonces)
def test_whatever_nodes_offer_all_coinbases_differ(kinds: list[str], extranonce: bytes) -> None:
    ids: Callable[[], int] = count(1).__next__
    book = JobBook(PAYOUT, ids, lambda height: height)
    place: dict[str, Any] = {"height": 100, "fork": 0, "nbits": EASY_NBITS}
    jobs: dict[int, Job] = {}
    for kind in ("block", *kinds):
        if kind in AGAIN:
            again = AGAIN[kind](book)
            assert again.job_id not in jobs
            jobs[again.job_id] = again
            continue
        place["height"] += kind == "block"
        place["fork"] += kind == "reorg"
        place["nbits"] ^= kind == "nbits"
        offered = template(**place)
        for step in book.offer(offered):
            assert step.job.job_id not in jobs or not isinstance(step, SendAhead)
            jobs[step.job.job_id] = step.job
        assert book.current is not None
        assert book.future is not None
        assert book.current.template is offered
        assert book.tip is book.current.tip
        assert (book.tip.prev_hash, book.tip.nbits) == (offered.prev_hash, offered.nbits)
        assert book.future.height == offered.height + 1
    assert len({job.coinbase(extranonce) for job in jobs.values()}) == len(jobs)


def block_found_on(job: ActiveJob, *, is_standard: bool, rolled: bytes) -> Block:
    """The block of the first lucky share, as a node would read it."""
    channel = standard() if is_standard else extended()
    issued = channel.issue(job, 10)
    extranonce = b"" if is_standard else rolled
    shares = ((job.job_id, nonce, NTIME + 1, job.version) for nonce in range(1_000))
    judged = (judge(channel, share, extranonce, 0.0, MAX_NTIME) for share in shares)
    found = next(judgement for judgement in judged if judgement.candidate)
    coinbase = with_witness(job.coinbase(found.extranonce or issued.prefix))
    return Block.parse(assemble_block(found.header, coinbase, job.template.transactions))


@given(templates, st.booleans(), st.booleans(), st.binary(min_size=12, max_size=12))
def test_a_winning_share_makes_the_block_of_its_header(
    offered: Template, is_standard: bool, is_empty: bool, rolled: bytes
) -> None:
    ids: Callable[[], int] = count(1).__next__
    book = JobBook(PAYOUT, ids, lambda _: 50)
    offered = replace(offered, nbits=EASY_NBITS)
    book.offer(offered)
    if is_empty:
        book.offer(replace(template(offered.height + 1), nbits=EASY_NBITS))
        tip = book.tip
        assert tip is not None
        job = cut(empty_successor(offered, 50), PAYOUT, 2).on(tip, NTIME)
    else:
        assert book.current is not None
        job = book.current
    block = block_found_on(job, is_standard=is_standard, rolled=rolled)
    coinbase, *others = block.transactions
    assert int.from_bytes(block.header.hash(), "little") <= job.tip.target
    assert (block.header.prev_hash, block.header.nbits) == (job.tip.prev_hash, job.tip.nbits)
    assert block.header.merkle_root == merkle_root([coinbase.txid(), *(other.txid() for other in others)])
    commitment = witness_commitment_script(witness_commitment([other.wtxid() for other in others]))
    assert coinbase.outputs[-1].script_pubkey == commitment
    assert is_bip54(coinbase, job.height)
    assert sum(output.value for output in coinbase.outputs) == job.template.coinbase_value
    assert [other.to_bytes() for other in others] == list(job.template.transactions)
