"""Miners of the dialect at the pool, as transcripts. The origin's own tests are the rows of docs/tlv.md."""

from dataclasses import replace

import pytest

from sluice.accounting.name import Names
from sluice.bitcoin.network import MAINNET
from sluice.bitcoin.target import DIFFICULTY_1, MAX_TARGET, Target, target_from_difficulty, target_from_nbits
from sluice.pool.candidate import Candidate
from sluice.pool.events import (
    BlockFound,
    ChannelClosed,
    ChannelOpened,
    ChannelRefused,
    MinerArrived,
    PeerLeft,
    SetupRefused,
    TargetChanged,
)
from sluice.pool.inputs import Drain, EndChannel, MovePrefix, Regroup, SetDifficulty
from sluice.pool.policy import Patience
from sluice.pool.tlv_miners import MAX_NAME, first_target
from sluice.tlv.messages import (
    NewMiningJob,
    OpenMiningChannel,
    OpenMiningChannelError,
    OpenMiningChannelSuccess,
    SetNewPrevHash,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
    ShareData,
    SubmitSharesError,
    SubmitSharesSuccess,
)
from sluice.work.vardiff import VardiffPolicy
from sluice.work.verdict import Verdict
from support.pool import POLICY, STANDARD, Device, PoolTalk
from support.tlv_miner import EASY, TlvDevice, double, header_of, nonces, share_of, tlv_mining
from support.work import EASY_NBITS, HARD_NBITS, HEIGHT, spend

SETUP = SetupConnection(2, "rig", ("mining",))
PREFIX = "Stratum V2 protocol error: "


def device(**changes: object) -> TlvDevice:
    """One that has connected, to a pool with work."""
    talk = PoolTalk(replace(POLICY, **changes))  # type: ignore[arg-type]
    talk.offer()
    return TlvDevice(talk)


def counted(miner: TlvDevice) -> tuple[int, dict[Verdict, int]]:
    """Accepted, and refused by verdict, of its first channel."""
    tally = miner.talk.channel(miner.peer, 1).tally
    return tally.accepted, dict(tally.refused)


# ── setting up ──


def test_version_2_is_welcome() -> None:
    miner = device()
    assert miner.say(SETUP) == [SetupConnectionSuccess((2,), ("mining",))]
    [arrived] = miner.talk.happened(MinerArrived)
    assert (arrived.vendor, arrived.flags) == ("rig", "mining")


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (
            SetupConnection(1, "rig", ()),
            "Unsupported protocol version: 1. Only version 2 is supported.",
        ),
        (SetupConnection(2, "x" * 256, ()), f"Endpoint too long: 256 bytes, and {MAX_NAME} are the most"),
        (SetupConnection(2, "é" * 128, ()), f"Endpoint too long: 256 bytes, and {MAX_NAME} are the most"),
    ],
)
def test_who_cannot_be_served_is_told_and_may_ask_again(message: SetupConnection, reason: str) -> None:
    miner = device()
    assert miner.say(message) == [SetupConnectionError(1, f"Setup connection failed: {PREFIX}{reason}")]
    assert [event.error_code for event in miner.talk.happened(SetupRefused)] == [reason]
    assert miner.say(SETUP) == [SetupConnectionSuccess((2,), ("mining",))]


def test_setting_up_again_forgets_the_channels() -> None:
    miner = tlv_mining()
    assert miner.say(SETUP) == [SetupConnectionSuccess((2,), ("mining",))]
    assert [event.reason for event in miner.talk.happened(ChannelClosed)] == ["set up again"]
    [refused] = miner.submit(*miner.find())
    assert refused.error_message == f"Failed to process shares: {PREFIX}Channel not found: 1"
    miner.talk.offer(HEIGHT + 1)
    assert miner.hear() == []


# ── channels ──


def test_a_channel_opens_under_the_miner_s_number_with_a_job_to_mine_on() -> None:
    miner = device().set_up()
    opened, job = miner.say(OpenMiningChannel(7_000_000, 42, 1_000_000))
    target = target_from_difficulty(1_000_000)
    assert opened == OpenMiningChannelSuccess(7_000_000, 42, target.to_bytes(32, "big"), 10)
    assert isinstance(job, NewMiningJob)
    assert (job.channel_id, job.prev_hash) == (7_000_000, miner.talk.state.book.current.tip.prev_hash)  # type: ignore[union-attr]
    assert job.facts is not None
    assert job.facts.target == opened.target
    [event] = miner.talk.happened(ChannelOpened)
    assert (event.kind, event.user) == ("tlv", "rig")


