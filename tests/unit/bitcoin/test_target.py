"""Targets: the compact form by Core's arith_uint256 tests, hash rates by SRI's vectors, the rest by facts."""

import struct
from fractions import Fraction
from typing import Any

import pytest

from sluice.bitcoin.target import (
    DIFFICULTY_1,
    HASHES,
    MAX_TARGET,
    Number,
    Target,
    difficulty,
    hashrate_for_target,
    meets,
    nbits_from_target,
    target_for_hashrate,
    target_from_difficulty,
    target_from_nbits,
    target_from_wire,
    target_to_wire,
    work,
)
from support.vectors import case_name, vector_cases


@pytest.mark.parametrize(
    ("nbits", "target", "canonical"),
    [  # Core, bignum_SetCompact
        (0x01123456, 0x12, 0x01120000),
        (0x02123456, 0x1234, 0x02123400),
        (0x03123456, 0x123456, 0x03123456),
        (0x04123456, 0x12345600, 0x04123456),
        (0x05009234, 0x92340000, 0x05009234),
        (0x20123456, 0x123456 << 232, 0x20123456),
        # The largest of each size, and numbers that fit only because of their zeros
        (0x207FFFFF, 0x7FFFFF << 232, 0x207FFFFF),
        (0x2100FFFF, 0xFFFF << 240, 0x2100FFFF),
        (0x220000FF, 0xFF << 248, 0x2100FF00),
        (0x1D00FFFF, DIFFICULTY_1, 0x1D00FFFF),
        (0x03000001, 1, 0x01010000),
    ],
)
def test_compact_form(nbits: int, target: int, canonical: int) -> None:
    assert target_from_nbits(nbits) == target
    assert nbits_from_target(Target(target)) == canonical


@pytest.mark.parametrize(
    ("nbits", "complaint"),
    [
        *(
            (nbits, "zero")
            for nbits in (
                *(0x00000000, 0x00123456, 0x01003456, 0x02000056, 0x03000000, 0x04000000),
                *(0x00923456, 0x01803456, 0x02800056, 0x03800000, 0x04800000, 0xFF000000),
            )
        ),
        (0x01FEDCBA, "negative"),
        (0x04923456, "negative"),
        (0x1D80FFFF, "negative"),
        (0xFF123456, "256 bits"),
        (0x23000001, "256 bits"),
        (0x22000100, "256 bits"),
        (0x21010000, "256 bits"),
    ],
)
def test_compact_form_that_is_no_target(nbits: int, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"{nbits:08x} .*{complaint}"):
        target_from_nbits(nbits)


@pytest.mark.parametrize(
    ("target", "nbits"),
    [
        (0, 0),
        (0x7F, 0x017F0000),
        (0x80, 0x02008000),  # Core: the sign bit is never made by accident
        (0x7FFF, 0x027FFF00),
        (0x8000, 0x03008000),
        (0x7FFFFF, 0x037FFFFF),
        (0x800000, 0x04008000),
        (MAX_TARGET, 0x2100FFFF),
    ],
)
def test_mantissa_high_bit(target: int, nbits: int) -> None:
    assert nbits_from_target(Target(target)) == nbits


@pytest.mark.parametrize("case", vector_cases("sri_targets.json", "nbits_to_target"), ids=case_name)
def test_sri_nbits(case: dict[str, Any]) -> None:
    assert f"{target_from_nbits(case['inputs']['nbits']):064x}" == case["expected"]["target_be"]


@pytest.mark.parametrize("case", vector_cases("sri_targets.json", "hashrate_to_target"), ids=case_name)
def test_sri_hashrate(case: dict[str, Any]) -> None:
    """SRI cuts the hashes per share down to an integer and adds one; where that is exact, so are we."""
    inputs, theirs = case["inputs"], Target(int(case["expected"]["target_be"], 16))
    [rate] = struct.unpack("<f", struct.pack("<f", inputs["hashrate"]))
    hashes_per_share = int(rate * 60 / inputs["shares_per_minute"])
    assert target_for_hashrate(hashes_per_share + 1, 60) == theirs
    ours = target_for_hashrate(Fraction(rate), Fraction(inputs["shares_per_minute"]))
    assert work(theirs) - work(ours) == 1


@pytest.mark.parametrize("case", vector_cases("sri_targets.json", "target_difficulty"), ids=case_name)
def test_sri_difficulty(case: dict[str, Any]) -> None:
    assert difficulty(target_from_nbits(case["inputs"]["nbits"])) == case["expected"]["integer"]


