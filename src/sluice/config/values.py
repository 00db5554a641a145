"""The types of option values that TOML does not have.

Rule: each is made from text by one function, which raises ValueError with what was wanted ("must be …").
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta

from sluice.noise.authority import SCHEME, URL_FORM, parse_pool_url

MAX_TAG_BYTES = 32
"""A coinbase script holds 100 bytes; the height, the extranonce and small devices want theirs."""

MAX_NAME = 32
"""Characters of a node's name: a column of its own in a terminal of 80."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to listen. Port 0 is any free port."""

    host: str
    port: int

    def __str__(self) -> str:
        """As it is written in a file: brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_endpoint(text: str) -> Endpoint:
    """`host:port` or `[IPv6]:port`; ValueError otherwise."""
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError("must have brackets around its IPv6 address, like [::1]:3333")
    if not colon or not host or any(map(str.isspace, host)):
        raise ValueError("must be host:port, like 0.0.0.0:3333")
    if not (port.isascii() and port.isdigit() and int(port) <= 65_535):
        raise ValueError("must end in a port from 0 to 65535, like 0.0.0.0:3333")
    return Endpoint(host, int(port))


def parse_path(text: str) -> Path:
    """A path with `~` resolved; ValueError if there is none, or no home for the `~`."""
    if not text or "\0" in text:
        raise ValueError("must be a path")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError("must be a path without ~, as there is no home directory here") from error


PARSERS: Mapping[type, Callable[[str], object]] = {Endpoint: parse_endpoint, Path: parse_path}
"""What is written as text and is no text inside."""

WORDS: Mapping[type, str] = {
    Endpoint: "host:port",
    Path: "a path",
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}
"""What a person calls each type."""


@dataclass(frozen=True, slots=True)
class Form:
    """A text with a form of its own: what it is called, and the check that raises ValueError."""

    words: str
    check: Callable[[str], None]


def check_nothing(text: str) -> None:
    """Any text will do here; a check between options may know better."""


def check_tag(text: str) -> None:
    """Printable text that leaves room in the coinbase."""
    if not text.isprintable():
        raise ValueError("must be printable text")
    if len(text.encode()) > MAX_TAG_BYTES:
        raise ValueError(f"must be at most {MAX_TAG_BYTES} bytes, is {len(text.encode())}")


def check_name(text: str) -> None:
    """A word that fits a log line and a table's cell, or nothing."""
    if text and not (len(text) <= MAX_NAME and text.isprintable() and not any(map(str.isspace, text))):
        raise ValueError(f"must be one word of at most {MAX_NAME} characters")


def _check_url(text: str, schemes: tuple[str, ...], example: str) -> None:
    wanted = f"must be like {example}"
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise ValueError(wanted) from error
    if url.scheme not in schemes or not url.hostname or port is None:
        raise ValueError(wanted)


def check_node_url(text: str) -> None:
    """A node's RPC over http(s), without credentials, as those have options of their own; or a template provider's."""
    if text.partition("://")[0].lower() == SCHEME:
        try:
            parse_pool_url(text)
        except ValueError as error:
            raise ValueError(f"must be like {URL_FORM}: {error}") from error
        return
    _check_url(text, ("http", "https"), "http://127.0.0.1:8332")
    if urlsplit(text).username is not None:
        raise ValueError("must not hold credentials; use node.user with node.password, or node.cookie_file")


def check_zmq(text: str) -> None:
    """A ZeroMQ endpoint, or nothing."""
    if text and not (text.startswith("ipc://") and len(text) > len("ipc://")):
        _check_url(text, ("tcp",), "tcp://127.0.0.1:28332")


Seconds = Annotated[float, Meta(gt=0, le=86_400, extra={"unit": "seconds"})]
Address = Annotated[str, Form("an address", check_nothing)]
Tag = Annotated[str, Form(f"text of at most {MAX_TAG_BYTES} bytes", check_tag)]
NodeName = Annotated[str, Form("a word", check_name)]
NodeUrl = Annotated[str, Form("a URL", check_node_url)]
ZmqUrl = Annotated[str, Form("tcp://host:port or ipc://path", check_zmq)]
