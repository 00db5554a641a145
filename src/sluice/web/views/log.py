"""What has happened of late."""

from itertools import islice

from msgspec.structs import replace

from sluice.web.discretion import discreet
from sluice.web.sight import Sight
from sluice.web.views.asked import Asked

LINES_SHOWN = 200
#: What is shown at least: everything, or what somebody should look at.
LEVELS = {"all": frozenset({"info", "warning", "error"}), "alarms": frozenset({"warning", "error"})}


async def log(sight: Sight, asked: Asked) -> dict[str, object]:
    """The newest first, for everybody: a page has no operators."""
    await sight.first()
    shown = asked.choice("show", LEVELS, "all")
    lines = islice((line for line in reversed(sight.log) if line.level in LEVELS[shown]), LINES_SHOWN)
    return {"lines": [replace(line, facts=discreet(line.facts)) for line in lines], "shown": shown}
