"""Write the tables of kills into a page: what was acknowledged, what the record held afterwards, and what was missing.

Each kill that was carried out reports itself (`tests/real/test_record_kills.py`), well or ill; a kill that is not in the
report failed before it could be judged, and is counted as such.
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

TABLE = re.compile(r"(<!-- kills -->\n).*?(<!-- /kills -->)", re.DOTALL)
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
NAMES = {
    "load_ms": "load before the kill, ms",
    "acknowledged": "shares that miners saw acknowledged",
    "recorded": "shares in the record",
    "missing": "acknowledged and not in the record",
    "oldest_missing_ms": "the oldest of these was acknowledged before the kill, ms",
    "largest_batch": "entries of the run's largest batch",
}


def tables(report: str, wanted: Sequence[int]) -> str:
    """One for each database, of which so many kills were wanted."""
    kills = [json.loads(line) for line in report.splitlines()]
    parts = []
    for (database, name), number in zip(DATABASES.items(), wanted, strict=True):
        mine = [kill for kill in kills if kill["database"] == database]
        parts.append(f"{name}: {len(mine)} of {number} kills judged.\n\n{_table(mine) if mine else ''}")
    return "\n".join(parts)


def _table(kills: Sequence[dict[str, Any]]) -> str:
    """A row for each figure, over all kills; the sums of what must not be below."""
    rows = "".join(_row(name, [kill[column] for kill in kills]) for column, name in NAMES.items())
    acknowledged, twice, strangers, gaps = (
        sum(kill[name] for kill in kills) for name in ("acknowledged", "twice", "strangers", "gaps")
    )
    beyond = sum(kill["missing"] > kill["largest_batch"] for kill in kills)
    agreed = sum(kill["replay"] == 0 for kill in kills)
    return (
        f"| in a kill | least | median | most |\n|---|---|---|---|\n{rows}\n"
        f"{acknowledged:,} shares acknowledged: {twice} recorded twice, {strangers} recorded that nobody sent, {gaps} "
        f"miners with a gap; {beyond} kills that cost more than the run's largest batch; `sluice replay` agreed after "
        f"{agreed} of {len(kills)}.\n"
    )


def _row(name: str, figures: Sequence[int]) -> str:
    return f"| {name} | {min(figures):,} | {round(median(figures)):,} | {max(figures):,} |\n"


def main(report: str, page: str, *wanted: str) -> int:
    """Replace what stands between the marks; `wanted`: kills on SQLite, and on PostgreSQL."""
    path = Path(page)
    written = tables(Path(report).read_text(), [int(number) for number in wanted])
    path.write_text(TABLE.sub(lambda part: f"{part[1]}{written}{part[2]}", path.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
