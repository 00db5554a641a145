"""Whole frames, byte for byte: made by an independent encoder, and read back."""

from itertools import pairwise

import pytest

from sluice.blvm import structures as s
from sluice.blvm.connection import Identity
from sluice.blvm.editions import EDITIONS, Edition, edition_of, kind_of, number_of
from sluice.blvm.envelopes import (
    Envelope,
    EventMessage,
    InvocationMessage,
    InvocationResultMessage,
    Kind,
    LogMessage,
    RequestMessage,
    ResponseMessage,
)
from sluice.blvm.events.chain import NewBlock
from sluice.blvm.events.modules import StratumV2MessageReceived
from sluice.blvm.events.relay import StratumClientConnected
from sluice.blvm.events.types import EventType
from sluice.blvm.frame import frame
from sluice.blvm.modules import CliCall, CliResult, CliSpec, LogLevel, RpcCall
from sluice.blvm.requests import (
    CallModule,
    GetBlockAndWitnesses,
    GetBlockTemplate,
    GetChainTip,
    Handshake,
    PublishEvent,
    QueueReceivedBlock,
    RegisterCliSpec,
    RegisterModuleApi,
    Request,
    SendStratumV2MessageToPeer,
    SubscribeEvents,
)
from sluice.blvm.responses import (
    BlockTemplate,
    Bool,
    HandshakeAck,
    Hash,
    ModuleApiResponse,
    Response,
    SubscribeAck,
)
from sluice.blvm.variant import FIRST
from sluice.wire.errors import LocalProtocolError, RemoteProtocolError
from support.blvm import NEW, OLD, bodies_in, source_names

NAME = "blvm-stratum-v2"
WORDS = (EventType.NewBlock, EventType.ChainReorg, EventType.BlockMined, EventType.BlockTemplateUpdated)


def asked(number: int, payload: Request) -> RequestMessage:
    return RequestMessage(number, payload.wire_name, payload)


def answered(number: int, payload: Response) -> ResponseMessage:
    return ResponseMessage(number, success=True, payload=payload, error=None)


EXAMPLES: list[tuple[Envelope, str]] = [
    (
        asked(1, Handshake(NAME, NAME, "0.1.0")),
        (
            "0000004f00000000010000000000000008000000000000000f00000000000000626c766d2d7374726174756d2d7632"
            "0f00000000000000626c766d2d7374726174756d2d76320500000000000000302e312e30"
        ),
    ),
    (
        answered(1, HandshakeAck("0.1.13")),
        "000000210100000001000000000000000101000000000600000000000000302e312e313300",
    ),
    (
        asked(2, SubscribeEvents(WORDS)),
        "0000002c0000000002000000000000000700000008000000040000000000000000000000030000000c0000000d000000",
    ),
    (answered(2, SubscribeAck()), "0000001301000000020000000000000001010800000000"),
    (
        asked(3, GetBlockTemplate(("segwit",), None, "hex:51")),
        (
            "0000003a00000000030000000000000031000000310000000100000000000000060000000000000073656777697400"
            "0106000000000000006865783a3531"
        ),
    ),
    (asked(4, GetChainTip()), "000000140000000004000000000000000400000005000000"),
    (
        answered(4, Hash(bytes(range(32)))),
        (
            "00000033010000000400000000000000010105000000000102030405060708090a0b0c0d0e0f10111213141516171819"
            "1a1b1c1d1e1f00"
        ),
    ),
    (
        EventMessage(EventType.NewBlock, NewBlock(b"\x11" * 32, 101)),
        "00000034020000000000000000000000" + 32 * "11" + "6500000000000000",
    ),
    (
        EventMessage(
            EventType.StratumV2MessageReceived,
            StratumV2MessageReceived(b"\x01\0\x03\0\0\0abc", "127.0.0.1:5000"),
        ),
        (
            "0000003302000000110000004c00000009000000000000000100030000006162630e000000000000003132372e302e302e"
            "313a35303030"
        ),
    ),
    (
        asked(5, PublishEvent(EventType.StratumClientConnected, StratumClientConnected("127.0.0.1:5000", 2))),
        (
            "0000003600000000050000000000000028000000280000006e0000006e0000000e000000000000003132372e302e302e31"
            "3a3530303002000000"
        ),
    ),
    (
        asked(6, RegisterModuleApi(("get_template", "get_pool_stats"), 1)),
        (
            "0000004a0000000006000000000000002a0000002a00000002000000000000000c000000000000006765745f74656d706c"
            "6174650e000000000000006765745f706f6f6c5f737461747301000000"
        ),
    ),
    (
        InvocationMessage(9, CliCall("status", ())),
        "000000260400000009000000000000000000000006000000000000007374617475730000000000000000",
    ),
    (
        InvocationResultMessage(9, success=True, payload=CliResult("ok\n", "", 0), error=None),
        "0000002a05000000090000000000000001010000000003000000000000006f6b0a00000000000000000000000000",
    ),
    (
        LogMessage(LogLevel.INFO, "m", "hi", "m", 1_700_000_000),
        "0000002c030000000200000001000000000000006d0200000000000000686901000000000000006d00f1536500000000",
    ),
]


