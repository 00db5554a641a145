"""Where a module's output goes: a file with a bound, as the node keeps the other ends of our pipes and never reads.

Whatever is written to stdout or stderr, by whom ever, lands in `module.log`; the one before it is `module.log.1`.
Rule: nothing that we say can block us or fill the disk.
"""

import io
import os
from pathlib import Path
from typing import TextIO

FILE = "module.log"
#: Of each of the two files: some ten thousand lines.
MAX_LOG_BYTES = 2_097_152
_STDOUT, _STDERR = 1, 2


class BoundedOutput(io.TextIOBase):
    """Text into the file behind a descriptor, which is another file once it is full. Mutable; one owner."""

    def __init__(self, path: Path, descriptors: tuple[int, ...], max_bytes: int = MAX_LOG_BYTES) -> None:
        """From now on what is written to `descriptors` is in `path`. OSError if that cannot be had."""
        super().__init__()
        self._path = path
        self._descriptors = descriptors
        self._max_bytes = max_bytes
        self._open()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptors[-1]

    def write(self, text: str) -> int:
        """OSError if the disk is full, as any stream."""
        data = text.encode(errors="backslashreplace")
        descriptor = self.fileno()
        if os.fstat(descriptor).st_size + len(data) > self._max_bytes:
            self._turn()
        while data:  # the disk may take a part of it
            data = data[os.write(descriptor, data) :]
        return len(text)

    def _turn(self) -> None:
        self._path.replace(self._path.with_name(f"{self._path.name}.1"))
        self._open()

    def _open(self) -> None:
        opened = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for descriptor in self._descriptors:
                os.dup2(opened, descriptor)
        finally:
            os.close(opened)


def redirect(directory: Path) -> TextIO:
    """Send stdout and stderr of this process to the log in `directory`; the stream that it is written by."""
    import sys

    directory.mkdir(parents=True, exist_ok=True)
    output = BoundedOutput(directory / FILE, (_STDOUT, _STDERR))
    stream: TextIO = output  # type: ignore[assignment]
    sys.stdout = sys.stderr = stream
    return stream
