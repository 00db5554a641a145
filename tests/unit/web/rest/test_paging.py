import pytest

from sluice.web.rest.paging import part


@pytest.mark.parametrize(
    ("offset", "limit", "items"), [(0, 3, ["0", "1", "2"]), (8, 3, ["8", "9"]), (10, 3, []), (99, 3, [])]
)
def test_a_part_says_which_it_is(offset: int, limit: int, items: list[str]) -> None:
    said = part(range(10), offset, limit, str)
    assert (said.total, said.offset, said.limit, said.items) == (10, offset, limit, items)
