"""Blocks on templates that are easy to find one on."""

from itertools import count

from sluice.bitcoin.coinbase import with_witness
from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.header import header_bytes
from sluice.bitcoin.target import meets, target_from_nbits
from sluice.pool.ports import FoundBlock
from sluice.work.job import cut
from sluice.work.template import Template, tip_of
from support.work import EASY_NBITS, HARD_NBITS, NTIME, PAYOUT

EXTRANONCE = bytes(range(16))


def mined(
    offered: Template, version: int | None = None, user: str = "client", found_at: int = NTIME + 5
) -> FoundBlock:
    """A block on a template, with proof of work for the easiest target if its own is too hard for a test."""
    job = cut(offered, PAYOUT, 1).on(tip_of(offered), NTIME)
    root, rolled = job.merkle_root(EXTRANONCE), offered.version if version is None else version
    target = target_from_nbits(offered.nbits if offered.nbits != HARD_NBITS else EASY_NBITS)
    headers = (
        header_bytes(rolled, offered.prev_hash, root, NTIME, offered.nbits, nonce) for nonce in count()
    )
    header = next(header for header in headers if meets(sha256d(header), target))
    coinbase = with_witness(job.coinbase(EXTRANONCE))
    parts = (offered.height, header, coinbase, offered.transactions, offered.template_id)
    return FoundBlock(sha256d(header), *parts, user, found_at)
