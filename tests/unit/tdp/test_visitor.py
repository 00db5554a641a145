"""What one client of ours may have us do."""

from sluice.tdp.visitor import ALLOWANCE_SECONDS, MOST_BYTES, MOST_REQUESTS, Visitor


def test_so_many_requests_and_no_more_until_some_time_has_passed() -> None:
    visitor = Visitor(1, "192.0.2.1:1", 0.0)
    assert all(visitor.may(5.0) for _ in range(MOST_REQUESTS))
    assert not visitor.may(5.0 + ALLOWANCE_SECONDS - 5.1)
    assert visitor.may(5.0 + ALLOWANCE_SECONDS)


def test_so_many_bytes() -> None:
    visitor = Visitor(1, "192.0.2.1:1", 0.0)
    assert visitor.may(1.0, MOST_BYTES)
    assert not visitor.may(1.0, 1)
    assert visitor.may(1.0 + ALLOWANCE_SECONDS, 1)


def test_what_it_is_called() -> None:
    visitor = Visitor(1, "192.0.2.1:1", 0.0)
    assert visitor.name == "a template client at 192.0.2.1:1"
    visitor.vendor = "SRI"
    assert visitor.name == "SRI at 192.0.2.1:1"
    assert not visitor.looks_ahead
    visitor.vendor = "Sluice"
    assert visitor.looks_ahead
