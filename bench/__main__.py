"""`make bench`: what a share, a block, a handshake and a connection cost the server.

`make bench ARGS=web_load` (or `pictures`) measures what else there is a module for.

All figures are the server's own CPU time and memory, so that the load generator does not matter. Read ratios
from run to run on one machine; absolute figures are this machine's.
"""

import asyncio
import resource
import sys
from dataclasses import dataclass
from importlib import import_module
from statistics import median

from bench import record
from bench.load import connect, disconnect
from bench.servers import a_server
from sluice.app import run

#: Rounds of which the median counts.
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number beside what it should be."""

    what: str
    value: float
    unit: str
    limit: str

    def row(self) -> str:
        return f"| {self.what} | {self.value:.4g} {self.unit} | {self.limit} |"


async def shares(
    connections: int, extended: bool, burst: int, total: int, module: str = "bench.server"
) -> float:
    """Microseconds of CPU per accepted share."""
    async with a_server(module) as server:
        miners = await connect(server.port, connections, extended)
        each = max(total // connections // burst, 2) * burst
        for miner in miners:
            miner.prepare(each, burst)
        before = await server.ask("usage")
        await asyncio.gather(*(miner.begin() for miner in miners))
        after = await server.ask("usage")
        accepted = after["accepted"] - before["accepted"]
        if accepted != each * connections or after["refused"]:
            raise SystemExit(
                f"{accepted} of {each * connections} shares accepted, {after['refused']} refused"
            )
        disconnect(miners)
        return (after["cpu"] - before["cpu"]) / accepted * 1e6


async def blocks(connections: int, command: str, figure: str, rounds: int = 7) -> float:
    """Microseconds of CPU per connection, until all is sent or (told) the small message is; the median."""
    async with a_server() as server:
        miners = await connect(server.port, connections, extended=True)
        costs = []
        for _ in range(rounds):
            answer = await server.ask(command)
            costs.append(answer[figure] / answer["connections"] * 1e6)
            await asyncio.sleep(0.5)
        disconnect(miners)
        return sorted(costs)[rounds // 2]


async def memory(connections: int) -> float:
    """KiB resident per idle connection with one open channel."""
    async with a_server() as server:
        first = await connect(server.port, 200, extended=True)
        before = await server.ask("usage")
        miners = await connect(server.port, connections, extended=True)
        after = await server.ask("usage")
        disconnect(first + miners)
        return (after["rss"] - before["rss"]) / connections / 1024


async def handshakes(count: int) -> float:
    """Handshakes per second of CPU, the socket's opening and closing included."""
    async with a_server() as server:
        disconnect(await connect(server.port, 50, whole=False))
        before = await server.ask("usage")
        miners = await connect(server.port, count, whole=False)
        after = await server.ask("usage")
        disconnect(miners)
        return count / (after["cpu"] - before["cpu"])


async def share_costs() -> dict[str, float]:
    """Medians of several rounds, all kinds in each round, so that a noisy minute hits all alike."""
    rounds = [
        {
            "bare": await shares(1000, extended=False, burst=1, total=60_000, module="bench.bare"),
            "standard": await shares(1000, extended=False, burst=1, total=60_000),
            "extended": await shares(1000, extended=True, burst=1, total=40_000),
            "few": await shares(50, extended=False, burst=10, total=100_000),
            "many": await shares(5000, extended=False, burst=10, total=100_000),
        }
        for _ in range(ROUNDS)
    ]
    return {kind: median(costs[kind] for costs in rounds) for kind in rounds[0]}


async def measure() -> list[Figure]:
    """All of it, one after the other."""
    cost = await share_costs()
    return [
        Figure("the same sockets, ciphers, frames and answers without a pool", cost["bare"], "µs", ""),
        Figure("standard share, 1,000 connections, each answered by itself", cost["standard"], "µs", "≤ 25"),
        Figure("  against the same without a pool", cost["standard"] / cost["bare"], "times", ""),
        Figure("extended share, 12-deep path, each answered by itself", cost["extended"], "µs", "≤ 45"),
        Figure("standard share, 50 connections, ten at a time", cost["few"], "µs", "≤ 25"),
        Figure("standard share, 5,000 connections, ten at a time", cost["many"], "µs", "≤ 25"),
        Figure("  5,000 connections against 50", cost["many"] / cost["few"], "times", "≤ 1.15"),
        Figure("block change to 5,000 connections, each", await blocks(5000, "block", "told"), "µs", "≤ 20"),
        Figure("  with the full job and the next future job", await blocks(5000, "block", "cpu"), "µs", ""),
        Figure("new template to 5,000 connections, each", await blocks(5000, "refresh", "cpu"), "µs", ""),
        Figure("idle connection with an open channel", await memory(5000), "KiB", "≤ 16"),
        Figure("handshakes per second and core", await handshakes(3000), "", "≥ 2,500"),
    ]


async def main() -> int:
    """Print the table."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if sys.argv[1:2] == ["record"]:
        return await record.main(*map(int, sys.argv[2:]))
    print("| what | measured | should be |\n|---|---|---|")
    for figure in await measure():
        print(figure.row(), flush=True)
    return 0


if __name__ == "__main__":
    _named = sys.argv[1:]
    sys.exit(import_module(f"bench.{_named[0]}").main() if _named else run(main()))
