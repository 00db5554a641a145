"""The paths of public-pool and ckpool, as their readers ask for them."""

import time
from pathlib import Path

import pytest

from sluice.ledger.record import Record
from sluice.pool.journal import CandidateFound, ChannelBegan, Credited
from sluice.pool.ports import Start
from sluice.web.rest.dialects import CKPOOL, NO_SESSION, PUBLIC_POOL
from support.kept import ATTIC_BEST, BEST, OTHER_BEST, keep_story, share_hash
from support.pictures import ACCOUNT, channel, miner, pool
from support.rest import Api, with_api
from support.scripted_pool import ScriptedPool

NOW = time.time()
#: Every field, by path, with the types that it may have: field by field as the projects give them.
NUMBER = (int, float)
SHAPES: dict[str, object] = {
    "/api/info": {
        "blockData": [{"height": int, "minerAddress": str, "worker": str, "sessionId": str}],
        "userAgents": [{"userAgent": str, "count": int, "bestDifficulty": NUMBER, "totalHashRate": NUMBER}],
        "highScores": [{"updatedAt": str, "bestDifficulty": NUMBER, "bestDifficultyUserAgent": str}],
        "uptime": str,
    },
    "/api/info/chart": [{"label": str, "data": NUMBER}],
    "/api/pool": {
        "totalHashRate": NUMBER,
        "blockHeight": int,
        "totalMiners": int,
        "blocksFound": [{"height": int, "minerAddress": str, "worker": str, "sessionId": str}],
        "fee": int,
    },
    "/api/network": {
        "blocks": int,
        "difficulty": NUMBER,
        "networkhashps": NUMBER,
        "chain": str,
        "warnings": str,
        "pooledtx": int,
    },
    f"/api/client/{ACCOUNT}": {
        "bestDifficulty": NUMBER,
        "workersCount": int,
        "workers": [
            {
                "sessionId": str,
                "name": str,
                "bestDifficulty": str,
                "hashRate": NUMBER,
                "startTime": str,
                "lastSeen": str,
            }
        ],
    },
    f"/api/client/{ACCOUNT}/chart": [{"label": str, "data": NUMBER}],
    f"/api/client/{ACCOUNT}/rig": {
        "name": str,
        "bestDifficulty": int,
        "chartData": [{"label": str, "data": NUMBER}],
    },
    f"/users/{ACCOUNT}": {
        "hashrate1m": str,
        "hashrate5m": str,
        "hashrate1hr": str,
        "hashrate1d": str,
        "hashrate7d": str,
        "lastshare": int,
        "workers": int,
        "shares": int,
        "bestshare": NUMBER,
        "bestever": int,
        "authorised": int,
        "worker": [
            {
                "workername": str,
                "hashrate1m": str,
                "hashrate5m": str,
                "hashrate1hr": str,
                "hashrate1d": str,
                "hashrate7d": str,
                "lastshare": int,
                "shares": int,
                "bestshare": NUMBER,
                "bestever": int,
            }
        ],
    },
}


def script() -> ScriptedPool:
    miners = [miner(1, channel(1)), miner(2, channel(1, worker="")), miner(3, channel(1, "live", "worker"))]
    return ScriptedPool(pool(at=NOW), miners)


