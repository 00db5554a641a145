"""What is kept, as the API tells it: a real record, and a pool that goes on."""

import time
from pathlib import Path

import pytest

from sluice.web.rest.history import HISTORY, MOST_BESTS
from support.kept import ATTIC_BEST, BEST, BLOCK, OTHER_BEST, WORK, keep_story
from support.pictures import ACCOUNT, channel, miner, pool
from support.rest import OPERATOR, Api, with_api
from support.scripted_pool import ScriptedPool

NOW = time.time()


def script() -> ScriptedPool:
    miners = [
        miner(1, channel(1)),
        miner(2, channel(1, worker="fresh", last_share_ago=None), connected_for=10.0),
        miner(3, channel(1, "live", "")),
    ]
    return ScriptedPool(pool(at=NOW), miners)


def on_the_record(directory: Path, ask: object) -> None:
    with_api(directory, ask, script(), database=keep_story(directory, int(NOW)))  # type: ignore[arg-type]


def without_a_record(directory: Path, ask: object) -> None:
    with_api(directory, ask, script())  # type: ignore[arg-type]


def test_the_pool(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        said = await api.read("/api/v1/pool")
        assert (said["workers"], said["accounts"], said["height"]) == (3, 2, 101)
        assert said["totals"] == {
            "accepted": 5,
            "late": 1,
            "refused": {"stale": 3, "duplicate": 1},
            "work": str(50 * WORK),
            "work_difficulty": 50.0,
        }
        assert said["hashrates"]["one_day"] == pytest.approx(50 * WORK / 86_400)
        assert (said["best"]["account"], said["best"]["worker"]) == (ACCOUNT, "rig")
        assert said["best"]["difficulty"] == pytest.approx(BEST)
        assert len(said["best"]["hash"]) == 64

    on_the_record(tmp_path, ask)


def test_accounts(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        said = await api.read("/api/v1/accounts")
        assert said["total"] == 2
        mine = next(each for each in said["items"] if each["account"] == ACCOUNT)
        assert (mine["workers"], mine["connected"], mine["blocks"]) == (2, 2, 1)
        assert mine["totals"]["accepted"] == 4
        assert mine["hashrates"]["one_day"] == pytest.approx(40 * WORK / 86_400)
        assert len((await api.read("/api/v1/accounts?offset=1&limit=1"))["items"]) == 1

    on_the_record(tmp_path, ask)


def test_an_account(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        said = await api.read("/api/v1/account", params={"name": ACCOUNT})
        assert (said["workers"], said["connected"], said["blocks"]) == (3, 2, 1)
        assert said["totals"]["work"] == str(40 * WORK)
        assert said["totals"]["refused"] == {"stale": 3, "duplicate": 1}
        assert said["best"]["difficulty"] == pytest.approx(BEST)
        assert said["first_share_at"] == pytest.approx(NOW - 120, abs=2)
        assert said["last_share_at"] == pytest.approx(NOW, abs=2)
        assert said["hashrates"]["one_minute"] == 3e12
        live = await api.read("/api/v1/account", params={"name": "live"})
        assert (live["connected"], live["best"], live["first_share_at"]) == (1, None, None)
        assert (await api.refused("/api/v1/account?name=nobody"))[0] == 404
        assert (await api.refused("/api/v1/account"))[0] == 400

    on_the_record(tmp_path, ask)


def test_workers_live_and_gone(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        said = await api.read("/api/v1/workers", params={"account": ACCOUNT})
        assert [each["worker"] for each in said["items"]] == ["attic", "fresh", "rig"]
        attic, fresh, rig = said["items"]
        assert (attic["connected"], attic["difficulty"], attic["vendor"]) == (0, None, "")
        assert attic["best"]["difficulty"] == pytest.approx(ATTIC_BEST)
        assert (fresh["connected"], fresh["best"], fresh["totals"]["accepted"]) == (1, None, 0)
        assert fresh["hashrates"]["one_day"] == 0.0
        assert (rig["connected"], rig["difficulty"], rig["vendor"]) == (1, 256.0, "bitaxe")
        assert (rig["totals"]["accepted"], rig["totals"]["late"], rig["blocks"]) == (3, 1, 1)
        assert rig["hashrates"]["one_day"] == pytest.approx(30 * WORK / 86_400)
        assert await api.read("/api/v1/worker", params={"account": ACCOUNT, "name": "rig"}) == rig
        other = await api.read("/api/v1/worker", params={"account": "other"})
        assert other["best"]["difficulty"] == pytest.approx(OTHER_BEST)
        assert (await api.refused("/api/v1/worker?account=other&name=nobody"))[0] == 404
        assert (await api.refused("/api/v1/workers?account=nobody"))[0] == 404

    on_the_record(tmp_path, ask)


def test_the_best_shares(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        said = await api.read("/api/v1/bests?limit=2")
        assert [(each["account"], each["worker"]) for each in said["items"]] == [
            (ACCOUNT, "rig"),
            (ACCOUNT, "attic"),
        ]
        assert (await api.refused(f"/api/v1/bests?limit={MOST_BESTS + 1}"))[0] == 400

    on_the_record(tmp_path, ask)


def test_blocks(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        said = await api.read("/api/v1/blocks")
        assert said["total"] == 1
        [line] = said["items"]
        assert (line["height"], line["hash"], line["account"], line["worker"]) == (100, BLOCK, ACCOUNT, "rig")
        block = await api.read(f"/api/v1/blocks/{BLOCK.upper()}")
        assert block["stage"] == line["stage"] == "accepted"
        assert [move["turn"] for move in block["moves"]] == ["a node took it"]
        [answer] = block["answers"]
        assert (answer["node"], answer["route"], answer["answer"]) == ("home", "submitblock", "accepted")
        assert (await api.refused(f"/api/v1/blocks/{'00' * 32}"))[0] == 404
        assert (await api.refused("/api/v1/blocks/100"))[0] == 400

    on_the_record(tmp_path, ask)


def test_settings_are_the_operators(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        assert (await api.refused("/api/v1/settings"))[0] == 401
        said = await api.read("/api/v1/settings", headers=OPERATOR)
        assert [each["name"] for each in said["items"]] == ["node.url", "pool.tag"]

    on_the_record(tmp_path, ask)


def test_without_a_record_what_is_live_is_told(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        pool = await api.read("/api/v1/pool")
        assert (pool["totals"], pool["best"], pool["hashrates"]["one_day"]) == (None, None, None)
        account = await api.read("/api/v1/account", params={"name": ACCOUNT})
        assert (account["connected"], account["hashrates"]["one_day"]) == (2, None)
        worker = await api.read("/api/v1/worker", params={"account": "live"})
        assert (worker["connected"], worker["hashrates"]["one_day"]) == (1, None)
        for path in ("accounts", "bests", "blocks", f"blocks/{BLOCK}"):
            status, words = await api.refused(f"/api/v1/{path}")
            assert (status, "no record" in words) == (503, True)

    without_a_record(tmp_path, ask)


def test_a_record_that_is_broken_is_no_bug(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        assert (await api.read("/api/v1/pool"))["totals"] is None
        assert (await api.refused("/api/v1/blocks"))[0] == 503

    (tmp_path / "broken.sqlite").write_bytes(b"this is no database" * 100)
    with_api(tmp_path, ask, script(), database=str(tmp_path / "broken.sqlite"))


@pytest.mark.parametrize("name", ["\0", "\ud7ff", "a/b", "'; DROP TABLE shares; --", "%", "x" * 1_024])
def test_any_name_can_be_asked_for(tmp_path: Path, name: str) -> None:
    async def ask(api: Api) -> None:
        assert (await api.refused("/api/v1/account", params={"name": name}))[0] == 404

    on_the_record(tmp_path, ask)


def test_all_of_them_are_served() -> None:
    assert len(HISTORY) == 9
