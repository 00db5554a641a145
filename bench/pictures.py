"""`python -m bench pictures`: what showing 10,000 channels costs the pool's process, and how long its loop is held.

Processor time of this thread alone, with a loop beside it that wants its turn all the time: the longest that it waited is
what a share would have waited. A whole picture is for who asks for one; who watches is told what has changed.
"""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from os import urandom
from statistics import median
from time import thread_time

from bench.server import plan, template
from sluice.bitcoin.target import MAX_TARGET, target_to_wire
from sluice.pool.inputs import Connected, Input, Offered, Said, Wire
from sluice.pool.miner import Miner
from sluice.pool.pool import Pool
from sluice.pool.state import PoolState
from sluice.server.clock import steady, unix_time
from sluice.server.limits import Limits
from sluice.server.loop import Owner
from sluice.server.pictures import Facts, Pictures, Taken
from sluice.sv2.messages.common import SetupConnection
from sluice.sv2.messages.mining import OpenExtendedMiningChannel, SubmitSharesExtended
from sluice.work.channel import Channel

CHANNELS = 10_000
#: Of them with a share between two pictures that are 2 seconds apart, at 6 shares a minute each.
CHANGED = 1_813
ROUNDS = 5

Mining = tuple[Miner, Channel]


class Crowded:
    """A pool with its miners, without sockets. Mutable."""

    def __init__(self, connections: int) -> None:
        its = plan()
        patience = replace(its.policy.patience, refusals_per_minute=10**9)
        policy = replace(its.policy, patience=patience)
        self.pool = Pool(PoolState(policy, its.payout, its.network, unix_time()))
        self.owner = Owner(self.pool, Limits(), lambda event: None, lambda effect: None)
        self._sequence = count(1).__next__
        self._feed(Offered(template(1, urandom(32))))
        numbers = iter(range(CHANNELS))
        for peer in range(1, connections + 1):
            self._feed(Connected(peer, f"192.0.2.1:{peer}", Wire.SV2))
            self._feed(Said(peer, SetupConnection(0, 2, 2, 0, "h", 1, "bitaxe", "BM1370", "v2.9", "")))
            for _ in range(CHANNELS // connections):
                number = next(numbers)
                name = f"a-name-as-long-as-an-address-has-{number % 500:010}.rig{number}"
                self._feed(
                    Said(peer, OpenExtendedMiningChannel(number, name, 1.0, target_to_wire(MAX_TARGET), 4))
                )
        self.all = list(self._mining())

    def _mining(self) -> Iterator[Mining]:
        return (
            (miner, each) for miner in self.pool.state.miners.values() for each in miner.channels.values()
        )

    def _feed(self, happened: Input) -> None:
        for _ in self.pool.react(happened, steady()):
            pass

    def share(self, those: list[Mining]) -> None:
        """One good share of each."""
        job = self.pool.state.book.current
        assert job is not None
        for miner, channel in those:
            number = self._sequence()
            job_id = next(reversed(channel.jobs))
            share = SubmitSharesExtended(
                channel.channel_id, number, job_id, number, job.template.ntime, 0x20000000, urandom(12)
            )
            self._feed(Said(miner.peer, share))
        assert sum(miner.refused for miner in self.pool.state.miners.values()) == 0


async def taken(pictures: Pictures, owner: Owner, since: int) -> tuple[Taken, float]:
    """A picture, and the longest that somebody beside it waited, in seconds."""
    longest, over = 0.0, False

    async def wait() -> None:
        nonlocal longest
        before = thread_time()
        while not over:
            await asyncio.sleep(0)
            now = thread_time()
            longest, before = max(longest, now - before), now

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0)
    picture = await pictures.take(owner, since)
    over = True
    await waiting
    return picture, longest


async def costs(connections: int) -> tuple[list[tuple[Taken, float]], list[tuple[Taken, float]]]:
    """Whole pictures, and those of what has changed since."""
    crowded, pictures = Crowded(connections), Pictures(Facts(), lambda: ())
    crowded.share(crowded.all)
    whole, changed = [], []
    for _ in range(ROUNDS):
        whole.append(await taken(pictures, crowded.owner, 0))
        crowded.share(random.sample(crowded.all, CHANGED))
        changed.append(await taken(pictures, crowded.owner, whole[-1][0].number))
    return whole, changed


def row(what: str, pictures: list[tuple[Taken, float]]) -> str:
    """One line of the table: medians, and the longest wait of all."""
    cost = median(picture.seconds for picture, _ in pictures)
    size = median(sum(map(len, picture.lines)) for picture, _ in pictures)
    longest = max(wait for _, wait in pictures)
    return f"| {what} | {cost * 1e3:.0f} ms | {longest * 1e3:.1f} ms | {size / 1e6:.2f} MB |"


def main() -> int:
    """Print the table."""
    print(f"| {CHANNELS:,} channels on | processor | longest wait | size |\n|---|---|---|---|")
    for connections in (CHANNELS, 10):
        whole, changed = asyncio.run(costs(connections))
        print(row(f"{connections:,} connections: all of them", whole), flush=True)
        print(row(f"  {CHANGED:,} that had a share since", changed), flush=True)
    return 0
