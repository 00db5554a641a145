"""Frames: six bytes of header, then a message's payload (spec 3.2), here without encryption.

The channel_msg bit is sent as chapter 8 has it and ignored on receipt. Nothing is decided here about what
may come: the reader shows each header before it keeps a byte of the payload, so that its caller can refuse.
"""

from struct import Struct

from sluice.sv2.message import EXTENSION_MASK, Message, encode
from sluice.sv2.types import MAX_PAYLOAD
from sluice.wire.errors import LocalProtocolError
from sluice.wire.inbox import Inbox

HEADER = Struct("<HBHB")  # extension_type, msg_type, msg_length: a U24, so its low 16 bits and its high 8
HEADER_SIZE = HEADER.size
CHANNEL_BIT = 0x8000


def frame(message: Message, tlv_area: bytes = b"") -> bytes:
    """Header and payload in plaintext. LocalProtocolError if a value does not fit or all is over 16 MiB."""
    payload = encode(message) + tlv_area
    size = len(payload)
    if size > MAX_PAYLOAD:
        raise LocalProtocolError(f"{message.wire_name} of {size} bytes, {MAX_PAYLOAD} at most")
    extension = message.extension_type | CHANNEL_BIT if message.channel_msg else message.extension_type
    return HEADER.pack(extension, message.msg_type, size & 0xFFFF, size >> 16) + payload


class FrameReader(Inbox):
    """Takes frames out of the bytes received, without encryption.

    Ask for `header()`, then for its `payload()` or to `skip()` it; None and False mean: feed more first.
    """

    __slots__ = ("_header", "_left")

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(data)
        self._header: tuple[int, int] | None = None
        self._left = 0

    def header(self) -> tuple[int, int] | None:
        """The code and the payload's size of the next frame: the same until its payload was taken."""
        if self._header is None:
            header = self.take(HEADER_SIZE)
            if header is not None:
                self._unpack(header)
        return self._header

    def payload(self) -> bytes | None:
        """The payload of the frame whose header was shown."""
        payload = self.take(self._left)
        if payload is not None:
            self._header = None
        return payload

    def skip(self) -> bool:
        """Pass over that payload, keeping nothing of it; whether its end was reached."""
        self._left = self.drop(self._left)
        if self._left:
            return False
        self._header = None
        return True

    @property
    def whole(self) -> bool:
        return self._header is None and super().whole

    def _unpack(self, header: bytes) -> None:
        extension, msg_type, low, high = HEADER.unpack(header)
        self._left = high << 16 | low
        self._header = (extension & EXTENSION_MASK) << 8 | msg_type, self._left
