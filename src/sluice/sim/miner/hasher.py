"""Real mining in pure Python: double SHA-256 over headers, as fast as hashlib allows.

Rule: attempts are numbered; `grind(unit, start, count, lead)` tries exactly those, so that any division
of the numbers among workers is a division of the work. Measured on CPython 3.11 with sha_ni: keeping the hash state
of the first 78 bytes gives 2.0 MH/s per core, hashing all 80 each time 1.8.
"""

import struct
from collections.abc import Callable, Iterator
from hashlib import sha256

from sluice.bitcoin.hashes import BlockHash, MerkleRoot
from sluice.bitcoin.target import Target
from sluice.sim.miner.search import ROW_SIZE, Row, row
from sluice.sim.miner.work_unit import Share, StandardJob, Tip, WorkUnit

#: The upper half of every nonce, as it stands at the end of a header.
_NONCE_HIGH = tuple(struct.pack("<H", high) for high in range(ROW_SIZE))
_FIXED = 78  # bytes of a header that a row has in common
_BENCH_STEP = 1 << 12  # a few milliseconds, on slow machines too


def grind(unit: WorkUnit, start: int, count: int, ntime_lead: int = 0) -> list[Share]:
    """The shares among attempts `start` to `start + count`.

    Attempts whose time would be more than `ntime_lead` seconds ahead are left out: see `exhausted`.
    """
    shares: list[Share] = []
    end = start + count
    while start < end:
        number, first = divmod(start, ROW_SIZE)
        last = min(first + end - start, ROW_SIZE)
        this = row(unit, number, ntime_lead)
        if this is None:
            return shares
        shares += _grind_row(unit, this, first, last)
        start += last - first
    return shares


def exhausted(unit: WorkUnit, start: int, ntime_lead: int) -> bool:
    """Whether nothing is left to try from `start` on, until time moves or new work comes."""
    return row(unit, start // ROW_SIZE, ntime_lead) is None


def _grind_row(unit: WorkUnit, this: Row, first: int, last: int) -> Iterator[Share]:
    head = unit.header(this.extranonce, this.version, this.ntime, this.nonce_low)[:_FIXED]
    for high, digest in _attempts(head, _NONCE_HIGH[first:last], unit.target >> 248):
        if int.from_bytes(digest, "little") <= unit.target:
            yield Share(
                nonce=this.nonce_low | int.from_bytes(high, "little") << 16,
                version=this.version,
                ntime=this.ntime,
                extranonce=this.extranonce,
                hash=BlockHash(digest),
            )


def _attempts(head: bytes, nonces: tuple[bytes, ...], top: int) -> list[tuple[bytes, bytes]]:
    """The hot loop: nonces whose hash has a highest byte of at most `top`, with the hash."""
    state, sha = sha256(head).copy, sha256
    found = []
    for high in nonces:
        attempt = state()
        attempt.update(high)
        digest = sha(attempt.digest()).digest()
        if digest[31] <= top:
            found.append((high, digest))
    return found


def measure(clock: Callable[[], float], seconds: float = 0.2) -> float:
    """This core's hashes per second, by hashing for about so long."""
    tip = Tip(BlockHash(bytes(32)), nbits=0x1D00FFFF, min_ntime=0, since=0.0)
    unit = WorkUnit(0, StandardJob(0, 0, 0, MerkleRoot(bytes(32))), tip, ntime=0, target=Target(0))
    began, hashed, passed = clock(), 0, 0.0
    while passed < seconds:
        grind(unit, hashed, _BENCH_STEP)
        hashed += _BENCH_STEP
        passed = clock() - began
    return hashed / passed