def test_without_a_setup_there_is_no_channel() -> None:
    miner = device()
    [error] = miner.say(OpenMiningChannel(1, 42, 1))
    address = f"192.0.2.1:{miner.peer}"
    assert error == OpenMiningChannelError(
        42, 2, f"Failed to open channel: {PREFIX}Miner not registered: {address}"
    )
    assert len(miner.talk.happened(ChannelRefused)) == 1
    assert miner.set_up().open().jobs[1].channel_id == 1


def test_a_name_that_cannot_be_paid_is_refused_in_words() -> None:
    miner = device(names=Names.ADDRESS).set_up()
    [error] = miner.say(OpenMiningChannel(1, 42, 1))
    assert isinstance(error, OpenMiningChannelError)
    said = "Unknown user: not an address for regtest: it begins like no Bitcoin address"
    assert error.error_message.startswith(f"Failed to open channel: {PREFIX}{said}")
    assert "a name is the address to be paid" in error.error_message
    [event] = miner.talk.happened(ChannelRefused)
    assert event.error_code.startswith(said)
    assert miner.talk.state.counts.channels_refused == {"Unknown user": 1}


def test_higher_difficulty_is_harder() -> None:
    miner = device().set_up()
    for channel_id, wanted in enumerate((1, 2, 1000, 0xFFFFFFFF)):
        miner.open(channel_id, wanted)
    targets = list(miner.targets.values())
    assert targets == sorted(targets, reverse=True)
    assert targets[0] == DIFFICULTY_1
    assert targets[1] == target_from_difficulty(2)


@pytest.mark.parametrize(
    ("set_by_operator", "configured", "asked", "target"),
    [
        (None, None, 0, DIFFICULTY_1),
        (None, Target(1 << 240), 0, Target(1 << 240)),
        (3, Target(1 << 240), 0, target_from_difficulty(3)),
        (3, Target(1 << 240), 8, target_from_difficulty(8)),
    ],
)
def test_who_asks_for_nothing_gets_the_operator_s_difficulty(
    set_by_operator: int | None, configured: Target | None, asked: int, target: Target
) -> None:
    miner = device(default_target=configured).set_up()
    if set_by_operator:
        miner.talk.feed(SetDifficulty(set_by_operator))
    assert miner.open(1, asked).targets[1] == target


def test_no_target_is_harder_than_the_network_s() -> None:
    talk = PoolTalk(network=MAINNET)
    talk.offer(nbits=0x1B00FFFF)
    miner = TlvDevice(talk).set_up().open(1, 0xFFFFFFFF)
    assert miner.targets[1] == target_from_nbits(0x1B00FFFF)
    # It moves: the job says so to those who read it, and what is harder stays good.
    talk.offer(HEIGHT + 1, nbits=0x1C00FFFF)
    miner.hear()
    facts = miner.jobs[1].facts
    assert facts is not None
    assert int.from_bytes(facts.target, "big") == target_from_nbits(0x1C00FFFF)


def test_on_regtest_the_operator_s_minimum_is_the_least() -> None:
    minimum = target_from_difficulty(0.001)
    talk = PoolTalk(replace(POLICY, vardiff=VardiffPolicy(easiest=minimum)))
    talk.offer(nbits=EASY_NBITS)
    assert TlvDevice(talk).set_up().open().targets[1] == minimum
    current = talk.state.book.current
    assert current is not None
    assert first_target(talk.state, current, 0xFFFFFFFF) == (minimum, minimum, minimum)


def test_a_number_that_is_taken_is_given_anew() -> None:
    miner = tlv_mining()
    before = miner.jobs[1]
    miner.open(1, 2)
    assert miner.targets[1] == target_from_difficulty(2)
    assert len(miner.talk.miner(miner.peer).channels) == 1
    assert miner.jobs[1].coinbase_suffix != before.coinbase_suffix
    assert [event.reason for event in miner.talk.happened(ChannelClosed)] == ["opened again"]


def test_no_two_channels_have_a_coinbase_in_common() -> None:
    miner = tlv_mining()
    other = tlv_mining(miner.talk)
    miner.open(2)
    coinbases = {job.coinbase_suffix for job in (miner.jobs[1], miner.jobs[2], other.jobs[1])}
    assert len(coinbases) == 3


