"""What blocks is done in a thread, or at once where there can be none."""

import asyncio
import subprocess
import sys
from threading import get_ident

import pytest

from sluice.server.aside import aside, threads_can_be_had
from support.privileges import unprivileged

ALONE = """
import asyncio, resource
from threading import get_ident
from sluice.server.aside import aside, threads_can_be_had
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
same = asyncio.run(aside(get_ident)) == get_ident()
print(threads_can_be_had(), same)
"""


def test_it_is_done_in_a_thread() -> None:
    assert threads_can_be_had()
    assert asyncio.run(aside(get_ident)) != get_ident()


def test_what_it_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(aside(divmod, 1, 0))


def test_where_no_thread_can_be_had_it_is_done_at_once() -> None:
    command = unprivileged([sys.executable, "-c", ALONE])
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert ended.stdout == "False True\n", ended.stderr
