"""The way into every command, and out of it.

Rule: what the user can mend is one clear sentence on stderr and an exit code (`exit_codes.py`); a traceback is a
bug. `sluice --version` answers before anything large is imported.
"""

import sys
from collections.abc import Sequence

from sluice.exit_codes import ExitCode, UserError
from sluice.version import VERSION


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (the process's own) name; answers its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == ["--version"]:
        sys.stdout.write(f"sluice {VERSION}\n")
        return ExitCode.OK
    try:
        from sluice.cli.commands import app

        app(given, prog_name="sluice")
    except UserError as error:
        sys.stderr.write("".join(f"sluice: {line}\n" for line in str(error).splitlines()))
        return error.exit_code
    except KeyboardInterrupt:  # before there is a loop that listens to signals
        return ExitCode.INTERRUPTED
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ExitCode.FAILED
    return ExitCode.OK
