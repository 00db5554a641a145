"""Commands under bounds that the administrator does not have.

RLIMIT_NPROC is none for uid 0: as the administrator, a command runs as nobody, who may read and write like before.
"""

import os
import shutil
from collections.abc import Sequence

NOBODY = 65_534
_KEPT = "+dac_override,+dac_read_search"


def unprivileged(command: Sequence[str]) -> list[str]:
    """`command` as somebody whom bounds on processes hold; skips the test where that cannot be had."""
    if os.geteuid() != 0:
        return list(command)
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        import pytest

        pytest.skip("as the administrator this needs setpriv (util-linux)")
    return [
        setpriv,
        f"--reuid={NOBODY}",
        "--clear-groups",
        f"--inh-caps={_KEPT}",
        f"--ambient-caps={_KEPT}",
        *command,
    ]
