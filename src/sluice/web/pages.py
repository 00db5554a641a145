"""The pages that people read.

Rule: what a page shows is made ready before its template sees it; a template only arranges.
"""

from litestar import MediaType, Router, get
from litestar.di import NamedDependency

from sluice.web.html import page
from sluice.web.sight import Sight


@get("/", media_type=MediaType.HTML, sync_to_thread=False)
def home(sight: NamedDependency[Sight]) -> str:
    """What is going on, on one screen."""
    return page("home.html", network=sight.settings.public_url)


PAGES = Router("/", route_handlers=[home])
