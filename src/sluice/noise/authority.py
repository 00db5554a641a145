"""The authority's keys as people see them: in base58check, and in the URL that a miner pastes.

The public key carries the version bytes 01 00 (spec 4.7); the secret is its bare 32 bytes, as the
reference implementation writes it. What does not parse is a ValueError whose sentence names what is wrong.
"""

import re
from dataclasses import dataclass, field
from typing import Self

from sluice.bitcoin.base58 import base58check_decode, base58check_encode
from sluice.noise.curve import SECRET_SIZE, X_ONLY_SIZE, is_x_only_public_key, x_only_public_key

SCHEME = "stratum2+tcp"
URL_FORM = f"{SCHEME}://host:port/KEY"
PUBLIC_KEY_VERSION = b"\x01\x00"

_URL = re.compile(
    r"(?P<scheme>[^:/\s]+)://"
    r"(?P<host>\[[\w.%]*:[\w:.%]*\]|[^:/\[\]@?#\s]+)"  # an IPv6 address stands in brackets
    r"(?::(?P<port>[^/]*))?"
    r"(?:/(?P<key>.*))?"
)


@dataclass(frozen=True, slots=True)
class AuthorityKey:
    """The key pair that signs a server's certificates: its secret and its x-only public key, 32 bytes each."""

    secret: bytes = field(repr=False)
    public: bytes

    @classmethod
    def from_secret(cls, secret: bytes) -> Self:
        """ValueError if the 32 bytes are not a secret of the curve."""
        return cls(secret, x_only_public_key(secret))


def encode_public_key(public: bytes) -> str:
    """The text of an x-only public key; it begins with 9."""
    return base58check_encode(PUBLIC_KEY_VERSION + public)


def encode_secret_key(secret: bytes) -> str:
    """The text of a secret key. Whoever reads it can pose as the server."""
    return base58check_encode(secret)


def parse_public_key(text: str) -> bytes:
    """The 32 bytes of an authority's x-only public key."""
    try:
        payload = base58check_decode(text)
    except ValueError as error:
        raise ValueError(f"not an authority public key: {error}") from None
    if len(payload) == SECRET_SIZE:
        raise ValueError(
            "not an authority public key: it has the form of a secret key, which nobody should see"
        )
    if len(payload) != len(PUBLIC_KEY_VERSION) + X_ONLY_SIZE:
        raise ValueError(f"not an authority public key: {len(payload)} bytes in place of 34")
    version, public = payload[:2], payload[2:]
    if version != PUBLIC_KEY_VERSION:
        raise ValueError(f"not an authority public key: its version is {version.hex()}, not 0100")
    if not is_x_only_public_key(public):
        raise ValueError("not an authority public key: no point of the curve has this x coordinate")
    return public


def parse_secret_key(text: str) -> AuthorityKey:
    """The authority whose secret key this is. No error repeats the text."""
    try:
        payload = base58check_decode(text)
    except ValueError:
        raise ValueError("not an authority secret key: a letter of it is wrong or missing") from None
    if len(payload) == len(PUBLIC_KEY_VERSION) + X_ONLY_SIZE:
        raise ValueError("not an authority secret key: it has the form of a public key")
    if len(payload) != SECRET_SIZE:
        raise ValueError(f"not an authority secret key: {len(payload)} bytes in place of 32")
    return AuthorityKey.from_secret(payload)


@dataclass(frozen=True, slots=True)
class PoolUrl:
    """Where a pool listens, and the x-only key expected to vouch for it; None: any server is believed."""

    host: str
    port: int
    authority_key: bytes | None = None

    @property
    def endpoint(self) -> str:
        """`host:port`, with brackets around an IPv6 address."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        key = f"/{encode_public_key(self.authority_key)}" if self.authority_key is not None else ""
        return f"{SCHEME}://{self.endpoint}{key}"


def parse_pool_url(text: str) -> PoolUrl:
    """The parts of `stratum2+tcp://host:port/KEY`; `/KEY` may be missing, the port may not."""
    match = _URL.fullmatch(text.strip())
    if not match:
        raise ValueError(f"not a pool URL: {text!r} has not the form {URL_FORM}")
    scheme, host, port, key = match.group("scheme", "host", "port", "key")
    if scheme.lower() != SCHEME:
        raise ValueError(f"not a Stratum V2 URL: it begins with {scheme}://, not {SCHEME}://")
    if not port:
        raise ValueError(f"the pool URL names no port: {URL_FORM}")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        raise ValueError(f"the pool URL's port is {port!r}, not a number from 1 to 65535")
    return PoolUrl(host.strip("[]"), int(port), parse_public_key(key) if key else None)
