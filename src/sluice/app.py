"""The composition root: from a configuration to a running server.

Rule: everything is built here, in one visible place, and given to what needs it.
"""

import asyncio
import resource
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from os import urandom
from pathlib import Path
from typing import Any, TypeVar

from sluice.accounting.name import Names
from sluice.accounting.scheme import Solo
from sluice.bitcoin.network import Network
from sluice.bitcoin.target import target_from_difficulty
from sluice.companions import companions_of, end_with
from sluice.config import Config
from sluice.config.paying import can_pay, payout_in_words, payout_of, scheme_of
from sluice.config.values import Endpoint
from sluice.demonstration import Wishes, demonstration
from sluice.exit_codes import ExitCode, UserError
from sluice.keys import Authority, KeyFileError, authority_for_run, keep_operator_key
from sluice.ledger.block_record import BlockRecord
from sluice.log import log_event, log_line
from sluice.node.embedded.embedded import NOTICE, Embedded
from sluice.node.several.several import Several
from sluice.node_kinds import nodes_of
from sluice.noise.authority import PoolUrl
from sluice.pool.orders import Orders
from sluice.pool.policy import Patience, Policy
from sluice.pool.ports import Node, NodeError
from sluice.records import Places, picture_of, places_of, scribe_of, shown_place
from sluice.server.clock import unix_time
from sluice.server.companion import Companion
from sluice.server.control_host import ControlHost
from sluice.server.identity import Credentials
from sluice.server.limits import Limits
from sluice.server.listener import ListenError
from sluice.server.orders_file import NAME as ORDERS
from sluice.server.orders_file import OrdersFile
from sluice.server.pictures import Facts, Pictures
from sluice.server.scribe import Scribe
from sluice.server.serve import Plan, Running, serve
from sluice.sim.demo.demo import demo
from sluice.sim.demo.view import DemoView
from sluice.version import VERSION
from sluice.work.job import Payout
from sluice.work.vardiff import VardiffPolicy

T = TypeVar("T")

#: Listening addresses that stand for all that the machine has, each with one that is elsewhere (RFC 5737, 3849).
EVERYWHERE = {"0.0.0.0": (socket.AF_INET, "192.0.2.1"), "::": (socket.AF_INET6, "2001:db8::1")}
#: Open files beside the miners' sockets: the node's, the log's, the data directory's.
SPARE_FILES = 128


class NodeUnusable(UserError):
    """The configured node cannot be mined on."""

    exit_code = ExitCode.NODE


class CannotListen(UserError):
    """The configured address cannot be listened on."""

    exit_code = ExitCode.LISTEN


def policy_of(config: Config) -> Policy:
    """What the operator set, as the pool uses it."""
    server, pool = config.server, config.pool
    return Policy(
        vardiff=VardiffPolicy(
            shares_per_minute=pool.shares_per_minute,
            easiest=target_from_difficulty(pool.min_difficulty),
        ),
        patience=Patience(
            setup=server.setup_timeout,
            channel=server.channel_timeout,
            idle=server.idle_timeout,
            refusals_per_minute=server.refused_shares_per_minute,
        ),
        # Solo, a name is who is paid.
        names=names_of(config),
        shard=pool.shard,
        max_jobs=pool.max_jobs,
        max_channels=server.max_channels_per_connection,
        ack_shares=pool.ack_shares,
        ack_seconds=pool.ack_milliseconds / 1000,
        stale_grace=pool.stale_grace_seconds,
        default_target=target_from_difficulty(pool.default_difficulty) if pool.default_difficulty else None,
    )


def limits_of(config: Config) -> Limits:
    """The bounds of the listener, as the operator set them."""
    server = config.server
    return Limits(
        max_connections=server.max_connections,
        handshake_seconds=server.handshake_timeout,
        send_queue_bytes=server.send_queue_bytes,
        drain_seconds=server.drain_timeout,
    )


def names_of(config: Config) -> Names:
    """Which user names may mine: in solo mode there must be somebody to pay."""
    return Names.ADDRESS if config.accounts.mode == Solo.mode else Names(config.accounts.names)


