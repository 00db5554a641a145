"""The mining client's brain for the TLV dialect: server messages in, deeds out (docs/tlv.md).

Rule: as `client`, it decides everything about the protocol and does nothing. It hashes what a job says with the
header facts behind it; a server that does not send them cannot be mined on, and is left.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sluice.bitcoin.hashes import BlockHash, MerkleRoot, sha256d
from sluice.bitcoin.merkle import fold_merkle_path
from sluice.bitcoin.target import Target, meets
from sluice.sim.miner.deeds import Deed, Leave, Mine, Send, ShareRefused, SharesAccepted
from sluice.sim.miner.rules import Rule, RuleBroken, check_word
from sluice.sim.miner.submissions import MAX_WAITING
from sluice.sim.miner.waits import Wait, Waits
from sluice.sim.miner.work_unit import ROLLABLE_BITS, Share, StandardJob, Tip, WorkUnit
from sluice.tlv.message import Message
from sluice.tlv.messages import (
    NewMiningJob,
    OpenMiningChannel,
    OpenMiningChannelError,
    OpenMiningChannelSuccess,
    SetNewPrevHash,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
    ShareData,
    SubmitShares,
    SubmitSharesError,
    SubmitSharesSuccess,
)

VERSION = 2
CHANNEL = 1
#: Jobs of one tip that are kept; the server says how many it keeps, and sends one or two a minute.
MAX_JOBS = 128


@dataclass(frozen=True, slots=True)
class TlvPlan:
    """What it asks of a server: `min_difficulty` 0 leaves that to the server."""

    user: str
    min_difficulty: int = 0


class TlvClient:
    """One connection with one channel."""

    __slots__ = ("_jobs", "_pending", "_plan", "_tip", "_waits")

    def __init__(self, plan: TlvPlan) -> None:
        self._plan = plan
        self._waits = Waits()
        self._tip: Tip | None = None
        self._jobs: OrderedDict[int, WorkUnit] = OrderedDict()
        #: Shares without an answer, in order, and whether they are blocks: answers name none.
        self._pending: deque[bool] = deque()

    def start(self, now: float) -> list[Deed]:
        """The first message, as soon as there is a connection."""
        self._waits.begin(Wait.SETUP, now)
        self._waits.begin(Wait.WORD, now)
        return [Send(SetupConnection(VERSION, self._plan.user, ("mining",)))]

    def receive(self, message: Message, now: float) -> Sequence[Deed]:
        """What to do about a message. RuleBroken is final."""
        self._waits.begin(Wait.WORD, now)
        check_word(f"error_message of {message.wire_name}", getattr(message, "error_message", ""))
        return _REACTIONS[type(message)](self, message, now)

    def submit(self, unit: WorkUnit, share: Share) -> list[Deed]:
        """Send in what a worker found in `unit`; nothing when that is void by now."""
        job = unit.job
        if self._jobs.get(job.job_id) != unit:
            return []
        if len(self._pending) == MAX_WAITING:
            raise RuleBroken(Rule.SHARES_ANSWERED, f"{MAX_WAITING} shares are without an answer")
        self._pending.append(meets(share.hash, unit.network_target))
        found = ShareData(CHANNEL, job.job_id, share.nonce, share.version, job.merkle_root(share.extranonce))
        return [Send(SubmitShares(CHANNEL, (found,)))]

    def tick(self, now: float) -> list[Deed]:
        """What to do because time passed: to be called about once a second."""
        return [Leave(lapsed.wait.complaint) for lapsed in self._waits.lapsed(now)]

    def close(self, reason: str) -> list[Deed]:
        """The dialect has no word for it."""
        return []

    def _set_up(self, message: SetupConnectionSuccess, now: float) -> list[Deed]:
        if not self._waits.end(Wait.SETUP):
            raise RuleBroken(Rule.NOTHING_UNASKED, "SetupConnection.Success, twice")
        if VERSION not in message.supported_versions:
            raise RuleBroken(Rule.VERSION_OFFERED, f"the server speaks {message.supported_versions}, not 2")
        self._waits.begin(Wait.OPEN, now)
        return [Send(OpenMiningChannel(CHANNEL, 1, self._plan.min_difficulty))]

    def _opened(self, message: OpenMiningChannelSuccess, now: float) -> list[Deed]:
        if not self._waits.end(Wait.OPEN) or message.channel_id != CHANNEL:
            raise RuleBroken(Rule.OPEN_REQUEST_ID, f"channel {message.channel_id} is opened for nobody")
        self._waits.begin(Wait.WORK, now)
        return []

    def _refused(self, message: SetupConnectionError | OpenMiningChannelError, now: float) -> list[Deed]:
        return [Leave(f"the server refuses us: {message.error_message}", refusal=True)]

    def _new_tip(self, message: SetNewPrevHash, now: float) -> list[Deed]:
        """What was to be mined is void; the job to mine instead follows."""
        self._jobs.clear()
        return []

    def _new_job(self, message: NewMiningJob, now: float) -> list[Deed]:
        facts = message.facts
        if facts is None:
            return [Leave("the server does not say what a header is made of (docs/tlv.md)", refusal=True)]
        self._waits.end(Wait.WORK)
        if self._tip is None or (self._tip.prev_hash, self._tip.nbits) != (message.prev_hash, facts.nbits):
            # No time is earlier than the job's own, hence none may be later: a share cannot say its time.
            self._tip = Tip(BlockHash(message.prev_hash), facts.nbits, 0, now)
        root = fold_merkle_path(
            sha256d(message.coinbase_prefix + message.coinbase_suffix), message.merkle_path
        )
        job = StandardJob(message.job_id, facts.version, ROLLABLE_BITS, MerkleRoot(root))
        target = Target(int.from_bytes(facts.target, "big"))
        unit = self._jobs[message.job_id] = WorkUnit(CHANNEL, job, self._tip, facts.ntime, target)
        if len(self._jobs) > MAX_JOBS:
            self._jobs.popitem(last=False)
        return [Mine(unit)]

    def _taken(self, message: SubmitSharesSuccess, now: float) -> list[Deed]:
        self._answered()
        return [SharesAccepted(CHANNEL, 1)]

    def _not_taken(self, message: SubmitSharesError, now: float) -> list[Deed]:
        return [ShareRefused(CHANNEL, 0, message.error_message, self._answered())]

    def _answered(self) -> bool:
        """The oldest share has its answer; whether it was a block."""
        if not self._pending:
            raise RuleBroken(Rule.ANSWERED_ONCE, "an answer, but no share waits for one")
        return self._pending.popleft()


_REACTIONS: dict[type[Message], Callable[[TlvClient, Any, float], list[Deed]]] = {
    SetupConnectionSuccess: TlvClient._set_up,
    SetupConnectionError: TlvClient._refused,
    OpenMiningChannelSuccess: TlvClient._opened,
    OpenMiningChannelError: TlvClient._refused,
    NewMiningJob: TlvClient._new_job,
    SetNewPrevHash: TlvClient._new_tip,
    SubmitSharesSuccess: TlvClient._taken,
    SubmitSharesError: TlvClient._not_taken,
}
