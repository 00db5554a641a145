import asyncio

from sluice.bitcoin.network import REGTEST
from sluice.config import Config, read_config
from sluice.config.table import OPTIONS
from sluice.node.bitcoind import Bitcoind
from sluice.node.embedded import Embedded
from sluice.node.provider_link import Way
from sluice.node.template_provider import TemplateProvider
from sluice.node_kinds import FACTORIES, nodes_of
from sluice.noise.authority import PoolUrl
from sluice.tdp.constraints import Constraints
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
