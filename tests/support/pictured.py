"""A pool's picture as a watcher has it, of a pool on which something has happened."""

import asyncio

from msgspec import json
from msgspec.structs import replace

from sluice.control.client import Assembly
from sluice.control.words import Answer, BanPicture, PoolPicture, RecordPicture
from sluice.node.several.standing import Standing, State
from sluice.pool.inputs import Answered, Offered, Recorded
from sluice.pool.ports import Answer as Verdict
from sluice.pool.ports import Outcome
from sluice.server.loop import Owner
from sluice.server.pictures import Facts, Pictures
from sluice.server.submitter import Submitter
from sluice.sv2.messages.mining import OpenExtendedMiningChannel, SubmitSharesExtended
from support.found import a_block
from support.line import Line, an_owner
from support.openings import HTTP
from support.pool import EVERYTHING, setup
from support.work import template

#: What a miner may call itself, to see where it comes out again.
HOSTILE = '<script>evil"\n\\" {evil="x"} 1e9'
FACTS = Facts("1.2.3", "regtest", "test", "pool", "bcrt1q")


def busy() -> Owner:
    """A miner whose share was refused, a block on its way, strangers at the door, one who has not spoken yet."""
    owner, _ = an_owner()
    owner.meter.queues.update(Submitter((), None).queues)
    owner.feed(Offered(template()))
    line = Line(owner).set_up()
    line.say(OpenExtendedMiningChannel(1, HOSTILE, 1.0, EVERYTHING, 4))
    line.say(SubmitSharesExtended(2, 1, 99, 0, 0, 0, bytes(12)))
    line.say(OpenExtendedMiningChannel(2, HOSTILE, 1.0, bytes(32), 4))
    owner.feed(Offered(template(800_001)))
    Line(owner).shake().say(setup(flags=1 << 31))
    stranger = Line(owner)
    stranger.pump.received(HTTP[0])
    stranger.drop()
    Line(owner)
    found = a_block(7)
    list(owner.pool.state.candidates.take(found, 0.0))
    owner.feed(Recorded(found.block_hash))
    owner.feed(Answered(found.block_hash, Outcome("core", "rpc", Verdict.REFUSED, "bad", 3)))
    gone = Line(owner).set_up()
    gone.drop()
    return owner


def standings(*names: str) -> tuple[Standing, ...]:
    """Nodes that all stand well."""
    outcomes = {"accepted": 2, "refused": 1}
    return tuple(
        Standing(
            name, State.LEADING, next_height=800_001, lag=0.25, template_age=3.0, reward=50, outcomes=outcomes
        )
        for name in names
    )


def pictured(owner: Owner, *nodes: str) -> PoolPicture:
    """With everything that a picture can have."""
    taken = asyncio.run(Pictures(FACTS, lambda: standings(*(nodes or ("core",)))).take(owner))
    assembly = Assembly()
    (picture,) = filter(None, (assembly.take(json.decode(line, type=Answer)) for line in taken.lines))
    record = RecordPicture(queued=5, lag=0.5, lost=1, failing="full", batches=20, entries=400)
    return replace(picture.pool, record=record, bans=(BanPicture("192.0.2.9"),), url="")
