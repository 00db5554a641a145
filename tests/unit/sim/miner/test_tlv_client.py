"""The client of the dialect: what it makes of a server's messages, and of one that breaks the rules."""

import pytest

from sluice.bitcoin.target import Target
from sluice.sim.miner.deeds import Deed, Leave, Mine, Send, ShareRefused, SharesAccepted
from sluice.sim.miner.hasher import grind
from sluice.sim.miner.rules import RuleBroken
from sluice.sim.miner.tlv_client import MAX_JOBS, TlvClient, TlvPlan
from sluice.sim.miner.work_unit import Share, WorkUnit
from sluice.tlv.message import Message
from sluice.tlv.messages import (
    HeaderFacts,
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
from support.tlv_miner import double, header_of, root_of
from support.work import EASY_NBITS, NTIME, VERSION

TARGET = Target((1 << 252) - 1)
OPENED = OpenMiningChannelSuccess(1, 1, TARGET.to_bytes(32, "big"), 10)
WELCOME = SetupConnectionSuccess((2,), ("mining",))


def job(job_id: int, tip: bytes = b"\x11" * 32, nbits: int = EASY_NBITS) -> NewMiningJob:
    facts = HeaderFacts(VERSION, NTIME, nbits, TARGET.to_bytes(32, "big"))
    return NewMiningJob(1, job_id, tip, b"head", bytes([job_id]), (b"\x22" * 32,), facts)


class Talk:
    """A client with its clock."""

    def __init__(self) -> None:
        self.client = TlvClient(TlvPlan("rig", 7))
        self.now = 100.0
        self.first = self.client.start(self.now)

    def hear(self, *messages: Message) -> list[Deed]:
        return [deed for message in messages for deed in self.client.receive(message, self.now)]

    def work(self, *jobs: NewMiningJob) -> WorkUnit:
        """Open, and mine on the last of these."""
        deeds = self.hear(WELCOME, OPENED, *(jobs or (job(1),)))
        assert isinstance(deeds[-1], Mine)
        return deeds[-1].unit


def find(unit: WorkUnit, count: int = 1) -> list[Share]:
    return grind(unit, 0, 100 * count)[:count]


def test_it_sets_up_and_opens_its_channel() -> None:
    talk = Talk()
    assert talk.first == [Send(SetupConnection(2, "rig", ("mining",)))]
    assert talk.hear(WELCOME) == [Send(OpenMiningChannel(1, 1, 7))]
    assert talk.hear(OPENED) == []


def test_it_hashes_what_the_job_says() -> None:
    talk, its = Talk(), job(1)
    unit = talk.work(its)
    [share] = find(unit)
    assert share.hash == double(header_of(its, share.nonce, share.version))
    assert int.from_bytes(share.hash, "little") <= TARGET
    found = ShareData(1, 1, share.nonce, share.version, root_of(its))
    assert talk.client.submit(unit, share) == [Send(SubmitShares(1, (found,)))]


def test_time_never_moves_within_a_job() -> None:
    unit = Talk().work()
    assert unit.ntime == NTIME
    assert unit.ntime_lead(1e9) == 0


def test_a_tip_makes_earlier_work_void_and_a_job_on_the_same_tip_does_not() -> None:
    talk = Talk()
    first = talk.work(job(1))
    [second] = talk.hear(job(2))
    assert isinstance(second, Mine)
    assert second.unit.tip is first.tip
    assert len(talk.client.submit(first, find(first)[0])) == 1
    assert talk.hear(SetNewPrevHash(1, 3, b"\x33" * 32, 1)) == []
    assert talk.client.submit(first, find(first)[0]) == []
    [third] = talk.hear(job(3, b"\x33" * 32))
    assert isinstance(third, Mine)
    assert third.unit.tip != first.tip


def test_a_hundred_jobs_on_one_tip_are_remembered_and_no_more() -> None:
    talk = Talk()
    first = talk.work(job(1))
    for job_id in range(2, MAX_JOBS + 2):
        talk.hear(job(job_id))
    assert talk.client.submit(first, find(first)[0]) == []


def test_answers_are_for_the_oldest_share() -> None:
    talk = Talk()
    unit = talk.work()
    for share in find(unit, 2):
        talk.client.submit(unit, share)
    assert talk.hear(SubmitSharesSuccess(1, 1)) == [SharesAccepted(1, 1)]
    # With these nbits and this target, every share is a block.
    assert talk.hear(SubmitSharesError(1, 1, 3, "no")) == [ShareRefused(1, 0, "no", was_block=True)]
    with pytest.raises(RuleBroken, match="no share waits for one"):
        talk.hear(SubmitSharesSuccess(1, 1))


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        ((SetupConnectionError(1, "no miners today"),), "the server refuses us: no miners today"),
        ((WELCOME, OpenMiningChannelError(1, 2, "full")), "the server refuses us: full"),
        (
            (WELCOME, OPENED, NewMiningJob(1, 1, bytes(32), b"", b"", (), None)),
            "the server does not say what a header is made of (docs/tlv.md)",
        ),
    ],
)
def test_it_leaves_who_does_not_want_it(messages: tuple[Message, ...], reason: str) -> None:
    assert Talk().hear(*messages)[-1] == Leave(reason, refusal=True)


@pytest.mark.parametrize(
    "messages",
    [
        (SetupConnectionSuccess((1,), ()),),
        (WELCOME, WELCOME),
        (OPENED,),
        (WELCOME, OpenMiningChannelSuccess(2, 1, bytes(32), 10)),
        (WELCOME, SubmitSharesSuccess(1, 1)),
        (SetupConnectionError(1, "\x1b[2J"),),
    ],
)
def test_it_leaves_who_breaks_a_rule(messages: tuple[Message, ...]) -> None:
    with pytest.raises(RuleBroken):
        Talk().hear(*messages)


@pytest.mark.parametrize(
    ("messages", "seconds", "reason"),
    [
        ((), 10, "does not answer SetupConnection"),
        ((WELCOME,), 10, "does not answer the request for a channel"),
        ((WELCOME, OPENED), 60, "sends no work"),
        ((WELCOME, OPENED, job(1)), 180, "has not sent a word"),
    ],
)
def test_no_wait_is_without_end(messages: tuple[Message, ...], seconds: int, reason: str) -> None:
    talk = Talk()
    talk.hear(*messages)
    assert talk.client.tick(talk.now + seconds - 1) == []
    [leave] = talk.client.tick(talk.now + seconds)
    assert isinstance(leave, Leave)
    assert reason in leave.reason


def test_it_leaves_who_answers_no_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluice.sim.miner.tlv_client.MAX_WAITING", 2)
    talk = Talk()
    unit = talk.work()
    one, two, three = find(unit, 3)
    for share in (one, two):
        talk.client.submit(unit, share)
    with pytest.raises(RuleBroken, match="2 shares are without an answer"):
        talk.client.submit(unit, three)


def test_it_has_no_last_words() -> None:
    assert Talk().client.close("the miner stops") == []
