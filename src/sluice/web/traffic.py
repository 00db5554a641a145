"""What the web side itself did: answers by status, and what is open.

Rule: pure ASGI around everything else, so that what is turned away at the door is counted, too; it changes nothing.
"""

from collections import Counter

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send


class Traffic:
    """Mutable; one owner: the event loop."""

    __slots__ = ("answered", "open", "turned_away")

    def __init__(self) -> None:
        #: Answers begun, by status.
        self.answered: Counter[int] = Counter()
        #: Requests under way.
        self.open = 0
        #: Requests over a limit, by its name; the door's own count once there is one.
        self.turned_away: Counter[str] = Counter()

    def around(self, app: ASGIApp) -> ASGIApp:
        """`app`, counted."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != ScopeType.HTTP:
                await app(scope, receive, send)
                return

            async def noticed(message: Message) -> None:
                if message["type"] == "http.response.start":
                    self.answered[message["status"]] += 1
                await send(message)

            self.open += 1
            try:
                await app(scope, receive, noticed)
            finally:
                self.open -= 1

        return counted
