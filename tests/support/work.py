"""Templates, jobs and channels as tests of the work room want them: every number made up, every rule kept."""

from dataclasses import replace
from typing import Any

from sluice.bitcoin.hashes import BlockHash, sha256d
from sluice.bitcoin.merkle import coinbase_merkle_path
from sluice.bitcoin.script import push_height, witness_commitment_script
from sluice.bitcoin.target import MAX_TARGET, Target
from sluice.bitcoin.transaction import OutPoint, Transaction, TxIn, TxOut
from sluice.bitcoin.witness import witness_commitment
from sluice.work.channel import Channel, ChannelTerms
from sluice.work.extranonce import PREFIX_SIZE, ROLLABLE_SIZE
from sluice.work.job import Payout
from sluice.work.template import Template
from sluice.work.vardiff import Vardiff, VardiffPolicy

EASY_NBITS = 0x207FFFFF  # every second hash is a block: regtest
HARD_NBITS = 0x1703_4219  # no hash of a test ever is
HEIGHT = 800_000
NTIME = 1_700_000_000
EARLIEST = NTIME - 1_000  # of all times that the network takes on our tips
MAX_NTIME = NTIME + 7_000
VERSION = 0x2000_0000
SUBSIDY = 312_500_000
PAYOUT = Payout(bytes.fromhex("0014") + bytes(range(20)), b"/test/")


def spend(number: int, *, segwit: bool = True) -> Transaction:
    """A transaction unlike those of other numbers."""
    witness = (number.to_bytes(8), b"\x02" * 33) if segwit else ()
    script_sig = b"" if segwit else b"\x01" + number.to_bytes(1)
    source = TxIn(OutPoint(Transaction(2, (), (), number).txid(), 0), script_sig, 0xFFFFFFFD, witness)
    return Transaction(2, (source,), (TxOut(number, b"\x51"),), 0)


def template(
    height: int = HEIGHT, fork: int = 0, transactions: tuple[Transaction, ...] = (), **changes: Any
) -> Template:
    """A template of `height` as a node adapter makes it; `fork` tells tips of one height apart."""
    commitment = witness_commitment([transaction.wtxid() for transaction in transactions])
    fees = sum(transaction.outputs[0].value for transaction in transactions)
    made = Template(
        template_id=height,
        height=height,
        prev_hash=BlockHash(sha256d(b"block %d of %d" % (height - 1, fork))),
        nbits=HARD_NBITS,
        version=VERSION,
        min_ntime=EARLIEST,
        ntime=NTIME,
        coinbase_value=SUBSIDY + fees,
        coinbase_outputs=(TxOut(0, witness_commitment_script(commitment)),),
        merkle_path=coinbase_merkle_path([transaction.txid() for transaction in transactions]),
        transactions=tuple(transaction.to_bytes() for transaction in transactions),
        coinbase_prefix=push_height(height),
        coinbase_tx_locktime=height - 1,
        fees=fees,
    )
    return replace(made, **changes)


def channel(prefix: bytes, target: Target = MAX_TARGET) -> Channel:
    """An extended channel for a prefix of 4 bytes, a standard one for 16."""
    vardiff = Vardiff(target, VardiffPolicy(), 0.0, MAX_TARGET, Target(1))
    return Channel(ChannelTerms(2, "alice", prefix, MAX_TARGET), target, vardiff, 0.0)


def extended(target: Target = MAX_TARGET) -> Channel:
    return channel(b"\x07" * PREFIX_SIZE, target)


def standard(target: Target = MAX_TARGET) -> Channel:
    return channel(b"\x07" * PREFIX_SIZE + bytes(ROLLABLE_SIZE), target)
