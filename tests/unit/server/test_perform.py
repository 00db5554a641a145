"""Effects become bytes, closed connections, blocks and lines; one that fails harms nobody else."""

import logging
from typing import Any

import pytest

from sluice.pool.effects import BlockEffect, Broadcast, Close, Record, Send, Tell
from sluice.pool.events import Draining, Happening
from sluice.server.loop import Owner
from sluice.server.meter import Meter
from sluice.server.perform import Performer
from sluice.sv2.messages.common import Reconnect, SetupConnectionSuccess
from sluice.sv2.messages.mining import SetNewPrevHash, SetTarget
from support.found import a_block
from support.line import Line, an_owner

TIP = SetNewPrevHash(1, 2, bytes(32), 3, 4)
TARGET = SetTarget(2, bytes(32))


def three_lines() -> tuple[Owner, list[Any], list[Line]]:
    owner, told = an_owner()
    lines = [Line(owner).set_up() for _ in range(3)]
    told.clear()
    return owner, told, lines


def test_what_is_sent_waits_for_the_flush_and_leaves_in_one_write() -> None:
    owner, _, (line, other, _) = three_lines()
    owner.performer.perform(Send(line.peer, TARGET))
    owner.performer.perform(Send(line.peer, TIP))
    assert line.transport.written == []
    owner.performer.flush()
    assert len(line.transport.written) == 1
    assert line.hear() == [TARGET, TIP]
    assert other.transport.written == []


def test_a_broadcast_reaches_those_it_names() -> None:
    owner, _, (one, two, three) = three_lines()
    owner.performer.perform(Broadcast((one.peer, three.peer), TIP))
    assert one.transport.written == three.transport.written == []
    owner.performer.flush()
    assert [line.hear() for line in (one, two, three)] == [[TIP], [], [TIP]]


def test_an_urgent_one_leaves_before_anything_else_is_done() -> None:
    owner, _, lines = three_lines()
    owner.performer.perform(Broadcast([line.peer for line in lines], TIP, urgent=True))
    assert [line.hear() for line in lines] == [[TIP]] * 3


def test_what_was_sent_before_an_urgent_one_leaves_with_it_in_order() -> None:
    owner, _, (line, *_) = three_lines()
    owner.performer.perform(Send(line.peer, TARGET))
    owner.performer.perform(Broadcast((line.peer,), TIP, urgent=True))
    assert line.hear() == [TARGET, TIP]
    owner.performer.flush()
    assert line.transport.written == []


def test_a_peer_that_is_gone_is_no_error() -> None:
    owner, _, (line, other, _) = three_lines()
    line.drop()
    for effect in (Send(line.peer, TIP), Broadcast((line.peer, other.peer), TIP), Close(line.peer, "x")):
        owner.performer.perform(effect)
    owner.performer.flush()
    assert line.transport.written == []
    assert other.hear() == [TIP]


def test_last_words_leave_before_the_close() -> None:
    owner, _, (line, *_) = three_lines()
    owner.performer.perform(Send(line.peer, Reconnect("", 0)))
    owner.performer.perform(Close(line.peer, "go"))
    assert line.hear() == [Reconnect("", 0)]
    assert line.transport.ended == "closed"
    assert line.pump.reason == "go"


def test_people_and_the_node_get_theirs() -> None:
    owner, told, _ = three_lines()
    block = Record(a_block(7))
    owner.performer.perform(Tell(Draining(3)))
    owner.performer.perform(block)
    assert told == [Draining(3), block]


def test_a_message_out_of_its_moment_ends_one_connection(caplog: pytest.LogCaptureFixture) -> None:
    owner, _, (line, other, _) = three_lines()
    owner.performer.perform(Send(line.peer, SetupConnectionSuccess(2, 0)))
    owner.performer.perform(Send(other.peer, TIP))
    owner.performer.flush()
    assert (line.transport.ended, line.pump.reason) == ("aborted", "internal error")
    assert other.hear() == [TIP]
    assert not other.transport.ended
    assert [record.getMessage() for record in caplog.records] == ["a Send failed"]
    assert caplog.records[0].exc_info


def test_a_broadcast_out_of_the_moment_of_one_reaches_the_others(caplog: pytest.LogCaptureFixture) -> None:
    owner, _ = an_owner()
    one, early, two = Line(owner).set_up(), Line(owner).shake(), Line(owner).set_up()
    owner.performer.perform(Broadcast((one.peer, early.peer, two.peer), TIP))
    owner.performer.flush()
    assert one.hear() == two.hear() == [TIP]
    assert early.transport.ended == "aborted"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_a_value_that_does_not_fit_is_a_bug_that_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    owner, _, (line, other, _) = three_lines()
    owner.performer.perform(Broadcast((line.peer,), SetTarget(2**40, bytes(32))))
    owner.performer.perform(Broadcast((other.peer,), TIP))
    owner.performer.flush()
    assert [record.getMessage() for record in caplog.records] == ["a Broadcast failed"]
    assert other.hear() == [TIP]


def test_a_teller_that_fails_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def tell(event: Happening) -> None:
        raise BrokenPipeError(str(event))

    taken: list[BlockEffect] = []
    performer = Performer(tell, taken.append, Meter())
    block = Record(a_block(7))
    performer.perform(Tell(Draining(1)))
    performer.perform(block)
    assert taken == [block]
    assert [record.getMessage() for record in caplog.records] == ["a Tell failed"]
