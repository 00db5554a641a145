"""`sluice top`, live: a screen that stays in place on a terminal, plain lines elsewhere.

Rule: the terminal is left as it was found, however it ends; a pool that goes out of sight is waited for, one that was
never there is not.
"""

import asyncio
import json
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any, TextIO

from msgspec import to_builtins
from rich.console import Console
from rich.live import Live
from rich.text import Text

from sluice.cli import pool_words
from sluice.cli.channel_words import HEADS, SPARE, Row, cells, rows_of
from sluice.cli.columns import aligned
from sluice.cli.running import NotRunning
from sluice.control.client import News, Parted, Picture, Watcher
from sluice.control.words import Happened
from sluice.exit_codes import ExitCode
from sluice.legible import printable, when_text

#: Happenings under the table, and lines that the table has at least.
HAPPENINGS, LEAST_ROWS = 5, 3
#: Signals that end it as `q` does, and the last of them, Ctrl-C, is how most people end things.
ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
NO_TERMINAL = (
    "sluice: this is no terminal, so there is a line for each look, and for each thing that happens; "
    "--json gives them to programs, `sluice status` shows the pool once\n"
)
#: Ways to sort: what it is called, and by what; the largest first.
ORDERS: tuple[tuple[str, Callable[[Row], Any]], ...] = (
    ("hash rate", lambda row: row.channel.figures.hashrates[1]),
    ("refused shares", lambda row: sum(row.channel.figures.refused.values())),
    ("best share", lambda row: row.channel.figures.best_difficulty),
    ("silence", lambda row: row.channel.figures.last_share_ago or float("inf")),
    ("difficulty", lambda row: row.channel.difficulty),
)
#: What a terminal sends, and what is pressed.
KEYS: Mapping[bytes, str] = {
    b"q": "end",
    b"\x03": "end",
    b"s": "sort",
    b"\x1b[A": "up",
    b"k": "up",
    b"\x1b[B": "down",
    b"j": "down",
    b"\x1b[5~": "page up",
    b"\x1b[6~": "page down",
    b" ": "page down",
    b"g": "home",
    b"\x1b[H": "home",
}


class Screen:
    """What is on it, and how it is looked at. Mutable."""

    def __init__(self) -> None:
        self.picture: Picture | None = None
        self.trouble = ""
        self.happened: deque[str] = deque(maxlen=HAPPENINGS)
        self.order = 0
        self.first = 0
        self._page = LEAST_ROWS

    def take(self, news: News) -> None:
        """Something new."""
        match news:
            case Picture():
                self.picture, self.trouble = news, ""
            case Parted():
                self.trouble = news.words
            case Happened():
                self.happened.append(happened_line(news))

    def press(self, key: str) -> None:
        """A key, by what it does; the end is not our business."""
        moves = {"up": -1, "down": 1, "page up": -self._page, "page down": self._page}
        if key == "sort":
            self.order = (self.order + 1) % len(ORDERS)
        elif key == "home":
            self.first = 0
        else:
            self.first = max(0, self.first + moves.get(key, 0))

    def lines(self, height: int, width: int = 0) -> Iterator[tuple[str, str]]:
        """Style and text of each line, for a screen of so many, and so many cells in each (0: as many as it takes)."""
        if self.picture is None:
            yield "", "waiting for the first picture"
            return
        head = list(pool_words.status(self.picture))
        spare = height - len(head) - len(self.happened) - 4
        if spare < LEAST_ROWS:  # a low screen: the table is what one came for
            head = head[: max(2, len(head) + spare - LEAST_ROWS)]
        self._page = max(LEAST_ROWS, height - len(head) - len(self.happened) - 4)
        yield "bold", head[0]
        yield "red" if self.picture.pool.trouble else "", head[1]
        yield from (("", line) for line in head[2:])
        if self.trouble:
            yield "red", f"Out of sight: {self.trouble}"
        yield from self._table(width)
        yield from (("dim", line) for line in self.happened)

    def _table(self, width: int) -> Iterator[tuple[str, str]]:
        assert self.picture is not None
        name, by = ORDERS[self.order]
        rows = sorted(rows_of(self.picture.miners), key=by, reverse=True)
        self.first = max(0, min(self.first, len(rows) - self._page))
        shown = rows[self.first : self.first + self._page]
        last = self.first + len(shown)
        yield (
            "cyan",
            f"{self.first + bool(shown)} to {last} of {len(rows)} channels, by {name}   (q s ↑ ↓ space)",
        )
        for number, line in enumerate(aligned(HEADS, [cells(row) for row in shown], width, SPARE)):
            yield "" if number else "cyan", line