def facts_of(config: Config, network: Network, places: Places, key_warning: str) -> Facts:
    """What people are shown of it; `key_warning` says that the key is lost at the end, if it is."""
    return Facts(
        version=VERSION,
        network=network.name,
        tag=config.pool.tag,
        mode=config.accounts.mode,
        payout=payout_in_words(config),
        names=names_of(config).value,
        fee_percent=config.accounts.fee_percent,
        key_temporary=bool(key_warning),
        blocks_dir=str(places.blocks.absolute()),
    )


def run(main: Coroutine[Any, Any, int], *, threads: bool = True) -> int:
    """Run `main` on uvloop where it is installed, on asyncio elsewhere.

    `threads`: whether there can be any. uvloop's library ends the whole process where it gets none to resolve an
    address in, be it a number; asyncio asks for none then.
    """
    with asyncio.Runner(loop_factory=_loop_factory() if threads else None) as runner:
        return runner.run(main)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


class Ending:
    """SIGTERM and SIGINT end a server in the same way, but a shell is told which it was. Mutable."""

    __slots__ = ("exit_code", "stop")

    def __init__(self) -> None:
        """Listens to both from now on; the first one counts."""
        self.stop = asyncio.Event()
        #: None until there was a signal.
        self.exit_code: ExitCode | None = None
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._end, ExitCode.OK)
        loop.add_signal_handler(signal.SIGINT, self._end, ExitCode.INTERRUPTED)

    def _end(self, exit_code: ExitCode) -> None:
        if self.exit_code is None:
            self.exit_code = exit_code
        self.stop.set()


@dataclass(frozen=True, slots=True)
class Started:
    """What is known once the node has answered: its network, whom to pay there, where what is kept lies, who records."""

    network: Network
    payout: Payout
    places: Places
    scribe: Scribe | None


def run_pool(config: Config, *, managed: bool = False) -> int:
    """Serve until SIGTERM or SIGINT; the exit code. Raises UserError for what the operator can mend.

    `managed`: a node has started us, and we end with it.
    """
    return run(_pool(config, managed=managed), threads=not managed)


async def _pool(config: Config, *, managed: bool) -> int:
    ending = Ending()
    authority = authority_for_run(config.authority_file)
    if authority.warning:
        log_line("warning", authority.warning)
    _allow_many_sockets(config.server.max_connections)
    nodes = nodes_of(config)
    if managed:
        end_with(config, nodes, ending.stop.set)
    node = Several(nodes, log_event, partial(can_pay, config))
    for each in nodes:
        if isinstance(each, Embedded):
            log_line("warning", f"{each.notice}; for a real node set node.kind and node.url")
    with places_of(config) as places:
        started = await _started(node, config, places, ending.stop)
        if started is not None:
            if config.web.endpoint and not managed:
                _keep_operator_key(config.operator_key_file)
            beside = partial(companions_of, config, nodes, places, managed=managed)
            await _serve(config, node, authority, started, beside, ending)
    return ending.exit_code or ExitCode.OK


async def _serve(
    config: Config,
    node: Several,
    authority: Authority,
    started: Started,
    beside: Callable[..., tuple[Companion, ...]],
    ending: Ending,
) -> None:
    """Build everything round a node that has answered, and serve until the end; `beside` makes the companions."""
    orders, orders_file = Orders(), OrdersFile(config.data.dir / ORDERS)
    for words in orders_file.load(orders, unix_time()):
        log_line("warning", words)
    pictures = Pictures(facts_of(config, started.network, started.places, authority.warning), node.standings)
    if started.scribe is not None:
        pictures.record = partial(picture_of, started.scribe, shown_place(started.places.record))
    plan = Plan(
        node=node,
        network=started.network,
        payout=started.payout,
        policy=replace(policy_of(config), scheme=scheme_of(config, started.network)),
        limits=limits_of(config),
        credentials=Credentials(
            authority.key.secret, config.keys.certificate_hours * 3600, unix_time(), urandom
        ),
        host=config.server.listen.host,
        port=config.server.listen.port,
        blocks=BlockRecord(started.places.blocks),
        nodes=node.members,
        companions=(
            ControlHost(config.control_socket, pictures, orders_file),
            *beside(shown=partial(setattr, pictures, "dashboard")),
        ),
        scribe=started.scribe,
        orders=orders,
    )

    def ready(running: Running) -> None:
        url = str(PoolUrl(reachable_host(plan.host), running.port, authority.key.public))
        pictures.url = url
        print(url, flush=True)
        log_line("info", "miners connect to", url=url, network=started.network.name, node=node.name)

    await served(serve(plan, log_event, ready, ending.stop))


