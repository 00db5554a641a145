"""The door of the web side, before anything looks at a request: whom it asks for, and what every answer says.

Names: a page of a stranger can make a browser ask this machine under a name of the stranger's (DNS rebinding), and
then read the answer. Hence only names that are ours are answered; a numeric address is no name, and always is.
Rule: pure ASGI around the whole application, so that errors and files come under it, too.
"""

import socket
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

#: Nothing from elsewhere, nothing written into a page: what a stranger smuggles in does not run.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: tuple[tuple[bytes, bytes], ...] = tuple(
    (name.encode(), value.encode())
    for name, value in {
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
    }.items()
)
#: An answer that says nothing of being kept is not kept: it was so for a moment only.
NOT_KEPT = (b"cache-control", b"no-store")
MISDIRECTED = b"This address is not one of this dashboard's. If you reach it by a name of your own, set web.public_url.\n"


def host_of(header: str) -> str:
    """The name in a Host header, without port and brackets, in lower case; empty if there is none."""
    try:
        return (urlsplit(f"//{header}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def names_of(listen: str, public_url: str) -> frozenset[str]:
    """The names under which this machine's dashboard is asked for."""
    here = socket.gethostname().lower()
    names = ("localhost", here, f"{here}.local", host_of(listen), urlsplit(public_url).hostname or "")
    return frozenset(filter(None, names))


class Guard:
    """Lets in what is meant for us."""

    __slots__ = ("_app", "_names")

    def __init__(self, app: ASGIApp, names: Iterable[str]) -> None:
        self._app = app
        self._names = frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or the application's life."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        if not self._is_ours([value for name, value in scope["headers"] if name == b"host"]):
            await _refuse(send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [(name.lower(), value) for name, value in message["headers"]]
                said = {name for name, _ in given}
                more = [pair for pair in (*HEADERS, NOT_KEPT) if pair[0] not in said]
                message["headers"] = [*given, *more]
            await send(message)

        await self._app(scope, receive, dressed)

    def _is_ours(self, hosts: list[bytes]) -> bool:
        if len(hosts) != 1:
            return False
        host = host_of(hosts[0].decode("latin-1"))
        return host in self._names or host.endswith(".localhost") or _is_numeric(host)


def _is_numeric(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def _refuse(send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 421,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(MISDIRECTED)).encode()),
                *HEADERS,
                NOT_KEPT,
            ],
        }
    )
    await send({"type": "http.response.body", "body": MISDIRECTED, "more_body": False})
