"""What the process says with its exit code, and the errors that carry one.

Rule: an error that is the user's to mend is a `UserError`; its text is a sentence that names the way out, and
no traceback is shown for it. Anything else is a bug and shows its traceback (design 2, rule 6).
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """Each way for a command to end."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NODE = 3
    LISTEN = 4
    KEYS = 5
    REFUSED = 6
    WORKER_LOST = 7
    NOT_RUNNING = 8
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "Done as asked; for a server: drained and ended by SIGTERM; for `sluice mine`: told to end.",
    ExitCode.FAILED: "Something went wrong while running; the last line on stderr says what.",
    ExitCode.USAGE: "The command line or the configuration is wrong; nothing was started.",
    ExitCode.NODE: "The Bitcoin node cannot be used, and waiting will not mend it.",
    ExitCode.LISTEN: "The listening address cannot be had.",
    ExitCode.KEYS: "The authority key cannot be used.",
    ExitCode.REFUSED: "`sluice mine`: the server refused us, or never gave work.",
    ExitCode.WORKER_LOST: "`sluice mine`: a process that searched has ended by itself.",
    ExitCode.NOT_RUNNING: "`sluice status` and the like: no pool runs with this data directory, or it does not answer.",
    ExitCode.INTERRUPTED: "Interrupted from the keyboard; a server has drained.",
}
"""The table of docs/configuration.md."""


class UserError(Exception):
    """Something that the person at the keyboard can mend; the text says how."""

    exit_code = ExitCode.FAILED
