"""A thousand open streams and 200 requests a second at the dashboard, or 5,000 strangers: what a miner notices of it.

The numbers are printed by `python -m bench web_load`; what is asserted here holds on a busy machine, too.
"""

import time

import pytest

from sluice.config.web_table import Web
from sluice.web.process import MET_AT_ONCE, SPARE_CONNECTIONS
from support.server import PATIENCE
from support.web_load import REQUESTS_A_SECOND, STREAMS, Mined, a_bench, answered, used_by

#: Seconds that 99 of 100 shares are answered in; on a machine on which they are not even without visitors, in how many
#: times as long as without.
MOST_SECONDS, MOST_TIMES = 0.05, 5.0
#: Runs, the best of which counts: other tests' processes come and go.
TRIES = 3
STRANGERS = 5_000
#: Open files of a web process that has no visitors: its own, some for the record and the pool.
OWN_FILES = 100
BOUND = Web().max_streams + SPARE_CONNECTIONS
#: Steps of the loop between a connection's being accepted and its being closed as one too many.
STEPS = 4


def undisturbed(alone: Mined, beside: Mined) -> bool:
    return beside.part(99) < max(MOST_SECONDS, MOST_TIMES * alone.part(99))


@pytest.mark.alone
def test_no_share_is_lost_or_late_for_those_who_look_on() -> None:
    with a_bench() as bench:
        for left in reversed(range(TRIES)):
            alone, loaded = bench.mine(), bench.mine_under_load()
            seen = loaded.seen
            assert seen["streams"] == STREAMS
            assert seen["events"] >= STREAMS
            assert set(seen["answers"]) == {"200"}
            assert seen["answers"]["200"] > 0.5 * REQUESTS_A_SECOND * seen["seconds"]  # it was a load
            if undisturbed(alone, loaded):
                break
            assert left, (alone.part(99), loaded.part(99))


@pytest.mark.alone
def test_five_thousand_strangers_at_the_dashboard_are_no_more_than_a_bound_and_disturb_no_miner() -> None:
    with a_bench() as bench:
        for left in reversed(range(TRIES)):
            alone, besieged = bench.mine(200), bench.mine_besieged(STRANGERS)
            assert besieged.used.files <= BOUND + STEPS * MET_AT_ONCE + OWN_FILES
            assert besieged.seen["ended"] > STRANGERS - BOUND
            if undisturbed(alone, besieged):
                break
            assert left, (alone.part(99), besieged.part(99))
        deadline = time.monotonic() + PATIENCE
        while answered(bench.where) != "200" or used_by(bench.web).files > OWN_FILES:
            assert time.monotonic() < deadline, used_by(bench.web)
            time.sleep(0.2)
