"""What is answered when something is not as it should be: a page to a person, a problem (RFC 9457) to a program.

Rule: nothing that a stranger sent is in the answer; a bug of ours reaches the log, and is not told outside.
"""

import logging
from time import time
from typing import Any

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException

from sluice.web.html import page
from sluice.web.problem import Problem
from sluice.web.views.table import API_PAGE, MENU

#: What each status says to people; others get the last.
WORDS = {
    400: "This request makes no sense to us.",
    401: "This needs the operator's key.",
    403: "This is not allowed.",
    404: "There is nothing here.",
    405: "This is for reading only.",
    413: "That is more than we take.",
    429: "That was too often. Wait a moment.",
    503: "Too busy, or not ready yet. Try again in a moment.",
}
#: Paths that no person reads; a browser that looks at them is shown what a program gets.
FOR_PROGRAMS = ("/api/", "/pool/", "/users/", "/metrics")
OTHERWISE = "Something went wrong on our side. It is in the log."

#: The frame around it, which knows nothing of the pool: that may be what is wrong.
FRAME: dict[str, object] = {
    "picture": None,
    "away": "",
    "here": "",
    "live": "",
    "menu": MENU,
    "api_page": API_PAGE,
    "title": "Sluice",
    "stale": False,
}

logger = logging.getLogger(__name__)


def refused(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What a handler, or the framework, refuses."""
    if error.status_code >= 500:
        logger.error("%s failed: %s", request.scope["path"][:200].encode("unicode_escape"), error.detail)
    return _answer(request, error.status_code, error.headers)


def broken(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """A bug."""
    logger.error("%s failed", request.scope["path"][:200].encode("unicode_escape"), exc_info=error)
    return _answer(request, 500, None)


def _answer(request: Request[Any, Any, Any], status: int, headers: dict[str, str] | None) -> Response[Any]:
    words = WORDS.get(status, OTHERWISE)
    if "text/html" in request.headers.get("accept", "") and not request.scope["path"].startswith(
        FOR_PROGRAMS
    ):
        return Response(
            page("fault.html", **FRAME, now=time(), status=status, words=words),
            status_code=status,
            headers=headers,
            media_type=MediaType.HTML,
        )
    return Problem(status, words, tuple((headers or {}).items())).response()
