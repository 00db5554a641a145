"""What this process takes of the machine.

Rule: read when it is asked for, from what the kernel counts anyway; where that cannot be read it is nothing.
"""

from dataclasses import dataclass
from os import sysconf
from pathlib import Path
from time import process_time

_MEMORY = Path("/proc/self/statm")
_PAGE = sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of a processor since it began, and bytes of memory that are its own now."""

    cpu: float
    resident: int


def usage() -> Usage:
    """Now."""
    try:
        resident = int(_MEMORY.read_text().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        resident = 0
    return Usage(process_time(), resident)
