"""Messages as text: what strangers chose is shown as what it is, in the form that each receiver has for that.

Rule: no name begins a line, moves a cursor, turns the direction of what follows, or is read as a link, a mention or
mark-up. What is too long is cut in the middle of nothing: at a character, with three dots.
"""

from collections.abc import Callable
from html import escape
from unicodedata import bidirectional

from sluice.alarms.message import MOST_OF_A_REASON, Name, Words
from sluice.legible import printable

_ISOLATE, _END = "\u2068", "\u2069"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def clean(text: str, most: int = MOST_OF_A_REASON) -> str:
    """`text` in printable characters, all others by their number; cut after `most`."""
    return cut(printable(text[: most + 1]), most)


def plain(words: Words) -> str:
    """For receivers that show text as it is. What is written from right to left keeps that to itself."""
    return "".join(word if isinstance(word, str) else _shown(word) for word in words)


def html(words: Words) -> str:
    """For Telegram: names are code, in which nothing is a link or a mention."""
    return "".join(
        escape(word, quote=False)
        if isinstance(word, str)
        else f"<code>{escape(_shown(word), quote=False)}</code>"
        for word in words
    )


def markdown(words: Words) -> str:
    """For Discord: names are code, in which nothing is a link or a mention, and a backtick cannot end it."""
    return "".join(word if isinstance(word, str) else _code(_shown(word)) for word in words)


def _code(text: str) -> str:
    # The letter that looks like it.
    return f"`{text.replace('`', 'ˋ') or ' '}`"


def _shown(name: Name) -> str:
    text = clean(name.text, name.most)
    if any(bidirectional(c) in _RIGHT_TO_LEFT for c in text):
        return f"{_ISOLATE}{text}{_END}"
    return text


def utf8_length(text: str) -> int:
    """How ntfy counts."""
    return len(text.encode())


def utf16_length(text: str) -> int:
    """How Telegram and Discord count."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, most: int, length: Callable[[str], int] = len) -> str:
    """As much of `text` as has `most` units, three dots at the end if that is not all."""
    if length(text) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if length(text[:middle] + "…") <= most:
            low = middle
        else:
            high = middle - 1
    return text[:low] + "…"
