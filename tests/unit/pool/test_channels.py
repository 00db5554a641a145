"""Channels, from the request to the end, as transcripts (spec 5.3.2 to 5.3.6, 5.3.9)."""

from collections.abc import Callable
from dataclasses import replace
from math import inf, nan

import pytest

from sluice.accounting.name import Names
from sluice.bitcoin.network import MAINNET
from sluice.bitcoin.target import Target, target_from_wire, target_to_wire
from sluice.pool.channels import open_channel
from sluice.pool.events import ChannelClosed, ChannelOpened, ChannelRefused, NameRefused
from sluice.pool.miner import OpenRequest
from sluice.sv2.message import Message
from sluice.sv2.messages.mining import (
    CloseChannel,
    NewExtendedMiningJob,
    NewMiningJob,
    OpenExtendedMiningChannelSuccess,
    OpenMiningChannelError,
    OpenStandardMiningChannelSuccess,
    SetCustomMiningJob,
    SetCustomMiningJobError,
    SetNewPrevHash,
    SubmitSharesError,
    SubmitSharesStandard,
)
from sluice.work import extranonce
from support.pool import (
    HASHES_A_SHARE,
    POLICY,
    SLOW,
    STANDARD,
    PoolTalk,
    kinds,
    mining,
    one,
    open_extended,
    open_standard,
    setup,
)
from support.server import REGTEST_ADDRESS
from support.work import HARD_NBITS, HEIGHT

STANDARD_JOBS, WORK_SELECTION = 0b001, 0b010
NO_TARGET = bytes(32)


def arrived(flags: int = 0, talk: PoolTalk | None = None) -> tuple[PoolTalk, int]:
    """A pool with work, and a peer that was set up."""
    if talk is None:
        talk = PoolTalk()
        talk.offer()
    peer = talk.connect()
    talk.say(peer, setup(flags))
    return talk, peer


def test_a_standard_channel_opens_in_the_order_that_peers_expect() -> None:
    talk, peer = arrived(STANDARD_JOBS)
    opened, job, tip, ahead = talk.say(peer, open_standard(request_id=77))
    assert isinstance(opened, OpenStandardMiningChannelSuccess)
    assert isinstance(job, NewMiningJob)
    assert isinstance(tip, SetNewPrevHash)
    assert isinstance(ahead, NewMiningJob)
    assert (opened.request_id, opened.channel_id, opened.group_channel_id) == (77, 2, 1)
    assert opened.extranonce_prefix == bytes(16)
    assert job.channel_id == tip.channel_id == ahead.channel_id == 2
    assert job.min_ntime is ahead.min_ntime is None
    assert tip.job_id == job.job_id != ahead.job_id
    current = talk.state.book.current
    assert current is not None
    assert (tip.prev_hash, tip.nbits, tip.min_ntime) == (current.tip.prev_hash, HARD_NBITS, current.min_ntime)


def test_an_extended_channel_opens_in_the_same_order_and_its_group_gets_the_job_ahead() -> None:
    talk, peer = arrived()
    opened, job, tip, ahead = talk.say(peer, open_extended(request_id=78))
    assert isinstance(opened, OpenExtendedMiningChannelSuccess)
    assert isinstance(job, NewExtendedMiningJob)
    assert isinstance(tip, SetNewPrevHash)
    assert isinstance(ahead, NewExtendedMiningJob)
    assert (opened.request_id, opened.channel_id, opened.group_channel_id) == (78, 2, 1)
    assert (opened.extranonce_prefix, opened.extranonce_size) == (bytes(4), 12)
    assert (job.channel_id, job.min_ntime, tip.channel_id, tip.job_id) == (2, None, 2, job.job_id)
    assert (ahead.channel_id, ahead.min_ntime) == (1, None)
    assert job.version_rolling_allowed
    assert ahead.version_rolling_allowed


def test_a_second_channel_of_a_group_gets_the_job_ahead_under_its_own_id() -> None:
    talk, peer = arrived()
    (*_, first_ahead) = talk.say(peer, open_extended())
    opened, job, tip, ahead = talk.say(peer, open_standard(2))
    assert isinstance(opened, OpenStandardMiningChannelSuccess)
    assert isinstance(job, NewMiningJob)
    assert isinstance(tip, SetNewPrevHash)
    assert isinstance(ahead, NewMiningJob)
    assert (opened.channel_id, opened.group_channel_id) == (3, 1)
    assert job.channel_id == tip.channel_id == ahead.channel_id == 3
    assert isinstance(first_ahead, NewExtendedMiningJob)
    assert ahead.job_id == first_ahead.job_id


