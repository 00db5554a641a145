"""The handlers of pages, charts and the code to scan: each row of the table becomes one.

Rule: nothing is decided here; a view makes ready, `render` writes.
"""

from typing import Any

from litestar import MediaType, Request, Response, Router, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler

from sluice.web import archive
from sluice.web.charts import RANGES, USUAL, Chart
from sluice.web.html import page as written
from sluice.web.render import Topic, frame, whole
from sluice.web.rest.api import OPERATORS_REFUSALS, REFUSALS, described
from sluice.web.sight import Sight
from sluice.web.views.api_page import sections_of, shapes_of
from sluice.web.views.asked import Asked
from sluice.web.views.connect import qr_code
from sluice.web.views.table import API_PAGE, TABLE, Page

#: A chart's newest point is minutes old.
CHART_KEPT = "private, max-age=30"


def _handler(page: Page) -> HTTPRouteHandler:
    @get(page.path, name=page.name, media_type=MediaType.HTML)
    async def show(request: Request[Any, Any, Any], sight: NamedDependency[Sight]) -> str:
        return await whole(sight, Topic(page, Asked.of(page.asks, request.query_params)))

    return show


@get("/chart/pool.json")
async def pool_chart(request: Request[Any, Any, Any], sight: NamedDependency[Sight]) -> Response[Chart]:
    """What the script draws: the pool."""
    asked = Asked.of(("range",), request.query_params)
    return _chart(await archive.pool_chart(sight, asked.choice("range", RANGES, USUAL)))


@get("/chart/miner.json")
async def miner_chart(request: Request[Any, Any, Any], sight: NamedDependency[Sight]) -> Response[Chart]:
    """An account, or with `worker` one of its workers."""
    asked = Asked.of(("account", "worker", "range"), request.query_params)
    worker = dict(asked.values).get("worker")
    name = asked.choice("range", RANGES, USUAL)
    return _chart(await archive.worker_chart(sight, asked.text("account"), worker, name))


def _chart(chart: Chart | None) -> Response[Chart]:
    """Where there is no record there is nothing to draw, which is no error."""
    return Response(chart or Chart([], []), headers={"cache-control": CHART_KEPT if chart else "no-store"})


@get("/connect/qr.svg", media_type="image/svg+xml")
async def qr(sight: NamedDependency[Sight]) -> bytes:
    """The pool's URL as a picture."""
    picture = await sight.first()
    if picture is None or not picture.url:
        raise NotFoundException
    return qr_code(picture.url)


@get(API_PAGE, media_type=MediaType.HTML)
async def api(request: Request[Any, Any, Any], sight: NamedDependency[Sight]) -> str:
    """The API for people. It changes with the program only, and is not kept up to date."""
    await sight.first()
    document = described(request.app)
    return written(
        "api/page.html",
        **frame(sight, API_PAGE, live=""),
        document=document,
        sections=sections_of(document),
        shapes=shapes_of(document),
        refusals=REFUSALS | OPERATORS_REFUSALS,
    )


PAGES = Router(
    "/", route_handlers=[*map(_handler, TABLE), api, pool_chart, miner_chart, qr], include_in_schema=False
)
