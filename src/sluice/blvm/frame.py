"""Frames of blvm-node's IPC: four bytes of length, big-endian and not counted in it, then a body.

Rule: what is longer than a node would send is no frame; within that bound every body is passed on as it is, for
a body that nobody understands does not disturb the next.
"""

from struct import Struct

from sluice.wire.errors import LocalProtocolError, RemoteProtocolError
from sluice.wire.inbox import Inbox

LENGTH = Struct(">I")
MAX_BODY = (
    40 * 2**20
)  # the node's own bound (module/ipc/mod.rs); it holds a block of any size with room to spare


def frame(body: bytes) -> bytes:
    """Length and body. LocalProtocolError if a node would not take it."""
    if len(body) > MAX_BODY:
        raise LocalProtocolError(f"a message of {len(body)} bytes, {MAX_BODY} at most")
    return LENGTH.pack(len(body)) + body


class FrameReader(Inbox):
    """Takes bodies out of the bytes received."""

    __slots__ = ("_size",)

    def __init__(self, data: bytes = b"") -> None:
        super().__init__(data)
        self._size: int | None = None

    def body(self) -> bytes | None:
        """The next one, or None: it is not all there yet. RemoteProtocolError if it would be too long."""
        if self._size is None:
            length = self.take(LENGTH.size)
            if length is None:
                return None
            (size,) = LENGTH.unpack(length)
            if size > MAX_BODY:
                raise RemoteProtocolError(f"a frame of {size} bytes is announced, {MAX_BODY} at most")
            self._size = size
        body = self.take(self._size)
        if body is not None:
            self._size = None
        return body

    @property
    def whole(self) -> bool:
        return self._size is None and super().whole
