"""What is measured, on connections without a network: by the read, by the block, by the byte."""

from sluice.pool.events import PeerConnected, TipChanged
from sluice.pool.inputs import Offered
from sluice.server.meter import Meter
from sluice.server.pump import StreamPump
from sluice.sv2.messages.mining import OpenExtendedMiningChannel, SubmitSharesExtended, UpdateChannel
from support.line import Line, an_owner
from support.pool import EVERYTHING
from support.work import template

TIP = TipChanged(7, "00", 1.0, 1, 50)
SHARE = SubmitSharesExtended(2, 1, 1, 0, 0, 0, bytes(12))


def test_a_read_with_shares_is_measured_once_and_others_are_not() -> None:
    owner, _ = an_owner()
    owner.feed(Offered(template()))
    line = Line(owner).set_up()
    line.say(OpenExtendedMiningChannel(1, "alice", 1.0, EVERYTHING, 4))
    assert sum(owner.meter.answer.counts) == 0
    line.say(SHARE, SHARE, SHARE)
    assert sum(owner.meter.answer.counts) == 1
    line.say(SHARE)
    line.say(UpdateChannel(2, 1.0, EVERYTHING))
    assert sum(owner.meter.answer.counts) == 2
    assert 0 < owner.meter.answer.seconds < 10


def test_bytes_are_counted_both_ways() -> None:
    owner, _ = an_owner()
    line = Line(owner)
    opening = line.client.data_to_send()
    assert isinstance(line.pump, StreamPump)
    line.pump.data_received(opening)
    answer = b"".join(line.transport.written)
    assert (owner.meter.received, owner.meter.sent) == (len(opening), len(answer))
    assert answer


def test_a_block_is_measured_and_a_fresher_template_is_not() -> None:
    owner, _ = an_owner()
    line = Line(owner).set_up()
    owner.feed(Offered(template(800_000)))
    line.say(OpenExtendedMiningChannel(1, "alice", 1.0, EVERYTHING, 4))
    meter = owner.meter
    before = sum(meter.jobs.counts)
    owner.feed(Offered(template(800_000, coinbase_value=312_500_001)))
    assert sum(meter.jobs.counts) == before
    owner.feed(Offered(template(800_001)))
    assert (sum(meter.jobs.counts), sum(meter.announced.counts)) == (before + 1, 1)
    assert meter.announced.seconds <= meter.jobs.seconds


def test_what_is_said_first_is_measured_by_itself() -> None:
    meter = Meter()
    meter.urgent(10.25)
    meter.told(TIP)
    meter.offered(10.0, 10.5)
    meter.offered(20.0, 20.5)  # nothing new in it
    assert (meter.announced.seconds, meter.jobs.seconds) == (0.25, 0.5)


def test_a_block_that_no_group_hears_of_is_measured_to_its_end_alone() -> None:
    meter = Meter()
    meter.told(TIP)
    meter.offered(1.0, 1.5)
    assert (sum(meter.announced.counts), sum(meter.jobs.counts)) == (0, 1)


def test_what_is_told_is_counted_by_its_kind() -> None:
    meter = Meter()
    for event in (TIP, PeerConnected(1, "192.0.2.1:1"), PeerConnected(2, "192.0.2.2:1")):
        meter.told(event)
    assert meter.happened == {"TipChanged": 1, "PeerConnected": 2}
