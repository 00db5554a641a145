"""What SRI's mining device does and our own miner does not, done with our own client.

It takes a minute of its own clock for the time of a header and ignores min_ntime; it mines with the version as
it came; it names no limit for its target; and it takes seconds to measure itself before it opens a channel.
"""

import time
from collections.abc import Iterator

import pytest

from sluice.sv2.connection import Secured
from sluice.sv2.messages.common import SetupConnection, SetupConnectionSuccess
from sluice.sv2.messages.mining import SubmitSharesSuccess
from support.peer import HeaderMiner, Peer, open_standard, peer
from support.server import ServerProcess, sluice_server

REQUIRES_STANDARD_JOBS = 1
#: Seconds that the device adds to its own clock.
AHEAD = 60


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    with sluice_server(pool__shares_per_minute=600, server__channel_timeout=5) as running:
        yield running


def accepted(miner: HeaderMiner, ntime: int) -> None:
    miner.peer.send(miner.share(ntime=ntime))
    assert isinstance(miner.answer(), SubmitSharesSuccess)


def test_a_clock_of_its_own_for_the_time_of_a_header(server: ServerProcess) -> None:
    with peer(server.url) as connected:
        connected.setup(REQUIRES_STANDARD_JOBS)
        miner = open_standard(connected, "sri-like", hashrate=1e4)
        for _ in range(5):
            accepted(miner, int(time.time()) + AHEAD)


def test_seconds_of_measuring_before_it_opens_a_channel(server: ServerProcess) -> None:
    with peer(server.url) as connected:
        unnamed_setup(connected)
        time.sleep(3)
        accepted(open_standard(connected, "sri-like", hashrate=1e4), int(time.time()) + AHEAD)


def unnamed_setup(connected: Peer) -> None:
    connected.wait(Secured)
    connected.send(SetupConnection(0, 2, 2, REQUIRES_STANDARD_JOBS, "127.0.0.1", 3333, "", "", "", ""))
    connected.wait(SetupConnectionSuccess)
