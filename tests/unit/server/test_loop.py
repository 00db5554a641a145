"""The single owner: who comes, who goes, and what a bug costs."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from sluice.bitcoin.hashes import to_display
from sluice.pool.effects import Record
from sluice.pool.events import (
    BlockFound,
    FirstTurnedAway,
    MinerArrived,
    PeerConnected,
    PeerLeft,
    TipChanged,
    TurnedAway,
)
from sluice.pool.inputs import Drain, Offered, Ticked
from sluice.server import loop as loop_module
from sluice.server.limits import Limits
from sluice.sv2.connection import PeerClosed
from sluice.sv2.messages.common import Reconnect, SetupConnectionSuccess
from sluice.sv2.messages.mining import (
    NewExtendedMiningJob,
    OpenExtendedMiningChannel,
    OpenExtendedMiningChannelSuccess,
    SetNewPrevHash,
    SubmitSharesExtended,
    SubmitSharesSuccess,
)
from sluice.tlv import messages as tlv
from sluice.tlv.messages import NewMiningJob, OpenMiningChannel, OpenMiningChannelSuccess, SubmitShares
from support.line import Line, TlvLine, an_owner
from support.openings import HTTP, JSON, TEXT, TLS
from support.tlv import SETUP, WELCOME
from support.tlv_miner import nonces, share_of
from support.wire import setup
from support.work import EASY_NBITS, NTIME, template

EVERYTHING = b"\xff" * 32
Clock = Callable[[float], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the steady clock, which begins at 0."""
    now = [0.0]
    monkeypatch.setattr(loop_module, "steady", lambda: now[0])
    return lambda seconds: now.__setitem__(0, seconds)


def kinds(told: list[object]) -> list[type]:
    return [type(event) for event in told]


def test_a_peer_is_the_pools_once_its_handshake_is_done() -> None:
    owner, told = an_owner()
    line = Line(owner)
    assert owner.pumps == {line.peer: line.pump}
    assert told == []
    line.shake()
    assert told == [PeerConnected(line.peer, "192.0.2.7:4321")]
    line.say(setup())
    assert line.hear() == [SetupConnectionSuccess(2, 0)]
    assert kinds(told) == [PeerConnected, MinerArrived]
    line.drop()
    assert told[-1] == PeerLeft(line.peer, "192.0.2.7:4321", "closed by the peer", 0, 0)
    assert owner.pumps == {}
    assert owner.pool.state.miners == {}


def test_no_two_connections_have_the_same_number() -> None:
    owner, _ = an_owner()
    first = Line(owner)
    first.drop()
    assert Line(owner).peer != first.peer


def test_from_a_template_to_a_block() -> None:
    owner, told = an_owner()
    owner.feed(Offered(template(nbits=EASY_NBITS)))
    line = Line(owner).set_up()
    line.say(OpenExtendedMiningChannel(1, "alice", 1.0, EVERYTHING, 4))
    opened, job, tip, *_ = line.hear()
    assert isinstance(opened, OpenExtendedMiningChannelSuccess)
    assert isinstance(job, NewExtendedMiningJob)
    assert isinstance(tip, SetNewPrevHash)
    told.clear()
    for nonce in range(64):  # every second one is a block
        line.say(
            SubmitSharesExtended(opened.channel_id, nonce, job.job_id, nonce, NTIME, job.version, bytes(12))
        )
        answer, *_ = line.hear()
        assert isinstance(answer, SubmitSharesSuccess)
    assert {Record, BlockFound} <= set(kinds(told))
    submitted = [to_display(event.found.block_hash) for event in told if isinstance(event, Record)]
    assert submitted == [event.block_hash for event in told if isinstance(event, BlockFound)]


def test_several_things_said_at_once_are_answered_in_one_write() -> None:
    owner, _ = an_owner()
    owner.feed(Offered(template()))
    line = Line(owner).set_up()
    line.say(*(OpenExtendedMiningChannel(number, "alice", 1e6, EVERYTHING, 4) for number in range(5)))
    assert len(line.transport.written) == 1
    answers = [event for event in line.hear() if isinstance(event, OpenExtendedMiningChannelSuccess)]
    assert [answer.request_id for answer in answers] == [0, 1, 2, 3, 4]


def test_too_many_are_turned_away_at_the_door() -> None:
    owner, told = an_owner(limits=Limits(max_connections=2))
    inside = [Line(owner).set_up(), Line(owner)]
    outside = Line(owner)
    assert outside.transport.ended == "aborted"
    outside.drop()
    assert owner.turned_away == {"too many connections": 1}
    inside[1].drop()
    assert Line(owner).transport.ended == ""
    assert PeerLeft not in kinds(told)


