"""One mining channel as a miner sees it: its jobs, tip, target and shares (spec 5.2, 5.3).

Rule: what a job is hashed with is fixed when it comes (extranonce prefix, spec 5.3.10) or becomes active (target,
spec 5.3.21; tip). Each message is checked against the rules before it changes anything.
"""

from collections import OrderedDict
from dataclasses import dataclass

from sluice.bitcoin.hashes import BlockHash, MerkleRoot
from sluice.bitcoin.target import Target, difficulty, meets, target_from_nbits
from sluice.sim.miner.coinbase_rules import check_coinbase
from sluice.sim.miner.rules import Rule, RuleBroken
from sluice.sim.miner.submissions import Submissions
from sluice.sim.miner.work_unit import ROLLABLE_BITS, ExtendedJob, Job, Share, StandardJob, Tip, WorkUnit
from sluice.sv2.messages.mining import (
    NewExtendedMiningJob,
    NewMiningJob,
    SetNewPrevHash,
    SubmitSharesExtended,
    SubmitSharesStandard,
)

MAX_EXTRANONCE = 32
#: Jobs kept for heights to come, and for this one. Servers send a job or two a minute: an hour's worth.
#: What is forgotten is the oldest.
MAX_FUTURE_JOBS = 128
MAX_TIP_JOBS = 128


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed for a channel when it was opened. `min_extranonce_size` is what the client asked for."""

    channel_id: int
    group_id: int
    extended: bool
    max_target: Target
    extranonce_size: int = 0
    version_mask: int = ROLLABLE_BITS
    #: whether coinbases are built here: for a standard channel, unless the server sends it standard jobs only
    builds_coinbase: bool = True


class ClientChannel:
    """State of one channel. Methods that give a WorkUnit give what is to be hashed from now on."""

    __slots__ = (
        "_future",
        "_jobs",
        "max_target",
        "prefix",
        "started",
        "submissions",
        "target",
        "terms",
        "tip",
        "wished_max",
    )

    def __init__(self, terms: Terms, target: Target, prefix: bytes) -> None:
        self.terms = terms
        self.max_target = self.wished_max = terms.max_target
        self.set_target(target)
        self.set_prefix(prefix)
        self.started = False  # whether the first job came
        self.submissions = Submissions()
        self.tip: Tip | None = None
        self._future: OrderedDict[int, Job] = OrderedDict()
        self._jobs: OrderedDict[int, WorkUnit] = OrderedDict()

    @property
    def full_extranonce_size(self) -> int:
        """Bytes of extranonce in this channel's coinbases."""
        return len(self.prefix) + self.terms.extranonce_size

    def set_target(self, target: Target) -> None:
        """For future jobs, and jobs to come (spec 5.3.21)."""
        if target > self.max_target:
            raise RuleBroken(
                Rule.TARGET_WITHIN_MAX,
                f"{self} is given target {target:x}, above its maximum {self.max_target:x}",
            )
        if not target:
            raise RuleBroken(Rule.TARGET_POSSIBLE, f"{self} is given target 0")
        self.target = target
        if target <= self.wished_max:
            self.max_target = self.wished_max

    def wish(self, max_target: Target) -> None:
        """UpdateChannel was sent: the larger maximum holds until a target within the new one comes (spec 5.3.7)."""
        self.wished_max = max_target
        self.max_target = max_target if self.target <= max_target else max(self.max_target, max_target)

    @property
    def wish_open(self) -> bool:
        """Whether the server still has to send a target within the maximum that was wished."""
        return self.target > self.wished_max

    def set_prefix(self, prefix: bytes) -> None:
        """For jobs to come (spec 5.3.10)."""
        size = len(prefix) + self.terms.extranonce_size
        if size > MAX_EXTRANONCE:
            raise RuleBroken(Rule.EXTRANONCE_FITS, f"{self} is given an extranonce of {size} bytes")
        if not prefix and self.terms.builds_coinbase:
            raise RuleBroken(Rule.EXTRANONCE_OWN, f"{self} is given an empty extranonce prefix")
        self.prefix = prefix

    def take_standard_job(self, message: NewMiningJob) -> WorkUnit | None:
        """NewMiningJob for this channel."""
        job = StandardJob(
            job_id=message.job_id,
            version=message.version,
            version_mask=self.terms.version_mask,
            root=MerkleRoot(message.merkle_root),
        )
        return self._take(job, message.min_ntime)

    def take_extended_job(self, message: NewExtendedMiningJob) -> WorkUnit | None:
        """NewExtendedMiningJob for this channel or its group."""
        head = message.coinbase_tx_prefix + self.prefix
        check_coinbase(head, self.terms.extranonce_size, message.coinbase_tx_suffix)
        job = ExtendedJob(
            job_id=message.job_id,
            version=message.version,
            version_mask=self.terms.version_mask if message.version_rolling_allowed else 0,
            coinbase_head=head,
            coinbase_tail=message.coinbase_tx_suffix,
            merkle_path=message.merkle_path,
            extranonce_size=self.terms.extranonce_size,
        )
        return self._take(job, message.min_ntime)

    def take_tip(self, message: SetNewPrevHash, now: float) -> WorkUnit:
        """SetNewPrevHash for this channel or its group: all jobs but the one it names are void."""
        job = self._future.get(message.job_id)
        if job is None:
            raise RuleBroken(
                Rule.TIP_NAMES_FUTURE_JOB,
                f"{self}: SetNewPrevHash names job {message.job_id}, no future job of it",
            )
        try:
            target_from_nbits(message.nbits)
        except ValueError as error:
            raise RuleBroken(Rule.NBITS_VALID, f"{self}: {error}") from None
        self.tip = Tip(BlockHash(message.prev_hash), message.nbits, message.min_ntime, now)
        self._future.clear()
        self._jobs.clear()
        return self._activate(job, self.tip, message.min_ntime)

    def submit(self, unit: WorkUnit, share: Share) -> SubmitSharesStandard | SubmitSharesExtended | None:
        """The message for a share that a worker found in `unit`; None when its job is void by now."""
        if self._jobs.get(unit.job.job_id) != unit:
            return None
        is_block = meets(share.hash, unit.network_target)
        sequence = self.submissions.add(difficulty(unit.target), is_block)
        numbers = (unit.channel_id, sequence, unit.job.job_id, share.nonce, share.ntime, share.version)
        if self.terms.extended:
            return SubmitSharesExtended(*numbers, share.extranonce)
        return SubmitSharesStandard(*numbers)

    def __str__(self) -> str:
        kind = "extended" if self.terms.extended else "standard"
        return f"{kind} channel {self.terms.channel_id}"

    def _take(self, job: Job, min_ntime: int | None) -> WorkUnit | None:
        if job.job_id in self._future or job.job_id in self._jobs:
            raise RuleBroken(Rule.JOB_ID_FREE, f"{self} is given job {job.job_id} twice")
        if min_ntime is None:
            self._future[job.job_id] = job
            _forget_oldest(self._future, MAX_FUTURE_JOBS)
            return None
        if self.tip is None:
            raise RuleBroken(
                Rule.TIP_BEFORE_JOB, f"{self} is given active job {job.job_id}, but no block to build on"
            )
        return self._activate(job, self.tip, max(min_ntime, self.tip.min_ntime))

    def _activate(self, job: Job, tip: Tip, ntime: int) -> WorkUnit:
        unit = WorkUnit(self.terms.channel_id, job, tip, ntime, self.target)
        self._jobs[job.job_id] = unit
        _forget_oldest(self._jobs, MAX_TIP_JOBS)
        return unit


def _forget_oldest(jobs: OrderedDict[int, Job] | OrderedDict[int, WorkUnit], bound: int) -> None:
    if len(jobs) > bound:
        jobs.popitem(last=False)


def overlap(one: ClientChannel, other: ClientChannel) -> bool:
    """Whether two channels could build the same coinbase. Those that build none may have no prefix."""
    if not one.prefix or not other.prefix:
        return False
    return one.prefix.startswith(other.prefix) or other.prefix.startswith(one.prefix)
