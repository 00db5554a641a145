"""Work over time, in whole steps."""

import time
from pathlib import Path

import pytest

from sluice.web.problem import Refusal
from sluice.web.rest.charts import MOST_POINTS, Window, window_of
from support.kept import WORK, keep_story
from support.pictures import ACCOUNT, pool
from support.rest import Api, with_api
from support.scripted_pool import ScriptedPool

NOW = time.time()


@pytest.mark.parametrize(
    ("since", "until", "step", "window"),
    [
        (None, None, 600, Window(913_800 - 600, 1_000_000 - 400, 600)),
        (0, 1_200, 600, Window(0, 1_200, 600)),
        (599, 1_799, 600, Window(0, 1_200, 600)),
        (None, None, 604_800, Window(0, 604_800, 604_800)),
        # No chart reaches into the future.
        (0, 10**9, 86_400, Window(0, 1_036_800, 86_400)),
    ],
)
def test_a_window_has_whole_steps(since: int | None, until: int | None, step: int, window: Window) -> None:
    assert window_of(since, until, step, 1_000_000) == window


@pytest.mark.parametrize(
    ("since", "until", "step"), [(2_000, 1_000, 600), (0, 600 * (MOST_POINTS + 1), 600), (10**9, None, 600)]
)
def test_what_is_no_window_is_refused(since: int, until: int | None, step: int) -> None:
    with pytest.raises(Refusal):
        window_of(since, until, step, 10_000_000)


def test_charts_of_the_pool_an_account_and_a_worker(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        until = int(NOW) + 1_200
        for path, params, work in (
            ("pool", {}, 50),
            ("account", {"name": ACCOUNT}, 40),
            ("worker", {"account": ACCOUNT, "name": "rig"}, 30),
            ("worker", {"account": "other"}, 10),
            ("account", {"name": "nobody"}, 0),
        ):
            said = await api.read(f"/api/v1/charts/{path}", params={**params, "until": until})
            points = said["points"]
            assert sum(int(point["work"]) for point in points) == work * WORK
            assert sum(point["hashrate"] for point in points) == pytest.approx(work * WORK / 600)
            times = [point["at"] for point in points]
            assert times == list(range(said["since"], said["until"], 600))
            assert said["step_seconds"] == 600

    with_api(tmp_path, ask, ScriptedPool(pool(at=NOW)), database=keep_story(tmp_path, int(NOW)))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("step=601", "step: "),
        ("step=0", "step: "),
        ("since=-1", "since: "),
        ("since=9000&until=1", "since: it is after until."),
        ("since=0", "step: a chart has"),
        ("until=1e99", "until: "),
    ],
)
def test_a_chart_that_cannot_be_is_refused(tmp_path: Path, query: str, words: str) -> None:
    async def ask(api: Api) -> None:
        status, said = await api.refused(f"/api/v1/charts/pool?{query}")
        assert (status, said[: len(words)]) == (400, words)

    with_api(tmp_path, ask)


def test_without_a_record_there_is_no_chart(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        assert (await api.refused("/api/v1/charts/pool"))[0] == 503

    with_api(tmp_path, ask)