def test_a_connection_has_so_many_channels_and_no_more() -> None:
    miner = device(max_channels=2).set_up().open(1).open(2)
    [error] = miner.say(OpenMiningChannel(3, 9, 0))
    assert (
        error.error_message == f"Failed to open channel: {PREFIX}No further channel can be opened: 2 are open"
    )
    miner.open(2)  # one that it has, it may have anew


def test_a_pool_has_so_much_search_space_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluice.work.extranonce.CAPACITY", 1)
    miner = device().set_up().open(1)
    [error] = miner.say(OpenMiningChannel(2, 9, 0))
    assert error == OpenMiningChannelError(
        9, 2, f"Failed to open channel: {PREFIX}No further channel can be opened: 1 are open"
    )


def test_before_the_first_template_a_channel_waits() -> None:
    talk = PoolTalk()
    miner = TlvDevice(talk).set_up()
    assert miner.say(OpenMiningChannel(1, 42, 0)) == []
    talk.offer()
    assert [type(message) for message in miner.hear()] == [OpenMiningChannelSuccess, NewMiningJob]


def test_a_setup_takes_back_what_waits() -> None:
    talk = PoolTalk()
    miner = TlvDevice(talk).set_up()
    miner.say(OpenMiningChannel(1, 42, 0), SETUP)
    talk.offer()
    assert miner.hear() == []


# ── work ──


def test_a_new_tip_comes_first_and_its_job_after_it() -> None:
    miner = tlv_mining()
    offered = miner.talk.offer(HEIGHT + 1, transactions=(spend(1),))
    tip, empty, full = miner.hear()
    assert tip == SetNewPrevHash(1, empty.job_id, offered.prev_hash, 1)
    assert empty.prev_hash == full.prev_hash == offered.prev_hash
    assert (empty.merkle_path, len(full.merkle_path)) == ((), 1)


def test_a_refreshed_template_is_a_job_and_no_tip() -> None:
    miner = tlv_mining()
    miner.talk.offer(transactions=(spend(1),))
    [job] = miner.hear()
    assert isinstance(job, NewMiningJob)
    assert miner.submit(*miner.find(2)) == [SubmitSharesSuccess(1, job.job_id)]


# ── shares ──


def test_a_share_needs_its_channel_s_target_and_not_the_network_s() -> None:
    miner = tlv_mining(nbits=HARD_NBITS)
    shares = miner.find(3)
    assert miner.submit(*shares) == [SubmitSharesSuccess(1, shares[-1].job_id)]
    channel = miner.talk.channel(miner.peer, 1)
    assert counted(miner) == (3, {})
    assert channel.tally.work == 3 * 16
    assert miner.talk.blocks == []


def test_several_shares_have_one_answer_and_each_counts() -> None:
    miner = tlv_mining()
    good = miner.find(2)
    weak = next(
        share_of(miner.jobs[1], nonce)
        for nonce in range(1_000)
        if int.from_bytes(double(header_of(miner.jobs[1], nonce)), "little") > EASY
    )
    foreign = ShareData(1, good[0].job_id, 5, 0x20000000, bytes(32))
    [answer] = miner.submit(good[0], weak, good[0], foreign, good[1])
    assert answer == SubmitSharesSuccess(1, good[1].job_id)
    assert counted(miner) == (
        2,
        {Verdict.TOO_EASY: 1, Verdict.DUPLICATE: 1, Verdict.MALFORMED: 1},
    )


def test_no_shares_are_a_success_of_nothing() -> None:
    assert tlv_mining().submit() == [SubmitSharesSuccess(1, 0)]


@pytest.mark.parametrize(
    ("changes", "channel_id", "reason"),
    [
        ({"job_id": 999}, 1, "Job not found: 999"),
        ({"channel_id": 8}, 8, "Channel not found: 8"),
        ({"channel_id": 8}, 1, "Channel not found: 8"),  # a share of another channel than the message's
    ],
)
def test_a_share_of_nothing_is_an_error_and_the_others_count(
    changes: dict[str, int], channel_id: int, reason: str
) -> None:
    miner = tlv_mining()
    lost, good = miner.find(2)
    wrong = ShareData(**({name: getattr(lost, name) for name in lost.__struct_fields__} | changes))
    [error] = miner.submit(wrong, good, channel_id=channel_id)
    text = f"Failed to process shares: {PREFIX}{reason}"
    assert error == SubmitSharesError(channel_id, wrong.job_id, 3, text)
    assert counted(miner)[0] == (channel_id == 1)