def happened_line(news: Happened) -> str:
    """A happening in one line."""
    facts = "  ".join(f"{name}={value}" for name, value in news.facts.items() if value not in ("", None))
    return printable(f"{when_text(news.at)} {news.words}  {facts}")


def run_top(path: Path, seconds: float, *, as_json: bool = False) -> int:
    """Until `q`; the exit code. Raises NotRunning."""
    if as_json:
        return asyncio.run(_plain(path, seconds, sys.stdout, _json_line, ""))
    console = Console()
    if sys.stdout.isatty() and sys.stdin.isatty() and not console.is_dumb_terminal:
        return asyncio.run(_live(path, seconds, console, sys.stdin.fileno()))
    return asyncio.run(_plain(path, seconds, sys.stdout, _line, NO_TERMINAL))


async def _plain(path: Path, seconds: float, out: TextIO, said: Callable[[News], str], first: str) -> int:
    """A line for each look, and for each thing that happens, for as long as somebody reads them.

    `first` is told beside them, once there is a pool.
    """
    async for news in _news(path, seconds):
        sys.stderr.write(first)
        first = ""
        try:
            out.write(f"{said(news)}\n")
            out.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())  # what is flushed at the end
            break
    return ExitCode.OK


def _line(news: News) -> str:
    match news:
        case Picture():
            return printable(pool_words.line(news))
        case Parted():
            return printable(f"out of sight: {news.words}")
        case Happened():
            return happened_line(news)


def _json_line(news: News) -> str:
    """`type` says what it is; a picture is as `sluice status` has it."""
    match news:
        case Picture():
            return json.dumps({"type": "Picture", **pool_words.status_as_json(news)})
        case Parted():
            return json.dumps({"type": "Parted", "words": news.words})
        case Happened():
            return json.dumps(to_builtins(news))


async def _live(path: Path, seconds: float, console: Console, keyboard: int) -> int:
    screen, over = Screen(), asyncio.Event()
    with _keys(keyboard), Live(console=console, screen=True, auto_refresh=False) as live:

        def draw() -> None:
            width, height = console.size
            lines = [Text(printable(text), style) for style, text in screen.lines(height - 1, width)]
            live.update(Text("\n", no_wrap=True, overflow="ellipsis").join(lines), refresh=True)

        def pressed() -> None:
            try:
                typed = os.read(keyboard, 16)
            except OSError:  # the terminal is gone
                typed = b""
            key = KEYS.get(typed, "")
            if key == "end" or not typed:
                over.set()
            else:
                screen.press(key)
                draw()

        async def watch() -> None:
            async for news in _news(path, seconds):
                screen.take(news)
                draw()

        loop = asyncio.get_running_loop()
        loop.add_reader(keyboard, pressed)
        for number in ENDING:  # else the terminal would stay as it is now
            loop.add_signal_handler(number, over.set)
        loop.add_signal_handler(signal.SIGWINCH, draw)
        try:
            watching = asyncio.create_task(watch())
            ending = asyncio.create_task(over.wait())
            await asyncio.wait((watching, ending), return_when=asyncio.FIRST_COMPLETED)
            for task in (watching, ending):
                task.cancel()
            for result in await asyncio.gather(watching, ending, return_exceptions=True):
                if isinstance(result, Exception):
                    raise result
        finally:
            loop.remove_reader(keyboard)
    return ExitCode.OK


async def _news(path: Path, seconds: float) -> AsyncGenerator[News, None]:
    """All news; a pool that was never there is an error. Raises NotRunning."""
    async with aclosing(Watcher(path, seconds).news()) as all_news:
        met = False
        async for news in all_news:
            if isinstance(news, Parted) and not met:
                raise NotRunning(news.words)
            met = True
            yield news


@contextmanager
def _keys(keyboard: int) -> Iterator[None]:
    """Each key as it is pressed, and none of them on the screen."""
    import termios
    import tty

    before = termios.tcgetattr(keyboard)
    tty.setcbreak(keyboard)
    try:
        yield
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)
