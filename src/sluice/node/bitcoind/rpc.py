"""JSON-RPC to a node, over HTTP.

Rule: a call always comes back, with an answer of the declared shape or with a Failure; it never raises for
what a node or a network did. Each call has a deadline, each answer a largest size.
"""

import asyncio
from base64 import b64encode
from dataclasses import dataclass
from enum import Enum, auto
from itertools import count
from pathlib import Path
from typing import Generic, TypeVar

import httpx
import msgspec
from msgspec import UNSET, Raw, UnsetType

CALL_SECONDS = 30.0  # a busy node on a small machine takes seconds for a template, never half a minute
CONNECT_SECONDS = 10.0
MAX_ANSWER = 64 << 20  # bytes; a full block in hex with all that stands around it stays under 16 MiB
MAX_COOKIE = 1_024  # bytes; Core writes 75
IDLE_SECONDS = 20.0  # a kept connection; nodes drop theirs after 30

T = TypeVar("T")

UNAUTHORIZED = 401


class Fault(Enum):
    """What stands between a call and its answer."""

    UNREACHABLE = auto()  # nothing listens
    DROPPED = auto()  # the connection broke before the answer
    SILENT = auto()  # no answer within the deadline
    BUSY = auto()  # the node's queue of calls is full
    NO_COOKIE = auto()  # the cookie file is not there
    BAD_COOKIE = auto()  # it is there and cannot be used
    CREDENTIALS = auto()
    FORBIDDEN = auto()
    FOREIGN = auto()  # something answers, but not in JSON-RPC
    MALFORMED = auto()  # JSON-RPC, but not the answer that the method has
    REFUSED = auto()  # the node's own error, with its code


STATUSES = {UNAUTHORIZED: Fault.CREDENTIALS, 403: Fault.FORBIDDEN, 503: Fault.BUSY}
"""HTTP's own refusals. Any other status has JSON-RPC in its body, or is not a node's."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a call has no answer. `words` are the node's own where it spoke, else the network's."""

    fault: Fault
    words: str
    code: int = 0


@dataclass(frozen=True, slots=True)
class Method(Generic[T]):
    """A method of the node, and the shape of its answer.

    `repeatable`: sent again at once if a kept connection turns out to be dead; not for calls whose second
    answer differs from the first.
    """

    name: str
    answer: msgspec.json.Decoder[T]
    repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Access:
    """Where a node listens and what it takes to be let in; without a user, its cookie file."""

    url: str
    user: str = ""
    password: str = ""
    cookie_file: Path = Path()

    def __post_init__(self) -> None:
        """ValueError unless `url` is an address that HTTP can be spoken to."""
        try:
            url = httpx.URL(self.url)
        except httpx.InvalidURL as error:
            raise ValueError(f"the node's address {self.url!r} is no URL: {error}") from None
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError(f"the node's address must be like http://127.0.0.1:8332, not {self.url!r}")

    def authorization(self) -> str | Failure:
        """The header's value. Reads the cookie file anew each time: a node makes a new one at each start."""
        if self.user:
            return _basic(f"{self.user}:{self.password}".encode())
        try:
            with self.cookie_file.open("rb") as file:
                cookie = file.read(MAX_COOKIE).strip()
        except FileNotFoundError as error:
            return Failure(Fault.NO_COOKIE, _plain(error))
        except OSError as error:
            return Failure(Fault.BAD_COOKIE, _plain(error))
        if b":" not in cookie:
            return Failure(Fault.BAD_COOKIE, "it does not hold user:password")
        return _basic(cookie)


class RpcError(msgspec.Struct, frozen=True):
    """The node's own error (JSON-RPC 1.0 and 2.0 alike)."""

    code: int
    message: str


class Envelope(msgspec.Struct, frozen=True):
    """What stands around every answer."""

    result: Raw | UnsetType = UNSET
    error: RpcError | None = None


