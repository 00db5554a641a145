import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.alarms.message import Name
from sluice.alarms.words import clean, cut, html, markdown, plain, utf8_length, utf16_length
from support.alarms import HOSTILE

TEXTS = st.text() | st.text("`<>&@\\\u202e\u2066\n\r\0א", max_size=300)


@given(TEXTS)
def test_nothing_that_moves_or_turns_is_left(text: str) -> None:
    shown = clean(text)
    assert shown.isprintable()
    assert len(shown) <= 300


def test_what_is_plain_stays() -> None:
    assert clean("bc1q.rig-1_ü 你好 🙂") == "bc1q.rig-1_ü 你好 🙂"
    assert clean("a\r\nb\u202e\x00\udcff") == "a\\x0d\\x0ab\\x202e\\x00\\xdcff"
    assert clean("x" * 65, 64) == "x" * 63 + "…"
    assert clean("x" * 64, 64) == "x" * 64


def test_a_name_from_right_to_left_keeps_that_to_itself() -> None:
    assert plain(("Worker ", Name("שלום"), " is gone")) == "Worker \u2068שלום\u2069 is gone"
    assert plain(("Worker ", Name("shalom"), " is gone")) == "Worker shalom is gone"


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(TEXTS)
def test_in_html_a_name_is_code_and_nothing_else(text: str) -> None:
    parser = _Text()
    parser.feed(html(("a < b: ", Name(text))))
    parser.close()
    assert parser.tags == ["code"]
    assert parser.text == "a < b: " + plain((Name(text),))


@given(TEXTS)
def test_in_markdown_a_name_is_code_and_does_not_end_it(text: str) -> None:
    shown = markdown(("by ", Name(text), "."))
    assert re.fullmatch(r"by `[^`\n]+`\.", shown)


def test_the_worst_name_is_harmless_everywhere() -> None:
    words = ("Worker ", Name(HOSTILE), " is gone")
    assert "\n" not in plain(words)
    assert "<b>" not in html(words)
    assert markdown(words).count("`") == 2


@pytest.mark.parametrize("length", [len, utf8_length, utf16_length])
@given(text=st.text(st.characters(exclude_categories=["Cs"])), most=st.integers(5, 50))
def test_what_is_cut_fits(length: object, text: str, most: int) -> None:
    assert callable(length)
    kept = cut(text, most, length)
    assert length(kept) <= most
    assert kept == text or (kept.endswith("…") and text.startswith(kept[:-1]))
    if kept != text:
        assert length(text) > most


def test_lengths_are_as_receivers_count() -> None:
    assert utf8_length("aü🙂") == 1 + 2 + 4
    assert utf16_length("aü🙂") == 1 + 1 + 2
