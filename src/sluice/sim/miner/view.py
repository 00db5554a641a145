"""How a miner shows itself: a live table on a terminal, plain lines elsewhere, JSON lines for programs.

Rule: people's text goes to standard error, JSON to standard output; what a server says is printed so that it can
neither draw on the terminal nor fail for its letters.
"""

import json
import time
from collections import deque
from typing import Literal, Protocol, TextIO

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sluice.legible import difficulty_text, hashrate_text, printable
from sluice.sim.miner.score import Figures

Style = Literal["auto", "plain", "json"]

_LINES_KEPT = 8
#: Seconds between two status lines.
_PLAIN_EVERY = 10.0
_JSON_EVERY = 1.0
_LIVE_EVERY = 0.5


class View(Protocol):
    """`tell` once per event; `refresh` often: it shows the figures when it is time to."""

    def tell(self, kind: str, text: str, **facts: object) -> None:
        """Something happened."""

    def refresh(self, figures: Figures, now: float, *, last: bool = False) -> None:
        """How it stands; `last`: how it stood when it was told to end."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def view_for(style: Style, title: str, out: TextIO, err: TextIO) -> View:
    """JSON if asked for, else the live table if `err` is a terminal, else plain lines."""
    if style == "json":
        return JsonView(out)
    if style == "auto" and err.isatty():
        return LiveView(title, Console(file=err))
    return PlainView(err)


class PlainView:
    """A line per event, and one with the figures now and then."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._shown: float | None = None

    def tell(self, kind: str, text: str, **_facts: object) -> None:
        """The text, with the time of day."""
        self._out.write(f"{time.strftime('%H:%M:%S')} {kind:<9} {printable(text)}\n")
        self._out.flush()

    def refresh(self, figures: Figures, now: float, *, last: bool = False) -> None:
        """A status line now and then, not at once, and at the end."""
        if self._shown is None:
            self._shown = now
        if last or now - self._shown >= _PLAIN_EVERY:
            self._shown = now
            self.tell("status", summary(figures, last=last))

    def close(self) -> None:
        """Nothing to do."""


class JsonView:
    """A JSON object per line: `event`, then its facts."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._shown: float | None = None

    def tell(self, kind: str, text: str, **facts: object) -> None:
        """The event with its text and facts."""
        self._write({"event": kind, "text": printable(text), **facts})

    def refresh(self, figures: Figures, now: float, *, last: bool = False) -> None:
        """A `status` event when the last one is old enough, and at the end."""
        if self._shown is None or last or now - self._shown >= _JSON_EVERY:
            self._shown = now
            self._write(
                {
                    "event": "status",
                    "uptime": round(figures.uptime, 1),
                    "hash_rate": round(figures.hash_rate),
                    "hashes": figures.hashes,
                    "difficulty": figures.difficulty,
                    "submitted": figures.submitted,
                    "accepted": figures.accepted,
                    "refused": {printable(word): count for word, count in figures.refused.items()},
                    "blocks": figures.blocks,
                    "connected": figures.connected,
                }
            )

    def close(self) -> None:
        """Nothing to do."""

    def _write(self, event: dict[str, object]) -> None:
        self._out.write(json.dumps(event) + "\n")
        self._out.flush()


class LiveView:
    """A table that stays in place, with the last events below it."""

    def __init__(self, title: str, console: Console) -> None:
        self._title = title
        self._shown: float | None = None
        self._table: RenderableType = ""
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self._live = Live(console=console, auto_refresh=False)
        self._live.start()

    def tell(self, kind: str, text: str, **_facts: object) -> None:
        """One more line under the table."""
        self._lines.append(f"{time.strftime('%H:%M:%S')} {kind:<9} {printable(text)}")

    def refresh(self, figures: Figures, now: float, *, last: bool = False) -> None:
        """Draw anew, at most twice a second."""
        if self._shown is None or last or now - self._shown >= _LIVE_EVERY:
            self._shown = now
            self._table = _table(self._title, figures, last)
            self._draw()

    def close(self) -> None:
        """Draw what was told last, and give the terminal back."""
        self._draw()
        self._live.stop()

    def _draw(self) -> None:
        lines = Text("\n".join(self._lines), no_wrap=True, overflow="ellipsis")
        self._live.update(Group(self._table, lines), refresh=True)


def _table(title: str, figures: Figures, last: bool) -> Table:
    table = Table(title=Text(printable(title)), title_justify="left", expand=False)
    for column in ("hash rate", "difficulty", "accepted", "refused", "blocks", "up"):
        table.add_column(column, justify="right")
    table.add_row(
        hashrate_text(figures.hash_rate) if figures.connected or last else Text("not connected", style="red"),
        difficulty_text(figures.difficulty),
        Text(str(figures.accepted), style="green"),
        Text(refusals(figures), style="red" if figures.refused else ""),
        Text(str(figures.blocks), style="bold yellow" if figures.blocks else ""),
        f"{figures.uptime:.0f} s",
    )
    return table


def summary(figures: Figures, *, last: bool = False) -> str:
    """The figures in one line; in the last one it is no news that there is no connection."""
    return (
        f"{hashrate_text(figures.hash_rate)}, difficulty {difficulty_text(figures.difficulty)},"
        f" {figures.accepted} accepted, {refusals(figures)} refused, {figures.blocks} blocks"
        + ("" if figures.connected or last else ", not connected")
    )


def refusals(figures: Figures) -> str:
    """How many, and why."""
    reasons = ", ".join(f"{count} {printable(word)}" for word, count in figures.refused.items())
    return f"{sum(figures.refused.values())}" + (f" ({reasons})" if reasons else "")
