from pathlib import Path

import pytest

from sluice.config.values import (
    MAX_NAME,
    MAX_TAG_BYTES,
    Endpoint,
    check_name,
    check_node_url,
    check_nothing,
    check_tag,
    check_zmq,
    parse_endpoint,
    parse_path,
)


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("0.0.0.0:3333", Endpoint("0.0.0.0", 3333)),
        ("localhost:0", Endpoint("localhost", 0)),
        ("[::1]:65535", Endpoint("::1", 65535)),
        ("[::]:3333", Endpoint("::", 3333)),
    ],
)
def test_an_endpoint_is_read_and_written_alike(text: str, endpoint: Endpoint) -> None:
    assert parse_endpoint(text) == endpoint
    assert str(endpoint) == text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "host:port"),
        ("3333", "host:port"),
        (":3333", "host:port"),
        ("[]:3333", "host:port"),
        ("my host:3333", "host:port"),
        ("::1:3333", "brackets"),
        ("host:", "port from 0 to 65535"),
        ("host:65536", "port from 0 to 65535"),
        ("host:-1", "port from 0 to 65535"),
        ("host:３３", "port from 0 to 65535"),
        ("host:http", "port from 0 to 65535"),
    ],
)
def test_what_is_no_endpoint_is_told_what_one_is(text: str, wanted: str) -> None:
    with pytest.raises(ValueError, match=wanted):
        parse_endpoint(text)


def test_a_path_knows_its_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert parse_path("~/keys") == tmp_path / "keys"
    assert parse_path("keys") == Path("keys")


@pytest.mark.parametrize("text", ["", "a\0b", "~nobody-of-that-name/keys"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be a path"):
        parse_path(text)


def test_a_tag_is_printable_and_short_in_bytes() -> None:
    check_tag("Größte Mine ⛏")
    check_tag("x" * MAX_TAG_BYTES)
    with pytest.raises(ValueError, match="at most 32 bytes, is 33"):
        check_tag("x" * 31 + "é")
    for text in ("two\nlines", "\x1b[2J", "\udcff"):
        with pytest.raises(ValueError, match="printable"):
            check_tag(text)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8332", "https://node.example:443/path", "http://[::1]:1"])
def test_a_node_s_url_has_its_port(url: str) -> None:
    check_node_url(url)


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8332", "http://127.0.0.1", "ftp://a:1", "http://:8332", "http://a:b", "http://[::1:2"],
)
def test_what_is_no_node_s_url_is_refused_with_one(url: str) -> None:
    with pytest.raises(ValueError, match=r"must be like http://127.0.0.1:8332"):
        check_node_url(url)


PROVIDER = "stratum2+tcp://127.0.0.1:8442"


@pytest.mark.parametrize(
    "url",
    [PROVIDER, f"{PROVIDER}/9auqWEzQDVyd2oe1JVGFLMLHZtCo2FFqZwtKA5gd9xbuEu7PH72", "STRATUM2+TCP://[::1]:1"],
)
def test_a_template_providers_url_may_end_in_its_key(url: str) -> None:
    check_node_url(url)


@pytest.mark.parametrize("url", ["stratum2+tcp://127.0.0.1", f"{PROVIDER}/nonsense", "stratum2+tcp://"])
def test_what_is_no_template_providers_url_is_refused_with_the_reason(url: str) -> None:
    with pytest.raises(ValueError, match=r"must be like stratum2\+tcp://host:port/KEY: "):
        check_node_url(url)


def test_credentials_do_not_belong_into_a_url() -> None:
    with pytest.raises(ValueError, match=r"use node.user with node.password") as caught:
        check_node_url("http://bob:pa55@127.0.0.1:8332")
    assert "pa55" not in str(caught.value)


def test_zmq_is_nothing_or_an_endpoint() -> None:
    for text in ("", "tcp://127.0.0.1:28332", "ipc:///run/node.zmq"):
        check_zmq(text)
    for text in ("127.0.0.1:28332", "tcp://127.0.0.1", "ipc://", "udp://a:1"):
        with pytest.raises(ValueError, match=r"must be like tcp://127.0.0.1:28332"):
            check_zmq(text)


def test_a_node_s_name_is_nothing_or_a_word() -> None:
    for name in ("", "cellar", "käfer-2", "x" * MAX_NAME):
        check_name(name)
    for name in ("two words", "x" * (MAX_NAME + 1), "\x1b[2J", "tab\tbed"):
        with pytest.raises(ValueError, match=r"must be one word of at most 32 characters"):
            check_name(name)


def test_some_texts_are_checked_elsewhere() -> None:
    check_nothing("anything")
