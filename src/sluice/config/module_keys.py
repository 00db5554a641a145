"""The keys of blvm-stratum-v2's config.toml, and which options of ours they are.

Rule: one row for each key: what it means here, and the origin's default where ours is another one.
"""

from collections.abc import Callable
from dataclasses import dataclass

FOR_THE_MODULE = "blvm-stratum-v2"


@dataclass(frozen=True, slots=True)
class ModuleKey:
    """One key; `read` makes the option's value of the key's, or raises ValueError ("must be …")."""

    key: str
    option: str
    help: str
    default: str | int | None = None
    example: str = ""
    read: Callable[[object], object] = lambda value: value


def shard_of(value: object) -> object:
    """The origin's extra extranonce bytes: here it is the one byte that tells processes of a pool apart."""
    if isinstance(value, str) and len(value) == 2:
        try:
            return int.from_bytes(bytes.fromhex(value))
        except ValueError:
            pass
    raise ValueError(
        'must be one byte in hex, like "07": this process\'s part of the search space (pool.shard)'
    )


MODULE_KEYS = (
    ModuleKey(
        "payout_address",
        "pool.address",
        "The address that every block pays. Required: the node does not say whom to pay.",
        example='"bc1q..."',
    ),
    ModuleKey(
        "listen_addr", "server.listen", "Where miners connect, with a numeric address.", "0.0.0.0:3333"
    ),
    ModuleKey(
        "difficulty_target",
        "pool.default_difficulty",
        "Where a channel begins whose miner does not say what it wants.",
        1,
    ),
    ModuleKey("max_connections", "server.max_connections", "Miners at once; the node allows 256 files.", 100),
    ModuleKey("pool_name", "pool.tag", "The pool's name in the coinbase of its blocks.", example='"My Pool"'),
    ModuleKey(
        "extra_extranonce",
        "pool.shard",
        "One byte in hex, another one for each process where several are one pool.",
        example='"01"',
        read=shard_of,
    ),
    ModuleKey("max_jobs", "pool.max_jobs", "Jobs a channel remembers on one tip.", 10),
)
#: The one key that is no option: a module that is not enabled ends at once.
ENABLED = "enabled"
#: What the node puts into every module's environment of its own accord (blvm-node, module/process/spawner.rs).
NODES_OWN = frozenset({"version", "database_backend", "node_p2p_listen_ip", "node_p2p_listen_port"})