class Rpc:
    """Calls to one node. Mutable: it keeps connections, and the credentials that worked."""

    __slots__ = ("_access", "_authorization", "_http", "_ids")

    def __init__(self, access: Access) -> None:
        self._access = access
        self._authorization = ""
        self._ids = count(1)
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),  # the rest is each call's own deadline
            limits=httpx.Limits(keepalive_expiry=IDLE_SECONDS),
            trust_env=False,  # nodes are near, never behind the environment's proxy
        )

    async def call(self, method: Method[T], *params: object, seconds: float = CALL_SECONDS) -> T | Failure:
        """The node's answer within `seconds`, or why there is none."""
        if self._http.is_closed:
            return Failure(Fault.UNREACHABLE, "the connection was given up on our side")
        call = {"jsonrpc": "1.0", "id": next(self._ids), "method": method.name, "params": params}
        try:
            async with asyncio.timeout(seconds):
                reply = await self._post(msgspec.json.encode(call), method.repeatable)
        except TimeoutError:
            return Failure(Fault.SILENT, f"no answer within {seconds:g} s")
        if isinstance(reply, Failure):
            return reply
        return read_reply(method, *reply)

    async def close(self) -> None:
        """Let go of every connection."""
        await self._http.aclose()

    async def _post(self, body: bytes, repeatable: bool) -> tuple[int, bytes] | Failure:
        try:
            return await self._authorized(body)
        except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError) as error:
            if not repeatable:
                return _broken(error)
        except httpx.HTTPError as error:
            return _broken(error)
        try:
            return await self._authorized(body)
        except httpx.HTTPError as error:
            return _broken(error)

    async def _authorized(self, body: bytes) -> tuple[int, bytes] | Failure:
        """Post with the credentials at hand, and again if the node has new ones since."""
        if self._authorization:
            reply = await self._exchange(body)
            if isinstance(reply, Failure) or reply[0] != UNAUTHORIZED:
                return reply
        before, now = self._authorization, self._access.authorization()
        if isinstance(now, Failure):
            return now
        self._authorization = now
        if now == before:
            return Failure(Fault.CREDENTIALS, "HTTP 401")
        return await self._exchange(body)

    async def _exchange(self, body: bytes) -> tuple[int, bytes] | Failure:
        headers = {
            "Authorization": self._authorization,
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",  # else a small answer could unpack to a large one
        }
        request = self._http.stream("POST", self._access.url, content=body, headers=headers)
        async with request as response:
            answer = bytearray()
            async for chunk in response.aiter_raw():
                answer += chunk
                if len(answer) > MAX_ANSWER:
                    return Failure(Fault.FOREIGN, f"an answer of more than {MAX_ANSWER >> 20} MiB")
            return response.status_code, bytes(answer)


def read_reply(method: Method[T], status: int, body: bytes) -> T | Failure:
    """The answer in an HTTP reply to `method`."""
    if fault := STATUSES.get(status):
        return Failure(fault, f"HTTP {status}")
    try:
        envelope = msgspec.json.decode(body, type=Envelope)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return Failure(Fault.FOREIGN, f"HTTP {status}, and no JSON-RPC")
    if envelope.error:
        return Failure(Fault.REFUSED, envelope.error.message, envelope.error.code)
    if envelope.result is UNSET:
        return Failure(Fault.FOREIGN, f"HTTP {status}, and JSON without result or error")
    try:
        return method.answer.decode(envelope.result)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        return Failure(Fault.MALFORMED, str(error))


def _basic(credentials: bytes) -> str:
    return f"Basic {b64encode(credentials).decode()}"


def _broken(error: httpx.HTTPError) -> Failure:
    words = str(error) or type(error).__name__
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return Failure(Fault.UNREACHABLE, words)
    # A peer that hangs up may be a node that ends; one that speaks another tongue is none.
    foreign = isinstance(error, httpx.RemoteProtocolError) and not words.startswith("Server disconnected")
    return Failure(Fault.FOREIGN if foreign else Fault.DROPPED, words)


def _plain(error: OSError) -> str:
    return error.strerror or str(error)
