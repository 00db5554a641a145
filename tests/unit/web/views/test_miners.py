"""Who mines."""

import re
from pathlib import Path

import pytest

from sluice.web.views.miners import ORDERS, PAGE_SIZE
from support.pictures import channel, miner
from support.scripted_pool import ScriptedPool
from support.web import page_of, text_of


def crowd(count: int) -> ScriptedPool:
    return ScriptedPool(
        miners=[
            miner(
                peer,
                channel(
                    1,
                    f"account{peer % 7}",
                    f"rig{peer:05}",
                    hashrates=(1e12, 1e9 * (peer + 1), 1e12),
                    refused={"stale": peer},
                ),
            )
            for peer in range(count)
        ]
    )


def workers(page: str) -> list[str]:
    return re.findall(r"<bdi class=\"name\" title=\"(rig\d+)\"", page)


def test_ten_thousand_are_paged(tmp_path: Path) -> None:
    first = page_of(tmp_path, "/miners", crowd(10_000)).text
    assert workers(first) == [f"rig{peer:05}" for peer in range(9_999, 9_999 - PAGE_SIZE, -1)]
    assert "1 to 50 of 10,000" in text_of(first)
    assert 'rel="next" href="/miners?page=2"' in first
    assert len(first) < 200_000


def test_the_last_page_is_as_far_as_one_gets(tmp_path: Path) -> None:
    last = page_of(tmp_path, "/miners?page=999", crowd(101)).text
    assert workers(last) == ["rig00000"]
    assert 'rel="next"' not in last


def test_a_part_of_a_name_finds_it(tmp_path: Path) -> None:
    assert workers(page_of(tmp_path, "/miners?q=RIG00042", crowd(100)).text) == ["rig00042"]
    assert "account3" in page_of(tmp_path, "/miners?q=account3.", crowd(100)).text
    nobody = page_of(tmp_path, "/miners?q=%3Cscript%3E", crowd(10)).text
    assert "No worker that is connected has this in its name." in text_of(nobody)
    assert 'value="&lt;script&gt;"' in nobody


@pytest.mark.parametrize("order", ORDERS)
def test_in_each_order_the_same_are_there(tmp_path: Path, order: str) -> None:
    page = page_of(tmp_path, f"/miners?order={order}", crowd(20)).text
    assert sorted(workers(page)) == [f"rig{peer:05}" for peer in range(20)]
    assert page.count("aria-sort") == 1


def test_nobody_is_told_how_to_come(tmp_path: Path) -> None:
    page = page_of(tmp_path, "/miners", ScriptedPool(miners=())).text
    assert 'No miner is connected. <a href="/connect">' in page
