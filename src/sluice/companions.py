"""Who lives beside the pool: for each blvm-node, the module that it takes us for; the web side's warden; and alarms.

Rule: built from the same table as the nodes themselves; a node of another kind has none.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from sluice.alarms.alarms import Alarms
from sluice.blvm.envelopes import EventMessage
from sluice.blvm.events.modules import NodeShutdown
from sluice.config import Config
from sluice.config.node_table import Node as Settings
from sluice.log import log_line
from sluice.module.sight import Place
from sluice.node.blvm.blvm import Blvm
from sluice.node.blvm.client import BlvmClient
from sluice.pool.ports import Node
from sluice.receivers import alarms_plan
from sluice.records import Places
from sluice.server.command_socket import CommandSocket
from sluice.server.companion import Companion
from sluice.server.lifeline import Lifeline, let_go
from sluice.server.module_host import ModuleHost, Wishes
from sluice.web.settings import Settings as WebSettings
from sluice.web.warden import Warden


def companions_of(
    config: Config,
    nodes: Iterable[Node],
    places: Places,
    *,
    managed: bool = False,
    shown: Callable[[str], None] = lambda url: None,
) -> tuple[Companion, ...]:
    """The modules, in the order of their nodes, a way to command the first of them without its node, the warden, alarms.

    `managed`: a node has started us, and allows no other process. `shown` is told where the dashboard is.
    """
    hosts = _hosts(config, nodes)
    commands = (CommandSocket(config.data.dir, host.invoked) for host in hosts[:1])
    plan = alarms_plan(config)
    alarms = [Alarms(plan)] if plan.receivers else []
    return (*hosts, *commands, *_wardens(config, places, shown, managed=managed), *alarms)


def _hosts(config: Config, nodes: Iterable[Node]) -> tuple[ModuleHost, ...]:
    place = Place(str(config.server.listen), str(config.file or "none: everything is set elsewhere"))
    return tuple(
        ModuleHost(node.client, place, _wishes(settings), _telling(settings.name))
        for node, settings in zip(nodes, config.nodes, strict=True)
        if isinstance(node, Blvm)
    )


def _wardens(
    config: Config, places: Places, shown: Callable[[str], None], *, managed: bool
) -> Iterator[Warden]:
    """Who keeps the web side; nobody if it is not wanted, or if we can start no process."""
    endpoint, web = config.web.endpoint, config.web
    if endpoint is None:
        return
    if managed:
        log_line("info", "no dashboard: a module of a node cannot start the process that would serve it")
        return
    settings = WebSettings(
        listen=web.listen,
        descriptor=-1,
        data_dir=str(config.data.dir),
        blocks=str(places.blocks),
        database=places.record,
        public_url=web.public_url,
        explorer_url=web.explorer_url,
        operator_key_file=str(config.operator_key_file),
        requests_per_minute=web.requests_per_minute,
        open_per_address=web.open_per_address,
        trusted_proxies=web.trusted_proxies,
        max_streams=web.max_streams,
    )

    def serves(url: str) -> None:
        log_line("info", "dashboard", url=url)
        shown(url)

    yield Warden(endpoint.host, endpoint.port, settings, serves)


def end_with(config: Config, nodes: Iterable[Node], end: Callable[[], None]) -> None:
    """Call `end` when the node that has started us is gone; to be called in the loop."""

    def gone(reason: str) -> None:
        log_line("warning", reason)
        end()

    for node, settings in zip(nodes, config.nodes, strict=True):
        if isinstance(node, Blvm):
            Lifeline(settings.socket, partial(_attached, node.client), gone)
            node.client.hooks.heard = partial(_part, node.client, settings.socket, gone)


def _part(client: BlvmClient, socket: Path, gone: Callable[[str], None], event: EventMessage) -> None:
    if isinstance(event.payload, NodeShutdown):
        client.close()
        let_go(socket)
        gone(f"the node ends: {event.payload.reason}")


def _attached(client: BlvmClient) -> bool:
    return client.connected or client.waiting


def _wishes(node: Settings) -> Wishes:
    return Wishes(
        publish=node.publish_events == "yes", datum=node.datum == "yes", peers=node.peer_miners == "yes"
    )


def _telling(name: str) -> Callable[[str], None]:
    return lambda words: log_line("warning", words, node=name)
