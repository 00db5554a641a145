"""Who watches gets all that happens, the newest picture, and an end if it does not read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sluice.server import watch
from sluice.server.pictures import Taken
from sluice.server.watch import Reader, TooSlow

LINE = b"x" * 1_000 + b"\n"


@asynccontextmanager
async def reading(
    directory: Path, changes: bool = False
) -> AsyncIterator[tuple[Reader, asyncio.StreamReader]]:
    """A reader of ours, and the stream at its other end."""
    met: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()
    path = directory / "s"
    server = await asyncio.start_unix_server(lambda _, writer: met.put_nowait(writer), path)
    theirs, back = await asyncio.open_unix_connection(path, limit=4_096)
    ours = await met.get()
    try:
        yield Reader(ours, 1.0, changes), theirs
    finally:
        ours.transport.abort()
        back.transport.abort()
        server.close()


def test_happenings_come_in_order_and_of_pictures_the_newest(tmp_path: Path) -> None:
    async def main() -> None:
        async with reading(tmp_path) as (reader, theirs):
            reader.hear(b"1\n")
            reader.hear(b"2\n")
            reader.see(Taken(1, 0, (b"old\n",), 0.0), 5.0)
            reader.see(Taken(2, 0, (b"new\n", b"end\n"), 0.0), 6.0)
            assert reader.due == 7.0
            writing = asyncio.create_task(reader.write())
            assert [await theirs.readline() for _ in range(4)] == [b"1\n", b"2\n", b"new\n", b"end\n"]
            reader.hear(b"3\n")
            assert await theirs.readline() == b"3\n"
            writing.cancel()

    asyncio.run(main())


def test_what_happens_during_a_picture_does_not_wait_for_its_end(tmp_path: Path) -> None:
    async def main() -> None:
        async with reading(tmp_path) as (reader, theirs):
            reader.see(Taken(1, 0, (LINE,) * 2_000, 0.0), 0.0)
            writing = asyncio.create_task(reader.write())
            await asyncio.sleep(0.05)
            reader.hear(b"now\n")
            lines = [await theirs.readline() for _ in range(2_001)]
            assert lines.index(b"now\n") < 2_000
            writing.cancel()

    asyncio.run(main())


def test_too_much_that_waits_is_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "MOST_WAITING", 3_000)

    async def main() -> None:
        async with reading(tmp_path) as (reader, _):
            for _ in range(4):
                reader.hear(LINE)
            with pytest.raises(TooSlow, match="3000 are the most"):
                await reader.write()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("bound", "words"), [("STALL_SECONDS", "nothing was read"), ("PICTURE_SECONDS", "a picture was not")]
)
def test_who_does_not_read_is_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str, words: str
) -> None:
    monkeypatch.setattr(watch, bound, 0.05)

    async def main() -> None:
        async with reading(tmp_path) as (reader, _):
            reader.see(Taken(1, 0, (LINE,) * 5_000, 0.0), 0.0)
            with pytest.raises(TooSlow, match=words):
                await reader.write()

    asyncio.run(main())


@pytest.mark.parametrize(("changes", "since"), [(True, 7), (False, 0)])
def test_the_next_picture_builds_on_what_was_written_and_not_on_what_waits(
    tmp_path: Path, changes: bool, since: int
) -> None:
    async def main() -> None:
        async with reading(tmp_path, changes) as (reader, theirs):
            reader.see(Taken(6, 0, (b"six\n",), 0.0), 0.0)
            reader.see(Taken(7, 0, (b"seven\n",), 0.0), 0.0)
            assert reader.since == 0
            writing = asyncio.create_task(reader.write())
            assert await theirs.readline() == b"seven\n"
            reader.see(Taken(8, 7, (LINE,) * 2_000, 0.0), 0.0)
            await asyncio.sleep(0.05)
            assert reader.since == since
            writing.cancel()

    asyncio.run(main())
