"""`sluice demo`, as `make demo` starts it: it shows blocks, ends, and leaves nobody behind."""

import os
import signal
from pathlib import Path

import pytest

from sluice.exit_codes import ExitCode
from sluice.noise.authority import parse_pool_url
from support.processes import SLUICE, of_session, session_of, wait_until_none
from support.waiting import PATIENCE, wait_for

DEMO = (*SLUICE, "demo", "--listen", "127.0.0.1:0", "--miners", "2")


def workers(session: int) -> list[int]:
    """The processes that hash, each the child of a miner."""
    return [pid for pid, command in of_session(session).items() if "sluice.sim.miner.worker" in command]


def test_it_finds_blocks_and_ends(tmp_path: Path) -> None:
    errors = tmp_path / "stderr"
    with session_of(*DEMO, "--blocks", "2", errors=errors) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert parse_pool_url(url).authority_key
        assert process.wait(PATIENCE) == ExitCode.OK
        assert process.stdout.read() == ""
        assert wait_until_none(process.pid, 0) == {}
    said = errors.read_text()
    assert said.count(" found by demo.") >= 2
    assert "worth nothing" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGTERM, ExitCode.OK),
        (signal.SIGINT, ExitCode.INTERRUPTED),
        (signal.SIGKILL, -signal.SIGKILL),
    ],
)
def test_its_miners_end_with_it_however_it_ends(number: signal.Signals, code: int, tmp_path: Path) -> None:
    with session_of(*DEMO, errors=tmp_path / "stderr") as process:
        wait_for(lambda: len(workers(process.pid)) == 2)
        os.kill(process.pid, number)
        assert process.wait(PATIENCE) == code
        assert wait_until_none(process.pid) == {}
    assert "Traceback" not in (tmp_path / "stderr").read_text()


def test_ctrl_c_reaches_all_of_them_at_once_and_nobody_complains(tmp_path: Path) -> None:
    with session_of(*DEMO, errors=tmp_path / "stderr") as process:
        wait_for(lambda: len(workers(process.pid)) == 2)
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(PATIENCE) == ExitCode.INTERRUPTED
        assert wait_until_none(process.pid) == {}
    said = (tmp_path / "stderr").read_text()
    assert "Traceback" not in said
    assert "ended by itself" not in said
