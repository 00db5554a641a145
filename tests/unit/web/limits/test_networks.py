from ipaddress import ip_address

import pytest

from sluice.web.limits.networks import Networks, is_network, networks


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("127.0.0.0/8, ::1", "127.9.9.9", "128.0.0.1"),
        ("127.0.0.0/8, ::1", "::1", "::2"),
        ("10.0.0.7", "10.0.0.7", "10.0.0.8"),
        ("10.0.0.7/8", "10.255.0.1", "11.0.0.1"),
        ("2001:db8::/32", "2001:db8:1::1", "2001:db9::1"),
    ],
)
def test_an_address_is_in_the_networks_that_have_it(text: str, inside: str, outside: str) -> None:
    assert ip_address(inside) in networks(text)
    assert ip_address(outside) not in networks(text)


@pytest.mark.parametrize("text", ["", " ", ","])
def test_no_network_has_nobody(text: str) -> None:
    assert networks(text) == Networks()
    assert ip_address("127.0.0.1") not in networks(text)


@pytest.mark.parametrize("text", ["proxy", "127.0.0.0/8, 300.1.1.1", "10.0.0.1/33", "::1/129"])
def test_what_is_no_network_is_named(text: str) -> None:
    wrong = text.rsplit(",", maxsplit=1)[-1].strip()
    with pytest.raises(ValueError, match=f"'{wrong}' is neither an address nor a network"):
        networks(text)


def test_they_are_written_as_they_are_read() -> None:
    written = "127.0.0.0/8, ::1/128"
    assert str(networks(written)) == written


@pytest.mark.parametrize("text", ["192.0.2.1", " 192.0.2.0/24", "2001:db8::/32", "::1"])
def test_what_is_a_network(text: str) -> None:
    assert is_network(text)


@pytest.mark.parametrize("text", ["", "alice", "alice.192", "192.0.2", "bc1q", "2001"])
def test_what_is_none(text: str) -> None:
    assert not is_network(text)
