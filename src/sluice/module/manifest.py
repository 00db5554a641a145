"""module.toml: how a blvm-node learns of the module (blvm-node, module/registry/manifest.rs).

Rule: the permissions that anything of ours needs are asked for here, as a node gives none that a manifest does
not name; the entry file is vouched for by its hash.
"""

import re
from collections.abc import Mapping
from json import dumps

from sluice.bitcoin.hashes import sha256

MODULE_NAME = "blvm-stratum-v2"
CLI_NAME = "stratum-v2"
ENTRY_POINT = MODULE_NAME
MANIFEST = "module.toml"

#: What for: work and tips, events, blocks, what we announce, other modules, miners over the node's own peers.
CAPABILITIES = (
    "read_blockchain",
    "read_chain_state",
    "subscribe_events",
    "submit_block",
    "queue_inbound_block",
    "publish_events",
    "call_module",
    "register_module_api",
    "discover_modules",
    "network_access",
    "read_mempool",
    "report_metrics",
    "register_rpc_endpoint",
)


def manifest(version: str, entry: bytes, schema: Mapping[str, str]) -> str:
    """The text of module.toml for this entry file; `schema` says what each key of config.toml is for."""
    lines = [
        f"name = {dumps(MODULE_NAME)}",
        f"version = {dumps(numeric(version))}",
        f"description = {dumps('Sluice: a Stratum V2 mining server as a module of blvm-node')}",
        f"author = {dumps('Sluice contributors')}",
        f"entry_point = {dumps(ENTRY_POINT)}",
        "capabilities = [",
        *(f"    {dumps(name)}," for name in CAPABILITIES),
        "]",
        "",
        "# The node refuses to start an entry file that is another one.",
        "[binary]",
        f"hash = {dumps(sha256(entry).hex())}",
        f"size = {len(entry)}",
        "",
        "[config_schema]",
        *(f"{key} = {dumps(words, ensure_ascii=False)}" for key, words in schema.items()),
    ]
    return "\n".join(lines) + "\n"


def numeric(version: str) -> str:
    """The part of a version that a node reads: two or three numbers."""
    parts = version.split(".")[:3]
    return ".".join(re.match(r"\d*", part, re.ASCII)[0] or "0" for part in parts)  # type: ignore[index]
