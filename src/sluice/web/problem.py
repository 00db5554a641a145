"""A refusal as every program hears it: RFC 9457, `application/problem+json`.

Rule: one clear sentence in `detail`; never a traceback, and never what the visitor sent, as it may be anything.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import Response
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send
from msgspec import Meta

MEDIA_TYPE = "application/problem+json"


class ProblemDetails(msgspec.Struct, frozen=True):
    """The body of every refusal, by RFC 9457."""

    type: Annotated[str, Meta(description="`about:blank`: the status says what kind it is.")]
    title: Annotated[str, Meta(description="The status in words.")]
    status: Annotated[int, Meta(description="The HTTP status.")]
    detail: Annotated[str, Meta(description="What is wrong with this request, in a sentence.")]


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: the HTTP status, and a sentence for people."""

    status: int
    detail: str
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def details(self) -> ProblemDetails:
        """As it is sent."""
        return ProblemDetails("about:blank", HTTPStatus(self.status).phrase, self.status, self.detail)

    def response(self) -> Response[ProblemDetails]:
        """For a handler of the framework."""
        return Response(
            self.details,
            status_code=self.status,
            headers=dict(self.headers),
            media_type=f"{MEDIA_TYPE}; charset=utf-8",
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As an ASGI application: for what is refused before the framework sees it."""
        body = msgspec.json.encode(self.details)
        headers = [
            ("content-type", f"{MEDIA_TYPE}; charset=utf-8"),
            ("content-length", str(len(body))),
            *self.headers,
        ]
        await send(
            {
                "type": "http.response.start",
                "status": self.status,
                "headers": [(name.encode(), value.encode()) for name, value in headers],
            }
        )
        shown = b"" if scope["type"] == ScopeType.HTTP and scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": shown, "more_body": False})


class Refusal(Exception):
    """A problem, raised by what cannot answer it itself."""

    def __init__(self, status: int, detail: str, *headers: tuple[str, str]) -> None:
        super().__init__(detail)
        self.problem = Problem(status, detail, headers)
