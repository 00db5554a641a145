"""The options of the web side."""

import pytest

from sluice.config.table import OPTIONS
from sluice.config.values import Endpoint
from sluice.config.web_table import Web


def test_it_can_be_turned_off() -> None:
    assert Web().endpoint == Endpoint("127.0.0.1", 8080)
    assert Web(listen="off").endpoint is None


@pytest.mark.parametrize("text", ["8080", "nowhere", "::1:80", "a:99999", ""])
def test_an_address_has_a_port(text: str) -> None:
    with pytest.raises(ValueError, match='or "off"'):
        OPTIONS["web.listen"].decode(text)


@pytest.mark.parametrize("text", ["", "https://pool.example.org", "http://10.0.0.1:8080/sub"])
def test_a_site(text: str) -> None:
    assert OPTIONS["web.public_url"].decode(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "pool.example.org",
        "ftp://a",
        "https://",
        "https://a?b",
        "https://u:p@a",
        "javascript:alert(1)",
        "http://a b",
    ],
)
def test_no_site(text: str) -> None:
    with pytest.raises(ValueError, match="must be like https"):
        OPTIONS["web.explorer_url"].decode(text)


@pytest.mark.parametrize("text", ["", "127.0.0.1", "10.0.0.0/8, ::1"])
def test_proxies(text: str) -> None:
    assert OPTIONS["web.trusted_proxies"].decode(text) == text


def test_no_proxies() -> None:
    with pytest.raises(ValueError, match="'proxy' is neither an address nor a network"):
        OPTIONS["web.trusted_proxies"].decode("127.0.0.1, proxy")
