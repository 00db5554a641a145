"""The module's API: the origin's names and keys, with real state behind them."""

from typing import Any

import pytest
from msgspec import json

from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.header import header_bytes
from sluice.bitcoin.merkle import fold_merkle_path
from sluice.bitcoin.target import MAX_TARGET, target_from_difficulty, target_to_wire
from sluice.bitcoin.transaction import TxOut
from sluice.module.api import METHODS, ModuleApi
from sluice.module.pool_wish import PoolWish
from sluice.module.request import Refusal
from sluice.module.sight import Sight
from support.found import block_paying
from support.module import seen_at_work, sight_of
from support.pool import PoolTalk
from support.work import EASY_NBITS, HARD_NBITS, HEIGHT, NTIME, spend

ORIGINS = {
    "register_merge_mining_channel",
    "get_merge_mining_template",
    "submit_merge_mining_share",
    "get_block_merge_mining_rewards",
    "get_template",
    "get_connected_miners",
    "get_pool_stats",
}


def call(sight: Sight, method: str, api: ModuleApi | None = None, **request: object) -> Any:
    return json.decode((api or ModuleApi()).call(sight, method, json.encode(request)))


def test_the_methods_are_the_origin_s_and_the_one_that_miningos_calls() -> None:
    assert set(METHODS) == ORIGINS | {"update_pool_config"}


def test_the_template_is_the_work_of_now() -> None:
    talk = PoolTalk()
    assert call(sight_of(talk), "get_template") == {"template": None}
    offered = talk.offer(transactions=(spend(1), spend(2)))
    job = talk.state.book.current
    assert job is not None
    assert call(sight_of(talk), "get_template") == {
        "template": {
            "prev_hash": offered.prev_hash.hex(),
            "merkle_root": job.merkle_root(bytes(16)).hex(),
            "timestamp": NTIME,
            "bits": HARD_NBITS,
            "tx_count": 3,
        }
    }


def test_miners_and_their_shares() -> None:
    sight = seen_at_work(miners=2, shares=2)
    assert call(sight, "get_connected_miners") == {"miners": ["192.0.2.1:1", "192.0.2.1:2"]}
    assert call(sight, "get_pool_stats") == {
        "miner_count": 2,
        "total_shares": 6,
        "accepted_shares": 5,
        "rejected_shares": 1,
    }


def test_parameters_are_not_needed_where_there_are_none() -> None:
    assert json.decode(ModuleApi().call(seen_at_work(), "get_connected_miners", b"")) == {"miners": []}


def test_a_wish_for_another_pool_is_kept_and_said_not_to_be_followed() -> None:
    api = ModuleApi()
    said = call(
        seen_at_work(),
        "update_pool_config",
        api,
        action="update_pool_config",
        pool_url="stratum+tcp://p.example:3333",
        pool_user="me",
        pool_password="secret",
    )
    assert (said["ok"], said["stored"], said["applied"]) == (True, True, False)
    assert api.wish == PoolWish("stratum+tcp://p.example:3333", "me", password_given=True)


