"""Every kind of message, and what a webhook's `details` may hold: the promise of docs/alarms.md.

Rule: what is not here is not sent; a property test holds the rules to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sluice.alarms.topics import Topic


@dataclass(frozen=True, slots=True)
class Kind:
    """A row: what happened, and the fields that programs find."""

    topic: Topic
    words: str
    details: tuple[str, ...] = ()


_BLOCK = ("height", "block_hash")
_SHARES = ("refused", "accepted", "seconds", "reasons")

KINDS: Mapping[str, Kind] = {
    "block_found": Kind(Topic.BLOCKS, "A miner has found a block.", (*_BLOCK, "user")),
    "block_accepted": Kind(Topic.BLOCKS, "A node has taken it.", (*_BLOCK, "node", "user")),
    "block_refused": Kind(Topic.BLOCKS, "Every node that answers refuses it.", (*_BLOCK, "node", "reason")),
    "block_undelivered": Kind(Topic.BLOCKS, "No node can be reached.", (*_BLOCK, "reason")),
    "block_unrecorded": Kind(Topic.BLOCKS, "It cannot be written to the disk.", (*_BLOCK, "reason")),
    "block_overtaken": Kind(Topic.BLOCKS, "Another one is in its place for now.", (*_BLOCK, "node", "rival")),
    "block_buried": Kind(Topic.BLOCKS, "It is in the chain for good.", (*_BLOCK, "node")),
    "block_orphaned": Kind(Topic.BLOCKS, "Another one is in its place for good.", (*_BLOCK, "node", "rival")),
    "block_rejected": Kind(Topic.BLOCKS, "The same, after nodes refused it.", (*_BLOCK, "node", "rival")),
    "block_dropped": Kind(Topic.BLOCKS, "Too many blocks could not be written down.", _BLOCK),
    "new_best": Kind(
        Topic.BESTS,
        "New best difficulties: the highest, and how many accounts have one.",
        ("count", "account", "worker", "difficulty", "before"),
    ),
    "workers_gone": Kind(Topic.WORKERS, "Workers are gone; the first 100 by name.", ("count", "workers")),
    "workers_back": Kind(Topic.WORKERS, "Workers are back; the first 100 by name.", ("count", "workers")),
    "refusals_rising": Kind(Topic.REFUSALS, "Many shares are refused; numbers of the window.", _SHARES),
    "refusals_over": Kind(Topic.REFUSALS, "No more.", _SHARES),
    "node_apart": Kind(Topic.NODES, "A node is of less use than it should be.", ("node", "state", "why")),
    "node_in_step": Kind(Topic.NODES, "It is with the others again.", ("node", "was", "seconds")),
    "nodes_disagree": Kind(
        Topic.NODES, "Two nodes are on different chains.", ("node", "leader", "next_height", "why")
    ),
    "nodes_agree": Kind(Topic.NODES, "All are on one again.", ("seconds",)),
    "no_work": Kind(Topic.NODES, "No template comes from any node.", ("node", "reason")),
    "work_again": Kind(Topic.NODES, "Templates come again.", ("next_height", "seconds")),
    "record_failing": Kind(Topic.RECORD, "Nothing can be recorded.", ("reason",)),
    "record_recovered": Kind(Topic.RECORD, "It is recorded again.", ("lost", "seconds")),
    "pool_started": Kind(Topic.POOL, "Miners are served."),
    "pool_drains": Kind(Topic.POOL, "Miners are sent away.", ("miners",)),
    "pool_takes_again": Kind(Topic.POOL, "Miners are taken again, after all."),
    "test": Kind(Topic.POOL, "Somebody has typed `sluice alarms test`."),
}


def kinds_table() -> str:
    """The part of docs/alarms.md that is printed."""
    rows = "".join(
        f"| `{kind.topic.value}` | `{name}` | {kind.words} | {', '.join(f'`{field}`' for field in kind.details)} |\n"
        for name, kind in KINDS.items()
    )
    return f"| topic | kind | what happened | details |\n|---|---|---|---|\n{rows}"
