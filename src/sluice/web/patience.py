"""How long a visitor may take: uvicorn's own protocol waits for ever for a request that never comes whole.

Rule: a connection without a request under way, or with one whose body does not come, is closed after a while, whatever
trickles in; so is one that does not read. Beyond so many connections, in all and of one address, more are closed at once.
None of it is a line in the log, which would be the visitor's to write.
"""

import asyncio
import logging
from ipaddress import ip_address
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.server import ServerState

from sluice.web.limits.networks import Networks, networks
from sluice.web.limits.visitor import is_local, visitor

#: Seconds for a whole request to come, from the connection's beginning or from the answer before.
REQUEST_SECONDS = 15.0
#: Seconds for a visitor to read what waits for it.
READ_SECONDS = 30.0
#: Connections of one address that is not on this machine: a browser has six, a household some.
MOST_OF_ONE = 100

_silent = logging.getLogger("uvicorn.visitors")
_silent.setLevel(logging.CRITICAL)


class Patient(H11Protocol):
    """One connection. `limit_concurrency` of the configuration is how many there may be."""

    #: Proxies, each of which comes for many.
    trusted: Networks = Networks()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = _silent
        self._most = config.limit_concurrency
        self.limit_concurrency = None  # we are stricter, and earlier
        self._who = ""
        self._requested: asyncio.TimerHandle | None = None
        self._read: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody is at the door."""
        super().connection_made(transport)
        if self._is_one_too_many():
            transport.abort()
            return
        self._expect_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        super().connection_lost(exc)
        for timer in (self._requested, self._read):
            if timer is not None:
                timer.cancel()
        self._unset_keepalive_if_required()

    def on_response_complete(self) -> None:
        """Answered: there may be another request."""
        super().on_response_complete()
        if not self.transport.is_closing():
            self._expect_request()

    def pause_writing(self) -> None:
        """Too much waits for it already."""
        super().pause_writing()
        self._read = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It has read."""
        super().resume_writing()
        if self._read is not None:
            self._read.cancel()

    def _is_one_too_many(self) -> bool:
        if self._most is not None and len(self.connections) > self._most:
            return True
        if self.client is None:
            return False
        self._who = visitor(self.client[0], (), Networks())
        if is_local(self._who) or ip_address(self.client[0]) in self.trusted:
            return False
        others = [each for each in self.connections if isinstance(each, Patient)]
        return len([each for each in others if each._who == self._who]) > MOST_OF_ONE

    def _expect_request(self) -> None:
        if self._requested is not None:
            self._requested.cancel()
        self._requested = self.loop.call_later(REQUEST_SECONDS, self._unless_requested)

    def _unless_requested(self) -> None:
        """Time is up: a request that is whole and being answered may go on for ever, as event streams do."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or cycle.response_complete or cycle.more_body:
            self.transport.abort()


def patient(proxies: str) -> type[Patient]:
    """The protocol of a web side behind these proxies, as the operator wrote them."""
    return type("PatientBehind", (Patient,), {"trusted": networks(proxies)})
