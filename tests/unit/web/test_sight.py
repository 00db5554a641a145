"""What handlers see, of a real pool over its control socket."""

import asyncio
from pathlib import Path

import pytest

from sluice.control.words import Done, Drain
from sluice.pool.inputs import Troubled
from sluice.pool.ports import Trouble
from sluice.web import sight
from sluice.web.sight import NobodyThere, NoRecord, seen
from support.control import FACTS, hosting
from support.kept import keep_story
from support.serving import until
from support.web import settings_in


def test_it_sees_the_pool_hears_what_happens_and_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sight, "PICTURE_SECONDS", 0.1)

    async def main() -> None:
        async with hosting(tmp_path) as (running, _), seen(settings_in(tmp_path)) as watching:
            picture = await watching.first()
            assert picture is not None
            assert (picture.network, picture.tag) == (FACTS.network, FACTS.tag)
            assert (watching.miners, watching.trouble, watching.crowd.workers) == ((), "", 0)
            running.running.owner.feed(Troubled(Trouble("node", "it is gone")))
            await until(lambda: "NodeTroubled" in [line.name for line in watching.log])
            await watching.changes()
            assert watching.picture is not picture
            assert isinstance(await watching.ask(Drain()), Done)

    asyncio.run(main())


def test_a_pool_that_is_not_there_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sight, "FIRST_PICTURE_SECONDS", 0.1)

    async def main() -> None:
        async with seen(settings_in(tmp_path)) as watching:
            assert await watching.first() is None
            assert "sluice run" in watching.trouble
            assert watching.crowd.workers == 0
            with pytest.raises(NobodyThere):
                await watching.ask(Drain())
            assert await watching.aside(watching.blocks.all) == []

    asyncio.run(main())


def test_the_record_is_read_in_a_thread_if_there_is_one(tmp_path: Path) -> None:
    async def main() -> None:
        async with seen(settings_in(tmp_path)) as watching:
            with pytest.raises(NoRecord, match="no record is kept"):
                await watching.read(lambda reader: reader.totals())
        async with seen(settings_in(tmp_path, database=str(tmp_path / "none.sqlite"))) as watching:
            with pytest.raises(NoRecord):
                await watching.read(lambda reader: reader.totals())
        async with seen(settings_in(tmp_path, database=keep_story(tmp_path, 1_000_000))) as watching:
            assert (await watching.read(lambda reader: reader.totals())).accepted == 5

    asyncio.run(main())