@pytest.mark.parametrize("case", vector_cases("sri_targets.json", "advertised_target"), ids=case_name)
def test_sri_advertised_target(case: dict[str, Any]) -> None:
    wanted = difficulty(target_from_nbits(case["inputs"]["nbits"]))
    assert f"{target_from_difficulty(wanted):064x}" == case["expected"]["target_be"]


@pytest.mark.parametrize(
    ("nbits", "as_rpc_says"),
    [
        (0x1D00FFFF, 1.0),
        (0x1B0404CB, 16307.420938523983),
        (0x207FFFFF, 4.656542373906925e-10),
        (0x12345678, 5913134931067755359633408.0),
    ],
)
def test_difficulty_as_core_rounds_it(nbits: int, as_rpc_says: float) -> None:
    assert float(difficulty(target_from_nbits(nbits))) == pytest.approx(as_rpc_says, rel=1e-15)


@pytest.mark.parametrize(
    ("target", "hashes"),
    [
        (DIFFICULTY_1, 0x1_0001_0001),  # the chain work of the genesis block
        (target_from_nbits(0x207FFFFF), 2),  # of a regtest block
        (MAX_TARGET, 1),
        (Target(0), HASHES),
    ],
)
def test_work(target: Target, hashes: int) -> None:
    assert work(target) == hashes


def test_no_target_is_harder_than_one() -> None:
    assert difficulty(Target(0)) == difficulty(Target(1)) == DIFFICULTY_1


@pytest.mark.parametrize(
    ("wanted", "target"),
    [
        (1, DIFFICULTY_1),
        (0.5, 2 * DIFFICULTY_1),
        (Fraction(2), DIFFICULTY_1 // 2),
        (Fraction(1, 2**64), MAX_TARGET),
        (2 * DIFFICULTY_1, 0),
    ],
)
def test_target_from_difficulty(wanted: Number, target: int) -> None:
    assert target_from_difficulty(wanted) == target


@pytest.mark.parametrize("wanted", [0, -1, -0.0, float("nan"), float("inf"), float("-inf")])
def test_difficulty_that_means_nothing(wanted: Number) -> None:
    with pytest.raises(ValueError, match="difficulty"):
        target_from_difficulty(wanted)


@pytest.mark.parametrize(
    ("hashes_per_second", "shares_per_minute", "target"),
    [
        (1, 60, MAX_TARGET),  # every hash is a share
        (2, 60, HASHES // 2 - 1),
        (2, 120, MAX_TARGET),
        (256, 60, HASHES // 256 - 1),
        (Fraction(1, 3), 20, MAX_TARGET),
        (Fraction(1, 3), 6, 3 * HASHES // 10 - 1),
        (0, 6, MAX_TARGET),
        (0.0, 6, MAX_TARGET),
        (1e-30, 6, MAX_TARGET),
        (Fraction(10) ** 80, 6, 0),
    ],
)
def test_target_for_hashrate(hashes_per_second: Number, shares_per_minute: Number, target: int) -> None:
    assert target_for_hashrate(hashes_per_second, shares_per_minute) == target


@pytest.mark.parametrize("rate", [-1, -1e-9, float("nan"), float("inf"), float("-inf")])
def test_rate_that_means_nothing(rate: float) -> None:
    with pytest.raises(ValueError, match="hash rate"):
        target_for_hashrate(rate, 6)
    with pytest.raises(ValueError, match="share rate"):
        target_for_hashrate(1, rate)


def test_hashrate_for_target() -> None:
    assert hashrate_for_target(MAX_TARGET, 60) == 1
    assert hashrate_for_target(Target(HASHES // 1024 - 1), 6) == Fraction(1024, 10)


def test_wire_form_is_little_endian() -> None:
    wire = bytes.fromhex("000000000000000000000000000000000000000000000000000000ae77030000")
    assert target_from_wire(wire) == target_from_nbits(0x1E0377AE)
    assert target_to_wire(target_from_nbits(0x1E0377AE)) == wire
    assert target_from_wire(bytes(32)) == 0
    assert target_from_wire(b"\xff" * 32) == MAX_TARGET


def test_a_hash_meets_a_target_up_to_and_including_it() -> None:
    wire_hash = bytes((5,)) + bytes(31)
    assert meets(wire_hash, Target(5))
    assert meets(wire_hash, Target(6))
    assert not meets(wire_hash, Target(4))
    assert not meets(wire_hash[::-1], Target(2**250))
