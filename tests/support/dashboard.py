"""A dashboard as a browser has it: the web process on a scripted pool, a real record with a day in it, real block files.

Rule: the pool's picture says the time that it is, so that ages on the pages are those of the scene.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import sin
from pathlib import Path
from time import monotonic, sleep, time

import httpx
import msgspec

from sluice.bitcoin.hashes import to_display
from sluice.control.words import (
    AnswerPicture,
    BlockPicture,
    MinerView,
    NodePicture,
    PoolPicture,
    TemplatePicture,
)
from sluice.ledger.block_record import BlockRecord
from sluice.ledger.record import Record
from sluice.pool.block_life import Stage, Turn
from sluice.pool.history import Moved, Noted
from sluice.pool.journal import CandidateFound, CandidateMoved, ChannelBegan, Credited, Entry, Refusals
from sluice.pool.overview import together
from sluice.pool.ports import Answer, FoundBlock, Outcome, Start
from sluice.pool.ports import Sight as Seen
from sluice.web.settings import encode
from support.kept import share_hash
from support.pictures import channel, figures, miner, pool
from support.recorded import a_sound_block
from support.scripted_pool import ScriptedPool, scripted_pool
from support.server import PATIENCE
from support.web import settings_in

CHROMIUM = os.environ.get("SLUICE_CHROMIUM") or shutil.which("chromium") or ""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
CACHE = Path(os.environ.get("SLUICE_CACHE", Path.home() / ".cache" / "sluice"))
#: axe-core, as `make browser` lays it.
AXE = CACHE / "axe" / "axe.min.js"

ACCOUNTS = (
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
)
DEVICES = (("Bitaxe", "BM1370"), ("NerdQAxe++", "BM1370 x4"), ("Antminer", "S21"), ("Braiins", "BMM 101"))
RIGS = ("garage", "attic", "cellar", "kitchen", "shed", "office")


@dataclass(frozen=True, slots=True)
class Scene:
    """What a pool shows: its picture, its connections, and where the record and the block files lie."""

    script: ScriptedPool
    database: str
    block: str


def home_miners() -> list[MinerView]:
    """Eighteen workers of three accounts."""
    miners = []
    for number, account in enumerate(ACCOUNTS):
        for place, rig in enumerate(RIGS):
            peer = number * len(RIGS) + place + 1
            rate = (1.1e12, 4.8e12, 195e12, 1.2e12)[place % 4] * (1 + 0.03 * sin(7.0 * peer))
            vendor, hardware = DEVICES[place % 4]
            counted = figures(
                accepted=900 + 37 * peer,
                refused={"stale": place, "duplicate": 1} if place % 3 == 1 else {},
                best_difficulty=rate / 1e5,
                hashrates=(rate * 1.04, rate, rate * 0.98),
                last_share_ago=float(peer % 11),
                late=place,
            )
            opened = msgspec.structs.replace(channel(1, account, rig), figures=counted, difficulty=rate / 7e8)
            miners.append(
                miner(
                    peer,
                    opened,
                    vendor=vendor,
                    hardware_version=hardware,
                    firmware="2.9.1",
                    wire="Stratum V2",
                    figures=counted,
                )
            )
    return miners


def picture(miners: list[MinerView], block: FoundBlock, now: float, **more: object) -> PoolPicture:
    """A pool on the main network with two nodes and one block on its way."""
    given: dict[str, object] = {
        "at": now + 600,  # it is shown once, and is not to grow old meanwhile
        "started_at": now - 3 * 86_400,
        "version": "0.2.0",
        "network": "mainnet",
        "tag": "Hillside",
        "url": "stratum2+tcp://pool.hillside.example:3333/9cXLYuoVq3retkbpRqNz9XFmPbTP7n7R8htLuV9tTxdrzGhBfuW",
        "height": block.height + 3,
        "network_difficulty": 1.46e14,
        "template": TemplatePicture(12.0, block.height + 3, 318_417_211, 5_917_211, 3_214),
        "nodes": (
            NodePicture(
                "cellar",
                "leading",
                "Its template is the one that is mined.",
                for_seconds=86_000.0,
                next_height=block.height + 3,
                prev_hash="0" * 19 + "1a2b3c4d5e6f7" * 3 + "a2b3c4",
                lag=0.0,
                template_age=12.0,
                reward=318_417_211,
                outcomes={"accepted": 1},
                last_outcome="accepted",
            ),
            NodePicture(
                "attic",
                "in step",
                "It is on the tip that is mined on, and its template is next in line.",
                for_seconds=512.0,
                next_height=block.height + 3,
                prev_hash="0" * 19 + "1a2b3c4d5e6f7" * 3 + "a2b3c4",
                lag=0.412,
                template_age=14.0,
                reward=318_401_002,
                outcomes={"duplicate": 1},
                last_outcome="duplicate",
            ),
        ),
        "blocks": (
            BlockPicture(
                block.height,
                to_display(block.block_hash),
                f"{ACCOUNTS[0]}.cellar",
                int(now) - 1_500,
                Stage.IN_CHAIN.value,
                False,
                True,
                True,
                (
                    AnswerPicture("cellar", "submitblock", "accepted", "", 41),
                    AnswerPicture("attic", "submitblock", "duplicate", "", 380),
                ),
            ),
        ),
        "blocks_accepted": 1,
        "payout": ACCOUNTS[0],
        "miners": len(miners),
        "channels": len(miners),
        "connections": len(miners),
        "figures": together([each.figures for each in miners]) if miners else figures(hashrates=(0, 0, 0)),
    }
    return pool(**(given | more))


def a_day(now: int, block: FoundBlock) -> Iterator[list[Entry]]:
    """The last day of the same miners, in shares of ten minutes each."""
    names = [f"{account}.{rig}" for account in ACCOUNTS for rig in RIGS]
    yield [
        ChannelBegan(now - 90_000, number, name, "extended", "", "") for number, name in enumerate(names, 1)
    ]
    for step in range(144, -1, -1):
        at, seconds = now - 600 * step, 600 if step else now % 600
        batch: list[Entry] = []
        for number, name in enumerate(names, 1):
            rate = (1.1e12, 4.8e12, 195e12, 1.2e12)[(number - 1) % len(RIGS) % 4]
            if step > 90 and number > 12:
                continue  # they came in the course of the day
            swing = 1 + 0.12 * sin(step / 9 + number) + 0.05 * sin(step * number)
            work = int(rate * seconds * swing)
            best = share_hash(int(rate / 1e7 * (1 + (step * number * 7919) % 997)))
            batch.append(Credited(number, name, "", 1, 1, best, work, False, at))
        if step % 12 == 0:
            batch.append(Refusals(at, 2, "stale", 2))
        yield batch
    yield [
        CandidateFound(now - 1_500, block.block_hash, block.height, 1, f"{ACCOUNTS[0]}.cellar"),
        CandidateMoved(now - 1_499, block.block_hash, Stage.HELD.value, Turn.HELD.value),
        CandidateMoved(now - 1_480, block.block_hash, Stage.IN_CHAIN.value, Turn.SHOWN.value),
    ]


def keep(directory: Path, block: FoundBlock, now: int) -> str:
    """A record with that day, and the block's files; where the record is."""
    files = BlockRecord(directory / "blocks")
    files.write(block)
    for at, what in (
        (1, Moved(Stage.OFFERED, Turn.RECORDED, None)),
        (1, Outcome("cellar", "submitblock", Answer.ACCEPTED, "", 41)),
        (1, Moved(Stage.HELD, Turn.HELD, None)),
        (2, Outcome("attic", "submitblock", Answer.DUPLICATE, "", 380)),
        (20, Moved(Stage.IN_CHAIN, Turn.SHOWN, Seen("cellar", block.block_hash, block.height))),
    ):
        files.note(block, Noted(now - 1_500 + at, what))
    file = directory / "record.sqlite"
    record = Record(str(file))
    run = record.begin(Start(now - 90_000, "0.2.0", "mainnet", 0, {}))
    for number, batch in enumerate(a_day(now, block), 1):
        record.append(run, number, batch)
    while record.catch_up():
        pass
    record.close()
    return str(file)