def _keep_operator_key(file: Path) -> None:
    """Without it the web side shows everything and changes nothing."""
    try:
        if keep_operator_key(file):
            log_line("debug", "the operator's key is made", file=str(file))
    except KeyFileError as error:
        log_line("warning", f"nothing can be changed over the web: {error}")


def reachable_host(host: str) -> str:
    """What miners can put in for a listening address that stands for all: the one that we have on the way out."""
    if host not in EVERYWHERE:
        return host
    family, elsewhere = EVERYWHERE[host]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))  # chooses the way; nothing is sent
            return str(probe.getsockname()[0])
    except OSError:  # there is no way out
        return socket.gethostname()


async def _started(node: Node, config: Config, places: Places, stop: asyncio.Event) -> Started | None:
    """What a server needs to know; None if we were told to stop before the node answered."""
    network = await meet(node, stop)
    if network is None:
        return None
    async with AsyncExitStack() as failed:
        failed.push_async_callback(node.close)
        scribe = scribe_of(config, network, places.record)
        started = Started(network, payout_of(config, network), places, scribe)
        failed.pop_all()
    return started


async def meet(node: Node, stop: asyncio.Event) -> Network | None:
    """Start the node: its network, or None if we were told to stop before it answered. Raises NodeUnusable."""
    async with AsyncExitStack() as failed:
        failed.push_async_callback(node.close)
        network = await _unless(stop, _network(node))
        if network is None:
            return None
        if isinstance(network, NodeError):
            raise NodeUnusable(str(network)) from network
        failed.pop_all()
        return network


async def _network(node: Node) -> Network | NodeError:
    try:
        return await node.start()
    except NodeError as error:
        return error


async def _unless(stop: asyncio.Event, main: Coroutine[Any, Any, T]) -> T | None:
    """What comes of `main`; None, and it is cancelled, if `stop` is set before."""
    async with asyncio.TaskGroup() as group:
        tasks = group.create_task(main), group.create_task(stop.wait())
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
    return None if tasks[0].cancelled() else tasks[0].result()


async def served(serving: Coroutine[Any, Any, T]) -> T:
    """What comes of `serving`; the one failure that is the operator's to mend as a sentence."""
    try:
        return await serving
    except* ListenError as errors:
        sentence = str(errors.exceptions[0])
    raise CannotListen(sentence)


def _allow_many_sockets(connections: int) -> None:
    """Raise the process's own limit of open files as far as it may, and say so if that is not enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + SPARE_FILES
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    if allowed < wanted:
        log_line(
            "warning",
            f"the system allows {allowed} open files, hence no more than {allowed - SPARE_FILES} connections: "
            "raise it with `ulimit -n`, or lower server.max_connections",
        )


def run_demo(listen: Endpoint, web: Endpoint | None, miners: int, blocks: int | None) -> int:
    """A pool on the embedded chain, with `miners` in processes of their own; ends after `blocks`.

    `web`: where its dashboard is, if it has one.
    """
    return run(_demo(Wishes(listen, web, miners, blocks)))


async def _demo(wishes: Wishes) -> int:
    ending = Ending()
    blocks = wishes.blocks
    with DemoView(sys.stderr) as view, demonstration(wishes, view.say) as shown:
        view.say(f"A demo: {NOTICE}. `sluice run` mines on a real node.")

        def announce(url: PoolUrl) -> None:
            shown.pictures.url = str(url)
            view.say("The URL for miners of your own, good until the demo ends:")
            print(url, flush=True)

        await shown.plan.server.node.start()
        accepted = await served(demo(shown.plan, view, announce, ending.stop))
    view.say(f"The demo is over; blocks found and accepted: {accepted}.")
    if ending.exit_code is not None:
        return ending.exit_code
    return ExitCode.OK if blocks is not None and accepted >= blocks else ExitCode.FAILED