@pytest.mark.parametrize(("envelope", "wire"), EXAMPLES, ids=lambda each: type(each).__name__)
def test_every_example_of_the_reference_byte_for_byte(envelope: Envelope, wire: str) -> None:
    oldest = EDITIONS[0]
    assert frame(oldest.pack(envelope)).hex() == wire
    [body] = bodies_in(bytes.fromhex(wire))
    assert oldest.read(body) == envelope
    assert oldest.read(body + b"more, which bincode overlooks") == envelope


@pytest.mark.parametrize(
    ("request_", "index"),
    [
        (PublishEvent(EventType.NewBlock, NewBlock(bytes(32), 1)), 41),
        (CallModule(None, "get_coinbase_payout", b""), 42),
        (RegisterModuleApi((), 1), 43),
        (SendStratumV2MessageToPeer("127.0.0.1:1", b""), 49),
        (GetBlockTemplate((), None, None), 50),
        (QueueReceivedBlock(b""), 52),
        (RegisterCliSpec(CliSpec(1, "stratum-v2", None, ())), 64),
        (GetBlockAndWitnesses(bytes(32)), 16),
        (GetChainTip(), 5),
    ],
)
def test_from_0_1_56_on_the_later_ones_have_moved_up_by_one(request_: Request, index: int) -> None:
    body = edition_of("0.1.83").pack(asked(1, request_))
    assert int.from_bytes(body[16:20], "little") == index
    assert edition_of("0.1.56").read(body) == asked(1, request_)


def test_an_answer_has_moved_too() -> None:
    answer = answered(7, ModuleApiResponse(b"{}"))
    assert edition_of("0.1.55").pack(answer)[14:18] == b"\x27\0\0\0"
    assert edition_of("0.1.56").pack(answer)[14:18] == b"\x28\0\0\0"


@pytest.mark.parametrize(
    ("version", "since"),
    [
        ("0.1.13", FIRST),
        ("0.1.55", FIRST),
        ("", FIRST),
        ("garbage", FIRST),
        ("0.1.56", (0, 1, 56)),
        ("0.1.73", (0, 1, 56)),
        ("0.1.74", (0, 1, 74)),
        ("0.1.83", (0, 1, 81)),
        ("7.0.0", (0, 1, 81)),
    ],
)
def test_which_edition_a_version_speaks(version: str, since: tuple[int, ...]) -> None:
    assert edition_of(version).since == since


@pytest.mark.parametrize("version", [OLD, NEW])
def test_message_types_are_the_sources(version: str) -> None:
    edition = edition_of(version)
    assert list(edition.message_types.names) == source_names(version, "MessageType")
    requests = {cls.wire_name for cls in edition.requests.variants.values()}
    assert requests < set(edition.message_types.names)


