"""All blocks that were found."""

from sluice.web import archive
from sluice.web.sight import Sight
from sluice.web.views.asked import Asked, turned
from sluice.web.views.block_rows import newest_blocks

PAGE_SIZE = 50


async def blocks(sight: Sight, asked: Asked) -> dict[str, object]:
    """A page of them, the newest first."""
    picture = await sight.first()
    kept = await archive.blocks(sight, 0, PAGE_SIZE)
    total = kept.total if kept else len(picture.blocks) if picture else 0
    pages = turned(total, asked.page, PAGE_SIZE)
    return {
        "blocks": await newest_blocks(sight, PAGE_SIZE, max(pages.first - 1, 0)),
        "pages": pages,
        "asked": asked,
    }
