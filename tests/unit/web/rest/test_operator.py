"""Who may change something."""

import asyncio
import logging
from pathlib import Path

import pytest

from sluice.web.limits.lockout import FREE
from sluice.web.rest.operator import NEEDED, NONE_HERE, WRONG
from support.rest import KEY, OPERATOR, Api, with_api

DRAIN = "/api/v1/operator/drain"


def test_without_the_key_nothing_is_done(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        assert await api.refused(DRAIN, method="POST", json={}) == (401, NEEDED)
        for none in (f"Basic {KEY}", KEY, "Digest x"):
            headers = {"authorization": none}
            assert await api.refused(DRAIN, method="POST", json={}, headers=headers) == (401, NEEDED)
        for wrong in (
            "Bearer",
            "Bearer ",
            f"Bearer {KEY[:-1]}",
            f"Bearer {KEY}0",
            f"Bearer {KEY} {KEY}",
        )[:FREE]:
            assert await api.refused(DRAIN, method="POST", json={}, headers={"authorization": wrong}) == (
                401,
                WRONG,
            )
        assert api.pool.commands == []

    with_api(tmp_path, ask)


@pytest.mark.parametrize(
    "wrong",
    [f"Bearer {KEY[:-1]}", f"Bearer {KEY}0", f"Bearer {KEY} {KEY}", "Bearer \xff"],
)
def test_only_the_key_itself_is_the_key(tmp_path: Path, wrong: str) -> None:
    async def ask(api: Api) -> None:
        headers = {"authorization": wrong.encode("latin-1")}
        assert await api.refused(DRAIN, method="POST", json={}, headers=headers) == (401, WRONG)
        assert (await api.client.post(DRAIN, json={}, headers=OPERATOR)).status_code == 200
        assert (
            await api.client.post(DRAIN, json={}, headers={"authorization": f"bearer  {KEY} "})
        ).status_code == 200

    with_api(tmp_path, ask)


def test_who_guesses_waits_and_is_not_even_looked_at(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask(api: Api) -> None:
        wrong = {"authorization": "Bearer wrong"}
        for _ in range(FREE + 1):
            assert await api.refused(DRAIN, method="POST", json={}, headers=wrong) == (401, WRONG)
        answer = await api.client.post(DRAIN, json={}, headers=OPERATOR)
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "1"
        # Others do not wait.
        elsewhere = OPERATOR | {"x-forwarded-for": "198.51.100.7"}
        assert (await api.client.post(DRAIN, json={}, headers=elsewhere)).status_code == 200
        await asyncio.sleep(1.0)
        assert (await api.client.post(DRAIN, json={}, headers=OPERATOR)).status_code == 200

    with caplog.at_level(logging.WARNING):
        with_api(tmp_path, ask, trusted_proxies="127.0.0.1")
    assert f"from 127.0.0.1, number {FREE + 1}" in caplog.text
    assert KEY not in caplog.text


def test_where_there_is_no_key_nobody_is_an_operator(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask(api: Api) -> None:
        (tmp_path / "operator.key").unlink()
        assert await api.refused(DRAIN, method="POST", json={}, headers=OPERATOR) == (503, NONE_HERE)
        assert await api.refused(DRAIN, method="POST", json={}) == (401, NEEDED)
        assert api.pool.commands == []

    with caplog.at_level(logging.WARNING):
        with_api(tmp_path, ask, trusted_proxies="127.0.0.1")
    assert "No such file" in caplog.text


def test_a_browser_is_told_how_it_is_done(tmp_path: Path) -> None:
    async def ask(api: Api) -> None:
        answer = await api.client.post(DRAIN, json={})
        assert answer.headers["www-authenticate"].startswith("Bearer")

    with_api(tmp_path, ask)
