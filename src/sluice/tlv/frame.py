"""Frames: an outer length, a tag and an inner length, all little-endian, then the payload.

    u32 size = 6 + length | u16 tag | u32 length | payload

What a frame has beyond its payload is ignored, as the origin does. Rule: both lengths are judged before a byte of
what they announce is kept; where a transport brings whole bodies, without the outer length, `opened` reads one.
"""

from struct import Struct

from sluice.tlv.message import Message
from sluice.wire.errors import LocalProtocolError, ProtocolError
from sluice.wire.inbox import Inbox

HEADER = Struct("<IHI")
_BODY_HEADER = Struct("<HI")
#: Tag and inner length: the least that a body has.
MIN_BODY = _BODY_HEADER.size
#: The origin's bound, too.
MAX_BODY = 1 << 20


def frame(message: Message) -> bytes:
    """A whole frame. LocalProtocolError if a value does not fit, or all is over 1 MiB."""
    payload = message.layout.write(message)
    size = MIN_BODY + len(payload)
    if size > MAX_BODY:
        raise LocalProtocolError(f"{message.wire_name} of {size} bytes, {MAX_BODY} at most")
    return HEADER.pack(size, message.tag, len(payload)) + payload


def opened(body: bytes) -> tuple[int, bytes]:
    """Tag and payload of a body that came by itself. ProtocolError if it is none."""
    if not MIN_BODY <= len(body) <= MAX_BODY:
        raise ProtocolError(f"a body of {len(body)} bytes, {MIN_BODY} to {MAX_BODY} are allowed")
    tag, length = _BODY_HEADER.unpack_from(body)
    _check_inner(MIN_BODY + length, len(body))
    return tag, body[MIN_BODY : MIN_BODY + length]


def _check_inner(needed: int, size: int) -> None:
    if needed > size:
        raise ProtocolError(f"a frame of {size} bytes in which {needed} are announced")


class FrameReader(Inbox):
    """Takes frames out of the bytes received. Ask for `tag()`, then for its `payload()`; None: feed more first."""

    __slots__ = ("_length", "_size", "_tag")

    def __init__(self) -> None:
        super().__init__()
        self._tag: int | None = None
        self._size = 0
        self._length = 0

    def tag(self) -> int | None:
        """The tag of the next frame: the same until its payload was taken. ProtocolError for sizes that lie."""
        if self._tag is None:
            header = self.take(HEADER.size)
            if header is not None:
                size, tag, length = HEADER.unpack(header)
                if not MIN_BODY <= size <= MAX_BODY:
                    raise ProtocolError(f"a frame of {size} bytes, {MIN_BODY} to {MAX_BODY} are allowed")
                _check_inner(MIN_BODY + length, size)
                self._tag, self._size, self._length = tag, size - MIN_BODY, length
        return self._tag

    def payload(self) -> bytes | None:
        """The payload of the frame whose tag was shown."""
        rest = self.take(self._size)
        if rest is None:
            return None
        self._tag = None
        return rest[: self._length]

    @property
    def whole(self) -> bool:
        return self._tag is None and super().whole
