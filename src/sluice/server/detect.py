"""Which language a new connection speaks, told from its first bytes before a word is answered.

A Noise key is 64 bytes of chance, so nothing is decided by a byte or two: each other language has a shape that a key
takes once in 2^47 or less, and all bytes seen so far are held against it. Rule: whoever cannot become anything
else is Noise at once; text is told at its first line's end, at 64 bytes, or when it waits for an answer.
"""

import re
from collections.abc import Callable, Sequence
from enum import Enum
from struct import Struct

from msgspec import Struct as Value

from sluice.noise.handshake import ACT1_SIZE
from sluice.tlv.frame import HEADER, MAX_BODY, MIN_BODY
from sluice.tlv.messages import SetupConnection
from sluice.wire.errors import LocalProtocolError


class Language(Enum):
    """What may be spoken at the port; the value is what people call it."""

    NOISE = "Stratum V2"
    TLV = "TLV"
    TLS = "TLS"
    JSON = "JSON"
    HTTP = "HTTP"
    TEXT = "plain text"


class Fit(Enum):
    """How bytes look against the shape of a language."""

    YES = "it is this one"
    MAYBE = "it may become this one"
    NO = "it cannot be this one any more"


#: At so many bytes a decision falls: a key is whole.
DECIDED_AT = ACT1_SIZE
#: Text that waits for an answer without a line's end must be so long to be told from the beginning of a key.
LEAST_TEXT = 32

_TLS = Struct(">BBBHBB")  # handshake record, version, its length; a ClientHello below 64 KiB, high byte first
_TLS_SIZE = _TLS.size + 4  # then the hello's length and its version
#: A ClientHello of less has no ciphers; a record of more is none (RFC 8446, 5.1).
_TLS_LEAST, _TLS_MOST = 42, 1 << 14

_TEXT = re.compile(rb"[\t\r\n -~]*")
_JSON_BEGUN = re.compile(rb"[ \t\r\n]*(\{[\t\r\n -~]*)?")
#: A whole line of an object that has a first key.
_JSON_LINE = re.compile(rb'[ \t\r\n]*\{[ \t]*"[ !#-~]+"[ \t]*:[\t -~]*\}[ \t]*\r?\n')
_METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"CONNECT", b"OPTIONS", b"TRACE", b"PATCH", b"PRI")
_HTTP_LINE = re.compile(rb"(" + b"|".join(_METHODS) + rb") [!-~]+ HTTP/[0-9.]+\r?\n")


def _tlv(opening: bytes) -> Fit:
    """SetupConnection: two lengths that agree around its tag, ten bytes in all."""
    head = opening[: HEADER.size]
    size = int.from_bytes(head[:4], "little")
    if len(head) < 4:
        return Fit.MAYBE
    if not MIN_BODY <= size <= MAX_BODY:
        return Fit.NO
    if not HEADER.pack(size, SetupConnection.tag, size - MIN_BODY).startswith(head):
        return Fit.NO
    return Fit.YES if len(head) == HEADER.size else Fit.MAYBE


def _tls(opening: bytes) -> Fit:
    """A record with a ClientHello, whose lengths agree and whose versions are TLS's."""
    if not opening.startswith(b"\x16"):
        return Fit.NO if opening else Fit.MAYBE
    head = opening[:_TLS_SIZE].ljust(_TLS_SIZE, b"\0")
    _, major, minor, size, hello, high = _TLS.unpack_from(head)
    length, version = int.from_bytes(head[7:9], "big"), head[9:11]
    #: What must be so once so many bytes have come.
    shape = (
        (2, major == 3),
        (3, minor <= 4),
        (5, _TLS_LEAST <= size <= _TLS_MOST),
        (6, hello == 1),
        (7, high == 0),
        (9, length + 4 >= size),
        (10, version[0] == 3),
        (11, version[1] <= 4),
    )
    if not all(fits for seen, fits in shape if len(opening) >= seen):
        return Fit.NO
    return Fit.YES if len(opening) >= _TLS_SIZE else Fit.MAYBE


def _json(opening: bytes) -> Fit:
    """An object after optional white space; its first line if that is whole, printable bytes otherwise."""
    return _line(_JSON_LINE, _JSON_BEGUN.fullmatch(opening) is not None, opening)


def _http(opening: bytes) -> Fit:
    """A whole method word and a space, as far as they have come; a request line, or printable bytes."""
    begun = _TEXT.fullmatch(opening) is not None and any(
        (method + b" ").startswith(opening[: len(method) + 1]) for method in _METHODS
    )
    return _line(_HTTP_LINE, begun, opening)


def _text(opening: bytes) -> Fit:
    """Printable bytes that are neither."""
    return _whole(opening) if _TEXT.fullmatch(opening) else Fit.NO


def _line(line: re.Pattern[bytes], begun: bool, opening: bytes) -> Fit:
    if line.match(opening):
        return Fit.YES
    return _whole(opening) if begun else Fit.NO


def _whole(opening: bytes) -> Fit:
    return Fit.YES if len(opening) >= DECIDED_AT else Fit.MAYBE


#: What is not Noise, each with its shape. The first that fits.
SHAPES: Sequence[tuple[Language, Callable[[bytes], Fit]]] = (
    (Language.TLV, _tlv),
    (Language.TLS, _tls),
    (Language.JSON, _json),
    (Language.HTTP, _http),
    (Language.TEXT, _text),
)
_TEXTUAL = SHAPES[2:]


def language_of(opening: bytes) -> Language | None:
    """What the first bytes of a connection are, all that came so far; None while that is open."""
    opening, undecided = opening[:DECIDED_AT], False
    for language, shape in SHAPES:
        fit = shape(opening)
        if fit is Fit.YES:
            return language
        undecided = undecided or fit is Fit.MAYBE
    return None if undecided and len(opening) < DECIDED_AT else Language.NOISE


def language_of_waiting(opening: bytes) -> Language | None:
    """What they are if nothing comes after them for a while: text, or open still."""
    if len(opening) < LEAST_TEXT:
        return None
    return next((language for language, shape in _TEXTUAL if shape(opening) is not Fit.NO), None)


class Recognised(Value, frozen=True, gc=False):
    """A connection has shown what it speaks; `opening` is all that came, which is that language's to read."""

    language: Language
    opening: bytes


class Opening:
    """A connection of which it is not known yet: it has the seam of one, and nothing to say. Mutable; one owner."""

    __slots__ = ("_decided", "_seen")

    def __init__(self) -> None:
        self._seen = b""
        self._decided: Language | None = None

    def receive_data(self, data: bytes) -> None:
        """Some more bytes; never many, as they decide it."""
        self._seen += data
        self._decided = self._decided or language_of(self._seen)

    def waited(self) -> None:
        """Nothing came for a while."""
        self._decided = self._decided or language_of_waiting(self._seen)

    def events(self) -> list[Recognised]:
        """The one event there is, once."""
        if self._decided is None:
            return []
        recognised = Recognised(self._decided, self._seen)
        self._seen, self._decided = b"", None
        return [recognised]

    def send(self, message: object) -> None:
        """There is no language yet to say it in."""
        raise LocalProtocolError(f"{type(message).__name__} to a peer that has not said anything yet")

    def send_frame(self, packed: bytes) -> None:
        """There is no language yet that it could be in."""
        raise LocalProtocolError("a frame to a peer that has not said anything yet")

    def data_to_send(self) -> bytes:
        """Nothing: the client speaks first in every language."""
        return b""
