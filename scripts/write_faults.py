"""Write the table of faults into a page: how many runs there were of each, and how many of them ended well.

A run that ends well reports itself (`tests/real/test_block_faults.py`); those that are missing did not.
"""

import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

SEEDS = 20
TABLE = re.compile(r"(<!-- faults -->\n).*?(<!-- /faults -->)", re.DOTALL)


def table(report: str) -> str:
    """A row for each case, in the order in which they came."""
    good: Counter[str] = Counter()
    lasted: defaultdict[str, list[int]] = defaultdict(list)
    for line in report.splitlines():
        run = json.loads(line)
        good[run["case"]] += 1
        lasted[run["case"]].append(run["seconds"])
    rows = "".join(
        f"| {case} | {_lasted(lasted[case])} | {good[case]} of {SEEDS} |\n" for case in sorted(good)
    )
    return f"| fault | lasted, in seconds of the process's time | ended well |\n|---|---|---|\n{rows}"


def _lasted(seconds: list[int]) -> str:
    return f"{min(seconds)} to {max(seconds)}" if max(seconds) else ""


def main(report: str, page: str) -> int:
    """Replace what stands between the marks."""
    path = Path(page)
    text = TABLE.sub(lambda part: f"{part[1]}{table(Path(report).read_text())}{part[2]}", path.read_text())
    path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