def on_the_record(directory: Path, ask: object) -> None:
    # An hour ago, in the middle of a step: it is over, and all shares lie in it.
    database = keep_story(directory, int(NOW) // 600 * 600 - 3_300)
    with_api(directory, ask, script(), database=database)  # type: ignore[arg-type]


def has_shape(value: object, shape: object) -> bool:
    if isinstance(shape, dict):
        return (
            isinstance(value, dict)
            and list(value) == list(shape)
            and all(has_shape(value[name], shape[name]) for name in shape)
        )
    if isinstance(shape, list):
        return isinstance(value, list) and bool(value) and all(has_shape(each, shape[0]) for each in value)
    assert isinstance(shape, type | tuple)
    return isinstance(value, shape) and not isinstance(value, bool)


@pytest.mark.parametrize("path", SHAPES)
def test_every_field_is_there_in_the_projects_order_and_type(tmp_path: Path, path: str) -> None:
    async def ask(api: Api) -> None:
        said = await api.read(path)
        assert has_shape(said, SHAPES[path]), said

    on_the_record(tmp_path, ask)


def test_a_client_and_its_sessions(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        said = await api.read(f"/api/client/{ACCOUNT}")
        assert said["bestDifficulty"] == pytest.approx(BEST)
        assert said["workersCount"] == 2
        assert [each["name"] for each in said["workers"]] == ["rig", "worker"]
        session = said["workers"][0]["sessionId"]
        one = await api.read(f"/api/client/{ACCOUNT}/rig/{session}")
        assert list(one) == ["sessionId", "name", "bestDifficulty", "chartData", "startTime"]
        assert one["startTime"] == said["workers"][0]["startTime"]
        assert len(one["chartData"]) > 0
        unnamed = await api.read(f"/api/client/{ACCOUNT}/worker/{said['workers'][1]['sessionId']}")
        assert unnamed["name"] == "worker"
        assert (await api.refused(f"/api/client/{ACCOUNT}/attic/{session}"))[0] == 404
        assert (await api.refused(f"/api/client/{ACCOUNT}/rig/{NO_SESSION}"))[0] == 404

    on_the_record(tmp_path, ask)


def test_a_worker_that_is_gone_and_one_without_a_name(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        assert (await api.read(f"/api/client/{ACCOUNT}/attic"))["bestDifficulty"] == ATTIC_BEST
        unnamed = await api.read(f"/api/client/{ACCOUNT}/worker")
        assert (unnamed["name"], unnamed["bestDifficulty"]) == ("worker", 512)
        assert (await api.read("/api/client/live/worker"))["bestDifficulty"] == 512
        assert await api.read("/api/client/nobody/nothing") == {
            "name": "nothing",
            "bestDifficulty": 0,
            "chartData": [],
        }

    on_the_record(tmp_path, ask)


def test_what_the_project_rounds_ranks_and_orders_is_so_here(tmp_path: Path) -> None:
    at = int(NOW) // 600 * 600 - 3_300
    database = keep_story(tmp_path, at)
    record = Record(database)
    run = record.begin(Start(at, "1.0", "regtest", 0, {}))
    record.append(
        run,
        1,
        [
            ChannelBegan(at, 1, f"{ACCOUNT}.rig", "standard", "192.0.2.1", "bitaxe"),
            Credited(1, "", "", 1, 1, share_hash(9), 1_234_567, False, at),
            CandidateFound(at, bytes(32), 101, 1, "other"),
        ],
    )
    record.close()

    async def ask(api: Api) -> None:
        info = await api.read("/api/info")
        assert [each["height"] for each in info["blockData"]] == [100, 101], "as they were found"
        scores = [each["bestDifficulty"] for each in info["highScores"]]
        assert scores == [pytest.approx(BEST), pytest.approx(OTHER_BEST)], "one of each address"
        assert all(isinstance(each["data"], int) for each in await api.read("/api/info/chart"))
        assert (await api.read("/api/network"))["chain"] == "main"
        assert (await api.read("/api/v1/network"))["network"] == "main"
        assert (await api.read("/api/v1/pool"))["network"] == "main"

    mainnet = ScriptedPool(pool(at=NOW, network="mainnet"), [])
    with_api(tmp_path, ask, mainnet, database=database)


def test_who_never_came(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        assert await api.read("/api/client/nobody") == {"workersCount": 0, "workers": []}
        assert await api.read("/api/client/nobody/chart") == []
        assert (await api.refused("/users/nobody"))[0] == 404

    on_the_record(tmp_path, ask)


def test_ckpools_round_begins_with_the_pools_last_block(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        answer = await api.client.get("/pool/pool.status")
        assert answer.status_code == 200
        lines = answer.text.splitlines()
        assert len(lines) == 3
        assert '"Workers":3' in lines[0]
        assert '"accepted":50,"rejected":4,"bestshare":4096' in lines[2]

    on_the_record(tmp_path, ask)


def test_without_a_record_what_is_live_is_told(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        for path in ("/api/info", "/api/pool", "/api/network"):
            assert await api.read(path)
        assert await api.read("/api/info/chart") == []
        assert (await api.read(f"/api/client/{ACCOUNT}"))["workersCount"] == 2
        assert (await api.read(f"/users/{ACCOUNT}"))["workers"] == 2
        assert (await api.client.get("/pool/pool.status")).status_code == 200

    with_api(tmp_path, ask, script())


def test_any_page_may_read_them(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        for path in ("/api/pool", "/pool/pool.status", f"/users/{ACCOUNT}"):
            answer = await api.client.get(path)
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers["content-type"].startswith("application/json")

    with_api(tmp_path, ask)


def test_all_of_them_are_served() -> None:
    assert {route.path for router in (PUBLIC_POOL, CKPOOL) for route in router.routes} == {
        "/api/info",
        "/api/info/chart",
        "/api/pool",
        "/api/network",
        "/api/client/{address:str}",
        "/api/client/{address:str}/chart",
        "/api/client/{address:str}/{worker:str}",
        "/api/client/{address:str}/{worker:str}/{session:str}",
        "/pool/pool.status",
        "/users/{account:str}",
    }
