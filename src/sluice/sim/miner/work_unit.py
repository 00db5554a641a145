"""What a miner needs to hash: a job, the tip it builds on, and the target frozen into it (spec 5.1).

Rule: a work unit is a value; it can be handed to another process, and nothing that the server says later
changes it. The extranonce here is the part that the miner rolls; the server's prefix is already in the coinbase.
"""

from dataclasses import dataclass

from sluice.bitcoin.hashes import BlockHash, MerkleRoot, sha256d
from sluice.bitcoin.header import header_bytes
from sluice.bitcoin.merkle import fold_merkle_path
from sluice.bitcoin.target import Target, target_from_nbits

#: BIP323: the version bits that a miner may roll.
ROLLABLE_BITS = 0x1FFF_FFE0


@dataclass(frozen=True, slots=True)
class StandardJob:
    """A fixed merkle root: header-only mining (spec 5.1.1). `version_mask`: the bits that may be rolled."""

    job_id: int
    version: int
    version_mask: int
    root: MerkleRoot
    extranonce_size: int = 0

    def merkle_root(self, _extranonce: bytes) -> MerkleRoot:
        """The one root there is."""
        return self.root


@dataclass(frozen=True, slots=True)
class ExtendedJob:
    """A coinbase in two halves, around `extranonce_size` bytes for the miner to roll (spec 5.1.2)."""

    job_id: int
    version: int
    version_mask: int
    #: coinbase_tx_prefix and the channel's extranonce_prefix, of the time when the job came (spec 5.3.10)
    coinbase_head: bytes
    coinbase_tail: bytes
    merkle_path: tuple[bytes, ...]
    extranonce_size: int

    def merkle_root(self, extranonce: bytes) -> MerkleRoot:
        """The root for one extranonce (spec 5.3.16)."""
        return fold_merkle_path(
            sha256d(self.coinbase_head + extranonce + self.coinbase_tail), self.merkle_path
        )


Job = StandardJob | ExtendedJob


@dataclass(frozen=True, slots=True)
class Tip:
    """The block we build on, from SetNewPrevHash; `since` is when it came, in steady seconds."""

    prev_hash: BlockHash
    nbits: int
    min_ntime: int
    since: float


@dataclass(frozen=True, slots=True)
class WorkUnit:
    """One job in the form in which it is hashed. `ntime` is the first time to hash with."""

    channel_id: int
    job: Job
    tip: Tip
    ntime: int
    target: Target

    @property
    def network_target(self) -> Target:
        """What a hash must meet to make a block."""
        return target_from_nbits(self.tip.nbits)

    def ntime_lead(self, now: float) -> int:
        """How many seconds ntime may run ahead of the first: none that has not passed (spec 5.3.11)."""
        return max(0, self.tip.min_ntime + int(now - self.tip.since) - self.ntime)

    def header(self, extranonce: bytes, version: int, ntime: int, nonce: int) -> bytes:
        """The 80 bytes of one attempt."""
        root = self.job.merkle_root(extranonce)
        return header_bytes(version, self.tip.prev_hash, root, ntime, self.tip.nbits, nonce)


@dataclass(frozen=True, slots=True)
class Share:
    """An attempt that met its unit's target; `hash` in wire order."""

    nonce: int
    version: int
    ntime: int
    extranonce: bytes
    hash: BlockHash
