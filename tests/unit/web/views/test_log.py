"""What has happened of late."""

import asyncio
from pathlib import Path

from sluice.pool.effects import Tell
from sluice.pool.events import Banned, ChannelRefused, FirstTurnedAway, SetupRefused
from sluice.pool.inputs import Troubled
from sluice.pool.ports import Trouble
from sluice.web.sight import seen
from sluice.web.views.asked import Asked
from sluice.web.views.log import LINES_SHOWN, log
from support.control import hosting
from support.serving import until
from support.web import page_of, served, settings_in, text_of


def test_the_newest_is_first(tmp_path: Path) -> None:
    text = text_of(page_of(tmp_path, "/log").text)
    assert text.index("height 103") < text.index("height 102") < text.index("height 101")
    assert "Nothing has happened yet." in text_of(page_of(tmp_path, "/log?show=alarms").text)


def test_where_somebody_comes_from_is_nobodys_business(tmp_path: Path) -> None:
    async def main() -> None:
        async with hosting(tmp_path) as (running, _), served(settings_in(tmp_path)) as client:
            for event in (
                SetupRefused(7, "192.0.2.77:1", "unsupported-protocol"),
                ChannelRefused(7, "alice", "Miner not registered: 192.0.2.77:1"),
                Banned("192.0.2.77", 0, 1),
                FirstTurnedAway("192.0.2.77:2", "banned: 192.0.2.77"),
            ):
                running.running.owner.performer.perform(Tell(event))
            page = ""
            for _ in range(100):
                page = (await client.get("/log")).text
                if "first turned away" in page:
                    break
                await asyncio.sleep(0.05)
            assert "unsupported-protocol" in page
            assert "192.0.2.77" not in page
            assert "192.0.2.77" not in (await client.get("/api/v1/log")).text

    asyncio.run(main())


def test_what_strangers_say_is_text_and_there_are_no_more_lines_than_a_bound(tmp_path: Path) -> None:
    async def main() -> None:
        async with hosting(tmp_path) as (running, _), seen(settings_in(tmp_path)) as sight:
            await sight.first()
            for number in range(LINES_SHOWN + 5):
                running.running.owner.feed(Troubled(Trouble("n", f"<script>{number}")))
            last = f"<script>{LINES_SHOWN + 4}"
            await until(lambda: bool(sight.log) and sight.log[-1].facts.get("reason") == last)
            shown = await log(sight, Asked.of(("show",), {"show": "alarms"}))
            lines = shown["lines"]
            assert isinstance(lines, list)
            assert len(lines) == LINES_SHOWN
            assert lines[0].facts["reason"] == last

    asyncio.run(main())
