"""A page made ready and written out: whole for who asks for it, in parts for who keeps it open.

Rule: one frame around all pages; what is in it is made here, what is in a page is made by its view.
"""

from dataclasses import dataclass

from sluice.web.html import page as written
from sluice.web.sight import Sight
from sluice.web.views.asked import Asked
from sluice.web.views.table import API_PAGE, EVERYWHERE, MENU, Page

#: The pool's picture is this old at most while all is well: two of them, and a slow one.
STALE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Topic:
    """One page with what it was asked for: what streams share."""

    page: Page
    asked: Asked

    @property
    def live(self) -> str:
        """The address of its event stream."""
        query = self.asked.query()
        return f"/live{self.page.path if self.page.path != '/' else '/home'}{f'?{query}' if query else ''}"


async def whole(sight: Sight, topic: Topic) -> str:
    """The page. What its view raises comes through."""
    return written(topic.page.template(), **await _values(sight, topic))


async def parts(sight: Sight, topic: Topic) -> dict[str, str]:
    """Its parts by the ids of their elements, those of the frame among them."""
    values = await _values(sight, topic)
    framed = {part: written(f"parts/{part}.html", **values) for part in EVERYWHERE}
    return framed | {part: written(topic.page.template(part), **values) for part in topic.page.parts}


async def _values(sight: Sight, topic: Topic) -> dict[str, object]:
    shown = await topic.page.view(sight, topic.asked)
    framed = frame(sight, topic.page.under or topic.page.path, topic.live)
    return framed | {"here_path": topic.page.path} | shown


def frame(sight: Sight, here: str, live: str) -> dict[str, object]:
    """What every page has."""
    picture = sight.picture
    return {
        "picture": picture,
        "now": sight.now,
        "away": sight.trouble,
        "here": here,
        "live": live,
        "menu": MENU,
        "api_page": API_PAGE,
        "title": (picture.tag if picture else "") or "Sluice",
        "stale": picture is None or sight.now - picture.at > STALE_SECONDS,
    }
