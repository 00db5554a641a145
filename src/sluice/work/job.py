"""A template cut for miners: the coinbase split around the extranonce, under a job id (spec 5.1).

Made once and shared by every channel; a channel keeps only a reference and its own target.
Rule: two jobs never share a coinbase, whatever the template: a miner that starts a new job from nonce 0
must not meet the hashes of an earlier one. The difference lies in the input's sequence number.
"""

from dataclasses import dataclass

from sluice.bitcoin.coinbase import FINAL_SEQUENCE, CoinbasePlan, CoinbaseSplit, split_coinbase
from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.merkle import fold_merkle_path
from sluice.bitcoin.transaction import TxOut
from sluice.work.extranonce import EXTRANONCE_SIZE
from sluice.work.template import Template, Tip

#: The general purpose bits of the version that a miner may roll (BIP323).
VERSION_ROLLING_MASK = 0x1FFFFFE0
#: How many sequence numbers are used in turn to tell coinbases apart, from 0xfffffffe down to 0x80000000: all
#: that keep the disable bit of BIP68, without 0xffffffff (BIP54). They come round long after a job is stale.
SEQUENCE_TURNS = 0x7FFFFFFF


@dataclass(frozen=True, slots=True)
class Payout:
    """Who is paid by a coinbase, and the tag it carries: `shares` as they say, the pool's script the rest."""

    script_pubkey: bytes
    pool_tag: bytes
    shares: tuple[TxOut, ...] = ()

    def outputs(self, value: int) -> tuple[TxOut, ...]:
        """Reward outputs of exactly `value` satoshis.

        Shares that are more than `value` together are not paid at all: which of them to cut is not for us to say,
        and a coinbase that pays too much is no block.
        """
        rest = value - sum(share.value for share in self.shares)
        if not self.shares or rest < 0:
            return (TxOut(value, self.script_pubkey),)
        return (*self.shares, TxOut(rest, self.script_pubkey)) if rest else self.shares


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One unit of work, cut but without a tip yet: a future job (spec 5.1.3)."""

    job_id: int
    template: Template
    split: CoinbaseSplit

    @property
    def version(self) -> int:
        """The header's version, before any rolling."""
        return self.template.version

    @property
    def height(self) -> int:
        """Height of the block that this job would make."""
        return self.template.height

    def coinbase(self, extranonce: bytes) -> bytes:
        """The coinbase without its BIP141 fields: what is hashed to the txid."""
        return self.split.join(extranonce)

    def merkle_root(self, extranonce: bytes) -> bytes:
        """Root of the block's merkle tree for a full extranonce of 16 bytes (spec 5.3.16)."""
        return fold_merkle_path(sha256d(self.split.join(extranonce)), self.template.merkle_path)

    def on(self, tip: Tip, min_ntime: int) -> "ActiveJob":
        """This job, to be mined on `tip` with times of `min_ntime` or later (spec 5.3.17)."""
        return ActiveJob(self.job_id, self.template, self.split, tip, min_ntime)


@dataclass(frozen=True, slots=True, eq=False)
class ActiveJob(Job):
    """A job with the tip it builds on; what shares are judged against."""

    tip: Tip
    min_ntime: int


def cut(template: Template, payout: Payout, job_id: int) -> Job:
    """A job over `template` that pays `payout`. Raises ValueError if the scriptSig would be too long."""
    plan = CoinbasePlan(
        prefix_script=template.coinbase_prefix,
        pool_tag=payout.pool_tag,
        extranonce_size=EXTRANONCE_SIZE,
        outputs=payout.outputs(template.coinbase_value) + template.coinbase_outputs,
        tx_version=template.coinbase_tx_version,
        sequence=_counted_down(template.coinbase_tx_sequence, job_id % SEQUENCE_TURNS),
        locktime=template.coinbase_tx_locktime,
    )
    return Job(job_id, template, split_coinbase(plan))


def _counted_down(sequence: int, turns: int) -> int:
    """A provider may begin anywhere: below 0 comes the highest number that is not final."""
    return sequence - turns if turns <= sequence else sequence - turns + FINAL_SEQUENCE
