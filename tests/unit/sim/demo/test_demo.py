"""The demo in this process; its miners are processes as anybody starts them."""

import asyncio
import io
import os
import re
import signal
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from sluice.node.embedded.chain import ChainPlan
from sluice.node.embedded.embedded import Embedded
from sluice.noise.authority import PoolUrl
from sluice.pool.policy import Policy
from sluice.server.limits import Limits
from sluice.server.listener import ListenError
from sluice.sim.demo import demo as demo_module
from sluice.sim.demo.demo import DemoPlan, demo
from sluice.sim.demo.view import DemoView
from sluice.work.vardiff import VardiffPolicy
from support.noise import AUTHORITY
from support.serving import plan, run_on, until

MINER = b"sluice.cli\0mine\0"


def demo_plan(miners: int, blocks: int | None, host: str = "127.0.0.1") -> DemoPlan:
    """A demo on a chain whose first blocks take a fraction of a second."""
    node = Embedded(ChainPlan(hashrate=2_000), time.time)
    policy = Policy(VardiffPolicy(shares_per_minute=60))
    server = plan(node, policy=policy, host=host, limits=Limits(drain_seconds=0.5))
    return DemoPlan(server, AUTHORITY, miners, blocks)


def children() -> dict[int, bytes]:
    """The command lines of the miners that this process has started, by pid."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            pid, parent = int(status.parent.name), int(status.read_text().rpartition(")")[2].split()[1])
            command = (status.parent / "cmdline").read_bytes()
            if parent == os.getpid() and MINER in command:
                found[pid] = command
    return found


@dataclass
class Show:
    """A demo, what it announced, and what it showed."""

    urls: list[PoolUrl] = field(default_factory=list)
    shown: io.StringIO = field(default_factory=io.StringIO)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, given: DemoPlan) -> int:
        with DemoView(self.shown) as view:
            return await demo(given, view, self.urls.append, self.stop)


def test_it_ends_after_so_many_blocks_and_leaves_no_miner() -> None:
    async def scenario() -> tuple[Show, int]:
        show = Show()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(show.run(demo_plan(miners=2, blocks=2)))
            await show.stop.wait()
            shown = show.shown.getvalue().count(" found by ")
        assert running.result() >= 2
        return show, shown

    show, shown = run_on("uvloop", scenario())
    assert shown == 2
    assert children() == {}
    (url,) = show.urls
    assert url.authority_key == AUTHORITY
    assert (
        len(re.findall(r"^block \d+ found by demo\.[12]: [0-9a-f]{64}$", show.shown.getvalue(), re.MULTILINE))
        >= 2
    )


def test_its_miners_are_what_anybody_could_start() -> None:
    async def scenario() -> list[list[bytes]]:
        show = Show()
        async with asyncio.TaskGroup() as group:
            group.create_task(show.run(demo_plan(miners=2, blocks=None)))
            await until(lambda: len(children()) == 2)
            commands = [command.rstrip(b"\0").split(b"\0")[3:] for command in children().values()]
            show.stop.set()
        assert all(command[1] == str(show.urls[0]).encode() for command in commands)
        return sorted(command[2:] for command in commands)

    assert run_on("asyncio", scenario()) == [
        [b"--user", b"demo.1", b"--extended", b"--threads", b"1", b"--until-eof"],
        [b"--user", b"demo.2", b"--standard", b"--threads", b"1", b"--until-eof"],
    ]
    assert children() == {}


def test_a_miner_that_ends_by_itself_is_missed_and_the_last_ends_the_demo() -> None:
    async def scenario() -> tuple[int, str]:
        show = Show()
        async with asyncio.TaskGroup() as group:
            running = group.create_task(show.run(demo_plan(miners=2, blocks=10**9)))
            await until(lambda: len(children()) == 2)
            first, second = children()
            os.kill(first, signal.SIGKILL)
            await until(lambda: "ended by itself" in show.shown.getvalue())
            assert not running.done()
            os.kill(second, signal.SIGKILL)
        return running.result(), show.shown.getvalue()

    accepted, shown = run_on("asyncio", scenario())
    assert accepted < 10**9
    assert shown.count("a miner ended by itself with exit code -9") == 2


def test_a_miner_that_does_not_want_to_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_module, "MINER_PATIENCE", 0.2)

    async def scenario() -> None:
        show = Show()
        async with asyncio.TaskGroup() as group:
            group.create_task(show.run(demo_plan(miners=1, blocks=None)))
            await until(lambda: len(children()) == 1)
            os.kill(next(iter(children())), signal.SIGSTOP)
            show.stop.set()

    run_on("asyncio", scenario())
    assert children() == {}


@pytest.mark.parametrize(("host", "loopback"), [("0.0.0.0", "127.0.0.1"), ("::", "::1")])
def test_whoever_listens_everywhere_is_reached_over_loopback(host: str, loopback: str) -> None:
    if ":" in host and not Path("/proc/net/if_inet6").exists():
        pytest.skip("no IPv6 here")

    async def scenario() -> list[PoolUrl]:
        show = Show()
        async with asyncio.TaskGroup() as group:
            group.create_task(show.run(demo_plan(miners=0, blocks=None, host=host)))
            await until(lambda: bool(show.urls))
            show.stop.set()
        return show.urls

    (url,) = run_on("asyncio", scenario())
    assert url.host == loopback


def test_without_its_address_nothing_is_started() -> None:
    show = Show()
    with pytest.raises(ExceptionGroup) as failed:
        run_on("asyncio", show.run(demo_plan(miners=2, blocks=1, host="192.0.2.1")))
    assert failed.group_contains(ListenError)
    assert show.urls == []
    assert children() == {}
