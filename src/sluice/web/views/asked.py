"""What a page was asked for: the part of the address behind the question mark.

Rule: only what the page knows is taken, and no more of it than anybody can mean; what makes no sense is as if it were
not there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

#: Characters of one value: a name has 255 bytes, each of which may be spelt out.
MOST_TEXT = 1_100
#: The last page that anybody turns to.
MOST_PAGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Values by name, in the order in which the page knows them."""

    values: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, known: Iterable[str], given: Mapping[str, str]) -> "Asked":
        """What of `given` the page knows."""
        return cls(tuple((name, given[name][:MOST_TEXT]) for name in known if name in given))

    def text(self, name: str, otherwise: str = "") -> str:
        """As it was given."""
        return dict(self.values).get(name, otherwise)

    def choice(self, name: str, choices: Iterable[str], otherwise: str) -> str:
        """One of those, or what is usual."""
        text = self.text(name)
        return text if text in choices else otherwise

    @property
    def page(self) -> int:
        """Which page of a list; the first is 1."""
        text = self.text("page")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 1
        return min(max(number, 1), MOST_PAGE)

    def query(self, **changed: object) -> str:
        """The same, but for what is `changed`, as an address has it."""
        values = dict(self.values) | {name: str(value) for name, value in changed.items()}
        return urlencode({name: value for name, value in values.items() if value or name == "worker"})


@dataclass(frozen=True, slots=True)
class Pages:
    """Where one is in a list, and where one can go; `first` and `last` count rows from 1."""

    number: int
    count: int
    total: int
    first: int
    last: int


def turned(total: int, number: int, size: int) -> Pages:
    """The page of that number, of `total` rows in pages of `size`; the last one if there are not so many."""
    count = max(1, -(-total // size))
    number = min(number, count)
    first = (number - 1) * size
    return Pages(number, count, total, first + 1 if total else 0, min(first + size, total))
