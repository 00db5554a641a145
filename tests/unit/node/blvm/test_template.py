"""Our own template, and which of a node's transactions may be in it."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.bitcoin.hashes import BlockHash, Txid, to_display
from sluice.bitcoin.merkle import coinbase_merkle_path
from sluice.bitcoin.network import COIN, REGTEST
from sluice.bitcoin.script import witness_commitment_script
from sluice.bitcoin.transaction import OutPoint, Transaction, TxIn, TxOut
from sluice.bitcoin.witness import witness_commitment
from sluice.blvm import structures as s
from sluice.node.bitcoind.methods import OfferedBlock, OfferedTransaction
from sluice.node.blvm.chain import Place
from sluice.node.blvm.headers import Following
from sluice.node.blvm.routes import block_of
from sluice.node.blvm.template import (
    OUTRUN,
    VERSION,
    empty_template,
    filled_by_module_api,
    filled_by_rpc,
    transaction_of,
)
from sluice.node.embedded.chain import GENESIS
from sluice.work.template import Template

TIP = BlockHash(b"\x11" * 32)
NBITS = 0x207FFFFF
NOW = 1_700_000_000
HEIGHT = 101
SUBSIDY = 50 * COIN


def transaction(
    script_sig: bytes = b"\x01\x02", *, witness: tuple[bytes, ...] = (), number: int = 1
) -> Transaction:
    spent = TxIn(OutPoint(Txid(number.to_bytes(32)), 0), script_sig, 0xFFFFFFFD, witness)
    return Transaction(2, (spent,), (TxOut(1_000, b"\x51"),), 0)


LEGACY = transaction()
SEGWIT = transaction(b"", witness=(b"sig", b"key"), number=2)


def own(min_ntime: int = NOW - 100, now: int = NOW) -> Template:
    return empty_template(Place(TIP, HEIGHT - 1), Following(NBITS, min_ntime), REGTEST, now, 7)


def rpc_offer(*transactions: Transaction, fee: int | None = 250, **changes: Any) -> OfferedBlock:
    rows = tuple(
        OfferedTransaction(each.to_bytes().hex(), to_display(each.txid()), fee) for each in transactions
    )
    offer = OfferedBlock(
        version=1,
        previousblockhash=to_display(TIP),
        transactions=rows,
        coinbasevalue=SUBSIDY + 250 * len(rows),
        bits=f"{NBITS:08x}",
        mintime=1,
        curtime=NOW,
        height=HEIGHT,
    )
    return OfferedBlock(**{name: getattr(offer, name) for name in offer.__struct_fields__} | changes)


def told(each: Transaction) -> s.Transaction:
    """As the module API tells it."""
    return block_of(GENESIS.to_bytes() + b"\1" + each.to_bytes()).transactions[0]


def module_offer(*transactions: Transaction, value: int = SUBSIDY + 250, **changes: Any) -> s.BlockTemplate:
    header = s.BlockHeader(1, TIP, bytes(32), NOW, changes.pop("bits", NBITS), 0)
    coinbase = s.Transaction(1, (), (s.TransactionOutput(value, b"\x51"), s.TransactionOutput(0, b"\x6a")), 0)
    rows = tuple(changes.pop("rows", map(told, transactions)))
    offer = s.BlockTemplate(header, coinbase, rows, "0" * 64, changes.pop("height", HEIGHT), NOW)
    if "prev" in changes:
        header = s.BlockHeader(1, changes["prev"], bytes(32), NOW, NBITS, 0)
        offer = s.BlockTemplate(header, coinbase, rows, "0" * 64, HEIGHT, NOW)
    return offer


def test_an_empty_template_is_ours_alone() -> None:
    template = own()
    assert (template.height, template.prev_hash, template.version, template.nbits) == (
        HEIGHT,
        TIP,
        VERSION,
        NBITS,
    )
    assert (template.coinbase_value, template.coinbase_outputs, template.transactions) == (SUBSIDY, (), ())
    assert (template.coinbase_prefix, template.coinbase_tx_locktime) == (b"\x01\x65", HEIGHT - 1)
    assert (template.min_ntime, template.ntime, template.template_id) == (NOW - 100, NOW, 7)


def test_a_clock_that_is_behind_does_not_date_before_the_median() -> None:
    assert own(min_ntime=NOW + 50).ntime == NOW + 50


def test_a_halving_is_our_own_reckoning() -> None:
    template = empty_template(Place(TIP, 149), Following(NBITS, 1), REGTEST, NOW, 1)
    assert template.coinbase_value == 25 * COIN


def test_rpc_fills_with_witnesses_and_all() -> None:
    filled = filled_by_rpc(own(), rpc_offer(LEGACY, SEGWIT))
    assert isinstance(filled, Template)
    assert filled.transactions == (LEGACY.to_bytes(), SEGWIT.to_bytes())
    assert (filled.fees, filled.coinbase_value) == (500, SUBSIDY + 500)
    assert filled.merkle_path == coinbase_merkle_path([LEGACY.txid(), SEGWIT.txid()])
    commitment = witness_commitment_script(witness_commitment([LEGACY.wtxid(), SEGWIT.wtxid()]))
    assert filled.coinbase_outputs == (TxOut(0, commitment),)
    assert (filled.version, filled.height, filled.ntime) == (VERSION, HEIGHT, NOW)


def test_without_witnesses_there_is_no_commitment() -> None:
    filled = filled_by_rpc(own(), rpc_offer(LEGACY, fee=None))
    assert isinstance(filled, Template)
    assert filled.coinbase_outputs == ()
    assert filled.fees == 250


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        (rpc_offer(LEGACY, previousblockhash="22" * 32), OUTRUN),
        (rpc_offer(LEGACY, height=HEIGHT - 1), "it would be block 100"),
        (rpc_offer(LEGACY, bits="1d00ffff"), "with nBits 1d00ffff"),
        (rpc_offer(LEGACY, bits="junk"), "cannot be read"),
        (rpc_offer(LEGACY, previousblockhash="junk"), "cannot be read"),
        (
            rpc_offer(LEGACY, coinbasevalue=SUBSIDY),
            "it pays 5000000000, where the subsidy is 5000000000 and fees",
        ),
        (rpc_offer(LEGACY, coinbasevalue=SUBSIDY - 1, fee=None), "it pays 4999999999"),
        (rpc_offer(transactions=(OfferedTransaction("00", "11" * 32),)), "cannot be read"),
        (rpc_offer(transactions=(OfferedTransaction("zz", "11" * 32),)), "cannot be read"),
        (rpc_offer(transactions=(OfferedTransaction(LEGACY.to_bytes().hex(), ""),)), "cannot be read"),
        (
            rpc_offer(transactions=(OfferedTransaction(LEGACY.to_bytes().hex(), LEGACY.txid().hex()),)),
            "are not those that it names",
        ),
        (rpc_offer(Transaction.parse(SEGWIT.to_bytes(witness=False))), "lost their witnesses"),
        (rpc_offer(transaction(bytes(1_000_000))), "too heavy"),
    ],
)
def test_what_rpc_offers_is_proved_or_left(offer: OfferedBlock, why: str) -> None:
    refused = filled_by_rpc(own(), offer)
    assert isinstance(refused, str)
    assert why in refused


def test_the_module_api_fills_with_what_needs_no_witness() -> None:
    other = transaction(b"\x16\x00\x14" + bytes(21), number=3)  # longer than a program
    filled = filled_by_module_api(own(), module_offer(LEGACY, other))
    assert isinstance(filled, Template)
    assert filled.transactions == (LEGACY.to_bytes(), other.to_bytes())
    assert (filled.fees, filled.coinbase_value, filled.coinbase_outputs) == (250, SUBSIDY + 250, ())


WRAPPED = transaction(b"\x16\x00\x14" + bytes(20), witness=(b"sig",))
WRAPPED_SCRIPT = transaction(b"\x22\x00\x20" + bytes(32), witness=(b"sig",))


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        (module_offer(LEGACY, prev=b"\x22" * 32), OUTRUN),
        (module_offer(LEGACY, height=HEIGHT - 1), "it would be block 100"),  # as published nodes did
        (module_offer(LEGACY, bits=0x1D00FFFF), "with nBits 1d00ffff"),
        (module_offer(LEGACY, SEGWIT), "need a witness"),
        (module_offer(WRAPPED), "need a witness"),
        (module_offer(WRAPPED_SCRIPT), "need a witness"),
        (module_offer(LEGACY, value=SUBSIDY - 1), "less than the subsidy"),
        (module_offer(rows=(s.Transaction(1, (), (), 0),)), "without inputs"),
        (module_offer(rows=(s.Transaction(2**32, told(LEGACY).inputs, (), 0),)), "more than 32 bits"),
        (
            module_offer(rows=(s.Transaction(1, told(LEGACY).inputs, (s.TransactionOutput(-1, b""),), 0),)),
            "below zero",
        ),
    ],
)
def test_what_the_module_api_offers_is_proved_or_left(offer: s.BlockTemplate, why: str) -> None:
    refused = filled_by_module_api(own(), offer)
    assert isinstance(refused, str)
    assert why in refused


def test_a_transaction_there_and_back() -> None:
    assert transaction_of(told(LEGACY)) == LEGACY
    assert transaction_of(told(SEGWIT)).txid() == SEGWIT.txid()
    assert replace(own(), template_id=8).template_id == 8
