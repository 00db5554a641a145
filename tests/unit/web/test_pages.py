"""The handlers of pages."""

from pathlib import Path

import pytest

from sluice.web.pages import PAGES
from sluice.web.views.table import TABLE
from support.pictures import ACCOUNT
from support.web import page_of

PATHS = [page.path for page in TABLE if page.path not in {"/miner", "/worker", "/block"}]


@pytest.mark.parametrize(
    "path", [*PATHS, f"/miner?account={ACCOUNT}", f"/worker?account={ACCOUNT}&worker=rig"]
)
def test_every_page_is_whole_html_that_fetches_nothing_from_elsewhere(tmp_path: Path, path: str) -> None:
    answer = page_of(tmp_path, path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text.startswith("<!doctype html>")
    assert answer.text.endswith("</html>")
    for link in ("src=", "href="):
        for place in answer.text.split(link)[1:]:
            assert place[:2] in {'"/', '"#'}, place[:60]


def test_where_nothing_is_recorded_a_chart_is_empty(tmp_path: Path) -> None:
    for path in ("/chart/pool.json", "/chart/miner.json?account=x", "/chart/miner.json?range=%3Cscript%3E"):
        answer = page_of(tmp_path, path)
        assert answer.json() == {"at": [], "rate": []}
        assert answer.headers["cache-control"] == "no-store"
    assert PAGES.path == "/"
