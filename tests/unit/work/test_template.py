"""Tips, and the empty block sent ahead."""

import pytest

from sluice.bitcoin.block import MAX_WEIGHT, Block, assemble_block
from sluice.bitcoin.coinbase import is_bip54, with_witness
from sluice.bitcoin.header import header_bytes
from sluice.bitcoin.merkle import merkle_root
from sluice.bitcoin.network import MAINNET, subsidy
from sluice.bitcoin.script import push_height, witness_commitment_script
from sluice.bitcoin.target import target_from_nbits
from sluice.bitcoin.witness import RESERVED_VALUE, witness_commitment
from sluice.work.job import cut
from sluice.work.template import Tip, empty_successor, tip_of
from support.work import HEIGHT, PAYOUT, SUBSIDY, spend, template


def test_the_tip_is_what_the_next_header_needs() -> None:
    offered = template()
    assert tip_of(offered) == Tip(
        prev_hash=offered.prev_hash,
        height=HEIGHT,
        nbits=offered.nbits,
        min_ntime=offered.min_ntime,
        target=target_from_nbits(offered.nbits),
    )


def test_nbits_that_mean_nothing_make_no_tip() -> None:
    with pytest.raises(ValueError, match="zero"):
        tip_of(template(nbits=0))


def test_the_successor_is_empty_and_one_higher() -> None:
    offered = template(transactions=(spend(1), spend(2)))
    ahead = empty_successor(offered, SUBSIDY)
    assert ahead.height == HEIGHT + 1
    assert ahead.coinbase_prefix == push_height(HEIGHT + 1)
    assert ahead.coinbase_tx_locktime == HEIGHT
    assert (ahead.transactions, ahead.merkle_path, ahead.fees) == ((), (), 0)
    assert ahead.coinbase_value == SUBSIDY < offered.coinbase_value
    assert ahead.version == offered.version


@pytest.mark.parametrize("height", [1, 16, 17, 127, 128, 32_767, 32_768, 209_999, 839_999, 8_388_607])
def test_the_successor_makes_a_valid_empty_block(height: int) -> None:
    ahead = empty_successor(
        template(height, transactions=(spend(1), spend(2, segwit=False))), subsidy(height + 1, MAINNET)
    )
    job = cut(ahead, PAYOUT, 5)
    extranonce = bytes(range(16))
    header = header_bytes(
        ahead.version, ahead.prev_hash, job.merkle_root(extranonce), ahead.ntime, ahead.nbits, 0
    )
    block = Block.parse(assemble_block(header, with_witness(job.coinbase(extranonce)), ahead.transactions))
    (coinbase,) = block.transactions
    assert block.header.merkle_root == merkle_root([coinbase.txid()])
    assert coinbase.is_coinbase
    assert is_bip54(coinbase, height + 1)
    assert coinbase.inputs[0].script_sig.startswith(push_height(height + 1))
    assert len(coinbase.inputs[0].script_sig) in range(2, 101)
    assert coinbase.inputs[0].witness == (RESERVED_VALUE,)
    assert sum(output.value for output in coinbase.outputs) == subsidy(height + 1, MAINNET)
    assert coinbase.outputs[-1].script_pubkey == witness_commitment_script(witness_commitment([]))
    assert block.weight() < MAX_WEIGHT
