"""A test marked `alone` has the machine to itself under xdist; the others share it."""

import os
import shutil
import subprocess
import sys
from itertools import permutations
from pathlib import Path

CONFTEST = Path(__file__).parents[1] / "conftest.py"
TESTS = """
import time
from pathlib import Path
import pytest

def spend(name):
    began = time.monotonic()
    time.sleep(0.05)
    Path(__file__).with_name(f"{name}.span").write_text(f"{began} {time.monotonic()}")

@pytest.mark.parametrize("n", range(12))
def test_shared(n):
    spend(f"shared-{n}")

@pytest.mark.alone
@pytest.mark.parametrize("n", range(4))
def test_alone(n):
    spend(f"alone-{n}")
"""


def span(path: Path) -> tuple[float, float]:
    began, ended = path.read_text().split()
    return float(began), float(ended)


def overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def test_nothing_runs_beside_a_test_that_is_alone(tmp_path: Path) -> None:
    shutil.copy(CONFTEST, tmp_path)
    (tmp_path / "test_spans.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = alone\n")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--basetemp", str(tmp_path / "turns")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    spans = {path.stem: span(path) for path in tmp_path.glob("*.span")}
    assert len(spans) == 16
    beside = [
        (name, other)
        for name, other in permutations(spans, 2)
        if name.startswith("alone") and overlap(spans[name], spans[other])
    ]
    assert beside == []
