"""A module's conversations with a node: what it says, what it hears, and what ends one."""

import tracemalloc

import pytest

from sluice.blvm import responses
from sluice.blvm.connection import Answered, Connection, PeerClosed, Ready, Unreadable
from sluice.blvm.editions import EDITIONS, edition_of
from sluice.blvm.envelopes import (
    EventMessage,
    InvocationMessage,
    InvocationResultMessage,
    Kind,
    LogMessage,
    RequestMessage,
    ResponseMessage,
)
from sluice.blvm.events.chain import NewBlock
from sluice.blvm.events.modules import ModuleLoaded
from sluice.blvm.events.types import EventType
from sluice.blvm.frame import frame
from sluice.blvm.modules import CliCall, CliResult, LogLevel, ModuleApiCall
from sluice.blvm.requests import GetBlockHeight, GetChainTip, Handshake, SubscribeEvents
from sluice.blvm.responses import Bool, HandshakeAck, Hash, SubscribeAck
from sluice.wire.errors import LocalProtocolError, RemoteProtocolError
from support.blvm import IDENTITY, Exchange

TIP = GetChainTip()
NEWS = EventMessage(EventType.NewBlock, NewBlock(b"\x11" * 32, 101))
CALL = InvocationMessage(77, CliCall("status", ()))


def answer(number: int, payload: object) -> ResponseMessage:
    return ResponseMessage(number, success=True, payload=payload, error=None)  # type: ignore[arg-type]


def failure(number: int, error: str | None) -> ResponseMessage:
    return ResponseMessage(number, success=False, payload=None, error=error)


def test_the_handshake_lies_ready_before_anything_is_heard() -> None:
    module = Connection(IDENTITY)
    [body] = [module.data_to_send()[4:]]
    sent = EDITIONS[0].read(body)
    assert sent == RequestMessage(1, "Handshake", Handshake("blvm-stratum-v2", "blvm-stratum-v2", "0.1.0"))
    assert module.data_to_send() == b""
    assert module.ready is False


@pytest.mark.parametrize("version", ["0.1.13", "0.1.60", "0.1.74", "0.1.83"])
def test_the_nodes_version_decides_how_we_speak(version: str) -> None:
    talk = Exchange(version)
    assert talk.first == [Ready(version)]
    assert talk.module.ready
    assert talk.module.edition is edition_of(version)


def test_a_question_and_its_answer() -> None:
    talk = Exchange()
    assert talk.module.request(TIP) == 2
    assert talk.sent() == [RequestMessage(2, "GetChainTip", TIP)]
    assert talk.hear(answer(2, Hash(b"\x22" * 32))) == [Answered(TIP, Hash(b"\x22" * 32))]
    assert talk.module.asked is None
    assert talk.module.request(GetBlockHeight()) == 3
    assert talk.hear(answer(3, responses.U64(7))) == [Answered(GetBlockHeight(), responses.U64(7))]


def test_one_question_at_a_time() -> None:
    talk = Exchange()
    talk.module.request(TIP)
    talk.sent()
    with pytest.raises(LocalProtocolError, match="GetBlockHeight while GetChainTip is not answered"):
        talk.module.request(GetBlockHeight())
    assert talk.sent() == []


def test_nothing_but_the_handshake_before_it_is_answered() -> None:
    module = Connection(IDENTITY)
    module.data_to_send()
    with pytest.raises(LocalProtocolError, match="before the handshake"):
        module.request(TIP)
    with pytest.raises(LocalProtocolError, match="before the handshake"):
        module.log(LogMessage(LogLevel.INFO, "m", "hi", "m", 0))
    assert module.data_to_send() == b""


@pytest.mark.parametrize(("error", "reason"), [("no", "no"), (None, "the node does not say why")])
def test_a_failure_in_words(error: str | None, reason: str) -> None:
    talk = Exchange()
    talk.module.request(TIP)
    assert talk.hear(failure(2, error)) == [Answered(TIP, None, reason)]


def test_events_come_in_between_and_before() -> None:
    talk = Exchange()
    talk.module.request(SubscribeEvents((EventType.ModuleLoaded,)))
    loaded = EventMessage(EventType.ModuleLoaded, ModuleLoaded("blvm-stratum-v2", "0.1.0"))
    assert talk.hear(loaded, answer(2, SubscribeAck()), NEWS) == [
        loaded,
        Answered(SubscribeEvents((EventType.ModuleLoaded,)), SubscribeAck()),
        NEWS,
    ]


def test_a_call_and_what_came_of_it() -> None:
    talk = Exchange()
    assert talk.hear(CALL) == [CALL]
    talk.module.answer(CALL, CliResult("ok\n", "", 0))
    talk.module.answer(CALL, "no such command")
    assert talk.sent() == [
        InvocationResultMessage(77, success=True, payload=CliResult("ok\n", "", 0), error=None),
        InvocationResultMessage(77, success=False, payload=None, error="no such command"),
    ]


