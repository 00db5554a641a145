"""Output that nobody reads is in a file that cannot grow without bound."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sluice.managed.output import FILE, BoundedOutput

REDIRECTED = """
import os, sys
from pathlib import Path
from sluice.managed.output import redirect
stream = redirect(Path(sys.argv[1]))
print("printed", flush=True)
sys.stderr.write("said\\n")
os.write(1, b"from below\\n")
os.system("echo from a child")
for number in range(200_000):
    stream.write("x" * 50 + "\\n")
"""


@pytest.fixture
def descriptor() -> int:
    return os.open(os.devnull, os.O_WRONLY)


def test_what_is_written_is_in_the_file_after_what_was_there(tmp_path: Path, descriptor: int) -> None:
    path = tmp_path / "log"
    path.write_text("before\n")
    output = BoundedOutput(path, (descriptor,))
    output.write("said\n")
    os.write(descriptor, b"from below\n")
    print("printed: \udcff", file=output)
    assert path.read_text() == "before\nsaid\nfrom below\nprinted: \\udcff\n"
    assert (output.writable(), output.fileno()) == (True, descriptor)
    os.close(descriptor)


def test_a_full_file_makes_room_and_two_are_all_there_is(tmp_path: Path, descriptor: int) -> None:
    path = tmp_path / "log"
    output = BoundedOutput(path, (descriptor,), max_bytes=10)
    for line in ("12345678\n", "abcdefgh\n", "ABCDEFGH\n"):
        output.write(line)
    assert (path.read_text(), path.with_name("log.1").read_text()) == ("ABCDEFGH\n", "abcdefgh\n")
    assert len(list(tmp_path.iterdir())) == 2
    assert path.stat().st_mode & 0o077 == 0
    os.close(descriptor)


def test_a_process_whose_pipes_nobody_reads_says_all_it_has_to_say(tmp_path: Path) -> None:
    # Ten megabytes: a pipe that nobody reads takes 64 KiB and then blocks for ever.
    command = [sys.executable, "-c", REDIRECTED, str(tmp_path / "made")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.wait(60) == 0
        assert child.stdout is not None
        assert child.stderr is not None
        assert (child.stdout.read(), child.stderr.read()) == (b"", b"")
    log = tmp_path / "made" / FILE
    assert max(log.stat().st_size, log.with_name(f"{FILE}.1").stat().st_size) <= 2_097_152
