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
from sluice.legible import difficulty_text, hashrate_text, printable
from sluice.pool.candidate import Candidate
from sluice.pool.events import (
    BlockAccepted,
    BlockOvertaken,
    BlockRefused,
    ChannelOpened,
    Happening,
    NodeTroubled,
    PeerLeft,
)
from sluice.pool.overview import ChannelView, MinerView, PoolView

#: Blocks on the screen; older ones have scrolled away.
BLOCKS_SHOWN = 8
#: Redraws a second.
REFRESH = 4


def line_for(event: Happening, name: str = "") -> str:
    """One plain line for what is worth one here; empty for the rest. `name`: of the miner that it is about."""
    match event:
        case ChannelOpened():
            difficulty = difficulty_text(event.difficulty)
            return f"{_named(event.user)} mines on a channel of difficulty {difficulty} ({event.kind})"
        case BlockAccepted():
            return f"block {event.height} found by {_named(event.user)}: {event.block_hash}"
        case BlockRefused():
            return f"block {event.height} was refused: {event.reason} ({event.block_hash})"
        case BlockOvertaken():
            return f"block {event.height} lost a race: {event.block_hash}"
        case NodeTroubled():
            return f"no template: {event.reason}"
        case PeerLeft():
            return (
                f"{_named(name)} at {event.address} left: {event.reason}; accepted shares: {event.accepted}"
            )
        case _:
            return ""


def _named(user: str) -> str:
    return user or "a miner without a name"


class DemoView:
    """Shows a pool. Mutable; one owner."""

    def __init__(self, stream: TextIO) -> None:
        """`stream` is stderr: stdout has the URL, and nothing else."""
        self._console = Console(file=stream)
        #: Who mines on which connection, since a parting is told of the connection.
        self._names: dict[int, str] = {}
        self._live = Live(console=self._console, refresh_per_second=REFRESH, transient=False)

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._live.stop()

    def say(self, text: str) -> None:
        """A sentence, above the table while there is one."""
        self._console.print(printable(text), markup=False, highlight=False, soft_wrap=True)

    def tell(self, event: Happening) -> None:
        """The pool let us know something."""
        name = ""
        if isinstance(event, ChannelOpened):
            self._names[event.peer] = event.user
        elif isinstance(event, PeerLeft):
            name = self._names.pop(event.peer, "")
        line = line_for(event, name)
        if line and not self._console.is_terminal:
            self.say(line)

    def show(self, view: PoolView) -> None:
        """Redraw; nothing happens where there is no terminal."""
        if self._console.is_terminal:
            self._live.update(_screen(view))


def _screen(view: PoolView) -> Group:
    height = "?" if view.height is None else view.height
    head = Text(
        f"mining block {height} at network difficulty {difficulty_text(view.network_difficulty)}, "
        f"{hashrate_text(view.hashrates[0])}, {view.blocks_accepted} blocks accepted",
        style="bold",
    )
    trouble = Text(printable(view.trouble), style="red")
    return Group(head, "", _miners(view.miners), "", _blocks(view.blocks), trouble)


def _table(columns: str, gives_way: str) -> Table:
    """Without lines, so that it fits on 80 columns; where that is too few, one column gives way."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="cyan")
    for name in columns.split(", "):
        table.add_column(name, no_wrap=name != gives_way)
    return table


def _miners(miners: tuple[MinerView, ...]) -> Table:
    table = _table("miner, kind, hash rate, difficulty, accepted, refused, best, last", gives_way="miner")
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
            hashrate_text(figures.hashrates[0]),
            difficulty_text(channel.difficulty),
            str(figures.accepted),
            str(sum(figures.refused.values())),
            difficulty_text(figures.best_difficulty),
            ago,
        )
    )


def _blocks(blocks: tuple[Candidate, ...]) -> Table:
    """The newest first: a low terminal cuts off the end."""
    table = _table("block, found by, stage, hash", gives_way="hash")
    for block in blocks[: -BLOCKS_SHOWN - 1 : -1]:
        found = block.found
        reasons = ", ".join(outcome.reason for outcome in block.outcomes if outcome.reason)
        stage = printable(f"{block.stage.value} {reasons}".strip())
        table.add_row(
            str(found.height), Text(printable(found.user)), Text(stage), to_display(found.block_hash)
        )
    return table
