"""What the demo is made of: a pool on the embedded chain, a record, a control socket and a dashboard.

Rule: all that it keeps lies in a directory that ends with it, as its chain does.
"""

import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import urandom
from pathlib import Path
from time import time

from sluice.accounting.name import Names
from sluice.bitcoin.address import script_for_address
from sluice.bitcoin.network import REGTEST
from sluice.config.values import Endpoint
from sluice.control.place import NAME
from sluice.keys import new_key
from sluice.ledger.block_record import BlockRecord
from sluice.ledger.database import FILE
from sluice.ledger.record import Record
from sluice.node.embedded.chain import ChainPlan
from sluice.node.embedded.embedded import Embedded
from sluice.node.several.several import Several
from sluice.node_kinds import EMBEDDED_HASHRATE
from sluice.pool.policy import Policy
from sluice.pool.ports import Start
from sluice.records import BLOCKS
from sluice.server.clock import unix_time
from sluice.server.companion import Companion
from sluice.server.control_host import ControlHost
from sluice.server.identity import Credentials
from sluice.server.limits import Limits
from sluice.server.pictures import Facts, Pictures
from sluice.server.scribe import Recording, Scribe
from sluice.server.serve import Plan
from sluice.sim.demo.demo import DemoPlan
from sluice.version import VERSION
from sluice.web.settings import Settings
from sluice.web.warden import Warden
from sluice.work.job import Payout
from sluice.work.vardiff import VardiffPolicy

#: Many enough to watch; a CPU miner finds shares at any rate.
SHARES_PER_MINUTE = 60
#: Seconds.
CERTIFICATE = 86_400
#: OP_TRUE under P2WSH: anyone can spend it, as the coins are worth nothing.
ADDRESS = "bcrt1qft5p2uhsdcdc3l2ua4ap5qqfg4pjaqlp250x7us7a8qqhrxrxfsqseac85"
PAYOUT = Payout(script_for_address(ADDRESS, REGTEST), b"Sluice demo")
#: The dashboard's port, if nobody else has it.
USUAL_PORT = 8080


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be shown: where miners connect, where the dashboard is if there is one, how many miners and blocks."""

    listen: Endpoint
    web: Endpoint | None
    miners: int
    blocks: int | None


@dataclass(frozen=True, slots=True)
class Shown:
    """Made, and not running yet; `pictures` wants to know the URL once there is one."""

    plan: DemoPlan
    pictures: Pictures


@contextmanager
def demonstration(wishes: Wishes, say: Callable[[str], None]) -> Iterator[Shown]:
    """Everything, as long as the context lasts; `say` tells a person where the dashboard is."""
    with tempfile.TemporaryDirectory(prefix="sluice-demo-", ignore_cleanup_errors=True) as directory:
        yield _made(wishes, Path(directory), say)


def _made(wishes: Wishes, directory: Path, say: Callable[[str], None]) -> Shown:
    key = new_key()
    node = Several((Embedded(ChainPlan(EMBEDDED_HASHRATE), time),), lambda event: None, lambda network: True)
    tag, names = PAYOUT.pool_tag.decode(), Names.ANY
    facts = Facts(
        VERSION,
        REGTEST.name,
        tag,
        payout=ADDRESS,
        names=names.value,
        key_temporary=True,
    )
    pictures = Pictures(facts, node.standings)
    place = str(directory / FILE)
    server = Plan(
        node=node,
        network=REGTEST,
        payout=PAYOUT,
        policy=Policy(names=names, vardiff=VardiffPolicy(shares_per_minute=SHARES_PER_MINUTE)),
        limits=Limits(drain_seconds=0.5),
        credentials=Credentials(key.secret, CERTIFICATE, unix_time(), urandom),
        host=wishes.listen.host,
        port=wishes.listen.port,
        blocks=BlockRecord(directory / BLOCKS),
        nodes=node.members,
        companions=(
            ControlHost(directory / NAME, pictures),
            *_dashboard(wishes.web, directory, place, say),
        ),
        scribe=Scribe(Recording(Record(place), Start(unix_time(), VERSION, REGTEST.name, 0, {}))),
    )
    return Shown(DemoPlan(server, key.public, wishes.miners, wishes.blocks), pictures)


def _dashboard(
    web: Endpoint | None, directory: Path, place: str, say: Callable[[str], None]
) -> tuple[Companion, ...]:
    if web is None:
        return ()
    settings = Settings(str(web), -1, str(directory), str(directory / BLOCKS), place)
    port = web.port or (USUAL_PORT if is_free(web.host, USUAL_PORT) else 0)
    return (
        Warden(web.host, port, settings, lambda url: say(f"The dashboard, to look at in a browser: {url}")),
    )


def is_free(host: str, port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
