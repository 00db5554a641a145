"""Jobs: their coinbases, their merkle roots, and SRI's golden bytes."""

from dataclasses import replace

import pytest

from sluice.bitcoin.coinbase import FINAL_SEQUENCE, is_bip54
from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.merkle import merkle_root
from sluice.bitcoin.transaction import Transaction, TxOut
from sluice.work.extranonce import EXTRANONCE_SIZE
from sluice.work.job import SEQUENCE_TURNS, VERSION_ROLLING_MASK, Payout, cut
from sluice.work.template import tip_of
from support.vectors import vector_cases
from support.work import HEIGHT, NTIME, PAYOUT, VERSION, spend, template

EXTRANONCE = bytes(range(1, EXTRANONCE_SIZE + 1))
BIP68_DISABLED = 1 << 31


def test_the_general_purpose_bits_are_those_of_bip323() -> None:
    assert [bit for bit in range(64) if VERSION_ROLLING_MASK >> bit & 1] == list(range(5, 29))


def test_the_coinbase_pays_the_reward_then_what_the_node_wants() -> None:
    offered = template(transactions=(spend(1), spend(2)), coinbase_tx_version=1)
    coinbase = Transaction.parse(cut(offered, PAYOUT, 3).coinbase(EXTRANONCE))
    assert coinbase.is_coinbase
    assert coinbase.version == 1
    assert coinbase.outputs == (
        TxOut(offered.coinbase_value, PAYOUT.script_pubkey),
        *offered.coinbase_outputs,
    )


def test_its_script_is_height_tag_extranonce() -> None:
    offered = template()
    (txin,) = Transaction.parse(cut(offered, PAYOUT, 3).coinbase(EXTRANONCE)).inputs
    assert txin.script_sig == offered.coinbase_prefix + b"\x06/test/" + b"\x10" + EXTRANONCE


def test_it_can_never_be_repeated() -> None:
    coinbase = Transaction.parse(cut(template(), PAYOUT, 3).coinbase(EXTRANONCE))
    assert coinbase.locktime == HEIGHT - 1
    assert is_bip54(coinbase, HEIGHT)


def test_the_sequence_tells_jobs_apart() -> None:
    def sequence(job_id: int) -> int:
        return Transaction.parse(cut(template(), PAYOUT, job_id).coinbase(EXTRANONCE)).inputs[0].sequence

    turns = [0, 1, 2, 65_536, 2**24, SEQUENCE_TURNS - 1]
    sequences = [sequence(job_id) for job_id in turns]
    assert sequences == [FINAL_SEQUENCE - 1 - job_id for job_id in turns]
    assert min(sequences) == BIP68_DISABLED
    assert sequence(SEQUENCE_TURNS) == sequence(0)


def test_a_template_whose_sequence_begins_low_has_as_many() -> None:
    def sequence(job_id: int) -> int:
        job = cut(template(coinbase_tx_sequence=2), PAYOUT, job_id)
        return Transaction.parse(job.coinbase(EXTRANONCE)).inputs[0].sequence

    assert [sequence(job_id) for job_id in range(5)] == [2, 1, 0, FINAL_SEQUENCE - 1, FINAL_SEQUENCE - 2]


def test_the_merkle_root_is_that_of_the_whole_block() -> None:
    others = tuple(spend(number, segwit=number % 2 == 0) for number in range(5))
    job = cut(template(transactions=others), PAYOUT, 3)
    txids = [sha256d(job.coinbase(EXTRANONCE)), *(other.txid() for other in others)]
    assert job.merkle_root(EXTRANONCE) == merkle_root(txids)


def test_a_tag_that_does_not_fit_is_refused() -> None:
    longest = 100 - len(template().coinbase_prefix) - 2 - 1 - EXTRANONCE_SIZE
    cut(template(), replace(PAYOUT, pool_tag=bytes(longest - 1)), 1)
    with pytest.raises(ValueError, match="pool tag"):
        cut(template(), replace(PAYOUT, pool_tag=bytes(longest + 1)), 1)


def test_on_a_tip_the_same_job_becomes_active() -> None:
    offered = template()
    job = cut(offered, PAYOUT, 3)
    active = job.on(tip_of(offered), NTIME + 5)
    assert (active.job_id, active.template, active.split) == (3, offered, job.split)
    assert (active.tip, active.min_ntime) == (tip_of(offered), NTIME + 5)
    assert (active.version, active.height) == (job.version, job.height) == (VERSION, HEIGHT)
    assert active.merkle_root(EXTRANONCE) == job.merkle_root(EXTRANONCE)


def test_all_of_the_value_is_paid_to_one() -> None:
    assert Payout(b"\x51", b"").outputs(7) == (TxOut(7, b"\x51"),)


# What differs from SRI's job on purpose: its extranonce has 32 bytes and ours 16, so the script's length and
# the push before the extranonce are 16 less; our tag is the operator's as it stands; the sequence is taken by
# the job id, and job 0 leaves the template's.
def test_the_rest_is_sris_golden_job() -> None:
    case = next(
        case for case in vector_cases("sri_jobs.json", "extended_job_from_template") if case["verified"]
    )
    theirs = case["expected"]["new_extended_mining_job"]
    given, reward = case["inputs"]["template"], case["inputs"]["coinbase_reward_outputs"][0]
    node_output = bytes.fromhex(given["coinbase_tx_outputs"])
    offered = template(
        version=given["version"],
        coinbase_value=given["coinbase_tx_value_remaining"],
        coinbase_outputs=(TxOut(int.from_bytes(node_output[:8], "little"), node_output[9:]),),
        coinbase_prefix=bytes.fromhex(given["coinbase_prefix"]),
        coinbase_tx_version=given["coinbase_tx_version"],
        coinbase_tx_sequence=given["coinbase_tx_input_sequence"],
        coinbase_tx_locktime=given["coinbase_tx_locktime"],
    )
    tag = f"Sv2/{case['inputs']['factory']['pool_tag']}//".encode()
    job = cut(offered, Payout(bytes.fromhex(reward["script_pubkey"]), tag), 0)
    shorter = case["inputs"]["full_extranonce_size"] - EXTRANONCE_SIZE
    prefix = bytearray.fromhex(theirs["coinbase_tx_prefix"])
    prefix[4 + 1 + 36] -= shorter
    prefix[-1] -= shorter
    assert job.split.prefix == prefix
    assert job.split.suffix == bytes.fromhex(theirs["coinbase_tx_suffix"])
    assert job.version == theirs["version"]