def test_who_does_not_finish_the_handshake_in_time_is_closed(clock: Clock) -> None:
    owner, told = an_owner(limits=Limits(handshake_seconds=10))
    slow, quick = Line(owner), Line(owner).shake()
    clock(9.9)
    owner.close_overdue()
    assert slow.transport.ended == ""
    clock(10.0)
    owner.close_overdue()
    assert (slow.transport.ended, slow.pump.reason) == ("aborted", "no handshake in time")
    assert quick.transport.ended == ""
    slow.drop()
    assert owner.turned_away == {"no handshake in time": 1}
    assert kinds(told) == [PeerConnected, FirstTurnedAway]
    assert told[-1] == FirstTurnedAway("192.0.2.7:4321", "no handshake in time")
    owner.close_overdue()


def test_who_does_not_read_is_closed_unless_it_catches_up(clock: Clock) -> None:
    owner, told = an_owner(limits=Limits(stall_seconds=10))
    deaf, slow = Line(owner).set_up(), Line(owner).set_up()
    for line in (deaf, slow):
        line.pump.pause_writing()
        assert not line.transport.reading
    clock(9.0)
    slow.pump.resume_writing()
    assert slow.transport.reading
    clock(10.0)
    owner.close_overdue()
    assert (deaf.transport.ended, deaf.pump.reason) == ("aborted", "does not read")
    assert slow.transport.ended == ""
    deaf.drop()
    assert isinstance(told[-1], PeerLeft)
    assert told[-1].reason == "does not read"


def test_who_does_not_take_its_last_words_is_closed_without_them(clock: Clock) -> None:
    owner, told = an_owner(limits=Limits(parting_seconds=5))
    line = Line(owner).set_up()
    line.pump.end("setup refused: no")
    assert line.transport.ended == "closed"
    clock(5.0)
    owner.close_overdue()
    assert line.transport.ended == "aborted"
    line.drop()
    assert isinstance(told[-1], PeerLeft)
    assert told[-1].reason == "setup refused: no"


def test_a_connection_that_is_gone_leaves_no_deadline(clock: Clock) -> None:
    owner, _ = an_owner()
    for act in (Line.shake, Line.set_up):
        line = act(Line(owner))
        line.pump.pause_writing()
        line.pump.end("x")
        line.drop()
    Line(owner).drop()
    clock(1e9)
    owner.close_overdue()
    assert owner.pumps == {}


def test_a_reaction_that_breaks_ends_the_connection_of_whoever_caused_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    owner, _ = an_owner()
    line, other = Line(owner).set_up(), Line(owner).set_up()
    owner.hear(line.peer, PeerClosed())  # nobody reacts to that: a bug
    assert (line.transport.ended, line.pump.reason) == ("aborted", "internal error")
    assert other.transport.ended == ""
    assert [record.getMessage() for record in caplog.records] == ["the reaction to Said failed"]
    assert caplog.records[0].exc_info


def test_a_template_that_breaks_the_reaction_ends_nobody(caplog: pytest.LogCaptureFixture) -> None:
    owner, told = an_owner()
    line = Line(owner).set_up()
    owner.feed(Offered(replace(template(), nbits=0)))
    assert [record.getMessage() for record in caplog.records] == ["the reaction to Offered failed"]
    assert line.transport.ended == ""
    owner.feed(Offered(template()))
    assert kinds(told)[-1] is TipChanged


def test_what_was_said_before_a_flush_is_answered_after_it() -> None:
    owner, _ = an_owner()
    owner.feed(Offered(template()))
    line = Line(owner).set_up()
    owner.hear(line.peer, OpenExtendedMiningChannel(1, "alice", 1e6, EVERYTHING, 4))
    assert line.transport.written == []
    owner.flush()
    assert len(line.transport.written) == 1


@pytest.mark.parametrize(("reason", "kind"), [("protocol error: \xff\xfe 17", "protocol error"), ("x", "x")])
def test_the_count_of_the_turned_away_has_no_details(reason: str, kind: str) -> None:
    owner, _ = an_owner()
    line = Line(owner)
    line.pump.abort(reason)
    line.drop()
    assert owner.turned_away == {kind: 1}


def test_only_the_first_of_a_kind_is_told_loudly() -> None:
    owner, told = an_owner()
    for reason in ("protocol error: a", "too many connections", "protocol error: b"):
        line = Line(owner)
        line.pump.abort(reason)
        line.drop()
    assert kinds(told) == [FirstTurnedAway, FirstTurnedAway, TurnedAway]
    assert [event.level for event in told] == ["info", "info", "debug"]


def test_a_drained_pool_sends_its_miners_away_and_is_deserted() -> None:
    async def scenario() -> None:
        owner, _ = an_owner()
        await owner.deserted()
        line = Line(owner).set_up()
        waiting = asyncio.create_task(owner.deserted())
        owner.feed(Drain())
        assert line.hear() == [Reconnect("", 0)]
        await asyncio.sleep(0)
        assert not waiting.done()
        line.drop()
        await waiting

    asyncio.run(scenario())


