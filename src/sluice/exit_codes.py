"""What the process says with its exit code, and the errors that carry one.

Rule: an error that is the user's to mend is a `UserError`; its text is a sentence that names the way out, and
no traceback is shown for it. Anything else is a bug and shows its traceback (design 2, rule 6).
"""

from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """Each way for a command to end; the table of docs/configuration.md is printed from here."""

    meaning: str

    def __new__(cls, code: int, meaning: str) -> Self:
        """Keep the sentence beside the number."""
        member = int.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    OK = 0, "Done as asked; for a server: drained and ended by SIGTERM."
    FAILED = 1, "Something went wrong while running; the last line on stderr says what."
    USAGE = 2, "The command line or the configuration is wrong; nothing was started."
    NODE = 3, "The Bitcoin node cannot be used, and waiting will not mend it."
    LISTEN = 4, "The listening address cannot be had."
    KEYS = 5, "The authority key cannot be used."
    INTERRUPTED = 130, "Interrupted from the keyboard."


class UserError(Exception):
    """Something that the person at the keyboard can mend; the text says how."""

    exit_code = ExitCode.FAILED