def test_without_a_setup_there_are_no_shares() -> None:
    miner = device()
    text = f"Failed to process shares: {PREFIX}Miner not registered: 192.0.2.1:{miner.peer}"
    assert miner.submit(ShareData(1, 4, 0, 1, bytes(32))) == [SubmitSharesError(1, 4, 3, text)]
    assert miner.submit() == [SubmitSharesError(1, 0, 3, text)]


def test_work_of_the_tip_before_is_late_then_stale_then_unknown() -> None:
    miner = tlv_mining()
    late, stale, unknown = miner.find(3)
    miner.talk.offer(HEIGHT + 1)
    miner.hear()
    assert miner.submit(late) == [SubmitSharesSuccess(1, late.job_id)]
    miner.talk.pass_time(POLICY.stale_grace + 1, 1.0)
    not_found = f"Failed to process shares: {PREFIX}Job not found: {late.job_id}"
    assert miner.submit(stale) == [SubmitSharesError(1, late.job_id, 3, not_found)]
    miner.talk.offer(HEIGHT + 2)
    miner.hear()
    assert miner.submit(unknown) == [SubmitSharesError(1, late.job_id, 3, not_found)]
    assert counted(miner) == (1, {Verdict.STALE: 1, Verdict.UNKNOWN_JOB: 1})


def test_version_bits_may_be_rolled_within_bip323_and_no_further() -> None:
    miner = tlv_mining()
    job = miner.jobs[1]
    rolled = job.facts.version | 0x1FFF_E000 if job.facts else 0
    shares = [
        share_of(job, nonce, version)
        for version in (rolled, 0x6000_0000, -0x1_0000_0000 + rolled)
        for nonce in range(1_000)
        if int.from_bytes(double(header_of(job, nonce, version)), "little") <= EASY
    ]
    assert miner.submit(*shares) == [SubmitSharesSuccess(1, job.job_id)]
    accepted, refused = counted(miner)
    # The third has the same lower bits as the first, which are all that a header has.
    assert accepted == refused[Verdict.DUPLICATE]
    assert set(refused) == {Verdict.DUPLICATE, Verdict.BAD_VERSION}


def test_an_eleventh_job_makes_the_first_one_unknown() -> None:
    miner = tlv_mining()
    [old] = miner.find()
    for _ in range(POLICY.max_jobs):
        miner.talk.offer()
    [error] = [each for each in miner.submit(old) if not isinstance(each, NewMiningJob)]
    assert error.error_message.endswith(f"Job not found: {old.job_id}")


def test_a_block_is_what_the_miner_hashed() -> None:
    miner = tlv_mining(nbits=EASY_NBITS, transactions=(spend(1),))
    job = miner.jobs[1]
    nonce = next(nonces(job, min(EASY, target_from_nbits(EASY_NBITS))))
    miner.submit(share_of(job, nonce))
    [found] = miner.talk.blocks
    assert found.header == header_of(job, nonce)
    assert found.block_hash == double(found.header)
    assert len(found.transactions) == 1
    stripped = job.coinbase_prefix + job.coinbase_suffix
    assert (
        found.coinbase
        == stripped[:4] + b"\x00\x01" + stripped[4:-4] + b"\x01\x20" + bytes(32) + stripped[-4:]
    )
    [event] = miner.talk.happened(BlockFound)
    assert (event.height, event.user, event.share) == (HEIGHT, "rig", "accepted")
    assert [type(each) for each in miner.talk.state.candidates.found.values()] == [Candidate]


def test_a_block_counts_whatever_else_is_wrong_with_its_share() -> None:
    talk = PoolTalk(replace(POLICY, vardiff=VardiffPolicy(easiest=EASY)))
    talk.offer(nbits=EASY_NBITS)
    miner = tlv_mining(talk)
    job = miner.jobs[1]
    nonce = next(nonce for nonce in nonces(job, MAX_TARGET >> 1) if double(header_of(job, nonce))[31] >= 0x10)
    miner.submit(share_of(job, nonce))
    assert len(miner.talk.blocks) == 1
    assert counted(miner) == (0, {Verdict.TOO_EASY: 1})


def test_a_root_of_the_miner_s_own_is_no_block() -> None:
    miner = tlv_mining(nbits=EASY_NBITS)
    job = miner.jobs[1]
    miner.submit(*(ShareData(1, job.job_id, nonce, 0x20000000, b"\x11" * 32) for nonce in range(20)))
    assert miner.talk.blocks == []
    assert counted(miner) == (0, {Verdict.MALFORMED: 20})


