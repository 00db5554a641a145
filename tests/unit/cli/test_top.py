"""The live screen: what it shows, what keys do, and that the terminal is left as it was found."""

import io
import os
import pty
import select
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from sluice.cli import top
from sluice.cli.running import NotRunning
from sluice.cli.top import HAPPENINGS, KEYS, ORDERS, Screen, happened_line, run_top
from sluice.control.client import Parted
from sluice.control.place import NAME
from sluice.control.words import Figures, Happened
from support.beside import beside
from support.shown_pool import RUDE, channel, miner, picture

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


def test_without_a_terminal_there_are_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Enough(io.StringIO):
        """A reader that leaves after a picture."""

        def flush(self) -> None:
            if "no miner is connected" in self.getvalue():
                raise BrokenPipeError

        def fileno(self) -> int:
            return spare

    spare = os.open(os.devnull, os.O_WRONLY)
    out = Enough()
    monkeypatch.setattr(sys, "stdout", out)
    with beside(tmp_path):
        assert run_top(tmp_path / NAME, 0.1) == 0
    os.close(spare)
    assert "tip changed" in out.getvalue()


def test_on_a_terminal_it_draws_answers_keys_and_leaves_all_as_it_was(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    with beside(tmp_path):
        process = subprocess.Popen(
            [sys.executable, "-m", "sluice.cli", "top", "--seconds", "0.1", "--data-dir", str(tmp_path)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=os.environ | {"TERM": "xterm", "COLUMNS": "120", "LINES": "40"},
        )
        drawn = b""
        deadline = time.monotonic() + 30
        for words, key in ((b"by hash rate", b"s"), (b"by refused shares", b"q"), (LEFT, b"")):
            while words not in drawn and time.monotonic() < deadline:
                if select.select([ours], [], [], 0.1)[0]:
                    drawn += os.read(ours, 65_536)
            assert words in drawn
            os.write(ours, key)
        assert process.wait(20) == 0
    assert b"No miner is connected" in drawn
    assert termios.tcgetattr(theirs) == before
    os.close(ours)
    os.close(theirs)
