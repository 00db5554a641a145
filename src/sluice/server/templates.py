"""A running template provider: its desk, its socket, its node, and a clean end (spec 7).

Rule: it is the same works as a pool's, with another brain: a block that a client finds goes the same way as any.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from os import urandom

from sluice.bitcoin.network import Network
from sluice.ledger.block_record import BlockRecord
from sluice.noise.handshake import Responder
from sluice.pool.events import Happening
from sluice.pool.ports import Node
from sluice.server.clock import unix_time
from sluice.server.identity import Credentials
from sluice.server.limits import Limits
from sluice.server.listener import bind, pump_class
from sluice.server.loop import House
from sluice.server.pump import PLAIN_SV2, SV2, Pump
from sluice.server.serve import Works, keep
from sluice.server.submitter import Submitter
from sluice.tdp.desk import Desk, DeskPolicy

#: Bytes that may wait for a client: some whole blocks. One that is slower than that for a while is closed.
SEND_QUEUE = 16 << 20
#: What an operator chooses another port with.
FLAG = "--templates-listen"


@dataclass(frozen=True, slots=True)
class TemplatePlan:
    """What a template provider is built from."""

    node: Node
    network: Network
    policy: DeskPolicy
    limits: Limits
    #: None: without encryption.
    credentials: Credentials | None
    host: str
    port: int
    #: Where found blocks are written down; None on a chain that ends with the process.
    blocks: BlockRecord | None = None
    #: Each node for itself, where `node` is several of them joined.
    nodes: tuple[Node, ...] = ()


async def serve_templates(
    plan: TemplatePlan,
    tell: Callable[[Happening], None],
    ready: Callable[[int], None],
    stop: asyncio.Event,
) -> None:
    """Serve until `stop` is set, then drain. `ready` is called with the port once connections are taken.

    Raises ListenError; what goes wrong later reaches `tell` or the log.
    """
    submitter = Submitter(plan.nodes or (plan.node,), plan.blocks)
    desk = Desk(plan.policy, plan.network, unix_time())
    house = House(desk.react, plan.limits, tell, submitter.perform)
    kind = pump_class(asyncio.get_running_loop())

    credentials = plan.credentials

    def shake() -> Responder:
        assert credentials is not None  # or nobody asks
        return Responder(credentials.at(unix_time()), urandom(32), urandom(32))

    spoken = PLAIN_SV2 if credentials is None else SV2

    def accept() -> Pump:
        return house.new_pump(kind, shake, spoken)

    await keep(
        Works(plan.node, house, submitter), lambda: bind(accept, plan.host, plan.port, FLAG), ready, stop
    )
