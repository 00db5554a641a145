"""Write the figures of a test run under coverage into TEST_COVERAGE.md, between its two marks.

Usage: write_coverage.py COVERAGE.json JUNIT.xml TEST_COVERAGE.md
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

FIGURES = re.compile(r"(<!-- figures -->\n).*(<!-- /figures -->)", re.DOTALL)


def counted(junit: Path) -> Iterator[str]:
    """One row per kind of test: how many there are, how many were skipped, how long they took."""
    kinds: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0.0])
    for case in ET.parse(junit).iter("testcase"):  # noqa: S314 - pytest wrote it a moment ago
        row = kinds[case.get("classname", "").split(".")[1]]
        row[0] += 1
        row[1] += case.find("skipped") is not None
        row[2] += float(case.get("time", 0))
    yield "| kind | tests | skipped | seconds, one after another |\n|---|---|---|---|"
    for kind, (tests, skipped, seconds) in sorted(kinds.items()):
        yield f"| {kind} | {tests} | {skipped} | {seconds:.0f} |"


def covered(report: dict[str, Any]) -> Iterator[str]:
    """One row per room of the house, then the files that are covered least."""
    rooms: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    files: list[tuple[float, str]] = []
    keys = ("covered_lines", "num_statements", "covered_branches", "num_branches")
    for path, figures in report["files"].items():
        summary = figures["summary"]
        room = path.removeprefix("src/sluice/").split("/")[0]
        rooms[room] = [have + summary[key] for have, key in zip(rooms[room], keys, strict=True)]
        files.append((summary["percent_covered"], path))
    rooms["**all**"] = [report["totals"][key] for key in keys]
    yield "| room | statements | covered | branches | covered |\n|---|---|---|---|---|"
    for room, (lines, statements, taken, branches) in rooms.items():
        yield f"| {room} | {statements} | {share(lines, statements)} | {branches} | {share(taken, branches)} |"
    yield "\nCovered least:\n\n| file | lines and branches |\n|---|---|"
    yield from (f"| {path} | {percent:.1f} % |" for percent, path in sorted(files)[:10])


def share(part: int, whole: int) -> str:
    """`98.5 %`; nothing of nothing is all of it."""
    return f"{100 * part / whole:.1f} %" if whole else "100.0 %"


def main(coverage: str, junit: str, page: str) -> None:
    """Put both tables between the marks of the page."""
    figures = [*counted(Path(junit)), "", *covered(json.loads(Path(coverage).read_text())), ""]
    text = Path(page).read_text()
    Path(page).write_text(FIGURES.sub(lambda marks: marks[1] + "\n".join(figures) + marks[2], text))


if __name__ == "__main__":
    main(*sys.argv[1:])
