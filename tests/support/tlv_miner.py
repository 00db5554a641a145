"""A miner of the dialect that hashes what it was told and nothing else: header and root from the messages alone."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sluice.bitcoin.target import Target
from sluice.pool.inputs import Said, Wire
from sluice.tlv.message import Message
from sluice.tlv.messages import (
    NewMiningJob,
    OpenMiningChannel,
    OpenMiningChannelSuccess,
    SetNewPrevHash,
    SetupConnection,
    ShareData,
    SubmitShares,
)
from support.pool import PoolTalk, one

#: A share in 16 hashes.
EASY = Target((1 << 252) - 1)


def double(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()


def root_of(job: NewMiningJob) -> bytes:
    root = double(job.coinbase_prefix + job.coinbase_suffix)
    for sibling in job.merkle_path:
        root = double(root + sibling)
    return root


def header_of(job: NewMiningJob, nonce: int, version: int | None = None) -> bytes:
    facts = job.facts
    assert facts is not None
    numbers = (facts.ntime, facts.nbits, nonce)
    return b"".join(
        (
            ((facts.version if version is None else version) & 0xFFFFFFFF).to_bytes(4, "little"),
            job.prev_hash,
            root_of(job),
            *(number.to_bytes(4, "little") for number in numbers),
        )
    )


def share_of(job: NewMiningJob, nonce: int, version: int | None = None) -> ShareData:
    assert job.facts is not None
    rolled = job.facts.version if version is None else version
    return ShareData(job.channel_id, job.job_id, nonce, rolled, root_of(job))


def nonces(job: NewMiningJob, target: int, start: int = 0) -> Iterator[int]:
    """Those whose hash, as a number, is not above the target."""
    for nonce in range(start, 1 << 32):
        if int.from_bytes(double(header_of(job, nonce)), "little") <= target:
            yield nonce


@dataclass
class TlvDevice:
    """A connection to a pool; what it was told is kept."""

    talk: PoolTalk
    name: str = "rig"
    peer: int = 0
    targets: dict[int, int] = field(default_factory=dict)
    jobs: dict[int, NewMiningJob] = field(default_factory=dict)
    tips: list[SetNewPrevHash] = field(default_factory=list)
    _tried: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.peer = self.talk.connect(Wire.TLV)

    def say(self, *messages: Message) -> list[Any]:
        """What it is told in answer, and since it last spoke."""
        for message in messages:
            self.talk.feed(Said(self.peer, message))
        return self.hear()

    def hear(self) -> list[Any]:
        told: list[Any] = list(self.talk.take(self.peer))
        for message in told:
            match message:
                case OpenMiningChannelSuccess():
                    self.targets[message.channel_id] = int.from_bytes(message.target, "big")
                case NewMiningJob():
                    self.jobs[message.channel_id] = message
                case SetNewPrevHash():
                    self.tips.append(message)
        return told

    def set_up(self) -> "TlvDevice":
        self.say(SetupConnection(2, self.name, ("mining",)))
        return self

    def open(self, channel_id: int = 1, min_difficulty: int = 0) -> "TlvDevice":
        one(self.say(OpenMiningChannel(channel_id, 7, min_difficulty)), OpenMiningChannelSuccess)
        return self

    def find(self, times: int = 1, channel_id: int = 1, job: NewMiningJob | None = None) -> list[ShareData]:
        """Shares that were not found before; not sent in yet."""
        its = job or self.jobs[channel_id]
        found = nonces(its, self.targets[channel_id], self._tried.get(its.job_id, 0))
        shares = [share_of(its, next(found)) for _ in range(times)]
        self._tried[its.job_id] = shares[-1].nonce + 1
        return shares

    def submit(self, *shares: ShareData, channel_id: int = 1) -> list[Any]:
        return self.say(SubmitShares(channel_id, shares))


def tlv_mining(talk: PoolTalk | None = None, **changes: Any) -> TlvDevice:
    """A device that mines on a pool of its own, a share in some ten hashes unless `changes` of the template matter."""
    if talk is None:
        talk = PoolTalk()
        talk.offer(**changes)
    talk.state.opening_target = EASY
    device = TlvDevice(talk).set_up().open()
    talk.events.clear()
    return device
