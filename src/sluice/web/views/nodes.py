"""The nodes, each as it stands."""

from sluice.web.sight import Sight
from sluice.web.views.asked import Asked


async def nodes(sight: Sight, _: Asked) -> dict[str, object]:
    """All that the frame has: the picture."""
    await sight.first()
    return {}