def test_a_group_that_was_empty_is_told_the_job_ahead_again() -> None:
    talk, peer = arrived()
    talk.say(peer, open_extended(1), open_extended(2), CloseChannel(2, ""), CloseChannel(3, ""))
    talk.offer(HEIGHT + 1)
    (*_, ahead) = talk.say(peer, open_extended(3))
    assert isinstance(ahead, NewExtendedMiningJob)
    assert talk.state.book.future is not None
    assert (ahead.channel_id, ahead.job_id) == (1, talk.state.book.future.job_id)


def test_who_selects_its_own_work_gets_none() -> None:
    talk, peer = arrived(WORK_SELECTION)
    assert kinds(talk.say(peer, open_extended())) == [OpenExtendedMiningChannelSuccess]
    talk.offer()
    talk.offer(HEIGHT + 1)
    assert talk.take(peer) == []


def test_two_channels_never_share_search_space() -> None:
    talk, peer = arrived()
    prefixes = []
    for number in range(4):
        request = open_standard(number) if number % 2 else open_extended(number)
        prefixes.append(talk.say(peer, request)[0].extranonce_prefix[:4])  # type: ignore[attr-defined]
    _, other = arrived(talk=talk)
    prefixes.append(talk.say(other, open_extended())[0].extranonce_prefix)  # type: ignore[attr-defined]
    assert len(set(prefixes)) == 5


@pytest.mark.parametrize("hash_rate", [SLOW, 1e12, 3.4e38, 1e-30])
def test_the_first_target_follows_the_claimed_hash_rate(hash_rate: float) -> None:
    talk, peer = arrived()
    opened = one(talk.say(peer, open_standard(hash_rate=hash_rate)), OpenStandardMiningChannelSuccess)
    target = target_from_wire(opened.target)
    wanted = min(2**256 / (hash_rate * HASHES_A_SHARE), 2**256)
    assert target == pytest.approx(wanted, rel=0.001)
    assert talk.channel(peer).target == target


@pytest.mark.parametrize("hash_rate", [0.0, -0.0])
def test_a_proxy_without_miners_yet_gets_some_target(hash_rate: float) -> None:
    talk, peer = arrived()
    opened = one(talk.say(peer, open_extended(hash_rate=hash_rate)), OpenExtendedMiningChannelSuccess)
    expected = 2**256 / (float(POLICY.unknown_hashrate) * HASHES_A_SHARE)
    assert target_from_wire(opened.target) == pytest.approx(expected, rel=0.001)


def test_a_device_is_never_given_more_than_it_can_work_with() -> None:
    talk, peer = arrived()
    limit = target_to_wire(Target(2**200))
    opened = one(talk.say(peer, open_standard(max_target=limit)), OpenStandardMiningChannelSuccess)
    assert opened.target == limit


def test_no_target_is_harder_than_the_network_s() -> None:
    talk = PoolTalk(network=MAINNET)
    talk.offer()
    _, peer = arrived(talk=talk)
    opened = one(talk.say(peer, open_standard(hash_rate=3e38)), OpenStandardMiningChannelSuccess)
    tip = talk.state.book.tip
    assert tip is not None
    assert opened.target == target_to_wire(tip.target)


REFUSALS: list[tuple[int, OpenRequest, str]] = [
    (WORK_SELECTION, open_standard(), "standard-channels-not-supported-for-custom-work"),
    (STANDARD_JOBS, open_extended(), "extended-channels-not-supported-for-standard-jobs"),
    (0, open_standard(hash_rate=-1.0), "invalid-nominal-hashrate"),
    (0, open_standard(hash_rate=nan), "invalid-nominal-hashrate"),
    (0, open_extended(hash_rate=inf), "invalid-nominal-hashrate"),
    (0, open_extended(hash_rate=-inf), "invalid-nominal-hashrate"),
    (0, open_standard(max_target=NO_TARGET), "max-target-out-of-range"),
    (0, open_extended(min_extranonce_size=13), "min-extranonce-size-too-large"),
    (0, open_extended(min_extranonce_size=65_535), "min-extranonce-size-too-large"),
]


