"""The door of the web side: what every request passes before anything is routed.

Rule: a visitor has so many requests a second and so many open at once, event streams among them. This machine has many
times as many, since it may be a proxy that does not say for whom it comes. HEAD is GET without the body. Nothing is
read of a request that is turned away.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from sluice.web.limits.allowance import Allowances
from sluice.web.limits.networks import Networks, networks
from sluice.web.limits.visitor import is_local, visitor
from sluice.web.problem import Problem
from sluice.web.settings import Settings

#: Where the door leaves, in the ASGI scope, who asks.
VISITOR = "sluice.visitor"


#: Seconds whose requests may come at once: a page with all that belongs to it, and a device that asks every minute.
BURST_SECONDS = 5
#: How many visitors this machine may ask for: a forwarder or an onion service that has no names for them. What it may
#: have open is bounded by the streams and connections that there are at all.
LOCAL_VISITORS = 25


@dataclass(frozen=True, slots=True)
class DoorRules:
    """What one visitor may take."""

    per_second: float = 20.0
    burst: int = 100
    open_at_once: int = 32
    #: Proxies whose X-Forwarded-For is believed.
    trusted: Networks = field(default_factory=Networks)


def rules_of(settings: Settings) -> DoorRules:
    """As the operator set them."""
    per_second = settings.requests_per_minute / 60
    return DoorRules(
        per_second,
        max(1, round(BURST_SECONDS * per_second)),
        settings.open_per_address,
        networks(settings.trusted_proxies),
    )


class Door:
    """An ASGI application around another one. Mutable."""

    def __init__(
        self, app: ASGIApp, rules: DoorRules | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app
        self._rules = rules or DoorRules()
        self._clock = clock
        rate, burst = self._rules.per_second, self._rules.burst
        self._allowances = Allowances(rate, burst)
        self._local = Allowances(LOCAL_VISITORS * rate, LOCAL_VISITORS * burst)
        #: Requests that were turned away, by the limit that they were over.
        self.refused: Counter[str] = Counter()
        #: Bounded by the connections that the server takes: who has none open is not in it.
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        who = self._visitor(scope)
        cast("dict[str, object]", scope)[VISITOR] = who
        refusal = self._refusal(who)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        self._open[who] += 1
        try:
            await self._pass(scope, receive, send)
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]

    async def _pass(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        if scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message["body"] = b""
            await send(message)

        await self._app({**scope, "method": "GET"}, receive, send_without_body)

    def _visitor(self, scope: HTTPScope) -> str:
        peer = (scope.get("client") or ("", 0))[0]
        forwarded = [
            value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"x-forwarded-for"
        ]
        return visitor(peer, forwarded, self._rules.trusted)

    def _refusal(self, who: str) -> Problem | None:
        local = is_local(who)
        wait = (self._local if local else self._allowances).take(who, self._clock())
        if wait:
            self.refused["rate"] += 1
            words = f"One address is answered {self._rules.per_second:g} requests a second, and no more."
            return _too_many(words, ceil(wait))
        if self._open[who] >= self._rules.open_at_once and not local:
            self.refused["open"] += 1
            words = f"One address may have {self._rules.open_at_once} requests open at once; an event stream is one."
            return _too_many(words, 1)
        return None


def _too_many(words: str, seconds: int) -> Problem:
    return Problem(429, words, headers=(("retry-after", str(seconds)),))
