"""Tables and lines in plain text, no wider than the screen: columns as wide as they must be, numbers to the right.

Rule: the last column is for what strangers call themselves: however wide their letters are, or whichever way they run,
nothing stands behind them. Widths are counted in cells, of which a wide letter has two. What is not a terminal has no
width: programs and files get all of it.
"""

import shutil
import sys
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from sluice.legible import printable

GAP = "  "
#: Letters of a stranger's name that are shown in a table.
MOST_LETTERS = 48
#: Cells that a name has at least before columns are left out for it: most worker names, the end of an address.
LEAST_NAME = 16
#: Cells of the narrowest screen that we lay anything out for.
LEAST_WIDTH = 40


def screen_width() -> int:
    """Cells in a line of the terminal that is printed on; 0 if it is none."""
    return max(shutil.get_terminal_size().columns, LEAST_WIDTH) if sys.stdout.isatty() else 0


def aligned(
    heads: Sequence[str], rows: Sequence[Sequence[str]], width: int = 0, spare: Sequence[str] = ()
) -> Iterator[str]:
    """A line of heads and one for each row; a head that begins with a blank stands to the right, as its cells do.

    Where they are wider than `width` (0: they never are), columns are left out in the order of `spare`, and the last
    one is cut.
    """
    table = [[head.strip() for head in heads], *rows]
    columns = list(range(len(heads) - 1))
    widths = [max(cell_len(row[column]) for row in table) for column in columns]
    name = max(cell_len(row[-1]) for row in table)
    dispensable = [list(heads).index(head) for head in spare]

    def room() -> int:
        """Cells that are left for the last column."""
        return width - sum(widths[column] + len(GAP) for column in columns)

    while width and dispensable and room() < min(name, LEAST_NAME):
        columns.remove(dispensable.pop(0))
    for row in table:
        cells = [_padded(row[column], widths[column], heads[column].startswith(" ")) for column in columns]
        last = fitted(row[-1], max(room(), 1)) if width else row[-1]
        yield GAP.join([*cells, last]).rstrip()


def cut(text: str) -> str:
    """A stranger's name, as much of it as a table has room for."""
    shown = printable(text)
    if len(shown) <= MOST_LETTERS:
        return shown
    head = MOST_LETTERS // 2
    return f"{shown[:head]}…{shown[head + 1 - MOST_LETTERS :]}"


def fitted(text: str, width: int) -> str:
    """As much of a printable text as so many cells hold: its ends, as workers of an account begin alike."""
    if cell_len(text) <= width:
        return text
    head = _as_much(text, (width - 1) // 2)
    tail = _as_much(text[::-1], width - 1 - cell_len(head))
    return f"{head}…{tail[::-1]}"


def _as_much(text: str, width: int) -> str:
    """The beginning that so many cells hold."""
    used = 0
    for place, letter in enumerate(text):
        used += cell_len(letter)
        if used > width:
            return text[:place]
    return text


def folded(text: str, width: int, indent: int) -> Iterator[str]:
    """A printable line, broken between words where it is too wide; what follows stands `indent` to the right.

    A word that has room in no line is left whole, and where it is, as it is something to be copied.
    """
    if not width or cell_len(text) <= width:
        yield text
        return
    first = len(text) - len(text.lstrip())
    margin, line = text[:first], ""
    for word in text[first:].split(" "):
        longer = f"{line} {word}" if line else word
        too_wide = cell_len(margin) + cell_len(longer) > width
        if too_wide and line.strip() and cell_len(word) <= width - indent:
            yield f"{margin}{line}".rstrip()
            margin, line = " " * indent, word
        else:
            line = longer
    yield f"{margin}{line}"


def _padded(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks
