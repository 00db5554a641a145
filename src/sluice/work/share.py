"""Judge a share: one pure function from (channel, share, time) to a judgement (spec 5.3.11 to 5.3.14).

Two stages: the job's target makes a share, the network's target makes a block.
Rule: a header that meets the network's target is a candidate, whatever else is wrong with it. And a share is
judged by the target its job was given with, never by a later one.
"""

from hashlib import sha256
from typing import NamedTuple

from sluice.bitcoin.header import header_bytes
from sluice.work.channel import Channel, IssuedJob
from sluice.work.job import VERSION_ROLLING_MASK
from sluice.work.verdict import Verdict

#: The bits of a version that belong to the job.
_FIXED_VERSION_BITS = 0xFFFFFFFF ^ VERSION_ROLLING_MASK

_ACCEPTED = Verdict.ACCEPTED
_LATE = Verdict.LATE


class Judgement(NamedTuple):
    """A verdict with what led to it.

    `header_hash` is in wire order, `hash_value` the same as an integer. `extranonce` is whole (16 bytes),
    or empty when the job's cached merkle root was used. Without a known job, or with an extranonce of the
    wrong size, there is no header and no hash.
    """

    verdict: Verdict
    candidate: bool
    issued: IssuedJob | None
    header: bytes
    header_hash: bytes
    hash_value: int
    extranonce: bytes


def _unhashed(verdict: Verdict, issued: IssuedJob | None) -> Judgement:
    return Judgement(verdict, False, issued, b"", b"", 0, b"")


def judge(
    channel: Channel, share: tuple[int, int, int, int], extranonce: bytes, now: float, max_ntime: int
) -> Judgement:
    """Judge `share` = (job_id, nonce, ntime, version) of `channel`; `extranonce` is empty if standard.

    `now` is in steady seconds, `max_ntime` the largest allowed ntime in unix seconds. Nothing is counted
    here: the same call gives the same answer.
    """
    job_id, nonce, ntime, version = share
    credited = _ACCEPTED
    issued = channel.jobs.get(job_id)
    if issued is None:
        issued = channel.past.get(job_id)
        if issued is None:
            return _unhashed(Verdict.UNKNOWN_JOB, None)
        credited = _LATE if now <= channel.late_until else Verdict.STALE
    if len(extranonce) != channel.extranonce_size:
        return _unhashed(Verdict.BAD_EXTRANONCE_SIZE, issued)
    job = issued.job
    tip = job.tip
    root = issued.merkle_root
    if root is None:
        extranonce = issued.prefix + extranonce
        root = job.merkle_root(extranonce)
    header = header_bytes(version, tip.prev_hash, root, ntime, tip.nbits, nonce)
    header_hash = sha256(sha256(header).digest()).digest()
    value = int.from_bytes(header_hash, "little")
    if (version ^ job.version) & _FIXED_VERSION_BITS:
        verdict = Verdict.BAD_VERSION
    elif not tip.min_ntime <= ntime <= max_ntime:  # not the job's: docs/decisions/0002
        verdict = Verdict.BAD_NTIME
    elif credited is Verdict.STALE:
        verdict = credited
    elif header_hash in channel.seen:
        verdict = Verdict.DUPLICATE
    elif value > issued.target:
        verdict = Verdict.TOO_EASY
    else:
        verdict = credited
    fields = (verdict, value <= tip.target, issued, header, header_hash, value, extranonce)
    # A NamedTuple's own constructor, Python code, costs a tenth of the whole.
    return tuple.__new__(Judgement, fields)
