"""Chains, their shares and their rewards."""

from dataclasses import replace

import pytest

from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.header import header_bytes
from sluice.bitcoin.merged_mining import AUXPOW_MARK, Commitment
from sluice.bitcoin.target import MAX_TARGET
from sluice.bitcoin.transaction import TxOut
from sluice.module.merge_mining import KEPT_BLOCKS, MAX_CHAINS, ChainChannel, MergeMining, Reward
from sluice.work.template import Tip, tip_of
from support.found import block_paying
from support.work import HEIGHT, NTIME, template

TIP = tip_of(template())
OTHER_TIP = tip_of(template(HEIGHT + 1))
SCRIPT = b"\x51\x52"


def header_on(tip: Tip, nonce: int = 0) -> bytes:
    return header_bytes(0x2000_0000, tip.prev_hash, bytes(32), NTIME, tip.nbits, nonce)


def registered() -> tuple[MergeMining, ChainChannel]:
    """A chain for which every hash will do."""
    merge_mining = MergeMining()
    assert merge_mining.register("namecoin", 1, SCRIPT) == ""
    channel = merge_mining.chains["namecoin"]
    channel.target = MAX_TARGET
    return merge_mining, channel


def judged(merge_mining: MergeMining, channel: ChainChannel, header: bytes, tip: Tip | None = TIP) -> str:
    return merge_mining.judge(channel, header, sha256d(header), tip)


def test_a_good_share_counts_once() -> None:
    merge_mining, channel = registered()
    assert channel.best_difficulty == 0
    assert judged(merge_mining, channel, header_on(TIP)) == ""
    assert judged(merge_mining, channel, header_on(TIP)) == "duplicate share"
    assert judged(merge_mining, channel, header_on(TIP, 1)) == ""
    assert (channel.accepted, channel.refused) == (2, 1)
    assert channel.best == min(int.from_bytes(sha256d(header_on(TIP, nonce)), "little") for nonce in (0, 1))
    assert channel.best_difficulty > 0


@pytest.mark.parametrize(
    ("header", "tip", "reason"),
    [
        (header_on(TIP), None, "no template yet"),
        (header_on(OTHER_TIP), TIP, "stale share"),
        (header_on(replace(TIP, nbits=TIP.nbits - 1)), TIP, "stale share"),
        (header_on(TIP), TIP, "difficulty too low"),
    ],
)
def test_a_share_that_is_not_good_says_why(header: bytes, tip: Tip | None, reason: str) -> None:
    merge_mining = MergeMining()
    merge_mining.register("namecoin", 1_000_000, b"")
    channel = merge_mining.chains["namecoin"]
    assert judged(merge_mining, channel, header, tip) == reason
    assert (channel.accepted, channel.refused) == (0, 1)


def test_what_was_seen_is_forgotten_with_its_tip() -> None:
    merge_mining, channel = registered()
    judged(merge_mining, channel, header_on(TIP))
    assert judged(merge_mining, channel, header_on(OTHER_TIP), OTHER_TIP) == ""
    assert channel.seen == {sha256d(header_on(OTHER_TIP))}


def test_a_flood_of_shares_is_not_remembered_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluice.module.merge_mining.MAX_SEEN", 2)
    merge_mining, channel = registered()
    answers = [judged(merge_mining, channel, header_on(TIP, nonce)) for nonce in range(3)]
    assert answers == ["", "", "too many shares on one tip"]


def test_a_chain_registered_again_keeps_what_it_has_counted() -> None:
    merge_mining, channel = registered()
    judged(merge_mining, channel, header_on(TIP))
    assert merge_mining.register("namecoin", 8, b"") == ""
    assert merge_mining.chains == {"namecoin": channel}
    assert (channel.min_difficulty, channel.accepted, channel.reward_script) == (8, 1, SCRIPT)


def test_there_is_a_bound_on_chains() -> None:
    merge_mining = MergeMining()
    assert {merge_mining.register(f"chain {number}", 1, b"") for number in range(MAX_CHAINS)} == {""}
    assert merge_mining.register("one more", 1, b"") == f"there are {MAX_CHAINS} chains already"
    assert merge_mining.register("chain 0", 2, b"") == ""


def test_a_chain_is_rewarded_with_what_the_coinbase_pays_to_its_script() -> None:
    merge_mining, _ = registered()
    root = bytes(range(32))
    block = block_paying(
        TxOut(5, SCRIPT), TxOut(7, b"\x51"), TxOut(11, SCRIPT), script_sig=AUXPOW_MARK + root + bytes(8)
    )
    merge_mining.register("without a script", 1, b"")
    merge_mining.blocks.append(block)
    reward = Reward("namecoin", 16, block.block_hash, block.height, (Commitment("auxpow", root),))
    assert merge_mining.rewards(None) == [reward]
    assert merge_mining.rewards(block.block_hash) == [reward]
    assert merge_mining.rewards(bytes(32)) == []


def test_a_block_that_pays_nothing_to_a_chain_is_no_reward() -> None:
    merge_mining, _ = registered()
    merge_mining.blocks.append(block_paying(TxOut(7, b"\x51")))
    assert merge_mining.rewards(None) == []


def test_only_so_many_blocks_are_kept() -> None:
    merge_mining, _ = registered()
    for number in range(KEPT_BLOCKS + 1):
        merge_mining.blocks.append(block_paying(TxOut(1, SCRIPT), number=number))
    assert len(merge_mining.rewards(None)) == KEPT_BLOCKS
