"""A real blvm-node discovers, verifies, starts and loads the module, and a miner finds blocks over it.

`make blvm-node` builds the node; without it these are skipped.
"""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from sluice.managed.layout import Layout, lay_out
from sluice.managed.output import FILE
from sluice.noise.authority import parse_pool_url
from support import blvm_node
from support.blvm_node import BlvmNode
from support.miners import mining
from support.server import REGTEST_ADDRESS
from support.waiting import wait_for

PROGRAM = blvm_node.program()
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no blvm-node: `make blvm-node`")
#: As `sluice blvm install` says; the default of 100 is less than Python takes to begin.
STARTUP_WAIT = 4_000


def lines(node: BlvmNode) -> list[dict[str, Any]]:
    """What the module has logged."""
    log = node.directory / "module-data" / "blvm-stratum-v2" / FILE
    text = log.read_text() if log.exists() else ""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def events(node: BlvmNode, name: str) -> list[dict[str, Any]]:
    return [line for line in lines(node) if line["event"] == name]


@pytest.mark.parametrize("credentials", [True, False], ids=["JSON-RPC too", "the module socket alone"])
def test_a_node_loads_the_module_and_its_miners_find_blocks(tmp_path: Path, credentials: bool) -> None:
    assert PROGRAM is not None
    node = BlvmNode(PROGRAM, tmp_path, STARTUP_WAIT)
    layout = Layout(node.modules_dir)
    lay_out(layout, REGTEST_ADDRESS)
    with layout.config.open("a") as config:
        config.write('listen_addr = "127.0.0.1:0"\n')
        config.write("[pool]\nshares_per_minute = 600\n")
        if credentials:
            config.write(f'[node]\nurl = "{node.url}"\nuser = "{node.user}"\npassword = "{node.password}"\n')
    with node:
        node.rpc("generatetoaddress", 1, REGTEST_ADDRESS)
        ready = wait_for(lambda: events(node, "miners connect to"))
        assert "blvm-stratum-v2" in json.dumps(node.rpc("listmodules"))
        before = node.rpc("getblockcount")
        with mining(parse_pool_url(ready[0]["url"])):
            wait_for(lambda: len(events(node, "block accepted")) >= 3)  # the node would not be asked so often
        assert node.rpc("getblockcount") >= before + 3
        assert not [line for line in lines(node) if line["level"] == "error" or "announced" in line["event"]]
        began = time.monotonic()
    assert time.monotonic() - began < 15  # not the 30 s for which it waits for a module that does not let go
    assert events(node, "the node ends: graceful")
