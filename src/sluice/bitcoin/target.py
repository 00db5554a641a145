"""Targets, and what follows from them: nbits, difficulty, work, hash rate.

Rule: integers and fractions only, so that two machines never disagree about a share. A hash meets a
target when, read as a little-endian number, it is not above it. The expected number of hashes for that
is 2^256 / (target + 1); everything else here is that sentence, rearranged.
"""

from fractions import Fraction
from typing import NewType

Target = NewType("Target", int)
Number = int | float | Fraction

HASHES = 2**256
MAX_TARGET = Target(HASHES - 1)
DIFFICULTY_1 = Target(0xFFFF << 208)

_SIGN = 0x0080_0000
_MANTISSA = 0x007F_FFFF


def meets(wire_hash: bytes, target: Target) -> bool:
    """Whether the hash is at or below the target."""
    return int.from_bytes(wire_hash, "little") <= target


def target_from_nbits(nbits: int) -> Target:
    """The target that a header's nbits stand for, by Core's arith_uint256::SetCompact.

    ValueError where Core's DeriveTarget finds nothing: a negative, zero or too large number.
    """
    size, mantissa = nbits >> 24, nbits & _MANTISSA
    value = mantissa << 8 * (size - 3) if size > 3 else mantissa >> 8 * (3 - size)
    if not value:
        raise ValueError(f"nbits {nbits:08x} stand for zero")
    if nbits & _SIGN:
        raise ValueError(f"nbits {nbits:08x} stand for a negative number")
    if value > MAX_TARGET:
        raise ValueError(f"nbits {nbits:08x} stand for more than 256 bits")
    return Target(value)


def nbits_from_target(target: Target) -> int:
    """The compact form, rounded down to three bytes of precision, by Core's GetCompact."""
    size = (target.bit_length() + 7) // 8
    mantissa = target >> 8 * (size - 3) if size > 3 else target << 8 * (3 - size)
    if mantissa & _SIGN:  # would read as negative: one digit less, one size more
        mantissa >>= 8
        size += 1
    return size << 24 | mantissa


def work(target: Target) -> int:
    """Expected hashes for one share at this target, rounded down as Core's GetBlockProof does."""
    return HASHES // (target + 1)


def difficulty(target: Target) -> Fraction:
    """How many times harder than nbits 1d00ffff. Target 0 counts as 1: nothing is harder."""
    return Fraction(DIFFICULTY_1, max(target, 1))


def target_from_difficulty(wanted: Number) -> Target:
    """The largest target of at least this difficulty; ValueError unless it is above zero."""
    return _clamped(DIFFICULTY_1 / _positive(wanted, "difficulty"))


def target_for_hashrate(hashes_per_second: Number, shares_per_minute: Number) -> Target:
    """The target at which this hash rate finds this many shares. No hash rate: MAX_TARGET.

    ValueError on a negative, infinite or undefined hash rate, or a share rate that is not above zero.
    """
    if hashes_per_second == 0:
        return MAX_TARGET
    hashes_per_minute = 60 * _positive(hashes_per_second, "hash rate")
    hashes_per_share = hashes_per_minute / _positive(shares_per_minute, "share rate")
    return _clamped(HASHES / hashes_per_share - 1)


def hashrate_for_target(target: Target, shares_per_minute: Number) -> Fraction:
    """Hashes per second of who finds this many shares a minute at this target."""
    return Fraction(HASHES, target + 1) * Fraction(shares_per_minute) / 60


def target_to_wire(target: Target) -> bytes:
    """U256: 32 bytes, little-endian."""
    return target.to_bytes(32, "little")


def target_from_wire(wire: bytes) -> Target:
    """From a U256, little-endian. All 2^256 values are targets."""
    return Target(int.from_bytes(wire, "little"))


def _clamped(value: Fraction) -> Target:
    return Target(min(max(value.__floor__(), 0), MAX_TARGET))


def _positive(number: Number, what: str) -> Fraction:
    try:
        exact = Fraction(number)
    except (ValueError, OverflowError):
        raise ValueError(f"a {what} of {number} means nothing") from None
    if exact <= 0:
        raise ValueError(f"a {what} must be above zero, not {number}")
    return exact
