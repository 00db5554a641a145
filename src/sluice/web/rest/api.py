"""The API under /api/v1: its routes, what is refused in which words, and its OpenAPI document.

Rule: whoever may read the dashboard may read this, from any page too (CORS), as a device's own page does; what changes
something is not open to other pages.
"""

from typing import Any

import msgspec
from litestar import Litestar, Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import Components, License, SecurityScheme, Tag

from sluice.version import VERSION
from sluice.web.problem import MEDIA_TYPE, ProblemDetails
from sluice.web.rest.answering import EXCEPTIONS, readable
from sluice.web.rest.charts import CHARTS
from sluice.web.rest.commands import OPERATOR
from sluice.web.rest.history import HISTORY
from sluice.web.rest.live import LIVE

ROOT = "/api/v1"
TITLE = "Sluice"
ABOUT = (
    "What a running Sluice shows. Fields are stable under /api/v1: one may come, none goes or changes its meaning. "
    "Times are unix seconds, hash rates hashes a second, work a decimal text (it may be more than 2^53). Names are "
    "what miners said: any characters. Refusals are RFC 9457 problem details."
)
TAGS = [
    Tag("pool", "The pool, its nodes and the chain"),
    Tag("miners", "Connections, channels, accounts, workers"),
    Tag("blocks", "Found blocks and their lives"),
    Tag("operator", "Changes, with the operator's key"),
]
#: Where the application keeps the document.
DOCUMENT = "openapi"
PROBLEM = ProblemDetails.__name__
_PROBLEM_SCHEMA = msgspec.json.schema(ProblemDetails)["$defs"][PROBLEM]
#: What any request may be answered with.
REFUSALS = {
    400: "A parameter or the body is not right.",
    404: "There is nothing by this name.",
    429: "Too many requests from this address: wait for `retry-after` seconds.",
    503: "The pool is not in sight.",
}
#: And those of an operator.
OPERATORS_REFUSALS = {
    401: "The operator's key is missing or wrong.",
    409: "The pool refuses, in its own words.",
}


def openapi() -> OpenAPIConfig:
    """How the document is made; it is served by `document`."""
    return OpenAPIConfig(
        title=TITLE,
        version=VERSION,
        description=ABOUT,
        license=License("MIT", identifier="MIT"),
        use_handler_docstrings=True,
        tags=TAGS,
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, guards=[_nowhere]),
        components=Components(
            security_schemes={
                "operator": SecurityScheme(
                    type="http", scheme="bearer", description="The operator's key; `sluice keys` says where."
                )
            }
        ),
    )


def _nowhere(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """The framework's own pages of the document want scripts from elsewhere: they are not here."""
    raise NotFoundException


@get("/openapi.json", include_in_schema=False, sync_to_thread=False)
def document(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """The OpenAPI document of all that is under /api/v1."""
    return Response(described(request.app), media_type="application/json")


def described(app: Litestar) -> dict[str, Any]:
    """The document, made when it is first asked for."""
    if DOCUMENT not in app.state:
        app.state[DOCUMENT] = _with_refusals(app.openapi_schema.to_schema())
    made: dict[str, Any] = app.state[DOCUMENT]
    return made


def _with_refusals(schema: dict[str, Any]) -> dict[str, Any]:
    """Of the API alone; the framework knows its own shape of refusals only, ours are problems."""
    schema["components"]["schemas"][PROBLEM] = _PROBLEM_SCHEMA
    content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{PROBLEM}"}}}
    schema["paths"] = {path: item for path, item in schema["paths"].items() if path.startswith(ROOT)}
    for item in schema["paths"].values():
        for operation in item.values():
            words = REFUSALS | (OPERATORS_REFUSALS if "security" in operation else {})
            operation["responses"] |= {
                str(status): {"description": said, "content": content} for status, said in words.items()
            }
    return schema


READS = Router("/", route_handlers=[document, *LIVE, *HISTORY, *CHARTS], after_request=readable)
API = Router(ROOT, route_handlers=[READS, OPERATOR], exception_handlers=EXCEPTIONS)
