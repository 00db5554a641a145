"""What miners of the dialect are told, seen by one who knows nothing but the messages."""

from sluice.bitcoin.compact import read_compact_size
from sluice.bitcoin.target import Target
from sluice.bitcoin.transaction import Transaction
from sluice.pool.tlv_words import SPLIT_AT, TLV, new_job, new_tip, target_bytes
from sluice.tlv.messages import HeaderFacts, SetNewPrevHash
from sluice.work.channel import IssuedJob
from support.pool import PoolTalk
from support.tlv_miner import root_of, tlv_mining
from support.work import HARD_NBITS, VERSION, spend, standard


def issued(talk: PoolTalk) -> IssuedJob:
    current = talk.state.book.current
    assert current is not None
    return standard(Target(5)).issue(current, 10)


def test_a_job_is_a_coinbase_in_two_parts_and_the_facts_of_its_header() -> None:
    talk = PoolTalk()
    talk.offer(transactions=(spend(1), spend(2)))
    its = issued(talk)
    message = new_job(standard(), its)
    coinbase = Transaction.parse(message.coinbase_prefix + message.coinbase_suffix)
    assert coinbase.to_bytes() == its.job.coinbase(its.prefix)
    # The origin cuts right behind the script's length.
    assert message.coinbase_prefix[-1] == len(coinbase.inputs[0].script_sig)
    assert message.coinbase_suffix.startswith(coinbase.inputs[0].script_sig)
    assert coinbase.inputs[0].script_sig.endswith(its.prefix)
    assert len(its.prefix) == 16
    assert root_of(message) == its.merkle_root
    assert len(message.merkle_path) == 2
    assert message.facts == HeaderFacts(VERSION, its.job.min_ntime, HARD_NBITS, bytes(31) + b"\x05")


def test_the_script_s_length_is_one_byte() -> None:
    talk = PoolTalk()
    talk.offer()
    message = new_job(standard(), issued(talk))
    assert read_compact_size(message.coinbase_prefix, SPLIT_AT - 1)[1] == SPLIT_AT


def test_a_tip_names_the_job_that_follows_and_counts_the_coinbase() -> None:
    talk = PoolTalk()
    offered = talk.offer(transactions=(spend(1),))
    its = issued(talk)
    tip = SetNewPrevHash(2, its.job.job_id, offered.prev_hash, 2)
    assert new_tip(standard(), its) == tip
    assert TLV.turn(standard(), its) == (tip, new_job(standard(), its))
    assert TLV.job(standard(), its) == (new_job(standard(), its),)


def test_what_the_dialect_has_no_words_for_is_not_said() -> None:
    device = tlv_mining()
    channel, job = device.talk.channel(device.peer, 1), device.talk.state.book.current
    assert job is not None
    assert (TLV.ahead(channel, job), TLV.target(channel), TLV.prefix(channel)) == ((), (), ())
    assert (TLV.closed(1, "why"), TLV.leave, TLV.moves_targets) == ((), (), False)


def test_a_target_has_its_highest_byte_first() -> None:
    assert target_bytes(Target(0x0102)) == bytes(30) + b"\x01\x02"
