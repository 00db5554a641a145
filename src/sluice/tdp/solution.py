"""A found block on its way through SubmitSolution, from both ends (spec 7.7).

Rule: a solution belongs to the template whose merkle path leads from its coinbase to the header's root, whatever
number anybody gave it; a header that does not meet its nbits is nobody's block.
"""

from dataclasses import dataclass

from sluice.bitcoin.coinbase import with_witness
from sluice.bitcoin.compact import DecodeError
from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.header import Header, header_bytes
from sluice.bitcoin.merkle import fold_merkle_path
from sluice.bitcoin.target import meets, target_from_nbits
from sluice.bitcoin.transaction import Transaction
from sluice.pool.ports import FoundBlock
from sluice.sv2.messages.templates import SubmitSolution
from sluice.work.job import VERSION_ROLLING_MASK
from sluice.work.template import Template

MAX_COINBASE = 2**16 - 1  # coinbase_tx is a B0_64K


@dataclass(frozen=True, slots=True)
class Place:
    """What a provider's template says of the header of its blocks, once its tip is known; `template_id` is its own."""

    template_id: int
    prev_hash: bytes
    nbits: int
    version: int
    merkle_path: tuple[bytes, ...]

    def takes(self, header: Header, txid: bytes) -> bool:
        """Whether a block with this header and coinbase is one of this template."""
        return (
            (header.prev_hash, header.nbits) == (self.prev_hash, self.nbits)
            and not (header.version ^ self.version) & ~VERSION_ROLLING_MASK
            and fold_merkle_path(txid, self.merkle_path) == header.merkle_root
        )


def solution_of(found: FoundBlock, places: list[Place]) -> SubmitSolution | str:
    """What to send for a block; or why it cannot go this way."""
    if len(found.coinbase) > MAX_COINBASE:
        return f"its coinbase has {len(found.coinbase)} bytes, SubmitSolution has room for {MAX_COINBASE}"
    header, txid = Header.parse(found.header), Transaction.parse(found.coinbase).txid()
    for place in places:
        if place.takes(header, txid):
            return SubmitSolution(
                place.template_id, header.version, header.ntime, header.nonce, found.coinbase
            )
    return "it was not built on a template of this provider"


@dataclass(frozen=True, slots=True)
class Finder:
    """Who sent a solution, and when, in unix seconds."""

    name: str
    unix_time: int


def found_block(solution: SubmitSolution, template: Template, finder: Finder) -> FoundBlock | str:
    """The block that a client's solution of `template` makes; or why it makes none."""
    coinbase = solution.coinbase_tx
    try:
        parsed = Transaction.parse(coinbase)
    except DecodeError as error:
        return f"coinbase_tx is no transaction: {error}"
    if not parsed.is_coinbase:
        return "coinbase_tx is no coinbase"
    if template.coinbase_outputs and not parsed.has_witness:
        coinbase = with_witness(coinbase)  # it should have one (spec 3.7.3), but a block is a block
    root = fold_merkle_path(parsed.txid(), template.merkle_path)
    header = header_bytes(
        solution.version,
        template.prev_hash,
        root,
        solution.header_timestamp,
        template.nbits,
        solution.header_nonce,
    )
    block_hash = sha256d(header)
    if not meets(block_hash, target_from_nbits(template.nbits)):
        return "its hash is above the network's target"
    return FoundBlock(
        block_hash=block_hash,
        height=template.height,
        header=header,
        coinbase=coinbase,
        transactions=template.transactions,
        template_id=template.template_id,
        user=finder.name,
        found_at=finder.unix_time,
    )
