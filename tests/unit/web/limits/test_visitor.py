import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.web.limits.networks import Networks, networks
from sluice.web.limits.visitor import MOST_FORWARDERS, NOBODY, is_local, visitor

PROXIES = networks("127.0.0.0/8, ::1, 10.0.0.0/8")


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        # Nobody in between.
        ("203.0.113.5", [], "203.0.113.5"),
        # A header from who is no proxy of ours is made up.
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        # A proxy of ours says who it was.
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", [" 198.51.100.1 "], "198.51.100.1"),
        # Two proxies of ours; what the visitor wrote before them does not count.
        ("127.0.0.1", ["6.6.6.6, 198.51.100.1, 10.0.0.3"], "198.51.100.1"),
        ("127.0.0.1", ["6.6.6.6", "198.51.100.1", "10.0.0.3"], "198.51.100.1"),
        # Only ourselves all the way.
        ("127.0.0.1", ["10.0.0.9"], "10.0.0.9"),
        ("127.0.0.1", [], "127.0.0.1"),
        # What is no address ends the search where we still know.
        ("127.0.0.1", ["unknown"], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1, nonsense"], "127.0.0.1"),
        # With ports and brackets, as some proxies write it.
        ("127.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("127.0.0.1", ["[2001:db8:1:2:3:4:5:6]:4711"], "2001:db8:1:2::/64"),
        # A household is one visitor; an IPv4 address in IPv6 clothes is what it is.
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", [], "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", [], "203.0.113.5"),
        ("fe80::1%eth0", [], "fe80::/64"),
        ("::1", [], "::1"),
        # No address at all.
        ("", [], NOBODY),
        ("testclient", ["198.51.100.1"], "testclient"),
    ],
)
def test_who_asks(peer: str, forwarded: list[str], who: str) -> None:
    assert visitor(peer, forwarded, PROXIES) == who


def test_without_proxies_nothing_forwarded_is_believed() -> None:
    assert visitor("127.0.0.1", ["198.51.100.1"], Networks()) == "127.0.0.1"


def test_a_chain_without_end_is_not_followed() -> None:
    chain = ", ".join(["198.51.100.1", *["10.0.0.1"] * (MOST_FORWARDERS + 1)])
    assert visitor("127.0.0.1", [chain], PROXIES) == "10.0.0.1"


@given(peer=st.text(), forwarded=st.lists(st.text()))
def test_anything_may_come(peer: str, forwarded: list[str]) -> None:
    assert visitor(peer, forwarded, PROXIES)
    assert visitor("127.0.0.1", forwarded, PROXIES)


@pytest.mark.parametrize(
    ("who", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("203.0.113.5", False),
        ("2001:db8:1:2::/64", False),
        ("::/64", False),
        (NOBODY, False),
        ("testclient", False),
    ],
)
def test_who_is_on_this_machine(who: str, local: bool) -> None:
    assert is_local(who) is local
