"""The live screen: what it shows, what keys do, and that the terminal is left as it was found."""

import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path

import pytest
from rich.cells import cell_len

from sluice.cli import top
from sluice.cli.pool_words import status_as_json
from sluice.cli.running import NotRunning
from sluice.cli.top import HAPPENINGS, KEYS, LEAST_ROWS, NO_TERMINAL, ORDERS, Screen, happened_line, run_top
from sluice.control.client import Parted
from sluice.control.place import NAME
from sluice.control.words import Figures, Happened
from support.beside import beside
from support.shown_pool import RUDE, channel, miner, picture

#: Where each screen begins.
HOME = b"\x1b[H"
#: The terminal shows what it showed before.
LEFT = b"\x1b[?1049l"
MINERS = tuple(miner(number, channel(f"user-{number:03}", float(number))) for number in range(1, 41))
FOUND = Happened(
    1, 1_764_056_700.0, "BlockFound", "block found", "info", {"user": RUDE, "height": 7, "why": ""}
)


def shown(screen: Screen, height: int = 60) -> list[str]:
    return [text for _, text in screen.lines(height)]


def names(screen: Screen, height: int = 60) -> list[str]:
    return [line.split()[-1] for line in shown(screen, height) if "192.0.2.1" in line]


def test_it_waits_for_a_first_picture() -> None:
    assert shown(Screen()) == ["waiting for the first picture"]


def test_it_shows_the_pool_its_miners_and_what_happened() -> None:
    screen = Screen()
    for _ in range(HAPPENINGS + 2):
        screen.take(FOUND)
    screen.take(picture(*MINERS))
    lines = shown(screen)
    assert lines[0].startswith("Sluice 1.2.3 on main")
    assert lines[1] == "Mining block 900000."
    assert lines[-HAPPENINGS:] == [happened_line(FOUND)] * HAPPENINGS
    assert names(screen)[0] == "user-040"
    assert len(lines) <= 60


@pytest.mark.parametrize("height", [1, 5, 12, 24, 25, 60, 200])
def test_it_fits(height: int) -> None:
    screen = Screen()
    screen.take(picture(*MINERS))
    assert len(shown(screen, height)) <= max(height, 8)
    assert len(names(screen, height)) >= top.LEAST_ROWS


def test_it_scrolls_and_stops_at_the_end() -> None:
    screen = Screen()
    screen.take(picture(*MINERS))
    page = names(screen, 30)
    screen.press("down")
    assert names(screen, 30)[0] == "user-039"
    screen.press("page down")
    assert names(screen, 30)[0] == f"user-{39 - len(page):03}"
    for _ in range(20):
        screen.press("page down")
        shown(screen, 30)
    assert names(screen, 30)[-1] == "user-001"
    screen.press("home")
    assert names(screen, 30) == page
    screen.press("up")
    screen.press("page up")
    screen.press("")
    assert names(screen, 30) == page


def test_it_sorts_by_what_one_asks_for() -> None:
    screen = Screen()
    refused = channel("refused", 0.5, figures=Figures(1, {"stale": 9}, last_share_ago=2.0))
    silent = channel("silent", 0.4, figures=Figures())
    screen.take(picture(*MINERS, miner(99, refused), miner(98, silent)))
    firsts = []
    for order, _ in ORDERS:
        assert any(f"by {order}" in line for line in shown(screen))
        firsts.append(names(screen)[0])
        screen.press("sort")
    assert screen.order == 0
    assert firsts[:2] == ["user-040", "refused"]
    assert firsts[3] == "silent"


def test_a_pool_that_goes_out_of_sight_stays_on_the_screen() -> None:
    screen = Screen()
    screen.take(picture(*MINERS))
    screen.take(Parted("it has ended"))
    assert "Out of sight: it has ended" in shown(screen)
    screen.take(picture(*MINERS))
    assert not any("Out of sight" in line for line in shown(screen))


def test_a_happening_is_one_line_and_cannot_draw() -> None:
    line = happened_line(FOUND)
    assert line.startswith(
        "2025-11-25 07:45:00 block found  user=\\x1b[31mred\\x0a\\x202eevil\\xff  height=7"
    )
    assert "why" not in line


def test_keys_are_what_people_expect() -> None:
    assert KEYS[b"q"] == KEYS[b"\x03"] == "end"
    assert set(KEYS.values()) == {"end", "sort", "up", "down", "page up", "page down", "home"}


def test_a_pool_that_was_never_there_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="start one"):
        run_top(tmp_path / NAME, 0.1)


@contextmanager
def read_by_somebody() -> Iterator[io.StringIO]:
    """Standard output goes to a reader that leaves after a picture."""
    spare = os.open(os.devnull, os.O_WRONLY)

    class Enough(io.StringIO):
        def flush(self) -> None:
            if "no miner is connected" in self.getvalue():
                raise BrokenPipeError

        def fileno(self) -> int:
            return spare

    with redirect_stdout(Enough()) as out:
        yield out
    os.close(spare)


def test_without_a_terminal_there_are_lines_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with beside(tmp_path), read_by_somebody() as out:
        assert run_top(tmp_path / NAME, 0.1) == 0
    assert "tip changed" in out.getvalue()
    assert capsys.readouterr().err == NO_TERMINAL


