"""Coinbases that a server may send, and some that it may not."""

import json
from pathlib import Path

import pytest

from sluice.bitcoin.coinbase import CoinbasePlan, CoinbaseSplit, split_coinbase, with_witness
from sluice.bitcoin.transaction import TxOut
from sluice.sim.miner.coinbase_rules import check_coinbase
from sluice.sim.miner.rules import Rule, RuleBroken

VECTORS = Path(__file__).parents[3] / "vectors"


def split(extranonce_size: int = 16, tag: bytes = b"/test/") -> CoinbaseSplit:
    return split_coinbase(CoinbasePlan(b"\x03\x40\x0d\x03", tag, extranonce_size, (TxOut(5, b"\x51"),)))


@pytest.mark.parametrize("size", [1, 4, 16, 20, 32])
def test_ours_are_lawful(size: int) -> None:
    check_coinbase(split(size).prefix, size, split(size).suffix)


@pytest.mark.parametrize("name", ["sri_stripped", "braiins"])
def test_so_are_those_of_the_field(name: str) -> None:
    cases = json.loads((VECTORS / "sri_bip141.json").read_text())["cases"]
    (inputs,) = (case["inputs"] for case in cases if case["name"].endswith(name))
    prefix, suffix = (bytes.fromhex(inputs[f"coinbase_tx_{half}"]) for half in ("prefix", "suffix"))
    check_coinbase(prefix, prefix[41] - (len(prefix) - 42), suffix)


def test_the_script_may_go_on_after_the_extranonce() -> None:
    ours = split(16)
    check_coinbase(ours.prefix + b"\x00" * 4, 8, b"\x00" * 4 + ours.suffix)


def rule_of(prefix: bytes, size: int, suffix: bytes) -> Rule:
    with pytest.raises(RuleBroken) as caught:
        check_coinbase(prefix, size, suffix)
    return caught.value.rule


def test_the_witness_must_be_gone() -> None:
    ours = split()
    whole = with_witness(ours.prefix + bytes(16) + ours.suffix)
    at = len(ours.prefix) + 2
    assert rule_of(whole[:at], 16, whole[at + 16 :]) is Rule.COINBASE_STRIPPED


@pytest.mark.parametrize("size", [15, 17])
def test_the_script_counts_the_extranonce(size: int) -> None:
    """A byte too many runs over the script's end; one too few takes the sequence's first byte into it."""
    ours = split(16)
    expected = Rule.COINBASE_PARSES if size < 16 else Rule.COINBASE_SCRIPT_LENGTH
    assert rule_of(ours.prefix, size, ours.suffix) is expected


@pytest.mark.parametrize("cut", range(42))
def test_a_prefix_that_ends_early_is_caught(cut: int) -> None:
    ours = split()
    assert rule_of(ours.prefix[:cut], 16, ours.suffix) in (Rule.COINBASE_PARSES, Rule.COINBASE_SCRIPT_LENGTH)


@pytest.mark.parametrize("tail", [b"\x00", b"\x00" * 10])
def test_nothing_may_follow(tail: bytes) -> None:
    ours = split()
    assert rule_of(ours.prefix, 16, ours.suffix + tail) is Rule.COINBASE_PARSES
