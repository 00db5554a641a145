"""One mining session: a standard or an extended channel (spec 5.2).

It holds its extranonce prefix, its target, and the jobs it was given, each with the target frozen into it.
Rule: of the jobs on the tip the newest `max_jobs` are kept; of the tip before, the same for late shares;
nothing older.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sluice.bitcoin.target import Target, work
from sluice.work.extranonce import EXTRANONCE_SIZE
from sluice.work.job import ActiveJob
from sluice.work.seen import SeenShares
from sluice.work.tally import Tally
from sluice.work.vardiff import Vardiff


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


_NO_JOBS: Mapping[int, IssuedJob] = {}


class Channel:
    """A standard channel (its prefix is the whole extranonce) or an extended one. Mutable; one owner."""

    __slots__ = (
        "channel_id",
        "extranonce_prefix",
        "extranonce_size",
        "jobs",
        "last_sequence_number",
        "late_until",
        "max_target",
        "past",
        "seen",
        "tally",
        "target",
        "unacknowledged",
        "user_identity",
        "vardiff",
        "work_to_tell",
        "workers",
    )

    def __init__(self, terms: ChannelTerms, target: Target, vardiff: Vardiff, now: float) -> None:
        self.channel_id = terms.channel_id
        self.user_identity = terms.user_identity
        self.extranonce_prefix = terms.extranonce_prefix
        #: Bytes the miner rolls; 0 makes it a standard channel.
        self.extranonce_size = EXTRANONCE_SIZE - len(terms.extranonce_prefix)
        self.max_target = terms.max_target
        #: For jobs still to come.
        self.target = target
        self.vardiff = vardiff
        self.jobs: dict[int, IssuedJob] = {}
        self.past: Mapping[int, IssuedJob] = _NO_JOBS
        #: Until when, in steady seconds, shares for the tip before are credited as late.
        self.late_until = 0.0
        self.seen = SeenShares()
        self.tally = Tally(now)
        #: Tallies by worker identity (extension 0x0002); None until a first one is named.
        self.workers: dict[str, Tally] | None = None
        #: Credited shares, and their work, that no SubmitShares.Success has told of yet.
        self.unacknowledged = 0
        self.work_to_tell = 0
        self.last_sequence_number = 0

    @property
    def is_standard(self) -> bool:
        """Whether the miner rolls nothing but the header (spec 5.2.1)."""
        return not self.extranonce_size

    def issue(self, job: ActiveJob, max_jobs: int) -> IssuedJob:
        """Take `job`, to be judged by the target of now; the newest `max_jobs` are kept."""
        jobs = self.jobs
        prefix = self.extranonce_prefix
        root = None if self.extranonce_size else job.merkle_root(prefix)
        issued = jobs[job.job_id] = IssuedJob(job, self.target, prefix, root)
        while len(jobs) > max_jobs:
            del jobs[next(iter(jobs))]
        return issued

    def turn_to(self, job: ActiveJob, late_until: float) -> IssuedJob:
        """The tip changed: only `job` is valid; what was on the tip before is late until `late_until`."""
        self.past = self.jobs
        self.jobs = {}
        self.late_until = late_until
        self.seen.turn()
        return self.issue(job, 1)

    def retire_jobs(self) -> None:
        """Nothing issued so far is valid any more, not even for a late share."""
        self.past = _NO_JOBS
        self.jobs = {}
        self.seen = SeenShares()
