"""The demo as people see it, and that a miner's name cannot draw on their terminal."""

import dataclasses
import io
import re
from itertools import chain

import pytest
from msgspec.structs import replace

from sluice.pool.block_life import Stage
from sluice.pool.candidate import Candidate
from sluice.pool.events import (
    BlockAccepted,
    BlockFound,
    BlockOvertaken,
    BlockRefused,
    ChannelOpened,
    Happening,
    NodeTroubled,
    PeerConnected,
    PeerLeft,
    TargetChanged,
)
from sluice.pool.overview import ChannelView, Figures, MinerView, PoolView
from sluice.sim.demo.view import BLOCKS_SHOWN, DemoView, line_for
from support.found import a_block, verdict

RUDE = "a\x1b[31m\nb\udcff"
TAMED = r"a\x1b[31m\x0ab\xdcff"
HASH = "00" * 31 + "aa"
FIGURES = Figures(12, {"stale-share": 2, "duplicate-share": 1}, 10**6, 0.5, (2.5e6, 2e6, 1e6), 3.4)
CHANNEL = ChannelView(2, "extended", "demo.1", 0.00018, FIGURES, {})
MINER = MinerView(1, "127.0.0.1:4000", "sluice", "cpu", "1", 10.0, 0.1, FIGURES, (CHANNEL,))
POOL = PoolView(7, 0.0039, (MINER,), (), 0, {}, "")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Wide enough for every column."""
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return Terminal()


def candidate(height: int, user: str, word: str = "") -> Candidate:
    """A block that a node has taken, or refused in these words."""
    it = Candidate(dataclasses.replace(a_block(height, height), user=user))
    for _ in chain(it.recorded_at(0), it.answered(verdict("n", word), 0.0, 0)):
        pass
    assert it.stage is (Stage.REFUSED if word else Stage.HELD)
    return it


def screen(terminal: Terminal, view: PoolView) -> str:
    """The last frame that was drawn, without the colours."""
    with DemoView(terminal) as shown:
        shown.show(view)
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.getvalue())


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            ChannelOpened(1, 2, "extended", "alice", 1e6, 0.000123456),
            "alice mines on a channel of difficulty 0.0001235 (extended)",
        ),
        (BlockAccepted(7, HASH, "embedded", "alice"), f"block 7 found by alice: {HASH}"),
        (BlockRefused(7, HASH, "embedded", "high-hash"), f"block 7 was refused: high-hash ({HASH})"),
        (BlockOvertaken(7, HASH, "embedded", "11" * 32), f"block 7 lost a race: {HASH}"),
        (NodeTroubled("n", "it sleeps"), "no template: it sleeps"),
        (
            PeerLeft(1, "127.0.0.1:4", "idle", 5, 0),
            "a miner without a name at 127.0.0.1:4 left: idle; accepted shares: 5",
        ),
        (PeerConnected(1, "127.0.0.1:4"), ""),
        (BlockFound(7, HASH, "alice", 1, "accepted"), ""),
        (TargetChanged(1, 2, 3.0), ""),
    ],
)
def test_what_is_worth_a_line_has_one(event: Happening, line: str) -> None:
    assert line_for(event) == line
    out = io.StringIO()
    with DemoView(out) as view:
        view.tell(event)
    assert out.getvalue() == (f"{line}\n" if line else "")


def test_lines_are_not_broken_however_long_they_are() -> None:
    out = io.StringIO()
    DemoView(out).say("word " * 100)
    assert len(out.getvalue().splitlines()) == 1


def test_who_leaves_is_called_by_name() -> None:
    out = io.StringIO()
    with DemoView(out) as view:
        view.tell(ChannelOpened(1, 2, "extended", "alice", 1e6, 0.5))
        view.tell(PeerLeft(2, "127.0.0.1:5", "idle", 0, 0))
        view.tell(PeerLeft(1, "127.0.0.1:4", "idle", 5, 0))
    _, nobody, alice = out.getvalue().splitlines()
    assert nobody.startswith("a miner without a name at 127.0.0.1:5 left")
    assert alice == "alice at 127.0.0.1:4 left: idle; accepted shares: 5"


def test_nothing_is_drawn_where_there_is_no_terminal() -> None:
    out = io.StringIO()
    with DemoView(out) as view:
        view.show(POOL)
    assert out.getvalue() == ""


def test_a_stranger_can_neither_draw_nor_break_the_lines() -> None:
    out = io.StringIO()
    with DemoView(out) as view:
        view.tell(BlockAccepted(7, HASH, "embedded", RUDE))
        view.tell(PeerLeft(1, "127.0.0.1:4", f"closed by the miner: {RUDE}", 0, 0))
        view.tell(ChannelOpened(1, 2, "standard", "[red]" + RUDE, 1.0, 1.0))
    assert [line.count(TAMED) for line in out.getvalue().splitlines()] == [1, 1, 1]
    out.getvalue().encode()


def test_the_screen_says_who_mines_what_and_how(terminal: Terminal) -> None:
    shown = screen(terminal, POOL)
    assert "mining block 7 at network difficulty 0.0039, 2.5 MH/s, 0 blocks accepted" in shown
    (row,) = (line for line in shown.splitlines() if "demo.1" in line)
    cells = re.split(r"  +", row.strip())
    assert cells == ["demo.1", "extended", "2.5 MH/s", "0.00018", "12", "3", "0.5", "3 s ago"]


def test_it_fits_on_a_small_terminal(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    small = replace(FIGURES, best_difficulty=0.00012345678)
    miners = [
        replace(MINER, channels=(replace(CHANNEL, user=f"demo.{number}", figures=small),))
        for number in range(7)
    ]
    blocks = tuple(candidate(height, "demo.1") for height in range(8))
    shown = screen(terminal, replace(POOL, miners=tuple(miners), blocks=blocks, blocks_accepted=8))
    lines = shown.splitlines()
    assert len(lines) < 24
    for whole in ("2.5 MH/s", "0.00018", "0.0001235", "3 s ago", "extended", "demo.6", "accepted", "refused"):
        assert whole in shown
    assert max(map(len, lines)) <= 80
    assert len(re.findall(r"\bdemo\.1 +held +\w{20}", shown)) == len(blocks)


def test_before_the_first_template_and_the_first_share(terminal: Terminal) -> None:
    fresh = replace(CHANNEL, figures=Figures(0, {}, 0, 0.0, (0.0, 0.0, 0.0), None))
    trouble = "no template has come from the node yet"
    shown = screen(
        terminal, replace(POOL, height=None, miners=(replace(MINER, channels=(fresh,)),), trouble=trouble)
    )
    assert "mining block ? at" in shown
    assert trouble in shown
    (row,) = (line for line in shown.splitlines() if "demo.1" in line)
    assert row.rstrip().endswith("-")


def test_the_newest_blocks_are_on_the_screen(terminal: Terminal) -> None:
    blocks = [candidate(height, f"miner {height}") for height in range(1, BLOCKS_SHOWN + 2)]
    blocks.append(candidate(BLOCKS_SHOWN + 2, f"miner {BLOCKS_SHOWN + 2}", "high-hash"))
    shown = screen(terminal, replace(POOL, blocks=tuple(blocks), blocks_accepted=len(blocks) - 1))
    assert f"{len(blocks) - 1} blocks accepted" in shown
    users = re.findall(r"miner (\d+)", shown)
    assert users == [str(height) for height in range(BLOCKS_SHOWN + 2, 2, -1)]
    assert "refused high-hash" in shown


def test_a_stranger_cannot_draw_on_the_screen(terminal: Terminal) -> None:
    block = candidate(7, RUDE, RUDE)
    miner = replace(MINER, channels=(replace(CHANNEL, user=RUDE),))
    shown = screen(terminal, replace(POOL, miners=(miner,), blocks=(block,), trouble=RUDE))
    assert shown.count(TAMED) == 4
    terminal.getvalue().encode()
    assert RUDE not in terminal.getvalue()
