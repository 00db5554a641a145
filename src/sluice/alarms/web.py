"""HTTP for all receivers that speak it: one POST, what came of it.

Rule: never raises for what a network or a server did. Every attempt has an end, every answer a largest size; a
redirect is not followed, as a secret would go with it.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx

#: Seconds for a whole exchange, and for its connection.
POST_SECONDS, CONNECT_SECONDS = 15.0, 10.0
#: Bytes of an answer that are read: receivers answer with less than one KiB, and why not in less than four.
MOST_OF_AN_ANSWER = 16_384
#: Seconds that a kept connection may be idle: alarms are rare.
IDLE_SECONDS = 5.0
MOST_CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered: the beginning of the body, and for how long it wants to be left alone."""

    status: int
    body: bytes
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Unreached:
    """Why there is no answer."""

    reason: str


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent, and where."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Web:
    """Mutable: it keeps connections for a moment. To be used as an asynchronous context."""

    __slots__ = ("_http", "_seconds", "tls")

    def __init__(self, tls: ssl.SSLContext, seconds: float = POST_SECONDS) -> None:
        """`tls`: whom to believe; making one reads some hundred certificates."""
        self.tls = tls
        self._seconds = seconds
        self._http = httpx.AsyncClient(
            verify=tls,
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),  # the rest is the exchange's own deadline
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, keepalive_expiry=IDLE_SECONDS),
            trust_env=False,  # else a proxy of the environment would hear of every alarm
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def post(self, post: Post, unix_time: int = 0) -> Reply | Unreached:
        """What the server answers, or why it does not. `unix_time` is now, for answers that name a time."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._exchange(post, unix_time)
        except TimeoutError:
            return Unreached(f"no answer within {self._seconds:g} s")
        except httpx.HTTPError as error:
            return Unreached(_words(error))
        except (OSError, RuntimeError, ValueError) as error:
            # Where there are no threads (managed mode) no name can be looked up.
            return Unreached(str(error) or type(error).__name__)

    async def _exchange(self, post: Post, unix_time: int) -> Reply:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "sluice",
            "Accept-Encoding": "identity",  # else a small answer could unpack to a large one
            **post.headers,
        }
        request = self._http.stream("POST", post.url, content=post.body, headers=headers)
        async with request as response:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) >= MOST_OF_AN_ANSWER:
                    break
            after = _seconds_of(response.headers.get("Retry-After", ""), unix_time)
            return Reply(response.status_code, bytes(body[:MOST_OF_AN_ANSWER]), after)


def trusted() -> ssl.SSLContext:
    """The usual authorities; SSL_CERT_FILE names others."""
    return httpx.create_ssl_context()


def _words(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return f"no connection within {CONNECT_SECONDS:g} s"
    return str(error) or type(error).__name__


def _seconds_of(header: str, unix_time: int) -> float | None:
    """Retry-After, in either of its forms (RFC 9110, 10.2.3)."""
    if header.isascii() and header.isdigit():
        return float(header[:9])
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - unix_time)
    except (ValueError, TypeError, OverflowError):
        return None
