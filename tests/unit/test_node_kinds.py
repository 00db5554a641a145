import asyncio

from sluice.config import Config, read_config
from sluice.config.table import OPTIONS
from sluice.node.bitcoind import Bitcoind
from sluice.node.embedded import Embedded
from sluice.node_kinds import FACTORIES, nodes_of
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
