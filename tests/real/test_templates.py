"""A real bitcoind, `sluice templates` on it, a pool on that over Stratum V2, and miners on the pool."""

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sluice.noise.authority import PoolUrl
from support.bitcoind import Bitcoind, free_port
from support.miners import mining_well
from support.server import REGTEST_ADDRESS, ServerProcess, sluice_server
from support.template_server import template_server
from support.waiting import PATIENCE, wait_for

#: Coins of the node's wallet can be spent 100 blocks later.
MATURE = 110
STATUS = re.compile(r"(\d+) accepted, (\d+) refused")


def on(node: Bitcoind) -> dict[str, object]:
    """Settings of who uses a bitcoind, by cookie and ZMQ."""
    return {"node__url": node.url, "node__cookie_file": node.cookie, "node__zmq_hashblock": node.zmq}


@contextmanager
def pool_on(provider: PoolUrl, *flags: str, **settings: object) -> Iterator[ServerProcess]:
    """`sluice run` on a template provider."""
    where = {"node__kind": "template_provider", "node__url": provider, "node__network": "regtest"}
    with sluice_server(*flags, **(where | {"pool__shares_per_minute": 600} | settings)) as server:
        yield server


@pytest.fixture
def funded(bitcoind: Bitcoind) -> Bitcoind:
    """A node whose wallet has coins."""
    bitcoind.rpc("createwallet", "w")
    bitcoind.rpc("generatetoaddress", MATURE, bitcoind.rpc("getnewaddress", "", "bech32"))
    return bitcoind


def pay(node: Bitcoind, times: int) -> set[str]:
    """So many transactions in the node's mempool."""
    kinds = ("bech32", "bech32m", "p2sh-segwit")
    addresses = [node.rpc("getnewaddress", "", kinds[number % 3]) for number in range(times)]
    return {node.rpc("sendtoaddress", address, 0.1) for address in addresses}


def mined_in(node: Bitcoind, first: int) -> list[dict[str, Any]]:
    top = node.rpc("getblockcount")
    return [node.rpc("getblock", node.rpc("getblockhash", at), 2) for at in range(first, top + 1)]


@pytest.mark.parametrize("encryption", ["noise", "none"])
def test_blocks_with_transactions_go_all_the_way(funded: Bitcoind, tmp_path: Path, encryption: str) -> None:
    paid = pay(funded, 12)
    secret = {"templates__encryption": encryption, "node__refresh_seconds": 1}
    plain = {"node__encryption": encryption}
    with (
        template_server(tmp_path / "provider", **on(funded), **secret) as provider,
        pool_on(provider.url, pool__tag="All the way", **plain) as pool,
    ):
        assert (provider.url.authority_key is None) is (encryption == "none")
        with (
            mining_well(pool.url, "extended", "--extended", log=tmp_path / "extended"),
            mining_well(pool.url, "standard", "--standard", log=tmp_path / "standard"),
        ):
            wait_for(lambda: funded.rpc("getblockcount") >= MATURE + 5)
            more = pay(funded, 3)
            wait_for(lambda: not (paid | more) & set(funded.rpc("getrawmempool")))
            wait_for(lambda: funded.rpc("getblockcount") >= MATURE + 12)
        assert pool.stop() == 0
        accepted = pool.events("block accepted")
        found, undelivered = pool.events("block found"), pool.events("block undelivered")
        assert provider.stop() == 0
        theirs = provider.events("block accepted")
        assert provider.events("solution refused") == []
        assert provider.events("node troubled") == pool.events("node troubled") == []
    blocks = mined_in(funded, MATURE + 1)
    assert undelivered == []
    # Every block of the chain went through both; what the pool was told of it came by the next tip.
    hashes = {block["hash"] for block in blocks}
    assert hashes == {line["block_hash"] for line in theirs}
    assert hashes >= {line["block_hash"] for line in accepted}
    assert hashes <= {line["block_hash"] for line in found}
    assert len(accepted) >= len(blocks) - 1  # the last one may have come with the end
    assert {line["node"] for line in accepted} == {"template_provider"}
    mined = {each["txid"] for block in blocks for each in block["tx"][1:]}
    assert paid | more <= mined
    for block in blocks:
        coinbase = block["tx"][0]
        reward, commitment = coinbase["vout"]
        assert reward["scriptPubKey"]["address"] == REGTEST_ADDRESS
        assert commitment["scriptPubKey"]["hex"].startswith("6a24aa21a9ed")
        assert b"All the way".hex() in coinbase["vin"][0]["coinbase"]
        assert coinbase["locktime"] == block["height"] - 1  # BIP54
    assert {line["user"] for line in found} == {"extended", "standard"}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_provider_that_is_started_again_costs_no_share(
    funded: Bitcoind, tmp_path: Path, number: signal.Signals
) -> None:
    """Between its end and the next start, miners go on with what they have; no share of theirs is refused."""
    again = ("--templates-listen", f"127.0.0.1:{free_port()}")
    data, said = tmp_path / "provider", tmp_path / "miner"

    def provider() -> Any:
        return template_server(data, *again, **on(funded))

    with provider() as first, pool_on(first.url, pool__shares_per_minute=600) as pool:
        with mining_well(pool.url, "extended", "--extended", log=said):
            wait_for(lambda: funded.rpc("getblockcount") > MATURE)
            first.process.send_signal(number)
            first.process.wait(PATIENCE)
            wait_for(lambda: pool.events("node troubled"))
            time.sleep(2.0)
            with provider() as second:
                assert second.url == first.url
                wait_for(lambda: pool.events("node recovered"))
                height = funded.rpc("getblockcount")
                wait_for(lambda: funded.rpc("getblockcount") >= height + 3)
                assert second.events("client arrived")
        # A line when the trouble is another one, however often it was tried.
        reasons = [line["reason"] for line in pool.events("node troubled")]
        assert all(before != after for before, after in pairwise(reasons))
        assert len(reasons) < 8
        wait_for(lambda: pool.events("peer left"))
        (left,) = pool.events("peer left")
    accepted, refused = STATUS.findall(said.read_text())[-1]
    assert int(accepted) > 3
    assert int(refused) == left["refused"] == 0


