"""The module's API, version 1: what other modules of the node may ask, by name (blvm-stratum-v2, API.md).

Rule: the origin's names and keys, with real state behind them; a hash is hex in the order of its bytes, as the
origin writes it. A share that is not good is an answer (`ok` is false), a request that cannot be read is a refusal.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sluice.bitcoin.hashes import HASH_SIZE, sha256d
from sluice.bitcoin.header import HEADER_SIZE
from sluice.bitcoin.target import target_to_wire
from sluice.module.merge_mining import MergeMining
from sluice.module.pool_wish import PoolWish
from sluice.module.request import Refusal, Request, answer, bytes_in, number_in, read_request, text_in
from sluice.module.sight import Sight, shares_of_all
from sluice.work.extranonce import EXTRANONCE_SIZE
from sluice.work.job import ActiveJob

MAX_CHAIN_ID = 64
MAX_SCRIPT = 10_000  # consensus
MOST_DIFFICULTY = (1 << 32) - 1  # the origin's is a u32


class ModuleApi:
    """Answers by method name. Mutable: it remembers what other modules have said."""

    __slots__ = ("merge_mining", "wish")

    def __init__(self) -> None:
        self.merge_mining = MergeMining()
        #: What the last update_pool_config asked for; None before.
        self.wish: PoolWish | None = None

    def call(self, sight: Sight, method: str, params: bytes) -> bytes:
        """The answer as JSON. Raises Refusal."""
        reaction = METHODS.get(method)
        if reaction is None:
            raise Refusal(f"Unknown method: {method}")
        return answer(reaction(self, sight, read_request(params)))


def _template(api: ModuleApi, sight: Sight, request: Request) -> object:
    return {"template": sight.job and _described(sight.job)}


def _described(job: ActiveJob) -> dict[str, object]:
    """The header's fields for an extranonce of zeros; transactions are counted with the coinbase."""
    return {
        "prev_hash": job.tip.prev_hash.hex(),
        "merkle_root": job.merkle_root(bytes(EXTRANONCE_SIZE)).hex(),
        "timestamp": job.min_ntime,
        "bits": job.tip.nbits,
        "tx_count": 1 + len(job.template.transactions),
    }


def _connected_miners(api: ModuleApi, sight: Sight, request: Request) -> object:
    return {"miners": [miner.address for miner in sight.state.miners.values()]}


def _pool_stats(api: ModuleApi, sight: Sight, request: Request) -> object:
    view = sight.view
    shares = shares_of_all(view)
    return {
        "miner_count": len(view.miners),
        "total_shares": shares.total,
        "accepted_shares": shares.accepted,
        "rejected_shares": shares.refused,
    }


def _update_pool_config(api: ModuleApi, sight: Sight, request: Request) -> object:
    """A wish to mine for another pool: kept, and said not to be followed, as we are the pool ourselves."""
    api.wish = PoolWish(
        text_in(request, "pool_url", 255),
        str(request.get("pool_user") or "")[:255],
        password_given=bool(request.get("pool_password")),
    )
    return {"ok": True, "stored": True, "applied": False, "reason": api.wish.reason}


def _register_channel(api: ModuleApi, sight: Sight, request: Request) -> object:
    chain_id = text_in(request, "chain_id", MAX_CHAIN_ID)
    min_difficulty = max(number_in(request, "min_difficulty", 1, MOST_DIFFICULTY), 1)
    script = bytes_in(request, "reward_script", MAX_SCRIPT) or b""
    if reason := api.merge_mining.register(chain_id, min_difficulty, script):
        raise Refusal(reason)
    return {"ok": True, "chain_id": chain_id, "min_difficulty": min_difficulty}


def _merge_mining_template(api: ModuleApi, sight: Sight, request: Request) -> object:
    """The work of now with all that a header needs; for a chain, with the target of its channel."""
    chain_id = request.get("chain_id")
    channel = None if chain_id is None else api.merge_mining.chains.get(str(chain_id))
    if chain_id is not None and channel is None:
        raise Refusal(f"unknown chain_id: {chain_id}")
    job = sight.job
    if job is None:
        return {"template": None}
    more: dict[str, object] = {
        "job_id": job.job_id,
        "height": job.height,
        "version": job.version,
        "coinbase_prefix": job.split.prefix.hex(),
        "coinbase_suffix": job.split.suffix.hex(),
        "extranonce_size": EXTRANONCE_SIZE,
        "merkle_path": [node.hex() for node in job.template.merkle_path],
    }
    if channel is not None:
        chain = {"chain_id": channel.chain_id, "min_difficulty": channel.min_difficulty}
        more |= chain | {"target": target_to_wire(channel.target).hex()}
    return {"template": _described(job) | more}


def _merge_mining_share(api: ModuleApi, sight: Sight, request: Request) -> object:
    chain_id = text_in(request, "chain_id", MAX_CHAIN_ID)
    channel = api.merge_mining.chains.get(chain_id)
    if channel is None:
        raise Refusal(f"unknown chain_id: {chain_id}")
    header = bytes_in(request, "header", HEADER_SIZE)
    if header is None:
        raise Refusal("missing header")
    if len(header) != HEADER_SIZE:
        raise Refusal(f"header must have {HEADER_SIZE} bytes")
    header_hash = sha256d(header)
    tip = sight.state.book.tip
    reason = api.merge_mining.judge(channel, header, header_hash, tip)
    if reason:
        return {"ok": False, "chain_id": chain_id, "error": reason}
    return {
        "ok": True,
        "chain_id": chain_id,
        "share_hash": header_hash.hex(),
        "accepted_shares": channel.accepted,
        "is_block": tip is not None and int.from_bytes(header_hash, "little") <= tip.target,
    }


def _merge_mining_rewards(api: ModuleApi, sight: Sight, request: Request) -> object:
    block_hash = bytes_in(request, "block_hash", HASH_SIZE)
    rewards = [
        {
            "chain_id": reward.chain_id,
            "reward_amount": reward.amount,
            "block_hash": reward.block_hash.hex(),
            "height": reward.height,
            "commitments": [{"kind": mark.kind, "value": mark.value.hex()} for mark in reward.commitments],
        }
        for reward in api.merge_mining.rewards(block_hash)
    ]
    return {"rewards": rewards}


METHODS: Mapping[str, Callable[[ModuleApi, Sight, Any], object]] = {
    "register_merge_mining_channel": _register_channel,
    "get_merge_mining_template": _merge_mining_template,
    "submit_merge_mining_share": _merge_mining_share,
    "get_block_merge_mining_rewards": _merge_mining_rewards,
    "get_template": _template,
    "get_connected_miners": _connected_miners,
    "get_pool_stats": _pool_stats,
    "update_pool_config": _update_pool_config,
}
