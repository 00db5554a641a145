import pytest

from sluice.accounting.split import Terms, split


def test_a_reward_is_split_by_work_and_the_rest_is_named() -> None:
    done = split(1_000, {"b": 2, "a": 1}, Terms())
    assert done.parts == {"a": 333, "b": 666}
    assert (done.fee, done.rest, done.carried) == (0, 1, {})
    assert done.paid == done.parts


def test_a_fee_comes_first_and_is_rounded_for_the_miners() -> None:
    done = split(1_000, {"a": 1}, Terms(fee_ppm=2_999))
    assert (done.fee, done.paid, done.rest) == (2, {"a": 998}, 0)


def test_what_is_too_little_is_carried_until_it_is_enough() -> None:
    terms = Terms(least=400)
    first = split(1_000, {"a": 3, "b": 7}, terms)
    assert (first.paid, first.carried) == ({"b": 700}, {"a": 300})
    second = split(1_000, {"a": 1, "b": 9}, terms, first.carried)
    assert (second.paid, second.carried) == ({"a": 400, "b": 900}, {})
    assert second.parts == {"a": 100, "b": 900}


def test_who_was_brought_something_and_did_nothing_keeps_it() -> None:
    done = split(10, {"a": 1}, Terms(least=5), {"gone": 4, "waits": 5})
    assert (done.paid, done.carried) == ({"a": 10, "waits": 5}, {"gone": 4})


def test_where_nobody_worked_all_but_the_fee_is_the_rest() -> None:
    for credit in ({}, {"a": 0}):
        done = split(1_000, credit, Terms(fee_ppm=10_000))
        assert (done.fee, done.rest, done.parts) == (10, 990, {})


@pytest.mark.parametrize("terms", [(-1, 0), (1_000_001, 0), (0, -1)])
def test_what_are_no_terms_is_refused(terms: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="are no terms"):
        Terms(*terms)


def test_a_reward_below_zero_is_none() -> None:
    with pytest.raises(ValueError, match="a reward of -1 satoshis is none"):
        split(-1, {}, Terms())
