"""The files that a page brings along."""

import asyncio
import gzip
from importlib.resources import files
from pathlib import Path

import httpx
import pytest

from sluice.web.assets import ASSETS, FOR_EVER, path_of
from support.web import served, settings_in


def fetched(tmp_path: Path, path: str, **headers: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with served(settings_in(tmp_path)) as client:
            return await client.get(path, headers=headers)

    return asyncio.run(ask())


@pytest.mark.parametrize("name", ["app.css", "app.js", "chart.js", "theme.js", "icon.svg", "uplot/uPlot.js"])
def test_each_is_served_for_ever_and_packed(tmp_path: Path, name: str) -> None:
    plain = fetched(tmp_path, path_of(name), **{"accept-encoding": "identity"})
    packed = fetched(tmp_path, path_of(name))
    assert plain.status_code == packed.status_code == 200
    assert plain.content == packed.content == (files("sluice.web") / "static" / name).read_bytes()
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert plain.headers["cache-control"] == FOR_EVER
    assert plain.headers["content-type"].partition(";")[0] == ASSETS[name].media_type


@pytest.mark.parametrize(
    "path",
    ["/static/0123456789ab/app.css", "/static/x/../../app.py", "/static/%2e%2e/settings.py", "/static//"],
)
def test_nothing_else_is_there(tmp_path: Path, path: str) -> None:
    assert fetched(tmp_path, path).status_code == 404


def test_packing_pays() -> None:
    for asset in ASSETS.values():
        assert gzip.decompress(asset.packed) == asset.plain
    whole = sum(len(asset.packed) for asset in ASSETS.values())
    assert whole < 40_000  # a phone on a slow line has it in a second


def test_the_library_comes_with_its_licence() -> None:
    assert "The MIT License" in (files("sluice.web") / "static/uplot/LICENSE").read_text()
