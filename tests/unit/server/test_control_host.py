"""The control socket of a pool that runs: pictures, happenings, commands, and what hostile lines come to."""

import asyncio
import logging
import stat
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec import json

from sluice.control.client import command
from sluice.control.place import NAME
from sluice.control.words import Ban, Done, Happened, PoolPicture, Refused, SetDifficulty, Unban
from sluice.pool.events import BlockAnswered, Happening, PeerConnected
from sluice.pool.orders import Orders
from sluice.server import control_host
from sluice.server.clock import unix_time
from sluice.server.control_host import ControlHost, happened
from sluice.server.orders_file import OrdersFile
from sluice.server.pictures import Pictures, Taken
from support.control import FACTS, hosting, picture_of, said, say
from support.serving import Live, Puppet, live, until

LOOK = b'{"type":"Look"}\n'


def test_a_picture_of_an_idle_pool_says_so(tmp_path: Path) -> None:
    async def main() -> None:
        async with hosting(tmp_path) as (running, _):
            await until(lambda: running.running.owner.pool.state.book.tip is not None)
            pool = (await picture_of(tmp_path)).pool
            assert pool.trouble == "no miner is connected: give one the URL of this pool"
            assert (pool.version, pool.network, pool.key_temporary) == ("1.2.3", "regtest", True)
            assert pool.url.startswith("stratum2+tcp://")
            assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600
        assert not (tmp_path / NAME).exists()

    asyncio.run(main())


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"nonsense\n",
        b"[]\n",
        b"{}\n",
        b'{"type":"Shout"}\n',
        b'{"type":"Ban","what":7}\n',
        b'{"type":"Watch","seconds":"often"}\n',
        b"\xff\xfe\n",
        b"[" * 60_000 + b"\n",
        b'{"type":"Ban","what":"\\ud800"}\n',
    ],
)
def test_what_is_no_request_gets_a_word_and_the_next_one_is_answered(tmp_path: Path, line: bytes) -> None:
    async def main() -> None:
        async with hosting(tmp_path):
            first, second, *_ = (await say(tmp_path / NAME, line, LOOK)).splitlines()
            assert json.decode(first, type=Refused).words.startswith("that is no request")
            assert json.decode(second)["type"] == "PoolPicture"

    asyncio.run(main())


def test_a_line_without_end_gets_a_word_and_no_memory(tmp_path: Path) -> None:
    async def main() -> None:
        async with hosting(tmp_path):
            answer = await say(tmp_path / NAME, b"x" * 200_000)
            assert b"65536 bytes at most" in answer
            assert (await picture_of(tmp_path)).pool.height

    asyncio.run(main())


def test_who_says_nothing_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_host, "LINE_SECONDS", 0.05)

    async def main() -> None:
        async with hosting(tmp_path):
            reader, writer = await asyncio.open_unix_connection(tmp_path / NAME)
            assert await reader.read() == b""
            writer.close()

    asyncio.run(main())


def test_too_many_connections_get_a_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_host, "MOST_CONNECTIONS", 2)

    async def main() -> None:
        async with hosting(tmp_path):
            path = tmp_path / NAME
            held = [await asyncio.open_unix_connection(path) for _ in range(2)]
            for _, writer in held:
                writer.write(LOOK)
            for reader, _ in held:
                await reader.readline()
            reader, writer = await asyncio.open_unix_connection(path)
            assert b"2 others are connected" in await reader.read()
            writer.close()
            for _, other in held:
                other.close()
            await asyncio.sleep(0.05)
            assert b"PoolPicture" in await say(path, LOOK)

    asyncio.run(main())


def test_one_who_watches_hears_what_was_told_before_and_what_is_told_now(tmp_path: Path) -> None:
    async def main() -> None:
        async with hosting(tmp_path) as (running, host):
            host.told(PeerConnected(1, "192.0.2.1:1"))  # only for the debugger
            reader, writer = await asyncio.open_unix_connection(tmp_path / NAME, limit=2**20)
            writer.write(b'{"type":"Watch","seconds":0.1}\n')
            seen = [json.decode(await reader.readline())["type"] for _ in range(8)]
            assert seen[0] == "Watching"
            assert seen.count("PoolPicture") >= 2
            assert seen.count("Happened") == len(host._kept)
            host.told(BlockAnswered(7, "aa", "core", "rpc", "accepted", "", 3))
            line = await reader.readline()
            while b'"BlockAnswered"' not in line:
                line = await reader.readline()
            told = json.decode(line, type=Happened)
            assert (told.words, told.facts["milliseconds"]) == ("block answered", 3)
            writer.write(b"anything\n")
            writer.close()
            await until(lambda: not host._readers)
            assert running.told

    asyncio.run(main())


def test_one_who_does_not_read_is_let_go_and_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sluice.server.watch.STALL_SECONDS", 0.2)

    async def main() -> None:
        async with hosting(tmp_path) as (_, host):
            path = tmp_path / NAME
            reader, writer = await asyncio.open_unix_connection(path, limit=4_096)
            writer.write(b'{"type":"Watch","seconds":0.1}\n')
            await until(lambda: len(host._readers) == 1)
            for _ in range(2_000):
                host.told(BlockAnswered(7, "a" * 400, "core", "rpc", "accepted", "", 3))
            assert b"PoolPicture" in await say(path, LOOK)
            await until(lambda: not host._readers)
            writer.transport.abort()
            assert reader is not None

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "does not read, and is let go: nothing was read for 0.2 seconds" in caplog.text