def test_a_call_can_be_answered_while_a_question_is_open() -> None:
    talk = Exchange()
    talk.module.request(TIP)
    talk.sent()
    call = InvocationMessage(2, ModuleApiCall("get_pool_stats", b"", "unknown"))  # their 2 is not ours
    assert talk.hear(call) == [call]
    talk.module.answer(call, "later")
    assert talk.module.asked == TIP
    assert talk.hear(answer(2, Hash(bytes(32)))) == [Answered(TIP, Hash(bytes(32)))]


def test_a_line_for_the_log() -> None:
    talk = Exchange()
    line = LogMessage(LogLevel.WARN, "m", "careful", "m", 1_700_000_000)
    talk.module.log(line)
    assert talk.sent() == [line]


def test_a_node_that_closes_leaves_the_question_unanswered() -> None:
    talk = Exchange()
    talk.module.request(TIP)
    talk.module.receive_eof()
    assert talk.module.events() == [PeerClosed(TIP)]
    with pytest.raises(RemoteProtocolError, match="has closed"):
        talk.module.receive_data(b"\0")


def test_a_node_that_closes_before_it_let_us_in() -> None:
    module = Connection(IDENTITY)
    module.receive_eof()
    assert module.events() == [PeerClosed(Handshake("blvm-stratum-v2", "blvm-stratum-v2", "0.1.0"))]


# What cannot be read


def bad(kind: Kind, number: int = 2) -> bytes:
    return kind.to_bytes(4, "little") + number.to_bytes(8, "little") + b"\xff" * 9


def test_an_event_that_cannot_be_read_costs_nothing_else() -> None:
    talk = Exchange()
    [skipped, news] = talk.hear_body(bad(Kind.EVENT), talk.edition.pack(NEWS))
    assert isinstance(skipped, Unreadable)
    assert (skipped.kind, skipped.size) == (Kind.EVENT, 21)
    assert news == NEWS


def test_an_answer_that_cannot_be_read_leaves_nobody_waiting() -> None:
    talk = Exchange()
    talk.module.request(TIP)
    [answered] = talk.hear_body(bad(Kind.RESPONSE))
    assert isinstance(answered, Answered)
    assert (answered.request, answered.payload, answered.legible) == (TIP, None, False)
    assert "bool of 255" in answered.reason
    assert talk.module.request(TIP) == 3


def test_a_call_that_cannot_be_read_is_declined() -> None:
    talk = Exchange()
    talk.sent()
    [skipped] = talk.hear_body(bad(Kind.INVOCATION, 9))
    assert isinstance(skipped, Unreadable)
    [declined] = talk.sent()
    assert isinstance(declined, InvocationResultMessage)
    assert (declined.correlation_id, declined.success) == (9, False)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", None),
        (b"\1\0", None),
        (b"\x63\0\0\0", None),
        (bad(Kind.RESPONSE, 55), Kind.RESPONSE),
        (b"\1\0\0\0\2", Kind.RESPONSE),
        (b"\4\0\0\0\2", Kind.INVOCATION),
    ],
)
def test_bodies_that_say_nothing_are_skipped(body: bytes, kind: Kind | None) -> None:
    talk = Exchange()
    talk.module.request(TIP)
    talk.sent()
    [skipped, news] = talk.hear_body(body, talk.edition.pack(NEWS))
    assert isinstance(skipped, Unreadable)
    assert skipped.kind is kind
    assert news == NEWS
    assert talk.sent() == []
    assert talk.module.asked == TIP


def test_what_only_modules_send_and_what_was_not_asked() -> None:
    talk = Exchange()
    for strange in (RequestMessage(5, "GetChainTip", TIP), answer(99, Bool(value=True))):
        [skipped] = talk.hear(strange)
        assert isinstance(skipped, Unreadable)


def test_a_handshake_must_be_answered_with_its_answer() -> None:
    for reply in (answer(1, Bool(value=True)), failure(1, "no")):
        module = Connection(IDENTITY)
        with pytest.raises(RemoteProtocolError, match="the handshake was answered with"):
            module.receive_data(frame(EDITIONS[0].pack(reply)))
    module = Connection(IDENTITY)
    with pytest.raises(RemoteProtocolError, match="handshake's answer cannot be read"):
        module.receive_data(frame(bad(Kind.RESPONSE, 1)))
    with pytest.raises(RemoteProtocolError, match="handshake's answer cannot be read"):
        module.receive_data(frame(EDITIONS[0].pack(answer(1, HandshakeAck("0.1.13")))))


def test_what_is_no_frame_is_final_and_what_came_before_counts() -> None:
    talk = Exchange()
    good = frame(talk.edition.pack(NEWS))
    with pytest.raises(RemoteProtocolError, match="is announced"):
        talk.module.receive_data(good + b"\xff\xff\xff\xff")
    assert talk.module.events() == [NEWS]
    with pytest.raises(RemoteProtocolError, match="is announced"):
        talk.module.receive_data(good)


def test_an_announcement_alone_takes_no_memory() -> None:
    talk = Exchange()
    tracemalloc.start()
    talk.module.receive_data(b"\x02\x80\0\0")
    body = bad(Kind.EVENT)
    for _ in range(100):
        talk.module.receive_data(body)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200_000
    assert talk.module.events() == []
