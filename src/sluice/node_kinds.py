"""From `[[node]]` to adapters: one factory for each kind of node.

Rule: a kind is one row here and one word of `node.kind` in `config/table.py`; nobody else asks for kinds.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import count
from time import time

from sluice.bitcoin.network import network_of_chain
from sluice.config import Config
from sluice.config.table import Node as Settings
from sluice.log import log_line
from sluice.node.bitcoind import Bitcoind, BitcoindSettings
from sluice.node.chain import ChainPlan
from sluice.node.embedded import Embedded
from sluice.node.rpc import Access
from sluice.pool.ports import Node, Trouble

#: What the embedded chain expects to be mined with at first, in hashes a second: one slow CPU miner.
EMBEDDED_HASHRATE = 250_000


def nodes_of(config: Config) -> tuple[Node, ...]:
    """The nodes that the configuration names, in its order; their templates share one counter."""
    template_ids = count(1)
    return tuple(FACTORIES[node.kind](node, template_ids) for node in config.nodes)


def _bitcoind(node: Settings, template_ids: Iterator[int]) -> Node:
    settings = BitcoindSettings(
        access=Access(str(node.url), node.user, node.password, node.cookie_file),
        name=node.name,
        network=None if node.network == "auto" else network_of_chain(node.network),
        zmq_hashblock=str(node.zmq_hashblock),
        refresh_seconds=node.refresh_seconds,
    )
    return Bitcoind(settings, _tell, template_ids)


def _embedded(node: Settings, template_ids: Iterator[int]) -> Node:
    return Embedded(ChainPlan(EMBEDDED_HASHRATE), time, node.refresh_seconds, template_ids, node.name)


def _tell(trouble: Trouble) -> None:
    log_line("warning", trouble.reason, node=trouble.node)


FACTORIES: Mapping[str, Callable[[Settings, Iterator[int]], Node]] = {
    "bitcoind": _bitcoind,
    "embedded": _embedded,
}
