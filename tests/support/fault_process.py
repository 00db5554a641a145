"""Found blocks looked after in a process of its own, which kills itself at a chosen step: `python -m`, with a plan as JSON.

It is put together from Sluice's own parts: the machine, the record, the adapter of a real node. What is wrapped here
are the record and the node's routes, and time may pass faster. It ends with 0 when every block is settled, with 3
when `seconds` have passed, and with SIGKILL at its step.
"""

import asyncio
import json
import os
import resource
import selectors
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import cast

from sluice.ledger.block_record import BlockRecord, stem_of
from sluice.node.bitcoind.bitcoind import Bitcoind, BitcoindSettings
from sluice.node.bitcoind.rpc import Access
from sluice.pool.events import Happening
from sluice.pool.history import Moved, Noted
from sluice.pool.ports import FoundBlock, Node, Outcome, Route, Sight
from support.block_owner import BlockOwner
from support.found import whole

#: Where the process may end, in the order in which a block comes by.
STEPS = ("written", "synced", "leaving", "answered", "noted", "seen", "ended", "set aside")
#: Before these, a block is nowhere but in the process: the window.
WINDOW = ("found", "half written")
SETTLED, TOO_LATE = 0, 3


@dataclass(frozen=True)
class FaultPlan:
    """What a process is to do; `speed` is how many seconds pass in one, `full` for how many of them the disk is."""

    directory: str
    url: str
    cookie: str
    block: str = ""
    height: int = 0
    kill: str = ""
    delay: float = 0.0
    speed: float = 1.0
    seconds: float = 60.0
    full: float = 0.0


class Reaper:
    """Ends the process at its step."""

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan

    def passes(self, step: str) -> None:
        if step == self.plan.kill:
            time.sleep(self.plan.delay)
            os.kill(os.getpid(), signal.SIGKILL)


class KilledRecord(BlockRecord):
    """The record; the process may end at each of its steps."""

    __slots__ = ("reaper",)
    reaper: Reaper

    def __init__(self, directory: Path, reaper: Reaper) -> None:
        super().__init__(directory)
        object.__setattr__(self, "reaper", reaper)

    def write(self, found: FoundBlock) -> None:
        self.reaper.passes("found")
        if self.reaper.plan.kill == "half written":
            self.directory.mkdir(parents=True, exist_ok=True)
            (self.directory / f"{stem_of(found)}.unfinished").write_text(found.raw.hex()[:100])
            self.reaper.passes("half written")
        super().write(found)
        self.reaper.passes("written")

    def sync(self, found: FoundBlock) -> None:
        super().sync(found)
        self.reaper.passes("synced")

    def note(self, found: FoundBlock, noted: Noted) -> None:
        super().note(found, noted)
        ended = isinstance(noted.what, Moved) and noted.what.stage.settled
        self.reaper.passes("ended" if ended else "noted")

    def settle(self, found: FoundBlock) -> None:
        if self.reaper.plan.kill == "set aside":
            self.settled.mkdir(exist_ok=True)
            with suppress(FileNotFoundError):  # it is there since it was killed here before
                (self.directory / f"{stem_of(found)}.hex").replace(self.settled / f"{stem_of(found)}.hex")
            self.reaper.passes("set aside")
        super().settle(found)


class KilledNode:
    """A node; the process may end before and after each call."""

    def __init__(self, node: Bitcoind, reaper: Reaper) -> None:
        self.name = node.name
        self._node = node
        self._reaper = reaper

    @property
    def routes(self) -> Sequence[Route]:
        (route,) = self._node.routes
        return (Route(route.node, route.name, self._submit),)

    async def _submit(self, found: FoundBlock) -> Outcome:
        self._reaper.passes("leaving")
        outcome = await self._node.routes[0].submit(found)
        self._reaper.passes("answered")
        return outcome

    async def look(self, height: int) -> Sight | None:
        sight = await self._node.look(height)
        if sight is not None and sight.block_hash is not None:
            self._reaper.passes("seen")
        return sight


class FastSelector(selectors.DefaultSelector):
    """Waits `speed` times shorter than it is asked to."""

    speed = 1.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(timeout if timeout is None else timeout / self.speed)


class FastLoop(asyncio.SelectorEventLoop):
    """A loop for which time passes `speed` times faster."""

    def __init__(self, speed: float) -> None:
        selector = FastSelector()
        selector.speed = self.speed = speed
        super().__init__(selector)

    def time(self) -> float:
        return super().time() * self.speed


async def look_after(plan: FaultPlan, block: FoundBlock | None) -> int:
    """Until every block is settled, or it is too late."""
    loop = asyncio.get_running_loop()
    reaper = Reaper(plan)
    record = KilledRecord(Path(plan.directory) / "blocks", reaper)
    access = Access(plan.url, cookie_file=Path(plan.cookie))
    node = Bitcoind(BitcoindSettings(access), lambda trouble: None)
    # Nobody asks it for templates.
    nodes = (cast("Node", KilledNode(node, reaper)),)
    owner = BlockOwner(nodes, record, tell, loop.time)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    if plan.full:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
        loop.call_later(plan.full, resource.setrlimit, resource.RLIMIT_FSIZE, limits)
    if block is not None:
        owner.take(block)
    end = loop.time() + plan.seconds
    async with asyncio.TaskGroup() as group:
        running = group.create_task(owner.run())
        while loop.time() < end and (record.unsettled() or not record.all()):
            await asyncio.sleep(0.1 * plan.speed)
            owner.look_again()
        running.cancel()
    await node.close()
    return TOO_LATE if record.unsettled() or not record.all() else SETTLED


def tell(event: Happening) -> None:
    """For whoever looks why a run went wrong; a full disk takes nothing of it."""
    line = json.dumps({"event": type(event).__name__} | asdict(event))
    with suppress(OSError):
        os.write(sys.stdout.fileno(), f"{line}\n".encode())


def main(text: str) -> int:
    plan = FaultPlan(**json.loads(text))
    block = whole(bytes.fromhex(Path(plan.block).read_text()), plan.height) if plan.block else None
    with asyncio.Runner(loop_factory=lambda: FastLoop(plan.speed)) as runner:
        return runner.run(look_after(plan, block))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
