"""The API of a real pool with real miners: what devices read, and what an operator does, seen at the miner."""

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.miners import mining
from support.openapi import faults, schema_of
from support.processes import SLUICE
from support.server import PATIENCE, ServerProcess, sluice_server
from support.waiting import wait_for

#: Shares every tenth of a second.
BRISK = {"pool__shares_per_minute": 600, "web__listen": "127.0.0.1:0"}


class Site:
    """A pool's web address, asked as devices and operators ask."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        wait_for(lambda: server.events("dashboard"))
        self.client = httpx.Client(base_url=server.events("dashboard")[0]["url"], timeout=PATIENCE)
        key = (server.data / "operator.key").read_text().splitlines()[-1]
        self.operator = {"authorization": f"Bearer {key}"}

    def read(self, path: str, **more: Any) -> Any:
        answer = self.client.get(path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def order(self, what: str, /, **body: Any) -> Any:
        answer = self.client.post(f"/api/v1/operator/{what}", json=body, headers=self.operator)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with sluice_server(**BRISK) as server:
        made = Site(server)
        with made.client:
            yield made


def channel_of(site: Site, account: str) -> dict[str, Any]:
    found: dict[str, Any] = wait_for(lambda: site.read(f"/api/v1/channels?account={account}")["items"])[0]
    return found


def test_a_nerdminers_screen_and_a_status_page_are_filled(site: Site) -> None:
    with mining(site.server.url, "alice.rig"):
        wait_for(lambda: site.read("/api/client/alice")["workersCount"])
        client = wait_for(lambda: (said := site.read("/api/client/alice"))["workers"][0]["hashRate"] and said)
        # As its firmware reads it: the sum of rates, and a number that its own formatter takes.
        assert sum(float(worker["hashRate"]) for worker in client["workers"]) > 0
        assert float(client["bestDifficulty"]) > 0
        assert re.fullmatch(r"\d+\.\d\d", client["workers"][0]["bestDifficulty"])
        assert client["workers"][0]["name"] == "rig"
        assert site.read("/api/pool")["totalMiners"] == 1
        assert site.read("/api/network")["chain"] == "regtest"
        lines = [json.loads(line) for line in site.client.get("/pool/pool.status").text.splitlines()]
        assert (lines[0]["Users"], lines[0]["Workers"]) == (1, 1)
        user = site.read("/users/alice")
        assert user["workers"] == 1
        assert user["worker"][0]["workername"] == "alice.rig"


def test_every_answer_of_a_real_pool_is_as_promised(site: Site) -> None:
    with mining(site.server.url, "carol.rig"):
        channel_of(site, "carol")
        document = site.read("/api/v1/openapi.json")
        asked = {"name": "carol", "account": "carol"}
        for path, item in document["paths"].items():
            if "get" not in item or "{" in path:
                continue
            answer = site.client.get(path, params=asked, headers=site.operator)
            schema = schema_of(document, "get", path, answer.status_code)
            assert list(faults(document, schema, answer.json())) == [], path


def test_an_operator_sets_a_difficulty_and_hands_it_back(site: Site) -> None:
    with mining(site.server.url, "bob.rig"):
        assert not channel_of(site, "bob")["difficulty_fixed"]
        assert site.order("difficulty", name="bob.rig", difficulty=0.0005)["count"] == 1
        wait_for(lambda: channel_of(site, "bob")["difficulty"] == pytest.approx(0.0005, rel=1e-3))
        assert channel_of(site, "bob")["difficulty_fixed"]
        # The miner mines at it: its next shares are worth so much.
        before = channel_of(site, "bob")["accepted"]
        wait_for(lambda: channel_of(site, "bob")["accepted"] > before)
        assert site.order("difficulty", name="bob.rig")["count"] == 1
        wait_for(lambda: not channel_of(site, "bob")["difficulty_fixed"])


def test_an_operator_closes_and_the_miner_comes_again(site: Site) -> None:
    with mining(site.server.url, "dave.rig"):
        session = channel_of(site, "dave")["session"]
        assert site.order("close", name="dave")["count"] == 1
        assert site.read("/api/v1/log")["items"]
        wait_for(
            lambda: [
                each
                for each in site.read("/api/v1/channels?account=dave")["items"]
                if each["session"] != session
            ]
        )


def test_an_operator_bans_and_the_miner_stays_away_until_it_is_unbanned(site: Site) -> None:
    with mining(site.server.url, "eve.rig"):
        channel_of(site, "eve")
        assert site.order("ban", what="eve", seconds=3_600)["words"]
        wait_for(lambda: site.read("/api/v1/channels?account=eve")["total"] == 0)
        for _ in range(10):
            time.sleep(0.2)
            assert site.read("/api/v1/channels?account=eve")["total"] == 0
        again = site.client.post("/api/v1/operator/unban", json={"what": "nobody"}, headers=site.operator)
        assert again.status_code == 409
        assert site.order("unban", what="eve")["words"]
    with mining(site.server.url, "eve.rig"):
        channel_of(site, "eve")


def test_nobody_else_does(site: Site) -> None:
    with mining(site.server.url, "frank.rig"):
        session = channel_of(site, "frank")["session"]
        for headers in ({}, {"authorization": "Bearer 0"}):
            answer = site.client.post("/api/v1/operator/close", json={"name": "frank"}, headers=headers)
            assert answer.status_code == 401
        assert channel_of(site, "frank")["session"] == session


def test_a_pool_is_drained_and_filled_again() -> None:
    with sluice_server(**BRISK) as server, mining(server.url, "alice"):
        site = Site(server)
        with site.client:
            channel_of(site, "alice")
            site.order("drain")
            wait_for(lambda: site.read("/api/v1/pool")["draining"])
            wait_for(lambda: site.read("/api/v1/channels")["total"] == 0)
            site.order("drain", off=True)
            wait_for(lambda: not site.read("/api/v1/pool")["draining"])
            with mining(server.url, "bob"):
                channel_of(site, "bob")


def test_the_key_lies_where_sluice_keys_says(site: Site) -> None:
    said = subprocess.run(
        [*SLUICE, "keys"],
        env={"SLUICE_DATA__DIR": str(site.server.data), "PATH": "/usr/bin"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert str(Path(site.server.data) / "operator.key") in said.stderr


def account_of(site: Site) -> Any:
    """Alice, once the record knows her."""

    def known() -> Any:
        answer = site.client.get("/api/v1/account?name=alice")
        return answer.json() if answer.status_code == 200 else None

    return wait_for(known)


def test_a_restart_resets_nothing_that_is_read(tmp_path: Path) -> None:
    kept = {"ledger__url": f"sqlite://{tmp_path / 'record.sqlite'}"} | BRISK
    with sluice_server(**kept) as server:
        site = Site(server)
        with site.client:
            with mining(server.url, "alice.rig"):
                wait_for(lambda: account_of(site)["totals"]["accepted"] >= 10)
                assert site.read("/api/v1/pool")["record"]["failing"] == ""
            before = account_of(site)
            assert site.read("/api/v1/pool")["totals"]["accepted"] >= 10
            assert site.read("/api/v1/workers?account=alice")["items"][0]["worker"] == "rig"
            assert site.read("/api/v1/bests")["items"][0]["account"] == "alice"
        assert server.stop() == 0
    with sluice_server(**kept) as server:
        site = Site(server)
        with site.client:
            after = account_of(site)
            assert after["totals"]["accepted"] >= before["totals"]["accepted"]
            assert after["best"]["difficulty"] >= before["best"]["difficulty"]
            assert after["first_share_at"] == before["first_share_at"]
            assert after["connected"] == 0
            best = site.read("/api/client/alice")["bestDifficulty"]
            assert best == pytest.approx(after["best"]["difficulty"])
            assert site.read("/users/alice")["worker"][0]["workername"] == "alice.rig"
