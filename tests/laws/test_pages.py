"""The pages that are printed from the code say what the code says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_printed_pages_are_as_printed() -> None:
    run = subprocess.run(
        [sys.executable, "scripts/write_docs.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert run.stderr == ""
    assert run.stdout == "", "`make docs` writes these pages anew"
    assert run.returncode == 0
