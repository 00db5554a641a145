"""The web application: what is served where, in one table.

Rule: a part of the web side is one row of `ROUTES`; its handlers ask for `sight` and know nothing of each other.
"""

from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, ControllerRouterHandler

from sluice.web.assets import asset
from sluice.web.faults import broken, refused
from sluice.web.guard import Guard, names_of
from sluice.web.limits.door import Door, rules_of
from sluice.web.limits.lockout import Lockout
from sluice.web.live import Hub, beside
from sluice.web.metrics import metrics
from sluice.web.pages import PAGES
from sluice.web.rest.api import API, openapi
from sluice.web.rest.dialects import CKPOOL, PUBLIC_POOL
from sluice.web.rest.operator import LOCKOUT
from sluice.web.sight import Sight

ROUTES: tuple[ControllerRouterHandler, ...] = (PAGES, asset, metrics, API, PUBLIC_POOL, CKPOOL)
#: Nobody has much to send us: a command of an operator.
MAX_BODY_BYTES = 16_384
#: Smaller answers are not worth the trouble.
COMPRESSED_FROM = 1_024
#: Of nine: a third of the time of the best for a tenth more bytes.
COMPRESSION = 4
#: Event streams leave piece by piece; files are packed already.
NOT_COMPRESSED = ["^/live", "^/static/"]


def application(sight: Sight) -> ASGIApp:
    """The whole of it, behind its door and its guard."""
    app = Litestar(
        ROUTES,
        dependencies={"sight": Provide(lambda: sight, use_cache=True, sync_to_thread=False)},
        exception_handlers={HTTPException: refused, Exception: broken},
        compression_config=CompressionConfig(
            "gzip", minimum_size=COMPRESSED_FROM, gzip_compress_level=COMPRESSION, exclude=NOT_COMPRESSED
        ),
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=openapi(),
        state=State({"sight": sight, LOCKOUT: Lockout()}),
        logging_config=None,
        debug=False,
    )
    hub = Hub(sight)
    sight.begin(hub.run())
    settings = sight.settings
    door = Door(beside(hub, app), rules_of(settings))
    sight.traffic.turned_away = door.refused
    return sight.traffic.around(Guard(door, names_of(settings.listen, settings.public_url)))
