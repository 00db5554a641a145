"""From `[[node]]` to adapters: one factory for each kind of node.

Rule: a kind is one row here and one word of `node.kind` in `config/table.py`; nobody else asks for kinds.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from time import time

from sluice.bitcoin.network import Network, network_of_chain
from sluice.blvm.connection import Identity
from sluice.config import Config
from sluice.config.checks import network_of_config
from sluice.config.node_table import Node as Settings
from sluice.config.paying import room_for_payouts
from sluice.log import log_line
from sluice.module.api import METHODS
from sluice.module.commands import cli_spec
from sluice.node.bitcoind.bitcoind import Bitcoind, BitcoindSettings
from sluice.node.bitcoind.rpc import Access
from sluice.node.bitcoind.submission import SUBMIT_BLOCK_ROUTE
from sluice.node.blvm.blvm import SUBSCRIBED, Blvm, BlvmSettings
from sluice.node.blvm.client import Attachment
from sluice.node.embedded.chain import ChainPlan
from sluice.node.embedded.embedded import Embedded
from sluice.node.provider.link import Way
from sluice.node.provider.template_provider import ProviderSettings, TemplateProvider
from sluice.noise.authority import parse_pool_url
from sluice.pool.ports import Node, Trouble
from sluice.version import VERSION

#: What the embedded chain expects to be mined with at first, in hashes a second: one slow CPU miner.
EMBEDDED_HASHRATE = 250_000
#: How a blvm-node is given blocks, by `node.submit`.
BLVM_ROUTES = {
    "submitblock": ("submitblock",),
    "queue_received_block": ("QueueReceivedBlock",),
    "both": ("submitblock", "QueueReceivedBlock"),
    "submit_block": ("SubmitBlock",),
}


def nodes_of(config: Config) -> tuple[Node, ...]:
    """The nodes that the configuration names, in its order; their templates share one counter."""
    template_ids = count(1)
    return tuple(FACTORIES[node.kind](node, template_ids, config) for node in config.nodes)


def _bitcoind(node: Settings, template_ids: Iterator[int], _config: Config) -> Node:
    settings = BitcoindSettings(
        access=_access(node),
        name=node.name,
        network=_network(node),
        zmq_hashblock=str(node.zmq_hashblock),
        refresh_seconds=node.refresh_seconds,
    )
    return Bitcoind(settings, _teller(), template_ids)


def _blvm(node: Settings, template_ids: Iterator[int], _config: Config) -> Node:
    identity = Identity(node.module_id or node.module_name, node.module_name, VERSION)
    routes = BLVM_ROUTES[node.submit]
    methods = tuple(METHODS) if node.module_api == "yes" else ()
    settings = BlvmSettings(
        attachment=Attachment(node.socket.expanduser(), identity, cli_spec(), SUBSCRIBED, methods),
        routes=routes,
        access=_access(node) if SUBMIT_BLOCK_ROUTE in routes else None,
        network=_network(node),
        name=node.name,
        full=node.transactions == "offered",
        refresh_seconds=node.refresh_seconds,
    )
    return Blvm(settings, _teller(), template_ids)


def _template_provider(node: Settings, template_ids: Iterator[int], config: Config) -> Node:
    settings = ProviderSettings(
        way=Way(parse_pool_url(node.url), plain=node.encryption == "none"),
        constraints=room_for_payouts(config),
        network=network_of_config(config),
        name=node.name,
        refresh_seconds=node.refresh_seconds,
    )
    return TemplateProvider(settings, _teller(), template_ids)


def _embedded(node: Settings, template_ids: Iterator[int], _config: Config) -> Node:
    plan = ChainPlan(EMBEDDED_HASHRATE, node.block_seconds)
    return Embedded(plan, time, node.refresh_seconds, template_ids, node.name)


def _access(node: Settings) -> Access:
    return Access(str(node.url), node.user, node.password, node.cookie_file)


def _network(node: Settings) -> Network | None:
    return None if node.network == "auto" else network_of_chain(node.network)


def _teller() -> Callable[[Trouble], None]:
    """A line for each sentence; a node that is started anew does not say the same again."""
    said = ""

    def tell(trouble: Trouble) -> None:
        nonlocal said
        if trouble.reason != said:
            said = trouble.reason
            log_line("warning", trouble.reason, node=trouble.node)

    return tell


FACTORIES: Mapping[str, Callable[[Settings, Iterator[int], Config], Node]] = {
    "bitcoind": _bitcoind,
    "blvm": _blvm,
    "template_provider": _template_provider,
    "embedded": _embedded,
}