class Slow(Pictures):
    """Pictures that say that they were expensive."""

    taken = 0

    async def take(self, owner: object, since: int = 0) -> Taken:
        self.taken += 1
        return Taken(self.taken, 0, (b'{"type":"PictureEnd"}\n',), 1.0)


def test_what_pictures_cost_says_how_often_they_are_made(tmp_path: Path) -> None:
    async def main() -> None:
        pictures = Slow(FACTS, lambda: ())
        host = ControlHost(tmp_path / NAME, pictures)
        async with live(Puppet(), companions=(host,)):
            await until((tmp_path / NAME).exists)
            for _ in range(3):  # one second of work is paid for with nineteen of rest
                assert b"PictureEnd" in await say(tmp_path / NAME, LOOK)
            assert pictures.taken == 1

    asyncio.run(main())


def test_where_there_can_be_no_socket_that_is_told_and_the_pool_lives(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / NAME).write_text("mine")

    async def main() -> None:
        host = ControlHost(tmp_path / NAME, Pictures(FACTS, lambda: ()))
        async with live(Puppet(), companions=(host,)) as running:
            await until(lambda: "cannot be had" in caplog.text)
            assert isinstance(running, Live)

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "move it away" in caplog.text


@dataclass(frozen=True, slots=True)
class Odd(Happening):
    """With all that a field can be."""

    text: str
    several: tuple[object, ...]
    other: object


def test_a_socket_that_another_run_still_has_is_ours_when_that_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(control_host, "SOCKET_AGAIN", 0.02)

    async def scenario() -> None:
        later = ControlHost(tmp_path / NAME, Pictures(FACTS, lambda: ()))
        async with AsyncExitStack() as earlier:
            await earlier.enter_async_context(hosting(tmp_path))
            async with live(Puppet(), companions=(later,)):
                await until(lambda: "another Sluice runs" in caplog.text)
                await asyncio.sleep(0.1)
                assert caplog.text.count("cannot be had") == 1
                await earlier.aclose()
                await until((tmp_path / NAME).exists)
                assert (await picture_of(tmp_path)).pool.started_at == later.pictures.started_at

    asyncio.run(scenario())


def test_every_field_can_be_written() -> None:
    line = happened(Odd("a\udcffb", (1, "x", b"y"), Path("/p")), 9)
    assert (line.number, line.name, line.words, line.level) == (9, "Odd", "odd", "info")
    assert json.decode(json.encode(line))["facts"] == {
        "text": "a\\xffb",
        "several": [1, "x", "b'y'"],
        "other": "/p",
    }


def test_the_first_line_of_a_picture_is_the_pool(tmp_path: Path) -> None:
    async def main() -> None:
        async with hosting(tmp_path):
            first = (await asyncio.to_thread(said, tmp_path / NAME, LOOK)).splitlines()[0]
            assert json.decode(first, type=PoolPicture).started_at > 0

    asyncio.run(main())


def test_orders_hold_over_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "orders.json"

    async def run(first: bool) -> None:
        orders = Orders()
        assert OrdersFile(file).load(orders, unix_time()) == []
        host = ControlHost(tmp_path / NAME, Pictures(FACTS, lambda: ()), OrdersFile(file))
        async with live(Puppet(), companions=(host,), orders=orders):
            await until((tmp_path / NAME).exists)
            if first:
                assert isinstance(await command(tmp_path / NAME, SetDifficulty("alice", 8.0)), Done)
                assert isinstance(await command(tmp_path / NAME, Ban("192.0.2.0/24")), Done)
            pool = (await picture_of(tmp_path)).pool
            assert [(ban.what, ban.until) for ban in pool.bans] == [("192.0.2.0/24", None)]
            assert [(fixed.name, fixed.difficulty) for fixed in pool.fixed] == [("alice", 8.0)]

    asyncio.run(run(first=True))
    asyncio.run(run(first=False))


def test_an_order_that_cannot_be_kept_holds_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "orders.json").write_text("nonsense")

    async def main() -> None:
        file = OrdersFile(tmp_path / "orders.json")
        assert file.load(Orders(), unix_time())
        host = ControlHost(tmp_path / NAME, Pictures(FACTS, lambda: ()), file)
        async with live(Puppet(), companions=(host,)) as running:
            await until((tmp_path / NAME).exists)
            answer = await command(tmp_path / NAME, Ban("alice"))
            assert isinstance(answer, Done)
            assert "until this process ends: it cannot be kept" in answer.words
            assert running.running.owner.pool.state.orders.bans == {"alice": None}

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    assert "is forgotten when this process ends" in caplog.text


def test_a_refused_command_says_why(tmp_path: Path) -> None:
    async def main() -> None:
        async with hosting(tmp_path):
            answer = await command(tmp_path / NAME, Unban("nobody"))
            assert answer == Refused("nobody is not banned: `sluice bans` lists who is")

    asyncio.run(main())
