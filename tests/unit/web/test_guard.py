"""Whom the door lets in, and what it says to everybody."""

import asyncio
from pathlib import Path

import httpx
import pytest

from sluice.web.guard import HEADERS, host_of, names_of
from support.web import served, settings_in


def answers(tmp_path: Path, *hosts: str | bytes, path: str = "/", **settings: object) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        async with served(settings_in(tmp_path, **settings)) as client:
            return [
                await client.get(path, headers=[(b"host", host.encode() if isinstance(host, str) else host)])
                for host in hosts
            ]

    return asyncio.run(ask())


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8080",
        "localhost",
        "LOCALHOST:8080",
        "localhost.",
        "a.localhost",
        "[::1]:8080",
        "192.168.7.9",
    ],
)
def test_names_of_this_machine_and_numbers_are_ours(tmp_path: Path, host: str) -> None:
    [answer] = answers(tmp_path, host)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "xlocalhost",
        "",
        "a]b[",
        "127.1",
        "☃",
    ],
)
def test_a_strangers_name_is_not(tmp_path: Path, host: str) -> None:
    [answer] = answers(tmp_path, host.encode())
    assert answer.status_code == 421
    assert "web.public_url" in answer.text


def test_the_name_that_the_operator_gave_is(tmp_path: Path) -> None:
    ours, not_ours = answers(
        tmp_path, "pool.example.org", "evil.example", public_url="https://Pool.example.org:8443"
    )
    assert (ours.status_code, not_ours.status_code) == (200, 421)


def test_two_hosts_are_none(tmp_path: Path) -> None:
    async def ask() -> int:
        async with served(settings_in(tmp_path)) as client:
            headers = [("host", "localhost"), ("host", "evil.example")]
            return (await client.get("/", headers=headers)).status_code

    assert asyncio.run(ask()) == 421


@pytest.mark.parametrize(
    ("host", "path"), [("localhost", "/"), ("localhost", "/nothing"), ("evil.example", "/")]
)
def test_every_answer_has_the_headers(tmp_path: Path, host: str, path: str) -> None:
    [answer] = answers(tmp_path, host, path=path)
    for name, value in HEADERS:
        assert answer.headers[name.decode()] == value.decode()
    assert answer.headers["cache-control"] == "no-store"
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none';")


def test_a_host_is_read_without_its_port() -> None:
    assert host_of("Pool.Example:8080") == "pool.example"
    assert host_of("[::1]:8080") == "::1"
    assert host_of("[::1") == ""
    assert "0.0.0.0" in names_of("0.0.0.0:8080", "")