def test_for_programs_each_line_is_an_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with beside(tmp_path), read_by_somebody() as out:
        assert run_top(tmp_path / NAME, 0.1, as_json=True) == 0
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["words"] for line in lines if line["type"] == "Happened"].count("tip changed") == 1
    seen = next(line for line in lines if line["type"] == "Picture")
    assert seen.keys() - {"type"} == status_as_json(picture()).keys()
    assert capsys.readouterr().err == ""


class Terminal:
    """`sluice top` on a terminal of its own: what it has drawn, and the size that can be changed."""

    def __init__(self, directory: Path) -> None:
        self.ours, self.theirs = pty.openpty()
        self.drawn = b""
        self.before = termios.tcgetattr(self.theirs)
        self.resize(120, 40)
        environ = {name: text for name, text in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        command = [sys.executable, "-m", "sluice.cli", "top", "--seconds", "0.1"]
        self.process = subprocess.Popen(
            [*command, "--data-dir", str(directory)],
            stdin=self.theirs,
            stdout=self.theirs,
            stderr=self.theirs,
            env=environ | {"TERM": "xterm"},
        )

    def resize(self, columns: int, rows: int) -> None:
        termios.tcsetwinsize(self.theirs, (rows, columns))

    def waits_for(self, words: bytes, times: int = 1) -> None:
        deadline = time.monotonic() + 30
        while self.drawn.count(words) < times and time.monotonic() < deadline:
            if select.select([self.ours], [], [], 0.1)[0]:
                self.drawn += os.read(self.ours, 65_536)
        assert self.drawn.count(words) >= times

    def ends(self, code: int = 0) -> None:
        """And the terminal is as it was."""
        self.waits_for(LEFT)
        assert self.process.wait(20) == code
        assert termios.tcgetattr(self.theirs) == self.before
        assert b"Traceback" not in self.drawn


@contextmanager
def on_a_terminal(directory: Path) -> Iterator[Terminal]:
    """Nothing of it is left, whatever becomes of the test."""
    with beside(directory):
        terminal = Terminal(directory)
        try:
            yield terminal
        finally:
            terminal.process.kill()
            terminal.process.wait()
            for end in (terminal.ours, terminal.theirs):
                with suppress(OSError):
                    os.close(end)


def test_on_a_terminal_it_draws_and_answers_keys(tmp_path: Path) -> None:
    with on_a_terminal(tmp_path) as terminal:
        for words, key in ((b"by hash rate", b"s"), (b"by refused shares", b"q")):
            terminal.waits_for(words)
            os.write(terminal.ours, key)
        terminal.ends()
    assert b"No miner is connected" in terminal.drawn


def widest(drawn: bytes) -> int:
    """Cells of the widest line of what was drawn."""
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]", b"", drawn).decode("utf-8", "replace")
    return max(cell_len(line.rstrip()) for line in text.replace("\r", "\n").split("\n"))


def test_it_fits_whatever_size_the_terminal_gets(tmp_path: Path) -> None:
    with on_a_terminal(tmp_path) as terminal:
        terminal.waits_for(b"by hash rate")
        assert widest(terminal.drawn) > 60
        terminal.resize(50, 12)
        terminal.process.send_signal(signal.SIGWINCH)
        terminal.waits_for("…".encode())  # only the narrow screen has to cut a line
        terminal.drawn = b""
        terminal.waits_for(HOME, 3)
        _, *whole, _ = terminal.drawn.split(HOME)
        assert all(30 < widest(screen) <= 50 for screen in whole)
        os.write(terminal.ours, b"q")
        terminal.ends()


@pytest.mark.parametrize("how", ["Ctrl-C", "SIGTERM", "SIGHUP"])
def test_however_it_is_ended_the_terminal_is_left_as_it_was(tmp_path: Path, how: str) -> None:
    with on_a_terminal(tmp_path) as terminal:
        terminal.waits_for(b"by hash rate")
        if how == "Ctrl-C":  # no terminal of its session: the key arrives as a letter or as the signal
            terminal.process.send_signal(signal.SIGINT)
        else:
            terminal.process.send_signal(signal.Signals[how])
        terminal.ends()


def test_it_ends_with_its_terminal(tmp_path: Path) -> None:
    with on_a_terminal(tmp_path) as terminal:
        terminal.waits_for(b"by hash rate")
        os.close(terminal.theirs)
        os.close(terminal.ours)
        terminal.process.wait(20)


def test_ten_thousand_workers_are_a_screen(tmp_path: Path) -> None:
    screen = Screen()
    channels = (channel("中" * 85 + f"{number}", float(number)) for number in range(10_000))
    screen.take(picture(*(miner(number, each) for number, each in enumerate(channels))))
    for width, height in ((80, 24), (200, 60), (40, 10)):
        lines = list(screen.lines(height, width))
        assert len(lines) <= height
        table = [text for _, text in lines if "中" in text]
        assert len(table) >= LEAST_ROWS
        assert all(cell_len(text) <= width for text in table)
