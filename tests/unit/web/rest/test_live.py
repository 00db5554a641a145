"""What is read of the pool as it is now."""

import asyncio
from pathlib import Path

import pytest

from sluice.web import sight
from sluice.web.rest.live import LIVE
from support.pictures import ACCOUNT, channel, miner
from support.rest import OPERATOR, Api, with_api
from support.scripted_pool import HAPPENED, ScriptedPool
from support.web import served, settings_in

CROWD = ScriptedPool(miners=[miner(number, channel(1), channel(2, "other")) for number in range(1, 151)])


def test_the_chain_and_the_nodes(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        network = await api.read("/api/v1/network")
        assert (network["network"], network["height"], network["difficulty"]) == ("regtest", 100, 2_048.0)
        assert await api.read("/api/v1/nodes") == {"items": []}

    with_api(tmp_path, ask)


def test_a_list_comes_in_parts(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        first = await api.read("/api/v1/connections")
        assert (first["total"], first["offset"], first["limit"], len(first["items"])) == (150, 0, 100, 100)
        last = await api.read("/api/v1/connections?offset=140&limit=1000")
        assert [each["id"] for each in last["items"]] == list(range(141, 151))
        assert (await api.read("/api/v1/connections?offset=9999"))["items"] == []

    with_api(tmp_path, ask, CROWD)


def test_channels_of_an_account_or_a_connection(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        assert (await api.read("/api/v1/channels"))["total"] == 300
        assert (await api.read(f"/api/v1/channels?account={ACCOUNT}"))["total"] == 150
        both = await api.read(f"/api/v1/channels?account={ACCOUNT}&connection=7")
        assert [(each["connection"], each["account"]) for each in both["items"]] == [(7, ACCOUNT)]
        assert (await api.read("/api/v1/channels?account=nobody"))["items"] == []

    with_api(tmp_path, ask, CROWD)


def test_where_miners_come_from_is_the_operators_business(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        assert "192.0.2" not in str(await api.read("/api/v1/connections"))
        assert "192.0.2" not in str(await api.read("/api/v1/channels"))
        shown = await api.read("/api/v1/connections", headers=OPERATOR)
        assert shown["items"][0]["address"] == "192.0.2.1"
        status, words = await api.refused("/api/v1/connections", headers={"authorization": "Bearer wrong"})
        assert status == 401
        assert "sluice keys" in words

    with_api(tmp_path, ask)


def test_what_happened_the_newest_first(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        said = await api.read("/api/v1/log?limit=2")
        assert said["total"] == 3
        assert [each["number"] for each in said["items"]] == [3, 2]
        assert said["items"][0]["facts"] == {"height": 103, "address": None, "what": "…"}
        assert "192.0.2" not in str(await api.read("/api/v1/log"))
        shown = await api.read("/api/v1/log?limit=2", headers=OPERATOR)
        assert shown["items"][0]["facts"] == HAPPENED[2].facts

    with_api(tmp_path, ask)


@pytest.mark.parametrize("handler", LIVE, ids=lambda handler: str(handler.handler_name))
def test_where_no_pool_is_in_sight_it_is_said(
    tmp_path: Path, handler: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sight, "FIRST_PICTURE_SECONDS", 0.05)

    async def main() -> None:
        async with served(settings_in(tmp_path)) as client:
            path = min(getattr(handler, "paths"))  # noqa: B009
            answer = await client.get(f"/api/v1{path}")
            assert answer.status_code == 503
            assert "sluice run" in answer.json()["detail"]
            assert int(answer.headers["retry-after"]) > 0

    asyncio.run(main())


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("limit=0", "limit: Expected `int` >= 1."),
        ("limit=1001", "limit: Expected `int` <= 1000."),
        ("offset=-1", "offset: Expected `int` >= 0."),
        ("offset=99999999999999999999999", "offset: "),
        ("limit=many", "limit: Expected `int`, got `str`."),
    ],
)
def test_a_parameter_that_is_not_right_is_named(tmp_path: Path, query: str, words: str) -> None:
    async def ask(api: Api) -> None:
        status, said = await api.refused(f"/api/v1/log?{query}")
        assert status == 400
        assert said.startswith(words)

    with_api(tmp_path, ask)


def test_a_password_for_a_proxy_before_us_is_no_wrong_key(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        for _ in range(10):
            for path in ("/api/v1/log", "/api/v1/connections"):
                answer = await api.client.get(path, auth=("me", "secret"))
                assert answer.status_code == 200, answer.text

    with_api(tmp_path, ask)
