"""Tables in plain text: columns as wide as they must be, numbers to the right.

Rule: the last column is for what strangers call themselves: however wide their letters are, or whichever way they run,
nothing stands behind them.
"""

from collections.abc import Iterator, Sequence

from sluice.legible import printable

GAP = "  "
#: Letters of a stranger's name that are shown in a table.
MOST_LETTERS = 48


def aligned(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A line of heads and one for each row; a head that begins with a blank stands to the right, as its cells do."""
    to_the_right = [head.startswith(" ") for head in heads]
    table = [[head.strip() for head in heads], *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(heads) - 1)]
    for row in table:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, to_the_right, strict=False)
        ]
        yield GAP.join([*cells, row[-1]]).rstrip()


def cut(text: str) -> str:
    """A stranger's name, as much of it as a table has room for."""
    shown = printable(text)
    return shown if len(shown) <= MOST_LETTERS else f"{shown[: MOST_LETTERS - 1]}…"
