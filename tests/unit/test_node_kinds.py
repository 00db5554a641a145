import asyncio
import json
from pathlib import Path

import pytest

from sluice.bitcoin.network import REGTEST
from sluice.bitcoin.target import Target, target_from_nbits
from sluice.blvm.connection import Identity
from sluice.config import Config, read_config
from sluice.config.table import OPTIONS
from sluice.log import configure_log
from sluice.module.commands import cli_spec
from sluice.node.bitcoind.bitcoind import Bitcoind
from sluice.node.bitcoind.rpc import Access
from sluice.node.blvm.blvm import Blvm, BlvmSettings
from sluice.node.blvm.routes import WAYS
from sluice.node.embedded.embedded import Embedded
from sluice.node.provider.link import Way
from sluice.node.provider.template_provider import TemplateProvider
from sluice.node_kinds import BLVM_ROUTES, FACTORIES, _teller, nodes_of
from sluice.noise.authority import PoolUrl
from sluice.pool.ports import Trouble
from sluice.tdp.constraints import Constraints
from sluice.version import VERSION
from sluice.work.template import Template


def configured(**environ: str) -> Config:
    return read_config(None, {"HOME": "/nonexistent"} | environ, checks=())


def test_every_kind_has_a_factory() -> None:
    assert set(FACTORIES) == set(OPTIONS["node.kind"].choices)


def test_the_configuration_names_the_nodes() -> None:
    nodes = nodes_of(
        configured(
            SLUICE_NODE__0__URL="http://127.0.0.1:18443",
            SLUICE_NODE__1__KIND="embedded",
            SLUICE_NODE__2__NETWORK="regtest",
        )
    )
    assert [type(node) for node in nodes] == [Bitcoind, Embedded, Bitcoind]
    assert [node.name for node in nodes] == ["bitcoind", "embedded", "bitcoind-2"]


def test_a_template_provider_is_told_what_our_coinbase_needs() -> None:
    provider = {
        "SLUICE_NODE__KIND": "template_provider",
        "SLUICE_NODE__URL": "stratum2+tcp://127.0.0.1:8442",
        "SLUICE_NODE__NETWORK": "regtest",
    }
    # P2WPKH, and a P2PKH address of mainnet: 25 bytes of script with one operation for a signature.
    for address, room in (
        ("bcrt1qzyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3lgth6c", Constraints(31, 0)),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", Constraints(34, 4)),
        ("", Constraints()),
    ):
        (node,) = nodes_of(configured(**provider, SLUICE_POOL__ADDRESS=address))
        assert isinstance(node, TemplateProvider)
        settings = node._settings
        assert (settings.constraints, settings.network, settings.name) == (room, REGTEST, "template_provider")
        assert settings.way == Way(PoolUrl("127.0.0.1", 8442))
    (plain,) = nodes_of(configured(**provider, SLUICE_NODE__ENCRYPTION="none"))
    assert isinstance(plain, TemplateProvider)
    assert plain._settings.way.plain


def test_what_an_adapter_says_is_logged_but_not_twice(capsys: pytest.CaptureFixture[str]) -> None:
    configure_log()
    tell, other = _teller(), _teller()
    for say, reason in ((tell, "no"), (tell, "no"), (other, "no"), (tell, "yes"), (tell, "no")):
        say(Trouble("cellar", reason))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["no", "no", "yes", "no"]
    assert {line["node"] for line in lines} == {"cellar"}


def test_their_templates_share_one_counter() -> None:
    async def seen() -> list[int]:
        found = []
        for node in (
            nodes_of(configured(SLUICE_NODE__0__KIND="embedded", SLUICE_NODE__1__KIND="embedded")) * 2
        ):
            async for news in node.watch():
                assert isinstance(news, Template)
                found.append(news.template_id)
                break
        return found

    assert asyncio.run(seen()) == [1, 2, 3, 4]


def test_the_embedded_chain_is_as_quick_as_configured() -> None:
    async def first_target(seconds: str) -> Target:
        config = configured(SLUICE_NODE__KIND="embedded", SLUICE_NODE__BLOCK_SECONDS=seconds)
        async for news in nodes_of(config)[0].watch():
            assert isinstance(news, Template)
            return target_from_nbits(news.nbits)
        raise AssertionError

    quick, slow = (asyncio.run(first_target(seconds)) for seconds in ("1", "10"))
    assert quick / slow == pytest.approx(10, rel=0.001)


def test_a_blvm_node_is_attached_to_as_configured() -> None:
    environ = {
        "SLUICE_NODE__KIND": "blvm",
        "SLUICE_NODE__SOCKET": "/run/blvm/node.sock",
        "SLUICE_NODE__URL": "http://127.0.0.1:18443",
        "SLUICE_NODE__USER": "someone",
        "SLUICE_NODE__PASSWORD": "secret",
        "SLUICE_NODE__NETWORK": "regtest",
    }

    async def settings(**more: str) -> BlvmSettings:
        (node,) = nodes_of(configured(**environ, **more))
        assert isinstance(node, Blvm)
        await node.close()
        return node._settings

    plain = asyncio.run(settings())
    assert plain.attachment.socket == Path("/run/blvm/node.sock")
    assert plain.attachment.identity == Identity("blvm-stratum-v2", "blvm-stratum-v2", VERSION)
    assert plain.attachment.cli_spec == cli_spec()
    assert (plain.routes, plain.network, plain.name, plain.full) == (("submitblock",), REGTEST, "blvm", True)
    assert plain.access == Access("http://127.0.0.1:18443", "someone", "secret", plain.access.cookie_file)  # type: ignore[union-attr]
    named = asyncio.run(
        settings(SLUICE_NODE__MODULE_ID="blvm-stratum-v2_1", SLUICE_NODE__TRANSACTIONS="none")
    )
    assert (named.attachment.identity.module_id, named.full) == ("blvm-stratum-v2_1", False)
    queued = asyncio.run(settings(SLUICE_NODE__SUBMIT="queue_received_block"))
    assert (queued.routes, queued.access) == (("QueueReceivedBlock",), None)


def test_every_way_to_submit_is_one_of_the_adapters() -> None:
    assert set(BLVM_ROUTES) == set(OPTIONS["node.submit"].choices)
    assert {name for names in BLVM_ROUTES.values() for name in names} == set(WAYS)
