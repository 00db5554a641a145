"""A page written out, whole and in parts."""

import asyncio
from pathlib import Path

from sluice.web.render import Topic, parts, whole
from sluice.web.views.asked import Asked
from sluice.web.views.table import EVERYWHERE, TABLE
from support.pictures import ACCOUNT, pool
from support.scripted_pool import ScriptedPool
from support.web import seeing

ASKED = {"account": ACCOUNT, "worker": "rig"}


def test_the_parts_are_what_the_whole_has_in_their_places(tmp_path: Path) -> None:
    async def main() -> None:
        async with seeing(tmp_path) as sight:
            for page in TABLE:
                if page.name == "block":
                    continue
                topic = Topic(page, Asked.of(page.asks, ASKED))
                written, pieces = await whole(sight, topic), await parts(sight, topic)
                assert set(pieces) == {*EVERYWHERE, *page.parts}
                for part in page.parts:
                    assert f'id="{part}"' in written

    asyncio.run(main())


def test_a_topic_says_where_its_stream_is() -> None:
    home, miner = TABLE[0], next(page for page in TABLE if page.name == "miner")
    assert Topic(home, Asked()).live == "/live/home"
    assert Topic(miner, Asked.of(miner.asks, {"account": "a&b"})).live == "/live/miner?account=a%26b"


def test_the_title_is_the_pools_own(tmp_path: Path) -> None:
    async def main() -> None:
        async with seeing(tmp_path, ScriptedPool(pool(tag="<My> Pool"))) as sight:
            written = await whole(sight, Topic(TABLE[0], Asked()))
            assert "<title>&lt;My&gt; Pool</title>" in written

    asyncio.run(main())
