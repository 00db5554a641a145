"""Frames under Noise (spec 4.6): the header and the payload are sealed apart.

A header is 22 bytes on the wire; a payload goes in chunks of at most 65,519 bytes, each 16 bytes longer
when sealed. `msg_length` counts the plaintext. A payload of length zero is the sealed header alone.
"""

from collections.abc import Callable

from sluice.sv2.frame import HEADER_SIZE, FrameReader

TAG_SIZE = 16
SEALED_HEADER_SIZE = HEADER_SIZE + TAG_SIZE
MAX_CHUNK = 65_535 - TAG_SIZE  # a Noise message is at most 65,535 bytes of ciphertext


def seal_frame(frame: bytes, seal: Callable[[bytes], bytes]) -> list[bytes]:
    """The sealed pieces of a frame, in order; nothing else may be sealed between them."""
    if HEADER_SIZE < len(frame) <= HEADER_SIZE + MAX_CHUNK:  # almost always: one chunk
        return [seal(frame[:HEADER_SIZE]), seal(frame[HEADER_SIZE:])]
    starts = range(HEADER_SIZE, len(frame), MAX_CHUNK)
    return [seal(frame[:HEADER_SIZE]), *(seal(frame[start : start + MAX_CHUNK]) for start in starts)]


class SealedReader(FrameReader):
    """Takes frames out of the bytes received under Noise. The cipher's error leaves as it is."""

    __slots__ = ("_open", "_parts")

    def __init__(self, open_sealed: Callable[[bytes], bytes], data: bytes = b"") -> None:
        super().__init__(data)
        self._open = open_sealed
        self._parts: list[bytes] | None = None  # of a payload of several chunks: those that came

    def header(self) -> tuple[int, int] | None:
        if self._header is None:
            sealed = self.take(SEALED_HEADER_SIZE)
            if sealed is not None:
                self._unpack(self._open(sealed))
        return self._header

    def payload(self) -> bytes | None:
        if self._left > MAX_CHUNK or self._parts is not None:
            return self._long_payload()
        if not self._left:
            self._header = None
            return b""
        sealed = self.take(self._left + TAG_SIZE)
        if sealed is None:
            return None
        self._header = None
        return self._open(sealed)

    def skip(self) -> bool:
        """Chunks are opened all the same: the cipher counts them, and damage must show."""
        while self._left:
            if self._chunk() is None:
                return False
        self._header = None
        return True

    def _long_payload(self) -> bytes | None:
        parts = self._parts = self._parts or []
        while self._left:
            chunk = self._chunk()
            if chunk is None:
                return None
            parts.append(chunk)
        self._header = self._parts = None
        return b"".join(parts)

    def _chunk(self) -> bytes | None:
        size = min(self._left, MAX_CHUNK)
        sealed = self.take(size + TAG_SIZE)
        if sealed is None:
            return None
        self._left -= size
        return self._open(sealed)
