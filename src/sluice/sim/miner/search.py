"""The search space of a work unit, as rows that can be told apart by a number.

A row is 65,536 attempts that differ only in the upper half of the nonce. Its number, read as digits, says
the rest: version bits, extranonce, lower half of the nonce, more version bits, and last the time. Rule: two numbers
are never the same attempt, so workers that take every n-th row never overlap (spec 5.1).
"""

from dataclasses import dataclass

from sluice.sim.miner.work_unit import WorkUnit

ROW_SIZE = 1 << 16
_NONCE_ROWS = 1 << 16
#: Version bits rolled before the extranonce moves: each extranonce costs a coinbase hash and a merkle path.
_QUICK_VERSION_BITS = 4


@dataclass(frozen=True, slots=True)
class Row:
    """What 65,536 attempts share; their nonces are `nonce_low | high << 16`."""

    version: int
    extranonce: bytes
    ntime: int
    nonce_low: int


def row(unit: WorkUnit, number: int, ntime_lead: int) -> Row | None:
    """The row of this number, or None when its time would be more than `ntime_lead` seconds ahead."""
    job = unit.job
    version_bits = job.version_mask.bit_count()
    quick = min(version_bits, _QUICK_VERSION_BITS)
    number, low_version = divmod(number, 1 << quick)
    number, extranonce = divmod(number, 1 << 8 * job.extranonce_size)
    number, nonce_low = divmod(number, _NONCE_ROWS)
    lead, high_version = divmod(number, 1 << version_bits - quick)
    if lead > ntime_lead:
        return None
    rolled = _spread(high_version << quick | low_version, job.version_mask)
    return Row(
        version=job.version & ~job.version_mask | rolled,
        extranonce=extranonce.to_bytes(job.extranonce_size, "big"),
        ntime=unit.ntime + lead,
        nonce_low=nonce_low,
    )


def _spread(number: int, mask: int) -> int:
    """The bits of `number`, lowest first, put where `mask` has ones."""
    spread = 0
    while number:
        lowest = mask & -mask
        spread |= lowest * (number & 1)
        mask ^= lowest
        number >>= 1
    return spread
