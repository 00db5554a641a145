"""The demo on a terminal: miners, shares and blocks, redrawn a few times a second; plain lines elsewhere.

Rule: it only looks; what it shows comes from the pool's overview and from what the pool tells, and what a stranger
sent (a name, a reason) cannot draw.
"""

from typing import Self, TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sluice.bitcoin.hashes import to_display
from sluice.pool.candidate import Candidate
from sluice.pool.events import (
    BlockAccepted,
    BlockRefused,
    ChannelOpened,
    Happening,
    NodeTroubled,
    PeerLeft,
)
from sluice.pool.overview import ChannelView, MinerView, PoolView
from sluice.sim.miner_view import difficulty_text, printable, with_unit

#: Blocks on the screen; older ones have scrolled away.
BLOCKS_SHOWN = 8
#: Redraws a second.
REFRESH = 4


def line_for(event: Happening) -> str:
    """One plain line for what is worth one here; empty for the rest."""
    match event:
        case ChannelOpened():
            difficulty = difficulty_text(event.difficulty)
            return f"{event.user} mines on a channel of difficulty {difficulty} ({event.kind})"
        case BlockAccepted():
            return f"block {event.height} found by {event.user}: {event.block_hash}"
        case BlockRefused():
            return f"block {event.height} was refused: {event.reason} ({event.block_hash})"
        case NodeTroubled():
            return f"no template: {event.reason}"
        case PeerLeft():
            return f"{event.address} left: {event.reason}; {event.accepted} shares accepted"
        case _:
            return ""


class DemoView:
    """Shows a pool. Mutable; one owner."""

    def __init__(self, stream: TextIO) -> None:
        """`stream` is stderr: stdout has the URL, and nothing else."""
        self._console = Console(file=stream)
        self._live = Live(console=self._console, refresh_per_second=REFRESH, transient=False)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        """A sentence above everything else."""
        self._console.print(printable(text), markup=False, highlight=False, soft_wrap=True)

    def tell(self, event: Happening) -> None:
        """The pool let us know something."""
        line = line_for(event)
        if line and not self._console.is_terminal:
            self.say(line)

    def show(self, view: PoolView, url: str) -> None:
        """Redraw; nothing happens where there is no terminal."""
        if self._console.is_terminal:
            self._live.update(_screen(view, url))


def _screen(view: PoolView, url: str) -> Group:
    height = "?" if view.height is None else view.height
    head = Text.assemble(
        ("Sluice demo", "bold"),
        f"  mining block {height} at network difficulty {difficulty_text(view.network_difficulty)}, ",
        f"{with_unit(view.hashrates[0], 'H/s')}, {view.blocks_accepted} blocks accepted\n",
        ("Point a Stratum V2 miner of your own at  ", "dim"),
        url,
    )
    return Group(head, _miners(view.miners), _blocks(view.blocks), Text(printable(view.trouble), style="red"))


def _miners(miners: tuple[MinerView, ...]) -> Table:
    table = Table("miner", "kind", "hash rate 1m", "difficulty", "accepted", "refused", "best", "last share")
    for miner in miners:
        for channel in miner.channels:
            table.add_row(*_cells(channel))
    return table


def _cells(channel: ChannelView) -> tuple[Text, ...]:
    figures = channel.figures
    ago = "-" if figures.last_share_ago is None else f"{figures.last_share_ago:.0f} s ago"
    return tuple(
        Text(cell)
        for cell in (
            printable(channel.user),
            channel.kind,
            with_unit(figures.hashrates[0], "H/s"),
            difficulty_text(channel.difficulty),
            str(figures.accepted),
            str(sum(figures.refused.values())),
            difficulty_text(figures.best_difficulty),
            ago,
        )
    )


def _blocks(blocks: tuple[Candidate, ...]) -> Table:
    table = Table("block", "found by", "fate", "hash")
    for block in blocks[-BLOCKS_SHOWN:]:
        reasons = ", ".join(outcome.reason for outcome in block.outcomes if outcome.reason)
        fate = printable(f"{block.fate.value} {reasons}".strip())
        table.add_row(
            str(block.height), Text(printable(block.user)), Text(fate), to_display(block.block_hash)
        )
    return table