def test_a_flood_of_refusals_is_cut_short() -> None:
    miner = device(patience=Patience(refusals_per_minute=5)).set_up().open()
    answers = miner.submit(*[ShareData(1, 999, nonce, 0, bytes(32)) for nonce in range(10_000)])
    assert [type(answer) for answer in answers] == [SubmitSharesError]
    assert miner.talk.closed == {miner.peer: "too many refused shares or requests"}
    [left] = miner.talk.happened(PeerLeft)
    assert left.refused == 6


def test_more_shares_on_a_tip_than_are_remembered_bring_new_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sluice.work.seen.MAX_SEEN", 3)
    miner = tlv_mining()
    before = miner.jobs[1]
    success, job = miner.submit(*miner.find(3))
    assert (type(success), type(job)) == (SubmitSharesSuccess, NewMiningJob)
    assert job.job_id != before.job_id


# ── time, and the operator ──


def test_a_target_stays_for_good() -> None:
    miner = tlv_mining()
    for _ in range(30):
        miner.submit(*miner.find(20))
        miner.talk.pass_time(10, 1.0)
    assert miner.talk.happened(TargetChanged) == []
    assert miner.talk.channel(miner.peer, 1).target == EASY
    assert [type(message) for message in miner.hear()] == []


@pytest.mark.parametrize(
    ("steps", "seconds", "reason"),
    [
        ((), 11, "no SetupConnection in time"),
        ((SETUP,), 61, "no channel opened in time"),
    ],
)
def test_the_silent_go(steps: tuple[SetupConnection, ...], seconds: int, reason: str) -> None:
    miner = device()
    miner.say(*steps)
    miner.talk.pass_time(seconds, 1.0)
    assert miner.talk.closed == {miner.peer: reason}


@pytest.mark.parametrize(("shares", "stays", "goes"), [(0, 3_590, 3_610), (1, 1_790, 1_810), (50, 290, 310)])
def test_silence_is_held_against_who_has_shown_how_fast_it_is(shares: int, stays: int, goes: int) -> None:
    miner = tlv_mining()
    if shares:
        miner.submit(*miner.find(shares))
    miner.talk.pass_time(stays, 5.0)
    assert miner.talk.closed == {}
    miner.talk.pass_time(goes - stays, 5.0)
    assert miner.talk.closed == {miner.peer: "idle"}


def test_who_drains_closes() -> None:
    miner = tlv_mining()
    miner.talk.feed(Drain())
    assert miner.talk.closed == {miner.peer: "draining"}


def test_another_prefix_is_another_coinbase_and_the_old_one_stays_good() -> None:
    miner = tlv_mining()
    [old] = miner.find()
    before = miner.jobs[1]
    miner.talk.feed(MovePrefix(miner.peer, 1))
    [job] = miner.hear()
    assert job.coinbase_suffix != before.coinbase_suffix
    for share in (old, *miner.find()):
        assert miner.submit(share) == [SubmitSharesSuccess(1, share.job_id)]
    miner.talk.offer(HEIGHT + 1)
    miner.hear()
    for share in miner.find(2):
        assert miner.submit(share) == [SubmitSharesSuccess(1, share.job_id)]
    assert counted(miner) == (4, {})


def test_a_channel_that_an_operator_ends_is_not_found_any_more() -> None:
    miner = tlv_mining()
    [share] = miner.find()
    miner.talk.feed(EndChannel(miner.peer, 1, "maintenance"))
    assert miner.hear() == []
    [error] = miner.submit(share)
    assert error.error_message.endswith("Channel not found: 1")
    miner.open(1)


def test_there_are_no_groups() -> None:
    miner = tlv_mining()
    assert miner.talk.feed(Regroup(miner.peer, (1,))) == []


def test_both_wires_mine_on_one_pool() -> None:
    miner = tlv_mining()
    other = Device(miner.talk, STANDARD)
    other.find(2)
    assert miner.submit(*miner.find(2)) == [SubmitSharesSuccess(1, miner.jobs[1].job_id)]
    miner.talk.offer(HEIGHT + 1)
    miner.hear()
    other.find()
    assert miner.submit(*miner.find()) == [SubmitSharesSuccess(1, miner.jobs[1].job_id)]
    assert [each.accepted for each in miner.talk.state.miners.values()] == [3, 3]
