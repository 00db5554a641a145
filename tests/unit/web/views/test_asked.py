"""What a page was asked for."""

import pytest

from sluice.web.views.asked import MOST_TEXT, Asked, turned

KNOWN = ("account", "worker", "page")


def test_only_what_the_page_knows_is_taken_in_its_own_order() -> None:
    asked = Asked.of(KNOWN, {"page": "2", "evil": "x", "account": "a" * 5_000})
    assert [name for name, _ in asked.values] == ["account", "page"]
    assert len(asked.text("account")) == MOST_TEXT
    assert asked.text("evil", "none") == "none"


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("3", 3),
        ("0", 1),
        ("-1", 1),
        ("x", 1),
        ("٣", 1),
        ("99999999", 1_000_000),
        ("9" * 400, 1),
        ("", 1),
        ("1.5", 1),
    ],
)
def test_a_page_that_makes_no_sense_is_the_first(text: str, page: int) -> None:
    assert Asked.of(KNOWN, {"page": text}).page == page


def test_the_same_again_with_something_changed() -> None:
    asked = Asked.of(KNOWN, {"account": "a&b=c", "worker": "", "page": "2"})
    assert asked.query(page=3) == "account=a%26b%3Dc&worker=&page=3"
    assert asked.query(page="") == "account=a%26b%3Dc&worker="
    assert Asked().query() == ""


def test_one_of_several() -> None:
    asked = Asked.of(("show",), {"show": "<script>"})
    assert asked.choice("show", ("all", "some"), "all") == "all"


@pytest.mark.parametrize(
    ("total", "number", "expected"),
    [
        (0, 1, (1, 1, 0, 0, 0)),
        (1, 1, (1, 1, 1, 1, 1)),
        (50, 1, (1, 1, 50, 1, 50)),
        (51, 2, (2, 2, 51, 51, 51)),
        (51, 9, (2, 2, 51, 51, 51)),
        (10_000, 3, (3, 200, 10_000, 101, 150)),
    ],
)
def test_a_page_of_a_list(total: int, number: int, expected: tuple[int, ...]) -> None:
    pages = turned(total, number, 50)
    assert (pages.number, pages.count, pages.total, pages.first, pages.last) == expected