def test_editions_differ_and_ascend() -> None:
    assert all(one.since < other.since for one, other in pairwise(EDITIONS))
    assert [len(edition.requests.variants) for edition in EDITIONS] == [64, 68, 68, 70]
    assert [len(edition.responses.variants) for edition in EDITIONS] == [53, 55, 55, 57]


def test_what_a_node_does_not_know_is_our_mistake() -> None:
    with pytest.raises(LocalProtocolError, match="GetBlockAndWitnesses is no RequestPayload of this node's"):
        EDITIONS[0].pack(RequestMessage(1, "GetBlock", GetBlockAndWitnesses(bytes(32))))
    with pytest.raises(LocalProtocolError, match="no message of this node's is called"):
        EDITIONS[0].pack(RequestMessage(1, "GetBlockAndWitnesses", GetChainTip()))
    with pytest.raises(LocalProtocolError, match=r"Handshake\.version"):
        EDITIONS[0].pack(asked(1, Handshake("", "", "\ud800")))


def test_a_request_type_that_we_do_not_know_is_overlooked_as_the_node_does() -> None:
    body = bytearray(EDITIONS[0].pack(asked(4, GetChainTip())))
    body[12] = 200
    assert EDITIONS[0].read(bytes(body)) == RequestMessage(4, "", GetChainTip())


def unknown(*at: int, edition: Edition = EDITIONS[-1]) -> bytes:
    """The body of an event, or an answer, with a byte of an index set beyond all we know."""
    body = bytearray(edition.pack(EventMessage(EventType.NewBlock, NewBlock(bytes(32), 1))))
    for place in at:
        body[place] = 250
    return bytes(body)


@pytest.mark.parametrize("place", [0, 4, 8])
def test_what_is_newer_than_we_are_is_told_apart(place: int) -> None:
    with pytest.raises(RemoteProtocolError, match="no variant 250"):
        EDITIONS[-1].read(unknown(place))


def test_the_kind_and_number_of_what_cannot_be_read() -> None:
    body = EDITIONS[0].pack(answered(7, Bool(value=True)))
    assert (kind_of(body), number_of(body)) == (Kind.RESPONSE, 7)
    assert number_of(body[:11]) is None
    with pytest.raises(RemoteProtocolError):
        kind_of(b"\1\0")


def test_json_in_a_call_is_not_looked_at() -> None:
    body = (
        b"\4\0\0\0" + (5).to_bytes(8, "little") + b"\1\0\0\0" + b"\3" + bytes(7) + b"abc" + b"\xfe any JSON"
    )
    assert EDITIONS[0].read(body) == InvocationMessage(5, RpcCall("abc"))


def test_both_shapes_of_a_template(both: tuple[BlockTemplate, BlockTemplate]) -> None:
    for template in both:
        for edition in EDITIONS:
            assert edition.read(edition.pack(answered(3, template))) == answered(3, template)


@pytest.fixture
def both() -> tuple[BlockTemplate, BlockTemplate]:
    header = s.BlockHeader(1, bytes(32), bytes(32), 1_700_000_000, 0x207FFFFF, 0)
    nothing = s.OutPoint(bytes(32), 0xFFFFFFFF)
    coinbase = s.Transaction(
        1, (s.TransactionInput(nothing, 0xFFFFFFFE, b""),), (s.TransactionOutput(50 * 10**8, b"\x51"),), 0
    )
    old = s.BlockTemplate(header, coinbase, (), 1, 101, 1_700_000_000)
    new = s.BlockTemplate(header, coinbase, (), "7fffff" + 58 * "0", 101, 1_700_000_000)
    return BlockTemplate(old), BlockTemplate(new)


def test_an_identity_is_a_value() -> None:
    assert Identity("a", "b", "c") == Identity("a", "b", "c")
