"""ckpool's files, as ckstats and others read them."""

import re
from typing import Any

import msgspec

from sluice.web.devices import devices_of
from sluice.web.rest.ckpool import DAY, FORGOTTEN_SECONDS, WEEK, Kept, Round, pool_status, user
from support.pictures import ACCOUNT, NOW, STARTED, channel, figures, miner, pool


def as_ckstats_reads(status: bytes) -> dict[str, Any]:
    """All lines together; hash rates and counts by its own expressions."""
    text = re.sub(r"\}\s*\{", "},{", status.decode().replace("\n", ""))
    merged: dict[str, Any] = {}
    for part in msgspec.json.decode(f"[{text}]"):
        merged |= part
    return merged


def big(text: object) -> int:
    """JavaScript's BigInt: whole numbers only."""
    assert re.fullmatch(r"\d+", str(text))
    return int(str(text))


def rate(text: str) -> float:
    """ckstats' convertHashrate."""
    match = re.fullmatch(r"(\d+(\.\d+)?(?:e[+-]\d+)?)([ZEPTGMK])", text)
    if match is None:
        return big(text)
    return float(match[1]) * 1000.0 ** (1 + "KMGTPEZ".index(match[3]))


def test_the_three_lines_of_the_status() -> None:
    devices = devices_of(
        pool(), [miner(1, channel(1), channel(2, last_share_ago=90.0)), miner(2, channel(1, "other"))]
    ).all
    kept = Round(
        work=1_024 * 2**32,
        refused=5,
        best=700.9,
        work_of_six_hours=int(1e12) * 21_600,
        work_of_day=int(2e12) * DAY,
        work_of_week=int(3e12) * WEEK,
    )
    status = pool_status(pool(), devices, kept)
    first, second, third, rest = status.split(b"\n")
    assert rest == b""
    assert msgspec.json.decode(first) == {
        "runtime": int(NOW - STARTED),
        "lastupdate": int(NOW),
        "Users": 2,
        "Workers": 3,
        "Idle": 1,
        "Disconnected": 0,
    }
    assert msgspec.json.decode(second) == {
        "hashrate1m": "1.5T",
        "hashrate5m": "1.25T",
        "hashrate15m": "1.25T",
        "hashrate1hr": "1T",
        "hashrate6hr": "1T",
        "hashrate1d": "2T",
        "hashrate7d": "3T",
    }
    assert msgspec.json.decode(third) == {
        "diff": 50.0,
        "accepted": 1024,
        "rejected": 5,
        "bestshare": 700,
        "SPS1m": 4.1,
        "SPS5m": 3.4,
        "SPS15m": 3.4,
        "SPS1h": 2.7,
    }
    merged = as_ckstats_reads(status)
    assert len(merged) == 6 + 7 + 8
    assert [rate(merged[name]) for name in merged if name.startswith("hashrate")]


def test_a_pool_that_has_nothing_yet() -> None:
    merged = as_ckstats_reads(
        pool_status(pool(network_difficulty=0.0, figures=figures(hashrates=(0, 0, 0))), (), Round())
    )
    assert merged["diff"] == 0.0
    assert merged["hashrate1m"] == "0"
    assert merged["Workers"] == 0


def test_the_file_of_an_account() -> None:
    devices = devices_of(pool(), [miner(1, channel(1), channel(2, worker="fresh", best_difficulty=3.5))]).all
    kept = [
        Kept("rig", 300 * 2**32, 10**12 * DAY, 10**11 * WEEK, 1234.5, STARTED - 100, NOW - 30),
        Kept("gone", 7 * 2**32, best=99.25, first_at=STARTED - 200, last_at=NOW - FORGOTTEN_SECONDS),
        Kept("forgotten", 1 * 2**32, best=5000.0, first_at=STARTED, last_at=NOW - FORGOTTEN_SECONDS - 1),
    ]
    said = user(devices, kept, ACCOUNT, NOW)
    assert said.startswith(b'{\n    "hashrate1m": "3T",\n')
    assert said.endswith(b"]\n}\n")
    read = msgspec.json.decode(said)
    workers = read.pop("worker")
    assert read == {
        "hashrate1m": "3T",
        "hashrate5m": "2.5T",
        "hashrate1hr": "2T",
        "hashrate1d": "1T",
        "hashrate7d": "100G",
        "lastshare": int(NOW - 4),
        "workers": 2,
        "shares": 308,
        "bestshare": 5000.0,
        "bestever": 5000,
        "authorised": int(STARTED - 200),
    }
    assert [worker["workername"] for worker in workers] == [
        f"{ACCOUNT}.rig",
        f"{ACCOUNT}.gone",
        f"{ACCOUNT}.fresh",
    ]
    assert workers[0] == {
        "workername": f"{ACCOUNT}.rig",
        "hashrate1m": "1.5T",
        "hashrate5m": "1.25T",
        "hashrate1hr": "1T",
        "hashrate1d": "1T",
        "hashrate7d": "100G",
        "lastshare": int(NOW - 4),
        "shares": 300,
        "bestshare": 1234.5,
        "bestever": 1234,
    }
    assert workers[2]["bestever"] == 3
    for worker in workers:
        big(worker["shares"])
        big(worker["bestever"])
        rate(worker["hashrate1d"])


def test_without_a_record_there_is_what_is_live() -> None:
    devices = devices_of(pool(), [miner(1, channel(1, worker=""))]).all
    read = msgspec.json.decode(user(devices, (), ACCOUNT, NOW))
    assert read["worker"][0]["workername"] == ACCOUNT
    assert read["authorised"] == int(NOW)
    assert read["bestever"] == 512
