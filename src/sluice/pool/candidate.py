"""The life of a found block, from a header that meets the network's target to the node's verdict.

Rule: the winning header and coinbase are kept exactly as found, never made again (design 5).
"""

from dataclasses import dataclass, field
from enum import Enum

from sluice.bitcoin.coinbase import with_witness
from sluice.bitcoin.hashes import to_display
from sluice.pool.effects import Effect, Submit, Tell
from sluice.pool.events import BlockAccepted, BlockFound, BlockRefused
from sluice.pool.ports import FoundBlock, Outcome
from sluice.work.channel import IssuedJob
from sluice.work.share import Judgement
from sluice.work.template import Template

#: Candidates kept for people to see, some hundreds of bytes each: years of a large pool, minutes on regtest.
KEPT = 1_000


class Fate(Enum):
    """Where a candidate is in its life."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    REFUSED = "refused"


@dataclass(slots=True)
class Candidate:
    """One found block; `block_hash` is in wire order, `found_at` in unix seconds."""

    block_hash: bytes
    height: int
    user: str
    found_at: int
    fate: Fate = Fate.SUBMITTED
    outcomes: list[Outcome] = field(default_factory=list)


def found_block(judgement: Judgement, issued: IssuedJob, user: str, unix_time: int) -> FoundBlock:
    """The block that a winning share makes."""
    template = issued.job.template
    return FoundBlock(
        block_hash=judgement.header_hash,
        height=issued.job.height,
        header=judgement.header,
        coinbase=_as_node_wants(issued.job.coinbase(judgement.extranonce or issued.prefix), template),
        transactions=template.transactions,
        template_id=template.template_id,
        user=user,
        found_at=unix_time,
    )


def _as_node_wants(coinbase: bytes, template: Template) -> bytes:
    # A template without a witness commitment is one without segwit: its coinbase may not have a witness.
    return with_witness(coinbase) if template.coinbase_outputs else coinbase


class Candidates:
    """All blocks found by this process. Mutable; one owner."""

    __slots__ = ("accepted", "found")

    def __init__(self) -> None:
        #: By hash, in the order in which they were found.
        self.found: dict[bytes, Candidate] = {}
        self.accepted = 0

    def find(self, judgement: Judgement, user: str, peer: int, unix_time: int) -> list[Effect]:
        """A share met the network's target: submit its block, once."""
        issued = judgement.issued
        block_hash = judgement.header_hash
        if issued is None or block_hash in self.found:
            return []
        height = issued.job.height
        self.found[block_hash] = Candidate(block_hash, height, user, unix_time)
        self._forget()
        found = BlockFound(height, to_display(block_hash), user, peer, judgement.verdict.value)
        return [Submit(found_block(judgement, issued, user, unix_time)), Tell(found)]

    def answered(self, block_hash: bytes, outcome: Outcome) -> list[Effect]:
        """A node has given its verdict; one acceptance is enough, a refusal does not undo it."""
        candidate = self.found.get(block_hash)
        if candidate is None:
            return []
        candidate.outcomes.append(outcome)
        text = to_display(block_hash)
        if not outcome.accepted:
            if candidate.fate is not Fate.ACCEPTED:
                candidate.fate = Fate.REFUSED
            return [Tell(BlockRefused(candidate.height, text, outcome.node, outcome.reason))]
        if candidate.fate is not Fate.ACCEPTED:
            candidate.fate = Fate.ACCEPTED
            self.accepted += 1
        return [Tell(BlockAccepted(candidate.height, text, outcome.node, candidate.user))]

    def _forget(self) -> None:
        """The oldest goes; one that still waits for its answer only if all do."""
        if len(self.found) <= KEPT:
            return
        decided = (each for each in self.found.values() if each.fate is not Fate.SUBMITTED)
        oldest = next(decided, None) or next(iter(self.found.values()))
        del self.found[oldest.block_hash]
