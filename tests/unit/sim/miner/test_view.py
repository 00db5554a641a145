"""What people and programs see, and that a server cannot draw on their terminal."""

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from sluice.sim.miner.score import Figures
from sluice.sim.miner.view import (
    JsonView,
    LiveView,
    PlainView,
    View,
    refusals,
    summary,
    view_for,
)

FIGURES = Figures(
    uptime=61.25,
    hash_rate=1_851_234.5,
    hashes=113_000_000,
    difficulty=0.000123456,
    submitted=45,
    accepted=40,
    refused={"stale-share": 2, "dup\x1b[2J\udcff": 1},
    blocks=3,
    connected=True,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_summary_says_it_all_in_a_line() -> None:
    assert summary(FIGURES) == (
        "1.85 MH/s, difficulty 0.0001235, 40 accepted,"
        " 3 (2 stale-share, 1 dup\\x1b[2J\\xdcff) refused, 3 blocks"
    )
    apart = replace(FIGURES, connected=False)
    assert summary(apart) == summary(FIGURES) + ", not connected"
    assert summary(apart, last=True) == summary(FIGURES)


def test_what_a_server_says_cannot_draw() -> None:
    assert "\x1b" not in refusals(FIGURES)


def test_plain_lines() -> None:
    out = io.StringIO()
    view = PlainView(out)
    view.tell("block", "BLOCK \x1b00", hash="00")
    view.refresh(FIGURES, 100.0)
    view.refresh(FIGURES, 109.0)
    view.refresh(FIGURES, 110.0)
    view.refresh(FIGURES, 110.1, last=True)
    view.close()
    block, *status = out.getvalue().splitlines()
    assert block.endswith("block     BLOCK \\x1b00")
    assert len(status) == 2
    assert all("status    1.85 MH/s" in line for line in status)


def test_json_lines() -> None:
    out = io.StringIO()
    view = JsonView(out)
    view.tell("block", "BLOCK 00", hash="00")
    view.refresh(FIGURES, 100.0)
    view.refresh(FIGURES, 100.5)
    view.refresh(FIGURES, 101.0)
    view.close()
    block, status, again = (json.loads(line) for line in out.getvalue().splitlines())
    assert block == {"event": "block", "text": "BLOCK 00", "hash": "00"}
    assert status == again
    assert status == {
        "event": "status",
        "uptime": 61.2,
        "hash_rate": 1_851_234,
        "hashes": 113_000_000,
        "difficulty": 0.000123456,
        "submitted": 45,
        "accepted": 40,
        "refused": {"stale-share": 2, "dup\\x1b[2J\\xdcff": 1},
        "blocks": 3,
        "connected": True,
    }


def test_the_live_view_has_figures_and_the_last_lines() -> None:
    terminal = io.StringIO()
    console = Console(file=terminal, force_terminal=True, width=120, color_system=None)
    view = LiveView("alice at [bold]pool[/bold]\x1b[2J", console)
    for number in range(20):
        view.tell("note", f"line {number} [red]not red[/red]")
    view.refresh(FIGURES, 100.0)
    view.close()
    shown = terminal.getvalue()
    for expected in (
        "alice at [bold]pool[/bold]\\x1b[2J",
        "1.85 MH/s",
        "0.0001235",
        "2 stale-share",
        "line 19 [red]not red[/red]",
    ):
        assert expected in shown
    assert "line 11 " not in shown


def test_at_the_end_the_live_view_tells_how_it_stood() -> None:
    terminal = io.StringIO()
    view = LiveView("alice", Console(file=terminal, force_terminal=True, width=120))
    view.refresh(replace(FIGURES, connected=False), 100.0)
    assert "not connected" in terminal.getvalue()
    before = terminal.tell()
    view.refresh(replace(FIGURES, connected=False), 100.1, last=True)
    assert "1.85 MH/s" in terminal.getvalue()[before:]
    before = terminal.tell()
    view.tell("end", "that is all")
    view.close()
    assert "that is all" in terminal.getvalue()[before:]


def test_the_live_view_draws_no_more_often_than_it_can_be_read() -> None:
    terminal = io.StringIO()
    view = LiveView("alice", Console(file=terminal, force_terminal=True, width=120))
    view.refresh(FIGURES, 100.0)
    drawn = terminal.tell()
    view.refresh(FIGURES, 100.4)
    assert terminal.tell() == drawn
    view.refresh(FIGURES, 100.5)
    assert terminal.tell() > drawn
    view.close()


@pytest.mark.parametrize(
    ("style", "err", "kind"),
    [
        ("auto", Terminal(), LiveView),
        ("auto", io.StringIO(), PlainView),
        ("plain", Terminal(), PlainView),
        ("json", Terminal(), JsonView),
    ],
)
def test_the_view_follows_the_terminal_unless_told(style: str, err: io.StringIO, kind: type[View]) -> None:
    view = view_for(style, "alice", io.StringIO(), err)  # type: ignore[arg-type]
    view.close()
    assert type(view) is kind
