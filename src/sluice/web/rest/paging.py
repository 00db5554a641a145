"""Parts of lists: which part is asked for, and how it is answered.

Rule: no list is answered whole; how long it is, and which part this is, stands in the answer.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from litestar.params import QueryParameter

from sluice.web.rest.answers import Page

S = TypeVar("S")
T = TypeVar("T")

#: Entries of a part that nobody asked to be shorter or longer, and at most: some hundred KB.
USUAL, MOST = 100, 1_000
#: No list is as long; a number beyond is a mistake, and no database takes all numbers.
FURTHEST = 10_000_000

Offset = Annotated[
    int, QueryParameter(ge=0, le=FURTHEST, description="How many entries to leave out before.")
]
Limit = Annotated[int, QueryParameter(ge=1, le=MOST, description="How many entries at most.")]


def part(whole: Sequence[S], offset: int, limit: int, answer: Callable[[S], T]) -> Page[T]:
    """A part of a list that is there as a whole."""
    return Page(len(whole), offset, limit, [answer(each) for each in whole[offset : offset + limit]])
