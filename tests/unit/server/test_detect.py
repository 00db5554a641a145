"""Each language by its first bytes, at every moment at which they can be looked at."""

import struct

import pytest

from sluice.server.detect import (
    DECIDED_AT,
    LEAST_TEXT,
    SHAPES,
    Fit,
    Language,
    Opening,
    Recognised,
    language_of,
    language_of_waiting,
)
from sluice.tlv.messages import SetupConnection
from sluice.wire.errors import LocalProtocolError
from support.noise import initiator
from support.openings import HTTP, JSON, OPENINGS, TLS, TLV

each = pytest.mark.parametrize(
    ("language", "opening"), OPENINGS, ids=lambda given: given.name if isinstance(given, Language) else ""
)


def decided(opening: bytes) -> tuple[Language | None, int]:
    """The first decision if the bytes come one by one, and at how many it fell."""
    for size in range(1, len(opening) + 1):
        language = language_of(opening[:size])
        if language is not None:
            return language, size
    return None, len(opening)


@each
def test_a_language_is_told_however_its_bytes_come(language: Language, opening: bytes) -> None:
    one_by_one, at = decided(opening)
    assert one_by_one is language_of(opening) is language
    assert at <= DECIDED_AT
    # Once decided, nothing that follows makes it another one.
    assert {language_of(opening[:size]) for size in range(at, len(opening) + 1)} == {language}


@pytest.mark.parametrize(
    ("opening", "size"),
    [
        (TLV[0], 10),
        (TLV[3], 10),
        (TLS[0], 11),
        (JSON[1], len(JSON[1])),
        (JSON[2], len(JSON[2])),
        (HTTP[0], HTTP[0].index(b"\n") + 1),
        (HTTP[4], DECIDED_AT),
    ],
)
def test_a_decision_falls_as_soon_as_it_can(opening: bytes, size: int) -> None:
    assert decided(opening)[1] == size


def test_a_key_is_noise() -> None:
    act = initiator().act_1()
    assert len(act) == DECIDED_AT
    language, at = decided(act)
    assert language is Language.NOISE
    assert at < DECIDED_AT  # whatever it looked like at first


@pytest.mark.parametrize(
    "opening",
    [
        struct.pack("<IHI", 5, 1, 0xFFFFFFFF),  # below the least
        struct.pack("<IHI", (1 << 20) + 1, 1, (1 << 20) - 5),  # above the most
        struct.pack("<IHI", 40, 2, 34),  # a server's tag
        struct.pack("<IHI", 40, 0x0010, 34),  # nobody is set up yet
        struct.pack("<IHI", 40, 1, 33),  # lengths that do not agree
        struct.pack("<IHI", 40, 1, 35),
        bytes.fromhex("1603050100010000fc0303"),  # a version of tomorrow
        bytes.fromhex("1503010002010000000303"),  # an alert
        bytes.fromhex("160301ffff010000fc0303"),  # no record is so long
        bytes.fromhex("160301002901000025 0303"),  # no hello is so short
        bytes.fromhex("160301010002000000fc0303")[:11],  # a ServerHello
        bytes.fromhex("1603010100010100fc0303"),  # a hello of 64 KiB
        bytes.fromhex("16030101000100000a0303"),  # lengths that do not agree
        bytes.fromhex("1603010100010000fc0403"),
        bytes.fromhex("1603010100010000fc0305"),
        b"{\x00\xff\xff",
        b"\t\r\n {\x7f",
        b'{"a":1}\x80\n',
        b"GET\x00\xff",
        b"GET /\xff HTTP/1.1\r\n",
        b"\x80\x80\x80\x80",
    ],
)
def test_what_almost_is_something_else_is_noise_at_once(opening: bytes) -> None:
    assert language_of(opening) is Language.NOISE


@pytest.mark.parametrize(
    "opening",
    [
        b"",
        b"\x28",
        b"\x28\x00\x00\x00\x01",
        TLV[0][:9],
        TLS[0][:10],
        b"{",
        b"{\n",
        b"{}\n",
        b'{"\n',
        b'{"a"}\n',
        b'{"a":1',
        b"[1]\n",
        b"GET",
        b"GET /",
        b"GET /\r\n",
        b"PO",
        b"hello\n",
        b" " * 63,
    ],
)
def test_a_few_bytes_that_may_be_chance_decide_nothing(opening: bytes) -> None:
    assert language_of(opening) is None


def test_sixty_four_bytes_decide_everything() -> None:
    assert language_of(b"{" * 64) is Language.JSON
    assert language_of(b" " * 64) is Language.JSON  # an object may still come, and a key will not
    assert language_of(b"GET " + b"x" * 60) is Language.HTTP
    assert language_of(b"x" * 64) is Language.TEXT
    assert language_of(b"x" * 63 + b"\x80") is Language.NOISE


@pytest.mark.parametrize(
    ("opening", "language"),
    [
        (JSON[0].rstrip(), Language.JSON),
        (b'{"id":1,"method":"mining.subscribe"', Language.JSON),
        (b"GET /a/page/that/is/long/enough HTTP/1.1", Language.HTTP),
        (b"EHLO pool.example, how do you do, sir", Language.TEXT),
        (JSON[0][: LEAST_TEXT - 1], None),
        (b"{" * (LEAST_TEXT - 1), None),
        (TLV[0][:9], None),
        (TLS[0][:10], None),
        (b"", None),
        (b"x" * 40 + b"\x80", None),
    ],
)
def test_who_waits_is_told_by_text_of_some_length_and_by_nothing_else(
    opening: bytes, language: Language | None
) -> None:
    assert language_of_waiting(opening) is language


def test_every_language_but_noise_has_a_shape_and_all_begin_open() -> None:
    assert {language for language, _ in SHAPES} == set(Language) - {Language.NOISE}
    assert {shape(b"") for _, shape in SHAPES} == {Fit.MAYBE}


def test_an_opening_is_a_connection_that_tells_one_thing() -> None:
    opening = Opening()
    events: list[Recognised] = []
    for octet in TLV[0][:10]:
        assert events == []
        opening.receive_data(bytes((octet,)))
        events = opening.events()
    assert events == [Recognised(Language.TLV, TLV[0][:10])]
    assert opening.events() == []
    assert opening.data_to_send() == b""


def test_an_opening_that_waits() -> None:
    text, key = Opening(), Opening()
    text.receive_data(JSON[0].rstrip()[:40])
    key.receive_data(b"{\x00\xff\xff")
    decided_before = key.events()
    for each_of_them in (text, key):
        each_of_them.waited()
    assert text.events() == [Recognised(Language.JSON, JSON[0][:40])]
    assert decided_before == [Recognised(Language.NOISE, b"{\x00\xff\xff")]
    assert key.events() == []


def test_nothing_can_be_said_to_who_has_not_spoken() -> None:
    with pytest.raises(LocalProtocolError, match="SetupConnection to a peer"):
        Opening().send(SetupConnection(2, "", ()))
    with pytest.raises(LocalProtocolError, match="a frame to a peer"):
        Opening().send_frame(b"")