@pytest.mark.parametrize(
    ("method", "request_", "reason"),
    [
        ("set_template", {}, "Unknown method: set_template"),
        ("register_merge_mining_channel", {}, "missing chain_id"),
        ("register_merge_mining_channel", {"chain_id": 1}, "missing chain_id"),
        ("register_merge_mining_channel", {"chain_id": "x" * 65}, "chain_id has more than 64 characters"),
        (
            "register_merge_mining_channel",
            {"chain_id": "x", "min_difficulty": "1"},
            "min_difficulty must be a whole number from 0 to 4294967295",
        ),
        (
            "register_merge_mining_channel",
            {"chain_id": "x", "reward_script": "y"},
            "reward_script must be hex",
        ),
        ("get_merge_mining_template", {"chain_id": "x"}, "unknown chain_id: x"),
        ("submit_merge_mining_share", {}, "missing chain_id"),
        ("submit_merge_mining_share", {"chain_id": "x"}, "unknown chain_id: x"),
        ("submit_merge_mining_share", {"chain_id": "known"}, "missing header"),
        ("submit_merge_mining_share", {"chain_id": "known", "header": "00"}, "header must have 80 bytes"),
        ("get_block_merge_mining_rewards", {"block_hash": 1}, "block_hash must be hex of at most 32 bytes"),
        ("update_pool_config", {}, "missing pool_url"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_words(
    method: str, request_: dict[str, object], reason: str
) -> None:
    api = ModuleApi()
    api.merge_mining.register("known", 1, b"")
    with pytest.raises(Refusal) as refused:
        call(seen_at_work(), method, api, **request_)
    assert str(refused.value) == reason


def test_a_bound_on_chains_is_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluice.module.merge_mining.MAX_CHAINS", 0)
    with pytest.raises(Refusal, match="there are 0 chains already"):
        call(seen_at_work(), "register_merge_mining_channel", chain_id="x")


@pytest.mark.parametrize(
    ("given", "taken"), [({}, 1), ({"min_difficulty": 0}, 1), ({"min_difficulty": 7}, 7)]
)
def test_a_chain_has_the_difficulty_that_it_asks_for(given: dict[str, object], taken: int) -> None:
    api = ModuleApi()
    said = call(seen_at_work(), "register_merge_mining_channel", api, chain_id="namecoin", **given)
    assert said == {"ok": True, "chain_id": "namecoin", "min_difficulty": taken}
    assert api.merge_mining.chains["namecoin"].target == target_from_difficulty(taken)


def test_a_merge_miner_s_template_is_enough_to_make_a_share_of_it() -> None:
    api = ModuleApi()
    talk = PoolTalk()
    assert call(sight_of(talk), "get_merge_mining_template", api) == {"template": None}
    talk.offer(nbits=EASY_NBITS, transactions=(spend(1),))
    sight = sight_of(talk)
    call(sight, "register_merge_mining_channel", api, chain_id="namecoin")
    channel = api.merge_mining.chains["namecoin"]
    channel.target = MAX_TARGET
    assert "target" not in call(sight, "get_merge_mining_template", api)["template"]
    work = call(sight, "get_merge_mining_template", api, chain_id="namecoin")["template"]
    assert work["target"] == target_to_wire(MAX_TARGET).hex()
    assert (work["height"], work["min_difficulty"]) == (HEIGHT, 1)
    coinbase = bytes.fromhex(work["coinbase_prefix"]) + bytes(16) + bytes.fromhex(work["coinbase_suffix"])
    root = fold_merkle_path(sha256d(coinbase), [bytes.fromhex(node) for node in work["merkle_path"]])
    assert root.hex() == work["merkle_root"]
    blocks, header = set(), b""
    for nonce in range(20):
        prev_hash = bytes.fromhex(work["prev_hash"])
        header = header_bytes(work["version"], prev_hash, root, work["timestamp"], work["bits"], nonce)
        said = call(sight, "submit_merge_mining_share", api, chain_id="namecoin", header=header.hex())
        assert said["ok"]
        assert said["share_hash"] == sha256d(header).hex()
        assert said["accepted_shares"] == nonce + 1
        blocks.add(said["is_block"])
    assert blocks == {True, False}  # every second hash is one
    again = call(sight, "submit_merge_mining_share", api, chain_id="namecoin", header=header.hex())
    assert again == {"ok": False, "chain_id": "namecoin", "error": "duplicate share"}


def test_a_reward_is_what_a_block_of_ours_pays() -> None:
    api = ModuleApi()
    talk = PoolTalk()
    talk.offer()
    script = b"\x51\x52"
    call(
        sight_of(talk), "register_merge_mining_channel", api, chain_id="namecoin", reward_script=script.hex()
    )
    assert call(sight_of(talk), "get_block_merge_mining_rewards", api) == {"rewards": []}
    block = block_paying(TxOut(5, script))
    api.merge_mining.blocks.append(block)
    said = call(sight_of(talk), "get_block_merge_mining_rewards", api, block_hash=block.block_hash.hex())
    assert said["rewards"] == [
        {
            "chain_id": "namecoin",
            "reward_amount": 5,
            "block_hash": block.block_hash.hex(),
            "height": block.height,
            "commitments": [],
        }
    ]