@pytest.mark.parametrize("with_work", [True, False])
@pytest.mark.parametrize(("flags", "asking", "word"), REFUSALS)
def test_a_refusal_has_its_word_and_costs_nothing(
    flags: int, asking: OpenRequest, word: str, *, with_work: bool
) -> None:
    talk = PoolTalk()
    if with_work:
        talk.offer()
    _, peer = arrived(flags, talk)
    assert talk.say(peer, asking) == [OpenMiningChannelError(asking.request_id, word)]
    assert talk.happened(ChannelRefused) == [ChannelRefused(peer, "alice", word)]
    miner = talk.miner(peer)
    assert (miner.channels, miner.waiting, miner.refusals) == ({}, [], 1)
    assert talk.state.space.held == 0


@pytest.mark.parametrize("with_work", [True, False])
@pytest.mark.parametrize("asking", [open_standard, open_extended])
@pytest.mark.parametrize(
    ("names", "user", "word"),
    [
        (Names.ADDRESS, "alice", "invalid-user-identity"),
        (Names.ADDRESS, "", "invalid-user-identity"),
        (Names.ANY, f"{REGTEST_ADDRESS[:-1]}q", "invalid-user-identity"),
        (Names.ANY, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4.rig", "unknown-user"),
    ],
)
def test_a_name_that_cannot_be_paid_is_refused_in_words(
    names: Names, user: str, word: str, asking: Callable[..., OpenRequest], *, with_work: bool
) -> None:
    talk = PoolTalk(replace(POLICY, names=names))
    if with_work:
        talk.offer()
    _, peer = arrived(0, talk)
    assert talk.say(peer, asking(user=user)) == [OpenMiningChannelError(1, word)]
    [event] = talk.happened(NameRefused)
    assert (event.peer, event.user, event.error_code) == (peer, user, word)
    assert "a name is the address to be paid" in event.reason
    assert (talk.miner(peer).channels, talk.miner(peer).waiting, talk.state.space.held) == ({}, [], 0)
    assert talk.state.counts.channels_refused == {word: 1}


def test_an_address_with_a_worker_mines() -> None:
    talk = PoolTalk(replace(POLICY, names=Names.ADDRESS))
    talk.offer()
    _, peer = arrived(0, talk)
    one(
        talk.say(peer, open_standard(user=f"{REGTEST_ADDRESS.upper()}.rig")), OpenStandardMiningChannelSuccess
    )


def test_the_largest_extranonce_that_fits_is_granted() -> None:
    talk, peer = arrived()
    opened = one(talk.say(peer, open_extended(min_extranonce_size=12)), OpenExtendedMiningChannelSuccess)
    assert opened.extranonce_size == 12


@pytest.mark.parametrize("with_work", [True, False])
def test_a_connection_has_so_many_channels(*, with_work: bool) -> None:
    talk = PoolTalk(replace(POLICY, max_channels=3))
    if with_work:
        talk.offer()
    _, peer = arrived(talk=talk)
    answers = talk.say(peer, *(open_extended(number) for number in range(5)))
    assert [answer for answer in answers if isinstance(answer, OpenMiningChannelError)] == [
        OpenMiningChannelError(number, "channel-capacity-exhausted") for number in (3, 4)
    ]
    talk.offer()
    assert len(talk.miner(peer).channels) == 3
    talk.say(peer, CloseChannel(2, ""))
    assert one(talk.say(peer, open_extended(9)), OpenExtendedMiningChannelSuccess).channel_id == 5


def test_a_full_space_is_said_to_be_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extranonce, "CAPACITY", 0)  # to fill it would take seconds
    talk, peer = arrived()
    assert talk.say(peer, open_standard(5)) == [OpenMiningChannelError(5, "channel-capacity-exhausted")]


