"""One mining session: a standard or an extended channel (spec 5.2).

It holds its extranonce prefix, its target, and the jobs it was given, each with the target frozen into it.
Rule: of the jobs on the tip the newest `max_jobs` are kept; of the tip before, the same for late shares;
nothing older.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sluice.bitcoin.target import Target, work
from sluice.work.extranonce import EXTRANONCE_SIZE
from sluice.work.job import ActiveJob, Job
from sluice.work.seen import SeenShares
from sluice.work.sums import Sums
from sluice.work.tally import Tally
from sluice.work.vardiff import Vardiff
from sluice.work.verdict import Verdict


class IssuedJob:
    """A job as one channel has it: the target and the prefix it was given with never change."""

    __slots__ = ("job", "merkle_root", "prefix", "target", "work")

    def __init__(self, job: ActiveJob, target: Target, prefix: bytes, merkle_root: bytes | None) -> None:
        """`merkle_root` is there for a standard channel, whose prefix is the whole extranonce."""
        self.job = job
        self.target = target
        #: Hashes expected for a share of this job: what it is credited with.
        self.work = work(target)
        self.prefix = prefix
        self.merkle_root = merkle_root


@dataclass(frozen=True, slots=True)
class ChannelTerms:
    """What was agreed when a channel was opened."""

    channel_id: int
    user_identity: str
    extranonce_prefix: bytes
    #: The easiest target the device says it can work with.
    max_target: Target
    #: The script that its blocks pay; empty: whoever the pool pays.
    payee: bytes = b""


_NO_JOBS: Mapping[int, IssuedJob] = {}
_NONE_REFUSED: Mapping[Verdict, int] = {}


class Channel:
    """A standard channel (its prefix is the whole extranonce) or an extended one. Mutable; one owner."""

    __slots__ = (
        "_ahead",
        "channel_id",
        "extranonce_prefix",
        "extranonce_size",
        "jobs",
        "last_sequence_number",
        "late_until",
        "max_target",
        "number",
        "ordered",
        "past",
        "payee",
        "refusals_told",
        "seen",
        "sums",
        "tally",
        "target",
        "to_beat",
        "unacknowledged",
        "user_identity",
        "vardiff",
        "work_to_tell",
        "workers",
    )

    def __init__(
        self, terms: ChannelTerms, target: Target, vardiff: Vardiff, now: float, sums: Sums | None = None
    ) -> None:
        """`sums` are those of all channels of its kind, this one included."""
        self.sums = sums or Sums()
        self.sums.opened += 1
        self.channel_id = terms.channel_id
        self.user_identity = terms.user_identity
        self.payee = terms.payee
        #: For jobs still to be sent.
        self.extranonce_prefix = terms.extranonce_prefix
        #: A future job that was sent before the prefix moved: its id, and the prefix it was sent with.
        self._ahead: tuple[int, bytes] | None = None
        #: Bytes the miner rolls; 0 makes it a standard channel.
        self.extranonce_size = EXTRANONCE_SIZE - len(terms.extranonce_prefix)
        self.max_target = terms.max_target
        #: For jobs still to come.
        self.target = target
        self.vardiff = vardiff
        #: Where an operator wants it, within its bounds; None leaves it to vardiff.
        self.ordered: Target | None = None
        self.jobs: dict[int, IssuedJob] = {}
        self.past: Mapping[int, IssuedJob] = _NO_JOBS
        #: Until when, in steady seconds, shares for jobs of the past are credited as late.
        self.late_until = 0.0
        self.seen = SeenShares()
        self.tally = Tally(now)
        #: Tallies by worker identity (extension 0x0002); None until a first one is named.
        self.workers: dict[str, Tally] | None = None
        #: Credited shares, and their work, that no SubmitShares.Success has told of yet.
        self.unacknowledged = 0
        self.work_to_tell = 0
        self.last_sequence_number = 0
        #: What a share's hash must be below to be worth a look, whether its account ever had a better one.
        self.to_beat = 0
        #: In the record; 0 where there is none.
        self.number = 0
        #: Refusals that the record knows of.
        self.refusals_told = _NONE_REFUSED

    @property
    def is_standard(self) -> bool:
        """Whether the miner rolls nothing but the header (spec 5.2.1)."""
        return not self.extranonce_size

    def refuse(self, verdict: Verdict) -> None:
        """A share was refused, and is counted."""
        self.tally.refuse(verdict)
        self.sums.shares[verdict] += 1

    def issue(self, job: ActiveJob, max_jobs: int) -> IssuedJob:
        """Take `job`, to be judged by the target of now; the newest `max_jobs` are kept."""
        return self._keep(job, max_jobs, self.extranonce_prefix)

    def turn_to(self, job: ActiveJob, late_until: float) -> IssuedJob:
        """The tip changed: only `job` is valid; what was on the tip before is late until `late_until`."""
        self.retire_jobs(late_until)
        ahead = self._ahead
        sent_with = ahead[1] if ahead and ahead[0] == job.job_id else self.extranonce_prefix
        return self._keep(job, 1, sent_with)

    def retire_jobs(self, late_until: float) -> None:
        """What was issued is of the past: late until `late_until`, then stale; a block in it still counts."""
        self.past = self.jobs
        self.jobs = {}
        self.late_until = late_until
        self.seen.turn()

    def move_to(self, prefix: bytes, ahead: Job | None) -> None:
        """Use `prefix` for jobs to be sent; `ahead`, sent already, keeps the one of now (spec 5.3.10)."""
        if ahead and not (self._ahead and self._ahead[0] == ahead.job_id):
            self._ahead = ahead.job_id, self.extranonce_prefix
        self.extranonce_prefix = prefix

    def _keep(self, job: ActiveJob, max_jobs: int, prefix: bytes) -> IssuedJob:
        jobs = self.jobs
        root = None if self.extranonce_size else job.merkle_root(prefix)
        issued = jobs[job.job_id] = IssuedJob(job, self.target, prefix, root)
        while len(jobs) > max_jobs:
            del jobs[next(iter(jobs))]
        return issued