def a_scene(directory: Path, miners: list[MinerView] | None = None, **more: object) -> Scene:
    """A whole pool whose data are in `directory`."""
    now = time()
    block = replace(a_sound_block(), found_at=int(now) - 1_500, user=f"{ACCOUNTS[0]}.cellar")
    database = keep(directory, block, int(now))
    those = home_miners() if miners is None else miners
    script = ScriptedPool(picture(those, block, now, **more), those)
    return Scene(script, database, to_display(block.block_hash))


@contextmanager
def dashboard(directory: Path, scene: Scene, **settings: object) -> Iterator[str]:
    """The address of a web process that sees this scene."""
    with showing(directory, scene.script), socket.create_server(("127.0.0.1", 0)) as listening:
        told = settings_in(directory, database=scene.database, **settings)
        told = msgspec.structs.replace(told, descriptor=listening.fileno())
        with subprocess.Popen(
            [sys.executable, "-m", "sluice.web.process"],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[listening.fileno()],
        ) as process:
            assert process.stdin is not None
            assert process.stderr is not None
            process.stdin.write(encode(told))
            process.stdin.flush()
            address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            httpx.get(address, timeout=PATIENCE)
            yield address
            process.stdin.close()
            process.wait(PATIENCE)
            complaints = process.stderr.read().decode()
    assert not complaints, complaints


@contextmanager
def showing(directory: Path, script: ScriptedPool) -> Iterator[None]:
    """A scripted pool beside the test, on a loop of its own."""
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()

    async def main() -> None:
        async with scripted_pool(directory, script):
            ready.set()
            await stop.wait()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(main())

    thread = threading.Thread(target=run)
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(PATIENCE)


def until_so(happened: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until a call says yes."""
    deadline = monotonic() + seconds
    while not happened():
        assert monotonic() < deadline
        sleep(0.05)
