"""public-pool's shapes, as its readers read them."""

import msgspec
import pytest

from sluice.control.words import TemplatePicture
from sluice.web.devices import devices_of
from sluice.web.rest import public_pool
from sluice.web.rest.public_pool import MOST_STEPS, FoundBlock, Group, client, points, session_chart
from support.pictures import ACCOUNT, NOW, channel, miner, pool

HOUR_AGO = "2026-06-14T12:43:19.500Z"


def decoded(answer: object) -> object:
    return msgspec.json.decode(msgspec.json.encode(answer))


def test_a_client_has_the_fields_that_a_nerdminer_filters_for() -> None:
    devices = devices_of(pool(), [miner(1, channel(1), channel(2, worker=""))]).of(ACCOUNT)
    said = decoded(client(3126317155.2819834, devices, NOW))
    assert isinstance(said, dict)
    assert list(said) == ["bestDifficulty", "workersCount", "workers"]
    assert said["bestDifficulty"] == 3126317155.2819834
    assert said["workersCount"] == 2
    assert said["workers"][0] == {
        "sessionId": devices[0].session,
        "name": "rig",
        "bestDifficulty": "512.25",
        "hashRate": 1_250_000_000_000,
        "startTime": HOUR_AGO,
        "lastSeen": "2026-06-14T13:43:15.500Z",
    }
    assert said["workers"][1]["name"] == "worker"


def test_whole_numbers_are_written_as_javascript_does() -> None:
    devices = devices_of(pool(), [miner(1, channel(1))]).all
    assert b'"hashRate":1250000000000,' in msgspec.json.encode(client(7.0, devices, NOW))
    assert b'"bestDifficulty":7,' in msgspec.json.encode(client(7.0, devices, NOW))


def test_an_address_that_never_came_is_no_error() -> None:
    assert msgspec.json.encode(client(None, (), NOW)) == b'{"workersCount":0,"workers":[]}'


def test_a_worker_without_a_share_was_last_seen_when_it_last_spoke() -> None:
    [device] = devices_of(pool(), [miner(1, channel(1, last_share_ago=None), heard_ago=2.0)]).all
    assert client(0.0, [device], NOW).workers[0].last_seen == "2026-06-14T13:43:17.500Z"


def test_a_chart_has_steps_of_a_day_and_none_that_is_empty() -> None:
    chart = [(600.0 * step, float(step % 3)) for step in range(300)]
    said = points(chart)
    assert len(said) == MOST_STEPS
    assert said[-1] == public_pool.Point("1970-01-03T01:50:00.000Z", 2)
    assert all(point.data > 0 for point in said)


def test_a_group_and_a_session() -> None:
    assert decoded(Group("rig", 512, points([(600.0, 1e12)]))) == {
        "name": "rig",
        "bestDifficulty": 512,
        "chartData": [{"label": "1970-01-01T00:10:00.000Z", "data": 1_000_000_000_000}],
    }
    [device] = devices_of(pool(), [miner(1, channel(1))]).all
    assert decoded(session_chart(device, [])) == {
        "sessionId": device.session,
        "name": "rig",
        "bestDifficulty": 512,
        "chartData": [],
        "startTime": HOUR_AGO,
    }


def test_the_site() -> None:
    block = FoundBlock(100, ACCOUNT, "rig", "00000000")
    devices = devices_of(
        pool(),
        [
            miner(1, channel(1, best_difficulty=9.5)),
            miner(2, channel(1, best_difficulty=7.25)),
            miner(3, channel(1), vendor=""),
        ],
    ).all
    said = decoded(
        public_pool.info(pool(), [block], devices, [public_pool.high_score(NOW, 8390628145.027727, "bitaxe")])
    )
    assert said == {
        "blockData": [{"height": 100, "minerAddress": ACCOUNT, "worker": "rig", "sessionId": "00000000"}],
        "userAgents": [
            {"userAgent": "bitaxe", "count": 2, "bestDifficulty": 9.5, "totalHashRate": 2_500_000_000_000},
            {
                "userAgent": "unknown",
                "count": 1,
                "bestDifficulty": 512.25,
                "totalHashRate": 1_250_000_000_000,
            },
        ],
        "highScores": [
            {
                "updatedAt": "2026-06-14 13:43:19",
                "bestDifficulty": 8390628145.027727,
                "bestDifficultyUserAgent": "bitaxe",
            }
        ],
        "uptime": "2026-06-14T11:43:19.500Z",
    }


def test_the_pool() -> None:
    devices = devices_of(pool(), [miner(1, channel(1), channel(2))]).all
    assert decoded(public_pool.pool_info(pool(), [], devices)) == {
        "totalHashRate": 1_250_000_000_000,
        "blockHeight": 100,
        "totalMiners": 2,
        "blocksFound": [],
        "fee": 0,
    }


@pytest.mark.parametrize("height", [None, 101])
def test_the_network(height: int | None) -> None:
    template = TemplatePicture(age=1.0, height=101, reward=5_000_000_000, fees=0, transactions=3)
    said = decoded(
        public_pool.network_info(
            pool(height=height, template=template if height else None, network_difficulty=2_048.0)
        )
    )
    assert said == {
        "blocks": 100 if height else 0,
        "difficulty": 2048,
        "networkhashps": 2048 * 2**32 / 600,
        "chain": "regtest",
        "warnings": "",
        "pooledtx": 3 if height else 0,
    } | ({"currentblocktx": 3} if height else {})