def test_who_needs_a_larger_coinbase_still_finds_blocks_that_the_node_takes(
    funded: Bitcoind, tmp_path: Path
) -> None:
    """The operator pays an address whose output is larger and has sigops; the provider keeps room for it."""
    pay(funded, 3)
    legacy = funded.rpc("getnewaddress", "", "legacy")
    with (
        template_server(tmp_path / "provider", **on(funded)) as provider,
        pool_on(provider.url, pool__address=legacy) as pool,
    ):
        with mining_well(pool.url, "standard", "--standard", log=tmp_path / "miner"):
            wait_for(lambda: funded.rpc("getblockcount") >= MATURE + 3)
        (asked,) = provider.events("room asked")
    assert (asked["size"], asked["sigops"]) == (34, 4)
    block = mined_in(funded, MATURE + 1)[0]
    assert block["tx"][0]["vout"][0]["scriptPubKey"]["address"] == legacy


def test_losing_the_provider_is_a_failover_to_the_node_beside_it(funded: Bitcoind, tmp_path: Path) -> None:
    """A pool on a provider and on the bitcoind behind it: blocks go by both ways, and by one when one is gone."""
    pay(funded, 3)
    said = tmp_path / "miner"
    with template_server(tmp_path / "provider", **on(funded)) as provider:
        settings: dict[str, object] = {
            "node__kind": "",
            "node__0__kind": "template_provider",
            "node__0__url": provider.url,
            "node__0__network": "regtest",
            "node__1__url": funded.url,
            "node__1__cookie_file": funded.cookie,
            "node__1__zmq_hashblock": funded.zmq,
            "pool__shares_per_minute": 600,
        }
        with sluice_server(**settings) as pool, mining_well(pool.url, "extended", "--extended", log=said):
            wait_for(lambda: funded.rpc("getblockcount") > MATURE + 1)
            provider.process.kill()
            provider.process.wait(PATIENCE)
            height = funded.rpc("getblockcount")
            wait_for(lambda: funded.rpc("getblockcount") >= height + 3)
            answers = pool.events("block answered")
            (line, *_) = [line for line in pool.events("channel opened") if line["user"] == "extended"]
            assert line["kind"] == "extended"
    taken = {(line["node"], line["route"]) for line in answers if line["answer"] in ("accepted", "duplicate")}
    assert ("bitcoind", "submitblock") in taken
    assert ("template_provider", "SubmitSolution") in {(line["node"], line["route"]) for line in answers}
    accepted, refused = STATUS.findall(said.read_text())[-1]
    assert int(accepted) > 3
    assert int(refused) == 0
