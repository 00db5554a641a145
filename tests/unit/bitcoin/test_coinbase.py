"""Coinbases: SRI's golden bytes, BIP141 stripping, BIP54's vectors, and a mainnet one."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.bitcoin.block import Block
from sluice.bitcoin.coinbase import (
    CoinbasePlan,
    CoinbaseSplit,
    is_bip54,
    split_coinbase,
    strip_bip141,
    with_witness,
)
from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.merkle import fold_merkle_path
from sluice.bitcoin.script import push_height
from sluice.bitcoin.transaction import Transaction, TxOut
from support.vectors import MAINNET_BLOCK, case_name, vector_bytes, vector_cases, vector_json

PAYOUT = TxOut(50_0000_0000, bytes.fromhex("0014ebe1b7dcc293ccaa0ee743a86f89df8258c208fc"))


def sri_tag(names: dict[str, Any]) -> bytes:
    return f"Sv2/{names['pool_tag'] or ''}/{names['miner_tag'] or ''}/".encode()


def sri_plan(inputs: dict[str, Any], tag: bytes, extranonce_size: int) -> CoinbasePlan:
    template = inputs["template"]
    script = bytes.fromhex(template["coinbase_tx_outputs"])
    assert template["coinbase_tx_outputs_count"] == 1
    rewards = [
        TxOut(output["value"], bytes.fromhex(output["script_pubkey"]))
        for output in inputs["coinbase_reward_outputs"]
    ]
    return CoinbasePlan(
        prefix_script=bytes.fromhex(template["coinbase_prefix"]),
        pool_tag=tag,
        extranonce_size=extranonce_size,
        outputs=(*rewards, TxOut(int.from_bytes(script[:8], "little"), script[9:])),
        tx_version=template["coinbase_tx_version"],
        sequence=template["coinbase_tx_input_sequence"],
        locktime=template["coinbase_tx_locktime"],
    )


def golden_jobs() -> list[dict[str, Any]]:
    return [case for case in vector_cases("sri_jobs.json") if "new_extended_mining_job" in case["expected"]]


def golden_roots() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [
        (case["inputs"]["channel"], step)
        for case in vector_cases("sri_standard_channel.json")
        for step in case.get("steps", ())
        if step["op"] == "new_template" and "new_mining_job" in step.get("expected", {})
    ]


@pytest.mark.parametrize("case", golden_jobs(), ids=case_name)
def test_sri_golden_halves(case: dict[str, Any]) -> None:
    inputs, job = case["inputs"], case["expected"]["new_extended_mining_job"]
    tag = sri_tag(inputs.get("declarator_factory") or inputs["factory"])
    split = split_coinbase(sri_plan(inputs, tag, inputs["full_extranonce_size"]))
    assert split.prefix.hex() == job["coinbase_tx_prefix"]
    assert split.suffix.hex() == job["coinbase_tx_suffix"]


@pytest.mark.parametrize(("channel", "step"), golden_roots())
def test_sri_golden_merkle_root(channel: dict[str, Any], step: dict[str, Any]) -> None:
    extranonce = bytes.fromhex(channel["extranonce_prefix"])
    split = split_coinbase(sri_plan(step, sri_tag(channel), len(extranonce)))
    path = [bytes.fromhex(node) for node in step["template"]["merkle_path"]]
    root = fold_merkle_path(sha256d(split.join(extranonce)), path)
    assert root.hex() == step["expected"]["new_mining_job"]["merkle_root"]


def test_our_own_plan() -> None:
    plan = CoinbasePlan(push_height(840_000), b"/sluice/", 16, (PAYOUT, TxOut(0, b"\x6a")), locktime=839_999)
    coinbase = Transaction.parse(split_coinbase(plan).join(b"e" * 16))
    assert coinbase.is_coinbase
    assert coinbase.version == 2
    assert coinbase.inputs[0].sequence == 0xFFFFFFFE
    assert Transaction.parse(split_coinbase(replace(plan, locktime=0)).join(b"e" * 16)).locktime == 0
    assert coinbase.inputs[0].script_sig == b"\x03\x40\xd1\x0c" + b"\x08/sluice/" + b"\x10" + b"e" * 16
    assert coinbase.outputs == plan.outputs
    assert is_bip54(coinbase, 840_000)


def test_the_suffix_begins_with_the_sequence() -> None:
    split = split_coinbase(CoinbasePlan(b"\x52", b"", 4, (PAYOUT,), sequence=0x04030201))
    assert split.suffix.startswith(bytes((1, 2, 3, 4, 1)))
    assert split.prefix.endswith(b"\x06\x52\x04")  # no tag, no push of one


@pytest.mark.parametrize("tag_size", [0, 1, 75, 76, 79])
def test_scripts_that_just_fit(tag_size: int) -> None:
    plan = CoinbasePlan(b"\x03abc", b"t" * tag_size, 14, (PAYOUT,))
    script = Transaction.parse(split_coinbase(plan).join(bytes(14))).inputs[0].script_sig
    assert b"t" * tag_size in script
    assert len(script) <= 100


@pytest.mark.parametrize(("tag_size", "size"), [(80, 101), (200, 221)])
def test_script_too_long(tag_size: int, size: int) -> None:
    with pytest.raises(ValueError, match=f"{size} bytes, 100 are allowed; {tag_size} of them"):
        split_coinbase(CoinbasePlan(b"\x03abc", b"t" * tag_size, 14, (PAYOUT,)))


@pytest.mark.parametrize("size", [1, 75])
def test_extranonces_that_just_fit(size: int) -> None:
    split = split_coinbase(CoinbasePlan(b"\x52", b"", size, (PAYOUT,)))
    assert (
        Transaction.parse(split.join(b"e" * size)).inputs[0].script_sig == bytes((0x52, size)) + b"e" * size
    )


@pytest.mark.parametrize("size", [-1, 0, 76])
def test_extranonce_that_one_opcode_cannot_push(size: int) -> None:
    with pytest.raises(ValueError, match=f"not {size}"):
        split_coinbase(CoinbasePlan(b"\x03abc", b"", size, (PAYOUT,)))


@pytest.mark.parametrize("case", vector_cases("sri_bip141.json"), ids=case_name)
def test_sri_bip141(case: dict[str, Any]) -> None:
    prefix = bytes.fromhex(case["inputs"]["coinbase_tx_prefix"])
    suffix = bytes.fromhex(case["inputs"]["coinbase_tx_suffix"])
    expected = case["expected"]
    if expected["result"] == "error":
        with pytest.raises(ValueError, match=expected["error"]):
            strip_bip141(prefix, suffix)
    elif expected["result"] == "already-stripped":
        assert strip_bip141(prefix, suffix) == CoinbaseSplit(prefix, suffix)
    else:
        halves = (bytes.fromhex(expected[half]) for half in ("coinbase_tx_prefix", "coinbase_tx_suffix"))
        assert strip_bip141(prefix, suffix) == CoinbaseSplit(*halves)


@pytest.mark.parametrize("count_and_next", [b"\x01\x01", b"\x01\x00", b"\x00\x00"])
def test_what_is_no_marker_and_flag_stays(count_and_next: bytes) -> None:
    prefix = b"\x02\0\0\0" + count_and_next
    assert strip_bip141(prefix, b"") == CoinbaseSplit(prefix, b"")


@pytest.mark.parametrize("witness", [b"\x02\x20" + bytes(32), b"\x01\x1f" + bytes(32)])
def test_a_witness_of_another_shape_is_not_cut_off(witness: bytes) -> None:
    with pytest.raises(ValueError, match="no witness of one 32-byte item"):
        strip_bip141(b"\x02\0\0\0\0\1\1", b"outputs" + witness + bytes(4))


def test_mainnet_coinbase() -> None:
    coinbase = Block.parse(vector_bytes(MAINNET_BLOCK)).transactions[0]
    whole, stripped = coinbase.to_bytes(), coinbase.to_bytes(witness=False)
    assert with_witness(stripped) == whole
    after_script = whole.index(coinbase.inputs[0].script_sig) + len(coinbase.inputs[0].script_sig)
    for extranonce_size in range(1, 17):
        prefix, suffix = whole[: after_script - extranonce_size], whole[after_script:]
        split = strip_bip141(prefix, suffix)
        assert split.join(whole[after_script - extranonce_size : after_script]) == stripped


@pytest.mark.parametrize("chain", vector_json("bip54_coinbases.json"), ids=lambda chain: chain["comment"])
def test_bip54(chain: dict[str, Any]) -> None:
    """The vectors of BIP54: the last block of each chain is judged, those before it are compliant."""
    coinbases = [Block.parse(bytes.fromhex(raw)).transactions[0] for raw in chain["block_chain"]]
    verdicts = [is_bip54(coinbase, height) for height, coinbase in enumerate(coinbases)]
    assert verdicts[1:] == [True, True, True, chain["valid"]]


def test_bip54_chain_heights() -> None:
    """The same blocks begin with their height (BIP34), although nothing made them."""
    for chain in vector_json("bip54_coinbases.json"):
        for height, raw in enumerate(chain["block_chain"][1:], 1):
            coinbase = Block.parse(bytes.fromhex(raw)).transactions[0]
            assert coinbase.inputs[0].script_sig.startswith(push_height(height))
