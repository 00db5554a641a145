import pytest

from sluice.accounting.credit import cut, together


def test_credit_is_added_up_by_account() -> None:
    assert together([{"a": 1, "b": 2}, {}, {"a": 1 << 96}]) == {"a": (1 << 96) + 1, "b": 2}
    assert together([]) == {}


def test_what_is_cut_is_in_proportion_and_exactly_so_much() -> None:
    assert cut({"b": 30, "a": 10}, 20) == {"a": 5, "b": 15}
    assert cut({"a": 1, "b": 1, "c": 1}, 2) == {"a": 0, "b": 1, "c": 1}
    assert cut({"a": 7}, 7) == {"a": 7}
    assert cut({"a": 7, "b": 0}, 0) == {"a": 0, "b": 0}
    assert cut({}, 0) == {}


@pytest.mark.parametrize("work", [-1, 8])
def test_nothing_is_cut_that_is_not_there(work: int) -> None:
    with pytest.raises(ValueError, match="of 7 hashes cannot be cut"):
        cut({"a": 7}, work)
