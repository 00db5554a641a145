"""The other end: pictures are put together, and a pool that goes away comes back into sight."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from msgspec import json

from sluice.control import client
from sluice.control.client import (
    Assembly,
    NobodyThere,
    Parted,
    Picture,
    Watcher,
    ask,
    command,
    look,
    look_now,
)
from sluice.control.place import NAME
from sluice.control.words import (
    ChannelView,
    Done,
    Drain,
    Figures,
    Happened,
    Line,
    MinerPictures,
    MinerView,
    PictureEnd,
    PoolPicture,
    Unban,
)
from sluice.pool.inputs import Troubled
from sluice.pool.ports import Trouble
from support.control import hosting


def part(peer: int, channel_id: int, accepted: int) -> MinerView:
    figures = Figures(accepted)
    channel = ChannelView(channel_id, "standard", "alice", 1.0, figures)
    return MinerView(peer, "192.0.2.1:1", "", "", "", 1.0, 0.0, figures, (channel,))


def test_parts_of_a_connection_are_put_together() -> None:
    assembly, pool = Assembly(), PoolPicture(1.0, 0.0)
    assert assembly.take(pool) is None
    assert assembly.take(MinerPictures((part(1, 2, 3), part(2, 2, 1)))) is None
    assert assembly.take(MinerPictures((part(1, 3, 4),))) is None
    picture = assembly.take(PictureEnd())
    assert picture is not None
    assert picture.pool is pool
    assert [(miner.peer, miner.figures.accepted) for miner in picture.miners] == [(1, 7), (2, 1)]
    assert [channel.channel_id for channel in picture.miners[0].channels] == [2, 3]
    assert assembly.take(PictureEnd()) is None


def test_a_pool_is_looked_at_and_commanded_with_and_without_a_loop(tmp_path: Path) -> None:
    async def main() -> None:
        async with hosting(tmp_path) as (running, _):
            path = tmp_path / NAME
            picture = await look(path)
            assert (picture.pool.network, picture.miners) == ("regtest", ())
            assert (await asyncio.to_thread(look_now, path)).pool.url == picture.pool.url
            assert isinstance(await command(path, Drain()), Done)
            assert isinstance(await asyncio.to_thread(ask, path, Drain()), Done)
            assert running.running.owner.pool.state.draining

    asyncio.run(main())


def test_where_no_pool_is_the_way_out_is_named(tmp_path: Path) -> None:
    path = tmp_path / NAME
    for asked in (look(path), command(path, Unban("x"))):
        with pytest.raises(NobodyThere, match="start one with `sluice run`"):
            asyncio.run(asked)
    with pytest.raises(NobodyThere, match=str(tmp_path)):
        look_now(path)
    with pytest.raises(NobodyThere):
        ask(path, Drain())


@asynccontextmanager
async def answering(path: Path, *lines: bytes) -> AsyncIterator[None]:
    """Somebody at the socket who says this to whatever is asked, and leaves."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.writelines(lines)
        writer.close()

    server = await asyncio.start_unix_server(serve, path)
    try:
        yield
    finally:
        server.close()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"nonsense\n", "does not speak as this version"),
        (b'{"type":"Shout"}\n', "does not speak as this version"),
        (b'{"type":"Refused","words":"not you"}\n', "not you"),
        (b"", "has ended"),
        (b'{"type":"PoolPicture","at":1,"started_at":0}\n', "has ended"),
    ],
)
def test_who_speaks_nonsense_is_nobody(tmp_path: Path, line: bytes, words: str) -> None:
    path = tmp_path / NAME

    async def main() -> None:
        async with answering(path, line):
            with pytest.raises(NobodyThere, match=words):
                await look(path)
            with pytest.raises(NobodyThere, match=words):
                await asyncio.to_thread(look_now, path)

    asyncio.run(main())


def test_who_is_silent_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / NAME

    async def main() -> None:
        met: list[asyncio.StreamWriter] = []
        server = await asyncio.start_unix_server(lambda reader, writer: met.append(writer), path)
        with pytest.raises(NobodyThere, match="does not answer in time"):
            await look(path, seconds=0.05)
        with pytest.raises(NobodyThere, match="does not answer in time"):
            await asyncio.to_thread(look_now, path, 0.05)
        server.close()
        for writer in met:
            writer.close()

    asyncio.run(main())


def test_a_watcher_sees_pictures_and_happenings_and_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "AGAIN", 0.01)
    path = tmp_path / NAME

    async def main() -> None:
        watcher = Watcher(path, 0.1)
        assert watcher.trouble
        async with aclosing(watcher.news()) as news:
            parted = await anext(news)
            assert isinstance(parted, Parted)
            assert "start one" in parted.words
            for run in range(2):
                async with hosting(tmp_path) as (running, _):
                    seen = [await anext(news)]
                    while not isinstance(seen[-1], Picture):
                        seen.append(await anext(news))
                    names = [each.name for each in seen if isinstance(each, Happened)]
                    assert names.count("TipChanged") == 1, run
                    assert watcher.picture is seen[-1]
                    assert watcher.trouble == ""
                    running.running.owner.feed(Troubled(Trouble("core", "it fell over")))
                    told = await anext(news)
                    while isinstance(told, Picture):
                        told = await anext(news)
                    assert isinstance(told, Happened)
                    assert told.facts == {"node": "core", "reason": "it fell over"}
                left = await anext(news)
                while not isinstance(left, Parted):
                    left = await anext(news)
                assert watcher.picture is not None

    asyncio.run(asyncio.wait_for(main(), 20))


def test_what_was_heard_is_not_told_again_after_a_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "AGAIN", 0.01)

    async def main() -> None:
        async with hosting(tmp_path) as (running, _):
            watcher = Watcher(tmp_path / NAME, 0.1)
            heard: list[str] = []

            async def until_a_picture() -> None:
                async with aclosing(watcher.news()) as news:
                    async for each in news:
                        if isinstance(each, Happened):
                            heard.append(each.name)
                        if isinstance(each, Picture):
                            return

            await until_a_picture()
            running.running.owner.feed(Troubled(Trouble("core", "again")))
            await until_a_picture()
            assert heard.count("TipChanged") == 1
            assert heard.count("NodeTroubled") == 1

    asyncio.run(asyncio.wait_for(main(), 20))


def test_lines_are_json() -> None:
    line: Line = Drain()
    assert json.decode(json.encode(line)) == {"type": "Drain", "off": False}
