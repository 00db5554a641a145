"""A wish that is kept and not followed."""

from sluice.module.pool_wish import PoolWish


def test_a_wish_says_why_nothing_comes_of_it_and_holds_no_password() -> None:
    wish = PoolWish("stratum+tcp://elsewhere.example:3333", "worker", password_given=True)
    assert "this module is the pool" in wish.reason
    assert set(PoolWish.__slots__) == {"url", "user", "password_given"}
