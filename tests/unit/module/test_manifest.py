"""module.toml, by the node's rules."""

import re
import tomllib
from hashlib import sha256

import pytest

from sluice.module.manifest import CAPABILITIES, manifest, numeric

#: What the node knows (blvm-node, module/security/permissions.rs), as far as we ask for any of it.
KNOWN = frozenset(
    "read_blockchain read_chain_state read_utxo subscribe_events read_mempool read_network network_access "
    "submit_block queue_inbound_block publish_events call_module register_module_api discover_modules "
    "register_rpc_endpoint report_metrics read_metrics".split()
)


def test_it_is_what_a_node_takes_for_a_manifest() -> None:
    said = tomllib.loads(manifest("0.1.0", b"#!/bin/sh\n", {"max_jobs": "Jobs – a few."}))
    assert re.fullmatch("[A-Za-z0-9][A-Za-z0-9_-]{0,63}", said["name"])
    assert "_" not in said["name"]  # an id is cut at the first one
    assert said["entry_point"] == said["name"] == "blvm-stratum-v2"
    assert said["binary"] == {"hash": sha256(b"#!/bin/sh\n").hexdigest(), "size": 10}
    assert said["config_schema"] == {"max_jobs": "Jobs – a few."}
    assert tuple(said["capabilities"]) == CAPABILITIES


def test_no_permission_is_asked_for_that_a_node_does_not_know() -> None:
    assert set(CAPABILITIES) <= KNOWN
    assert len(set(CAPABILITIES)) == len(CAPABILITIES)


@pytest.mark.parametrize(
    ("version", "read"),
    [("0.1.0", "0.1.0"), ("1.2", "1.2"), ("0.2.0.dev1", "0.2.0"), ("1.2.0rc1", "1.2.0"), ("1.x", "1.0")],
)
def test_a_version_is_numbers(version: str, read: str) -> None:
    assert numeric(version) == read
