"""What has happened of late."""

from itertools import islice

from sluice.web.sight import Sight
from sluice.web.views.asked import Asked

LINES_SHOWN = 200
#: What is shown at least: everything, or what somebody should look at.
LEVELS = {"all": frozenset({"info", "warning", "error"}), "alarms": frozenset({"warning", "error"})}


async def log(sight: Sight, asked: Asked) -> dict[str, object]:
    """The newest first."""
    await sight.first()
    shown = asked.choice("show", LEVELS, "all")
    lines = (line for line in reversed(sight.log) if line.level in LEVELS[shown])
    return {"lines": list(islice(lines, LINES_SHOWN)), "shown": shown}