def test_the_end_is_for_everybody() -> None:
    owner, told = an_owner()
    lines = [Line(owner), Line(owner).shake(), Line(owner).set_up()]
    owner.end("the server ended")
    assert [line.transport.ended for line in lines] == ["aborted"] * 3
    for line in lines:
        line.drop()
    assert [event.reason for event in told if isinstance(event, PeerLeft)] == ["the server ended"] * 2


def test_a_tick_reaches_the_pool() -> None:
    owner, _ = an_owner()
    owner.feed(Ticked(NTIME + 60))
    assert owner.pool.state.unix_time == NTIME + 60


@pytest.mark.parametrize(
    ("opening", "reason"),
    [
        (JSON[0], "speaks JSON; a Stratum V1 miner needs a translating proxy in between"),
        (HTTP[0], "speaks HTTP, and this port is for miners"),
        (TLS[0], "speaks TLS; a miner comes without it, as Stratum V2 has encryption of its own"),
        (TEXT[0], "speaks plain text, no protocol of miners"),
    ],
)
@pytest.mark.parametrize("pieces", [1, 100])
def test_who_speaks_another_language_is_told_from_garbage(opening: bytes, reason: str, pieces: int) -> None:
    owner, told = an_owner()
    for _ in range(2):
        line = Line(owner)
        for at in range(pieces):
            if not line.transport.is_closing():
                line.pump.received(opening[at:] if pieces == 1 else opening[at : at + 1])
        assert line.transport.ended == "closed"
        assert line.transport.written == []
        line.drop()
    assert told == [FirstTurnedAway("192.0.2.7:4321", reason), TurnedAway("192.0.2.7:4321", reason)]


def test_text_without_an_end_is_told_after_a_moment(clock: Clock) -> None:
    owner, _ = an_owner(limits=Limits(opening_seconds=1))
    text, key, late = Line(owner), Line(owner), Line(owner)
    text.pump.received(JSON[0].rstrip()[:40])
    key.pump.received(key.client.data_to_send()[:3])
    for now, ends in ((0.9, ["", "", ""]), (1.1, ["closed", "", ""])):
        clock(now)
        owner.close_overdue()
        assert [line.transport.ended for line in (text, key, late)] == ends
    late.pump.received(HTTP[0][:40].replace(b"\r\n", b"  "))
    clock(2.2)
    owner.close_overdue()
    assert [line.transport.ended for line in (text, key, late)] == ["closed", "", "closed"]
    assert text.pump.reason.startswith("speaks JSON")
    assert late.pump.reason.startswith("speaks HTTP")
    clock(10.0)
    owner.close_overdue()
    assert (key.transport.ended, key.pump.reason) == ("aborted", "no handshake in time")


def test_a_miner_of_the_dialect_needs_no_handshake(clock: Clock) -> None:
    owner, told = an_owner()
    owner.feed(Offered(template(nbits=EASY_NBITS)))
    line, beside = TlvLine(owner), Line(owner).set_up()
    told.clear()
    assert line.say(SETUP) == [WELCOME]
    assert kinds(told) == [PeerConnected, MinerArrived]
    opened, job = line.say(OpenMiningChannel(1, 42, 0))
    assert isinstance(opened, OpenMiningChannelSuccess)
    assert isinstance(job, NewMiningJob)
    clock(10.5)
    owner.close_overdue()
    assert line.transport.ended == beside.transport.ended == ""
    told.clear()
    nonce = next(nonces(job, int.from_bytes(opened.target, "big")))
    assert line.say(SubmitShares(1, (share_of(job, nonce),))) == [tlv.SubmitSharesSuccess(1, job.job_id)]
    assert {Record, BlockFound} <= set(kinds(told))
    line.pump.connection_lost(None)
    assert isinstance(told[-1], PeerLeft)
    assert (told[-1].accepted, told[-1].reason) == (1, "closed by the peer")


def test_a_miner_of_the_dialect_that_breaks_its_rules_is_closed_without_a_word() -> None:
    owner, told = an_owner()
    line = TlvLine(owner)
    line.say(SETUP)
    line.pump.received(b"\x06\x00\x00\x00\x99\x00\x00\x00\x00\x00")
    assert line.transport.ended == "closed"
    assert line.transport.written == []
    line.pump.connection_lost(None)
    assert (
        told[-1].reason
        == "protocol error: an unknown message (0x0099) from the client while everything flows"
    )


def test_who_is_banned_does_not_get_as_far_as_a_handshake() -> None:
    owner, told = an_owner()
    owner.pool.state.orders.ban("192.0.2.0/24", None, 0)
    line = Line(owner)
    line.drop()
    assert told == [FirstTurnedAway("192.0.2.7:4321", "banned: 192.0.2.0/24")]
    assert owner.turned_away == {"banned": 1}
    assert owner.pumps == {}
