"""Write the table of kills into a page: what was acknowledged, what the record held afterwards, and what was missing.

Each kill that was carried out reports itself (`tests/real/test_record_kills.py`), well or ill; a kill that is not in the
report failed before it could be judged, and is counted as such.
"""

import json
import re
import sys
from pathlib import Path
from statistics import median

TABLE = re.compile(r"(<!-- kills -->\n).*?(<!-- /kills -->)", re.DOTALL)
COLUMNS = ("load_ms", "acknowledged", "recorded", "missing", "oldest_missing_ms")
NAMES = {
    "load_ms": "load before the kill, ms",
    "acknowledged": "shares that miners saw acknowledged",
    "recorded": "shares in the record",
    "missing": "acknowledged and not in the record",
    "oldest_missing_ms": "the oldest of these was acknowledged before the kill, ms",
}


def table(report: str, wanted: int) -> str:
    """A row for each figure, over all kills; the sums of what must not be below."""
    kills = [json.loads(line) for line in report.splitlines()]
    rows = "".join(_row(NAMES[column], [kill[column] for kill in kills]) for column in COLUMNS)
    twice, strangers = (sum(kill[name] for kill in kills) for name in ("twice", "strangers"))
    acknowledged = sum(kill["acknowledged"] for kill in kills)
    return (
        f"| in a kill | least | median | most |\n|---|---|---|---|\n{rows}\n"
        f"{len(kills)} of {wanted} kills judged, {acknowledged:,} shares acknowledged: {twice} recorded twice, "
        f"{strangers} recorded that nobody sent.\n"
    )


def _row(name: str, figures: list[int]) -> str:
    return f"| {name} | {min(figures):,} | {round(median(figures)):,} | {max(figures):,} |\n"


def main(report: str, page: str, wanted: str) -> int:
    """Replace what stands between the marks."""
    path = Path(page)
    text = Path(report).read_text()
    new = TABLE.sub(lambda part: f"{part[1]}{table(text, int(wanted))}{part[2]}", path.read_text())
    path.write_text(new)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
