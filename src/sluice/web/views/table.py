"""Every page that people read, in one table: where it is, what it may be asked, which parts of it stay up to date.

Rule: a page is a row here, a view that makes ready what it shows, and a directory of templates that arrange it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sluice.web.sight import Sight
from sluice.web.views.asked import Asked
from sluice.web.views.block import block
from sluice.web.views.blocks import blocks
from sluice.web.views.connect import connect
from sluice.web.views.home import home
from sluice.web.views.log import log
from sluice.web.views.miner import miner, worker
from sluice.web.views.miners import miners
from sluice.web.views.nodes import nodes

View = Callable[[Sight, Asked], Awaitable[dict[str, object]]]


@dataclass(frozen=True, slots=True)
class Page:
    """`parts` are ids of elements, each with a template of its own; `under` is the row of the menu that it is under."""

    path: str
    name: str
    view: View
    parts: tuple[str, ...]
    asks: tuple[str, ...] = ()
    under: str = ""

    def template(self, part: str = "page") -> str:
        """Where it is."""
        return f"{self.name}/{part}.html"


#: On every page: why nothing is mined, what has just been found, and how old all this is.
EVERYWHERE = ("trouble", "news", "state")

TABLE = (
    Page("/", "home", home, ("figures", "nodes", "found", "bests")),
    Page("/miners", "miners", miners, ("list",), ("q", "show", "order", "page")),
    Page("/miner", "miner", miner, ("figures", "list"), ("account", "range", "page"), under="/miners"),
    Page("/worker", "worker", worker, ("figures", "facts"), ("account", "worker", "range"), under="/miners"),
    Page("/blocks", "blocks", blocks, ("list",), ("page",)),
    Page("/block", "block", block, ("figures", "life"), ("hash",), under="/blocks"),
    Page("/nodes", "nodes", nodes, ("list",)),
    Page("/log", "log", log, ("lines",), ("show",)),
    Page("/connect", "connect", connect, ("howto",)),
)
#: At the foot of every page: the API for people.
API_PAGE = "/api/docs"
#: The menu: address, word.
MENU = (
    ("/", "Home"),
    ("/miners", "Miners"),
    ("/blocks", "Blocks"),
    ("/nodes", "Nodes"),
    ("/log", "Log"),
    ("/connect", "Connect"),
)