def test_requests_wait_for_the_first_work_and_are_answered_in_turn() -> None:
    talk = PoolTalk()
    peers = [arrived(talk=talk)[1] for _ in range(2)]
    for peer in peers:
        assert talk.say(peer, open_extended(1), open_standard(2)) == []
    talk.offer()
    for peer in peers:
        answers = talk.take(peer)
        opened = [answer for answer in answers if hasattr(answer, "request_id")]
        assert [answer.request_id for answer in opened] == [1, 2]
        assert len(answers) == 8
        assert talk.miner(peer).waiting == []


def test_a_miner_sent_away_while_its_requests_are_answered_gets_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(extranonce, "CAPACITY", 0)
    talk = PoolTalk(replace(POLICY, patience=replace(POLICY.patience, refusals_per_minute=1)))
    _, peer = arrived(talk=talk)
    _, other = arrived(talk=talk)
    for number in range(5):
        talk.feed_said(peer, open_extended(number))
        talk.now += 61
    talk.feed_said(other, open_extended(1))
    talk.offer()
    assert talk.closed == {peer: "too many refused shares or requests"}
    assert kinds(talk.take(peer)) == [OpenMiningChannelError] * 2
    assert kinds(talk.take(other)) == [OpenMiningChannelError]
    assert list(talk.state.miners) == [other]
    assert (talk.state.payees.house.grouped, talk.state.ungrouped) == ({}, {})


def test_a_channel_is_open_before_anybody_is_told() -> None:
    talk, peer = arrived()
    effects = open_channel(talk.state, talk.miner(peer), open_extended(), talk.now)
    assert list(talk.miner(peer).channels) == [2]
    assert len(talk.channel(peer).jobs) == 1
    assert len(effects) == 5


def test_an_opening_is_told() -> None:
    talk, peer = arrived()
    talk.say(peer, open_standard(user="bob"))
    (opened,) = talk.happened(ChannelOpened)
    assert (opened.peer, opened.channel_id, opened.kind, opened.user) == (peer, 2, "standard", "bob")


def test_a_closed_channel_is_silent() -> None:
    talk, peer = arrived(STANDARD_JOBS)
    talk.say(peer, open_standard(1), open_standard(2))
    assert talk.say(peer, CloseChannel(2, "tired")) == []
    assert [closed.reason for closed in talk.happened(ChannelClosed)] == ["closed by the miner: tired"]
    talk.offer()
    talk.offer(HEIGHT + 1)
    talk.pass_time(1)
    assert {message.channel_id for message in talk.take(peer)} == {3}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("flags", "asking"),
    [
        (0, open_standard()),
        (0, open_extended()),
        (STANDARD_JOBS, open_standard()),
        (WORK_SELECTION, open_extended()),
    ],
)
def test_closing_a_group_closes_all_its_channels(flags: int, asking: OpenRequest) -> None:
    talk, peer = arrived(flags)
    talk.say(peer, asking, asking, asking)
    assert talk.say(peer, CloseChannel(1, "")) == []
    assert talk.miner(peer).channels == {}
    assert [closed.channel_id for closed in talk.happened(ChannelClosed)] == [2, 3, 4]
    assert talk.state.space.held == 0


def test_closing_what_does_not_exist_is_a_refusal() -> None:
    talk, peer = arrived()
    for number in (0, 1, 2, 99):
        assert talk.say(peer, CloseChannel(number, "")) == []
    assert talk.miner(peer).refusals == 4


def test_shares_for_a_channel_that_was_closed_are_for_none() -> None:
    device = mining(STANDARD)
    device.find()
    talk, unit = device.talk, device.unit()
    share = next(device.shares(unit))
    message = SubmitSharesStandard(2, 2, unit.job.job_id, share.nonce, share.ntime, share.version)
    device.close()
    assert talk.say(device.peer, message)[-1:] == [SubmitSharesError(2, 2, "invalid-channel-id")]
    talk.pass_time(1)
    assert talk.take(device.peer) == []  # nor is the share before acknowledged any more (spec 5.3.9)


def test_jobs_of_one_s_own_are_not_taken_yet() -> None:
    talk, peer = arrived(WORK_SELECTION)
    talk.say(peer, open_extended())
    custom = SetCustomMiningJob(2, 5, b"token", 1, bytes(32), 0, HARD_NBITS, 2, b"", 0, b"", 0, ())
    answer: list[Message] = [SetCustomMiningJobError(2, 5, "jd-not-supported")]
    assert talk.say(peer, custom) == answer
