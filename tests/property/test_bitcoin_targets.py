"""What holds of all targets."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sluice.bitcoin.target import (
    DIFFICULTY_1,
    HASHES,
    MAX_TARGET,
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

# As many small as large: what matters is the order of magnitude.
targets = st.integers(0, 255).flatmap(lambda bits: st.integers(2**bits, 2 ** (bits + 1) - 1)).map(Target)
share_rates = st.fractions(Fraction(1, 60), 600)


@given(targets)
def test_nbits_round_down_by_less_than_one_in_32768(target: Target) -> None:
    back = target_from_nbits(nbits_from_target(target))
    assert back <= target < back * Fraction(2**15 + 1, 2**15)
    assert nbits_from_target(back) == nbits_from_target(target)


@given(st.integers(0, 2**32 - 1))
def test_nbits_mean_a_target_of_256_bits_or_nothing(nbits: int) -> None:
    try:
        target = target_from_nbits(nbits)
    except ValueError:
        return
    assert 0 < target <= MAX_TARGET
    assert target_from_nbits(nbits_from_target(target)) == target


@given(targets)
def test_the_wire_form_survives(target: Target) -> None:
    assert target_from_wire(target_to_wire(target)) == target


@given(targets, share_rates)
def test_hashrate_and_target_are_exact_inverses(target: Target, shares_per_minute: Fraction) -> None:
    rate = hashrate_for_target(target, shares_per_minute)
    assert target_for_hashrate(rate, shares_per_minute) == target


@given(targets)
def test_difficulty_and_target_are_exact_inverses(target: Target) -> None:
    assert target_from_difficulty(difficulty(target)) == target


@given(targets, share_rates)
def test_the_next_larger_target_would_be_too_easy(target: Target, shares_per_minute: Fraction) -> None:
    """The target is the largest at which a share still takes the hashes that it should."""
    rate = hashrate_for_target(target, shares_per_minute) * Fraction(999, 1000)
    found = target_for_hashrate(rate, shares_per_minute)
    hashes_per_share = rate * 60 / shares_per_minute
    assert found == MAX_TARGET or Fraction(HASHES, found + 1) >= hashes_per_share
    assert found == MAX_TARGET or Fraction(HASHES, found + 2) < hashes_per_share


@given(targets, targets)
def test_a_harder_target_is_more_work(one: Target, other: Target) -> None:
    easier, harder = max(one, other), min(one, other)
    assert work(easier) <= work(harder)
    assert difficulty(easier) <= difficulty(harder)


@given(targets)
def test_work_is_core_s_get_block_proof(target: Target) -> None:
    assert work(target) == (MAX_TARGET - target) // (target + 1) + 1


@given(st.floats(min_value=0, allow_nan=False, allow_infinity=False, width=32), share_rates)
def test_every_hash_rate_on_the_wire_has_a_target(rate: float, shares_per_minute: Fraction) -> None:
    assert 0 < target_for_hashrate(rate, shares_per_minute) <= MAX_TARGET


@given(st.floats(min_value=1e-60, allow_infinity=False))
def test_every_difficulty_above_zero_has_a_target(wanted: float) -> None:
    target = target_from_difficulty(wanted)
    assert 0 <= target <= MAX_TARGET
    assert target == MAX_TARGET or Fraction(DIFFICULTY_1, target + 1) < Fraction(wanted)


@given(st.binary(min_size=32, max_size=32), targets)
def test_a_hash_is_a_little_endian_number(wire_hash: bytes, target: Target) -> None:
    assert meets(wire_hash, target) is (wire_hash[::-1] <= target.to_bytes(32, "big"))
