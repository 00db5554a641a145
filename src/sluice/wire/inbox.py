"""Bytes that were received and not used yet."""


class Inbox:
    """Bytes received and not used yet.

    While all that came can be used at once, it works on the received object itself and keeps nothing.
    """

    __slots__ = ("_at", "_data", "_needed", "_waiting")

    def __init__(self, data: bytes = b"") -> None:
        self._data = data
        self._at = 0
        self._waiting: bytearray | None = None  # begins where the next `take` begins
        self._needed = 0

    def feed(self, data: bytes) -> None:
        """Add what was received, once everything that could be taken was."""
        waiting = self._waiting
        if waiting is not None:
            waiting += data
            if len(waiting) < self._needed:
                return  # nothing is copied until it is of use: a byte at a time costs no more than all at once
            data = bytes(waiting)
            self._waiting = None
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes | None:
        """The next `size` bytes, or None: they are not all there yet."""
        at = self._at
        end = at + size
        data = self._data
        if end <= len(data):
            self._at = end
            return data[at:end]
        if at < len(data):
            self._waiting = bytearray(data[at:])
        self._data = b""
        self._at = 0
        self._needed = size
        return None

    def drop(self, size: int) -> int:
        """Forget up to `size` bytes; how many of them have not come yet."""
        dropped = self.take(min(size, self.ready))
        return size - len(dropped or b"")

    @property
    def ready(self) -> int:
        """How many bytes `take` can give now."""
        return len(self._data) - self._at

    def rest(self) -> bytes:
        """All that was received and not taken, which leaves with it."""
        rest = bytes(self._waiting or b"") + self._data[self._at :]
        self._data, self._at, self._waiting = b"", 0, None
        return rest

    @property
    def whole(self) -> bool:
        """Whether what came ended where something it was made of ended."""
        return self._waiting is None and not self.ready
