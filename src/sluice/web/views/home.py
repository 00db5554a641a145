"""The first page: what is going on, on one screen."""

from sluice.legible import HASHES_OF_DIFFICULTY_1, odds_text, seconds_to_block
from sluice.web import archive
from sluice.web.charts import USUAL, drawn
from sluice.web.sight import Sight
from sluice.web.views.asked import Asked
from sluice.web.views.block_rows import newest_blocks

BLOCKS_SHOWN = 8
BESTS_SHOWN = 8
DAY = 86_400.0
#: Of the pool's rates, over 1, 5 and 60 minutes, the one that is said first.
FIVE_MINUTES, HOUR = 1, 2


async def home(sight: Sight, _: Asked) -> dict[str, object]:
    """Figures, the day's chart, blocks, best shares, nodes."""
    picture = await sight.first()
    chart = await archive.pool_chart(sight, USUAL)
    rates = picture.figures.hashrates if picture else (0.0, 0.0, 0.0)
    difficulty = picture.network_difficulty if picture else 0.0
    # Rates over a short time jump about; what is expected follows from the day's, where it is known.
    steady = (chart.mean if chart else None) or rates[HOUR] or rates[FIVE_MINUTES]
    expected = seconds_to_block(difficulty, steady)
    since = await archive.work_since_block(sight)
    return drawn(chart) | {
        "rates": rates,
        "day_rate": chart.mean if chart else None,
        "workers": sight.crowd.workers,
        "accounts": len(sight.crowd.accounts),
        "expected": expected,
        "per_day": DAY / expected if expected else 0.0,
        "done": since / (difficulty * HASHES_OF_DIFFICULTY_1) if since is not None and difficulty else None,
        "odds": odds_text(difficulty, steady, DAY),
        "blocks": await newest_blocks(sight, BLOCKS_SHOWN),
        "bests": await archive.bests(sight, BESTS_SHOWN),
    }
