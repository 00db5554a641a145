"""What holds for every test: its marker comes from its directory, its randomness from a fixed seed.

HYPOTHESIS_PROFILE=explore looks for new examples; the default repeats the same ones everywhere.
A test marked `alone` has the machine to itself, also under xdist.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from fcntl import LOCK_EX, LOCK_SH, flock
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent
KINDS = {"laws", "unit", "property", "world", "real"}

# No deadline: it would be a timing assert. Too-slow is judged by make test's own limit.
settings.register_profile(
    "ci", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", settings.get_profile("ci"), derandomize=False, max_examples=2_000)
# No test that is not about the dashboard has one; those that are say where it listens.
os.environ["SLUICE_WEB__LISTEN"] = "off"
# Nor one that is not about names: miners are called alice, as in the demo.
os.environ["SLUICE_ACCOUNTS__NAMES"] = "any"
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        kind = item.path.relative_to(TESTS).parts[0]
        if kind in KINDS:
            item.add_marker(kind)


@pytest.fixture(autouse=True)
def _turn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Under xdist, a test marked `alone` waits for the other workers, and they for it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        yield
        return
    how = LOCK_EX if request.node.get_closest_marker("alone") else LOCK_SH
    shared = tmp_path_factory.getbasetemp().parent
    with ExitStack() as stack:
        # The door is held while waiting for the room, so that newcomers cannot starve who waits.
        with (shared / "door.lock").open("w") as door:
            flock(door, how)
            room = stack.enter_context((shared / "room.lock").open("w"))
            flock(room, how)
        yield
