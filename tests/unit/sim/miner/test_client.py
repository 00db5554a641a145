"""The client's brain by transcript: lawful conversations, and each rule with its violation planted."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.header import Header
from sluice.bitcoin.merkle import fold_merkle_path
from sluice.bitcoin.target import Target, difficulty, target_from_nbits, target_to_wire
from sluice.sim.miner.client import MiningClient
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sim.miner.deeds import Leave, Mine, Noted, Rest, Retargeted, Send, ShareRefused, SharesAccepted
from sluice.sim.miner.refusals import not_opened
from sluice.sim.miner.rules import Rule, RuleBroken
from sluice.sim.miner.work_unit import ROLLABLE_BITS
from sluice.sv2.connection import PeerClosed, Refused, Secured, Tagged, Unknown
from sluice.sv2.flags import MiningFlags, MiningSuccessFlags
from sluice.sv2.messages.common import (
    ChannelEndpointChanged,
    Reconnect,
    SetupConnection,
    SetupConnectionError,
    SetupConnectionSuccess,
)
from sluice.sv2.messages.extensions import (
    RequestExtensions,
    RequestExtensionsError,
    RequestExtensionsSuccess,
)
from sluice.sv2.messages.mining import (
    CloseChannel,
    OpenExtendedMiningChannel,
    OpenMiningChannelError,
    OpenStandardMiningChannel,
    SetExtranoncePrefix,
    SetGroupChannel,
    SetTarget,
    SubmitSharesError,
    SubmitSharesExtended,
    SubmitSharesStandard,
    SubmitSharesSuccess,
    UpdateChannel,
    UpdateChannelError,
)
from sluice.sv2.tlv import user_identity
from support.mining import (
    CHANNEL,
    EASY,
    EXTENDED,
    GROUP,
    GROUPED,
    NTIME,
    OTHER,
    PREFIX_SIZE,
    STANDARD,
    Talk,
    coinbase,
    extended_job,
    extended_opened,
    find,
    mined,
    standard_job,
    standard_opened,
    tip,
)
from support.violations import VIOLATIONS, Violation
from support.wire import Pair

HARDER = Target(EASY // 2)
PLANS = pytest.mark.parametrize(
    "plan", [STANDARD, EXTENDED, GROUPED], ids=["standard", "extended", "grouped"]
)


@pytest.mark.parametrize("violation", VIOLATIONS, ids=lambda v: f"{v.rule.name.lower()}-{v.what}")
def test_a_violation_is_caught_with_its_reason(violation: Violation) -> None:
    talk = Talk(violation.plan)
    violation.before(talk)
    with pytest.raises(RuleBroken) as caught:
        violation.breaking(talk)
    assert caught.value.rule is violation.rule
    assert violation.rule.section in str(caught.value)


def test_every_rule_has_a_violation() -> None:
    assert {violation.rule for violation in VIOLATIONS} == set(Rule)


# ── setting up ──


@pytest.mark.parametrize(
    ("plan", "flags"),
    [
        (STANDARD, MiningFlags.REQUIRES_STANDARD_JOBS),
        (EXTENDED, MiningFlags(0)),
        (GROUPED, MiningFlags(0)),
        (replace(EXTENDED, version_rolling=True), MiningFlags.REQUIRES_VERSION_ROLLING),
    ],
)
def test_the_first_message_says_what_we_need(plan: ClientPlan, flags: MiningFlags) -> None:
    (sent,) = MiningClient(plan).start(0.0)
    assert isinstance(sent, Send)
    message = sent.message
    assert isinstance(message, SetupConnection)
    assert message.flags == flags
    assert (message.protocol, message.min_version, message.max_version) == (0, 2, 2)
    assert (message.endpoint_host, message.endpoint_port) == ("pool.example", 3333)
    assert message.vendor
    assert message.firmware
    assert message.device_id == ""


def test_then_a_standard_channel_is_asked_for() -> None:
    assert Talk(STANDARD).set_up() == [
        Send(OpenStandardMiningChannel(1, "alice", 1e6, target_to_wire(Target(2**256 - 1))))
    ]


def test_or_an_extended_one() -> None:
    assert Talk(EXTENDED).set_up() == [
        Send(OpenExtendedMiningChannel(1, "alice", 1e6, target_to_wire(Target(2**256 - 1)), 4))
    ]


def test_all_channels_of_a_plan_are_asked_for() -> None:
    plan = replace(EXTENDED, channels=EXTENDED.channels * 3)
    messages = [deed.message for deed in Talk(plan).set_up() if isinstance(deed, Send)]
    assert [m.request_id for m in messages if isinstance(m, OpenExtendedMiningChannel)] == [1, 2, 3]


def test_a_refused_setup_is_a_refusal_with_the_servers_word_and_flags() -> None:
    talk = Talk(STANDARD)
    talk.client.start(0.0)
    (leave,) = talk.hear(SetupConnectionError(1, "unsupported-feature-flags"))
    assert isinstance(leave, Leave)
    assert leave.refusal
    assert "unsupported-feature-flags" in leave.reason
    assert "REQUIRES_STANDARD_JOBS" in leave.reason


def test_a_server_of_extended_channels_only_is_left_if_we_want_a_standard_one() -> None:
    flags = MiningSuccessFlags.REQUIRES_EXTENDED_CHANNELS
    (leave,) = Talk(STANDARD).set_up(flags)
    assert isinstance(leave, Leave)
    assert leave.refusal
    assert [type(deed) for deed in Talk(EXTENDED).set_up(flags)] == [Send]


@pytest.mark.parametrize(("plan", "rolling"), [(STANDARD, True), (EXTENDED, False)])
def test_under_fixed_versions_nothing_is_rolled(plan: ClientPlan, rolling: bool) -> None:
    talk = Talk(plan)
    talk.set_up(MiningSuccessFlags.REQUIRES_FIXED_VERSION)
    talk.hear(extended_opened() if talk.extended else standard_opened())
    job = extended_job(1, rolling=rolling) if talk.extended else standard_job(1)
    assert mined(talk.hear(job, tip(1))).job.version_mask == 0


def test_a_channel_that_is_not_opened_is_a_refusal() -> None:
    talk = Talk(STANDARD)
    talk.set_up()
    (leave,) = talk.hear(OpenMiningChannelError(1, "unknown-user"))
    assert leave == Leave(not_opened("alice", "unknown-user"), refusal=True)


# ── workers' names (extension 0x0002) ──

NAMED = replace(EXTENDED, worker="rig-1")


def test_extensions_are_asked_for_before_anything_else() -> None:
    assert Talk(NAMED).set_up() == [Send(RequestExtensions(1, (2,)))]


def test_shares_carry_the_worker_once_that_is_agreed() -> None:
    talk = Talk(NAMED)
    talk.set_up()
    assert [type(deed) for deed in talk.hear(RequestExtensionsSuccess(1, (2,)))] == [Send]
    unit = mined(talk.hear(extended_opened(), extended_job(1), tip(1)))
    (sent,) = talk.client.submit(unit, find(unit, 1)[0])
    assert isinstance(sent, Send)
    assert user_identity(sent.tlvs) == "rig-1"


def test_and_no_more_when_the_endpoint_changes() -> None:
    talk = Talk(NAMED)
    talk.set_up()
    talk.hear(RequestExtensionsSuccess(1, (2,)))
    unit = mined(talk.hear(extended_opened(), extended_job(1), tip(1)))
    assert [type(deed) for deed in talk.hear(ChannelEndpointChanged(CHANNEL))] == [Noted]
    (sent,) = talk.client.submit(unit, find(unit, 1)[0])
    assert isinstance(sent, Send)
    assert sent.tlvs == ()


@pytest.mark.parametrize("answer", [RequestExtensionsSuccess(1, ()), RequestExtensionsError(1, (2,), ())])
def test_without_the_extension_mining_goes_on(
    answer: RequestExtensionsSuccess | RequestExtensionsError,
) -> None:
    talk = Talk(NAMED)
    talk.set_up()
    asked = talk.hear(answer)[-1]
    assert isinstance(asked, Send)
    assert isinstance(asked.message, OpenExtendedMiningChannel)
    unit = mined(talk.hear(extended_opened(), extended_job(1), tip(1)))
    (sent,) = talk.client.submit(unit, find(unit, 1)[0])
    assert isinstance(sent, Send)
    assert sent.tlvs == ()


def test_a_server_that_ignores_the_question_is_mined_on_after_two_seconds() -> None:
    talk = Talk(NAMED)
    talk.set_up()
    assert talk.client.tick(talk.now + 1.9) == []
    noted, asked = talk.client.tick(talk.now + 2)
    assert isinstance(noted, Noted)
    assert isinstance(asked, Send)
    assert isinstance(asked.message, OpenExtendedMiningChannel)
    assert talk.hear(RequestExtensionsSuccess(1, (2,))) == []  # late, and no second channel


def test_a_server_that_requires_what_we_have_not_is_left() -> None:
    talk = Talk(NAMED)
    talk.set_up()
    (leave,) = talk.hear(RequestExtensionsError(1, (2,), (5,)))
    assert isinstance(leave, Leave)
    assert leave.refusal
    assert "5" in leave.reason


# ── work ──


@PLANS
def test_the_future_job_waits_for_its_tip(plan: ClientPlan) -> None:
    talk = Talk(plan).open()
    assert talk.hear(talk.job(1)) == []
    unit = mined(talk.hear(tip(1)))
    assert (unit.channel_id, unit.job.job_id, unit.ntime) == (CHANNEL, 1, NTIME)
    assert unit.tip.prev_hash == b"\x11" * 32
    assert unit.network_target == target_from_nbits(0x207FFFFF)
    assert unit.target == EASY
    assert unit.job.version_mask == ROLLABLE_BITS


@PLANS
def test_a_job_with_min_ntime_is_mined_at_once(plan: ClientPlan) -> None:
    talk = Talk(plan)
    talk.work()
    unit = mined(talk.hear(talk.job(2, min_ntime=NTIME + 30)))
    assert (unit.job.job_id, unit.ntime, unit.tip.min_ntime) == (2, NTIME + 30, NTIME)


def test_a_time_below_the_tips_is_not_used() -> None:
    talk = Talk(STANDARD)
    talk.work()
    assert mined(talk.hear(standard_job(2, min_ntime=NTIME - 30))).ntime == NTIME


def test_a_standard_share_hashes_the_header_of_its_job() -> None:
    talk = Talk(STANDARD)
    unit = talk.work()
    (message,) = talk.submit(unit)
    assert isinstance(message, SubmitSharesStandard)
    header = Header(
        message.version,
        unit.tip.prev_hash,
        unit.job.merkle_root(b""),
        message.ntime,
        0x207FFFFF,
        message.nonce,
    )
    assert unit.job.merkle_root(b"") == b"\x01" * 32
    assert int.from_bytes(sha256d(header.to_bytes()), "little") <= EASY
    assert message.version & ~ROLLABLE_BITS == 0x20000000
    assert (message.channel_id, message.sequence_number, message.job_id) == (CHANNEL, 1, 1)


@pytest.mark.parametrize("address", [CHANNEL, GROUP])
def test_an_extended_share_hashes_the_coinbase_with_prefix_and_extranonce(address: int) -> None:
    talk = Talk(EXTENDED)
    talk.work()
    unit = mined(talk.hear(extended_job(2, address, min_ntime=NTIME)))
    (message,) = talk.submit(unit)
    assert isinstance(message, SubmitSharesExtended)
    assert len(message.extranonce) == 12
    split = coinbase()
    whole = split.prefix + bytes([CHANNEL]) * PREFIX_SIZE + message.extranonce + split.suffix
    root = fold_merkle_path(sha256d(whole), (b"\x02" * 32, b"\x77" * 32))
    header = Header(message.version, unit.tip.prev_hash, root, message.ntime, 0x207FFFFF, message.nonce)
    assert int.from_bytes(header.hash(), "little") <= EASY


def test_a_grouped_standard_channel_mines_the_groups_extended_jobs() -> None:
    talk = Talk(GROUPED)
    talk.work()
    unit = mined(talk.hear(extended_job(2, GROUP, min_ntime=NTIME)))
    split = coinbase()
    txid = sha256d(split.prefix + bytes([CHANNEL]) * 16 + split.suffix)
    assert unit.job.merkle_root(b"") == fold_merkle_path(txid, (b"\x02" * 32, b"\x77" * 32))
    (message,) = talk.submit(unit)
    assert isinstance(message, SubmitSharesStandard)


def test_a_group_message_is_for_all_its_members() -> None:
    talk = Talk(EXTENDED)
    talk.work()
    talk.open_another()
    deeds = talk.hear(extended_job(9, GROUP), tip(9, GROUP, prev_hash=b"\x22" * 32))
    units = [deed.unit for deed in deeds if isinstance(deed, Mine)]
    assert [unit.channel_id for unit in units] == [CHANNEL, OTHER]
    roots = {unit.job.merkle_root(bytes(12)) for unit in units}
    assert len(roots) == 2


def test_a_tip_makes_all_other_jobs_void_and_their_ids_free() -> None:
    talk = Talk(STANDARD)
    first = talk.work()
    talk.hear(standard_job(2), standard_job(3), standard_job(4, min_ntime=NTIME))
    unit = mined(talk.hear(tip(2)))
    assert unit.job.job_id == 2
    assert talk.submit(first) == []
    assert talk.hear(standard_job(1), standard_job(3), standard_job(4)) == []


def test_a_share_for_an_earlier_job_on_the_same_tip_is_sent() -> None:
    talk = Talk(STANDARD)
    first = talk.work()
    talk.hear(standard_job(2, min_ntime=NTIME))
    assert len(talk.submit(first)) == 1


def test_a_share_whose_job_id_has_come_round_is_not_sent() -> None:
    talk = Talk(STANDARD)
    old = talk.work()
    talk.hear(standard_job(2), tip(2, prev_hash=b"\x22" * 32), standard_job(1, min_ntime=NTIME))
    assert talk.submit(old) == []


# ── targets ──


def test_a_target_is_frozen_into_active_jobs_and_counts_for_future_ones() -> None:
    talk = Talk(STANDARD)
    first = talk.work()
    talk.hear(standard_job(2))
    deeds = talk.hear(SetTarget(CHANNEL, target_to_wire(HARDER)))
    assert deeds == [Retargeted(CHANNEL, HARDER)]
    assert first.target == EASY
    assert mined(talk.hear(standard_job(3, min_ntime=NTIME))).target == HARDER
    assert mined(talk.hear(tip(2))).target == HARDER


def test_a_target_for_the_group_is_for_all_its_members() -> None:
    talk = Talk(EXTENDED)
    talk.work()
    talk.open_another()
    talk.hear(SetTarget(GROUP, target_to_wire(HARDER)))
    deeds = talk.hear(extended_job(9, GROUP, min_ntime=NTIME))
    assert [deed.unit.target for deed in deeds if isinstance(deed, Mine)] == [HARDER, HARDER]


def test_a_wish_for_a_smaller_maximum_is_sent_and_followed() -> None:
    talk = Talk(STANDARD)
    talk.work()
    (channel,) = talk.client.channels
    sent = talk.client.update(channel, 5e6, HARDER, talk.now)
    assert sent == Send(UpdateChannel(CHANNEL, 5e6, target_to_wire(HARDER)))
    talk.hear(SetTarget(CHANNEL, target_to_wire(EASY)))  # was on its way
    talk.hear(SetTarget(CHANNEL, target_to_wire(HARDER)))
    assert talk.client.tick(talk.now + 60) == []


def test_a_wish_that_changes_nothing_waits_for_nothing() -> None:
    talk = Talk(STANDARD)
    talk.work()
    (channel,) = talk.client.channels
    talk.client.update(channel, 5e6, Target(EASY * 2), talk.now)
    assert talk.client.tick(talk.now + 60) == []


def test_a_refused_wish_is_noted_and_over() -> None:
    talk = Talk(STANDARD)
    talk.work()
    (channel,) = talk.client.channels
    talk.client.update(channel, -1.0, HARDER, talk.now)
    assert talk.hear(UpdateChannelError(CHANNEL, "invalid-nominal-hashrate")) == [
        Noted("UpdateChannel refused: invalid-nominal-hashrate")
    ]
    assert talk.client.tick(talk.now + 60) == []
    talk.hear(SetTarget(CHANNEL, target_to_wire(EASY)))


# ── prefixes and groups ──


def test_a_new_prefix_counts_for_jobs_sent_after_it() -> None:
    talk = Talk(EXTENDED)
    first = talk.work()
    talk.hear(extended_job(2))
    talk.hear(SetExtranoncePrefix(CHANNEL, b"\x09" * PREFIX_SIZE))
    split = coinbase()
    old, new = split.prefix + b"\x02" * PREFIX_SIZE, split.prefix + b"\x09" * PREFIX_SIZE
    after = mined(talk.hear(extended_job(3, min_ntime=NTIME)))
    before = mined(talk.hear(tip(2)))
    heads = [getattr(unit.job, "coinbase_head", None) for unit in (first, before, after)]
    assert heads == [old, old, new]


def test_channels_move_between_groups() -> None:
    talk = Talk(EXTENDED)
    talk.work()
    talk.open_another()
    talk.hear(SetGroupChannel(50, (OTHER,)))
    deeds = talk.hear(extended_job(9, 50, min_ntime=NTIME), extended_job(8, GROUP, min_ntime=NTIME))
    units = [deed.unit for deed in deeds if isinstance(deed, Mine)]
    assert [(unit.channel_id, unit.job.job_id) for unit in units] == [(OTHER, 9), (CHANNEL, 8)]


# ── shares ──


@PLANS
def test_answers_are_counted(plan: ClientPlan) -> None:
    talk = Talk(plan)
    unit = talk.work()
    messages = talk.submit(unit, 5)
    assert [getattr(m, "sequence_number", None) for m in messages] == [1, 2, 3, 4, 5]
    assert talk.hear(SubmitSharesError(CHANNEL, 2, "duplicate-share")) == [
        ShareRefused(CHANNEL, 2, "duplicate-share", was_block=True)
    ]
    assert talk.hear(SubmitSharesSuccess(CHANNEL, 4, 3, 0)) == [SharesAccepted(CHANNEL, 3)]
    (channel,) = talk.client.channels
    score = channel.submissions
    assert (score.submitted, score.accepted, score.waiting) == (5, 3, 1)
    assert score.accepted_difficulty == 3 * difficulty(EASY)
    assert isinstance(score.accepted_difficulty, Fraction)
    assert score.refused == {"duplicate-share": 1}
    assert score.blocks == 4  # at regtest's difficulty each of these shares is one


def test_an_unknown_error_code_is_only_counted() -> None:
    talk = Talk(STANDARD)
    talk.submit(talk.work())
    (refused,) = talk.hear(SubmitSharesError(CHANNEL, 1, "quantum-flux"))
    assert isinstance(refused, ShareRefused)


# ── ends ──


def test_a_closed_channel_rests_and_the_last_one_ends_the_connection() -> None:
    talk = Talk(STANDARD)
    talk.work()
    talk.open_another()
    assert [type(deed) for deed in talk.hear(CloseChannel(OTHER, "bye"))] == [Rest]
    rest, leave = talk.hear(CloseChannel(CHANNEL, "bye"))
    assert rest == Rest(CHANNEL, "the server closed the channel: bye")
    assert leave == Leave("the server closed the channel: bye")


def test_a_closed_group_closes_all_its_channels() -> None:
    talk = Talk(EXTENDED)
    talk.work()
    talk.open_another()
    assert [type(deed) for deed in talk.hear(CloseChannel(GROUP, "bye"))] == [Rest, Rest, Leave]


@pytest.mark.parametrize("plan", [STANDARD, EXTENDED])
def test_after_our_goodbye_what_was_on_its_way_is_ignored(plan: ClientPlan) -> None:
    talk = Talk(plan)
    unit = talk.work()
    talk.submit(unit)
    assert talk.client.close("enough") == [Send(CloseChannel(CHANNEL, "enough"))]
    late = [
        talk.job(2, min_ntime=NTIME),
        tip(1),
        SetTarget(CHANNEL, target_to_wire(HARDER)),
        SetExtranoncePrefix(CHANNEL, b"\x09" * 4),
        SubmitSharesSuccess(CHANNEL, 1, 1, 0),
        SubmitSharesError(CHANNEL, 1, "stale-share"),
        CloseChannel(CHANNEL, "bye"),
    ]
    assert talk.hear(*late) == []
    assert talk.submit(unit) == []


def test_reconnect_names_another_place_or_the_same() -> None:
    talk = Talk(STANDARD)
    talk.work()
    assert talk.hear(Reconnect("", 0)) == [Leave("the server asks to connect anew", moved=True)]
    assert talk.hear(Reconnect("b.example", 3334)) == [
        Leave("the server asks to connect anew", moved=True, host="b.example", port=3334)
    ]


def test_a_closed_connection_is_left() -> None:
    (leave,) = Talk(STANDARD).hear(PeerClosed())
    assert leave == Leave("the server closed the connection")


def test_what_is_unknown_is_ignored() -> None:
    talk = Talk(STANDARD)
    talk.work()
    assert talk.hear(Unknown(0x4001, 7, 9), Secured(None), Refused(tip(1), "too long")) == []


def test_fields_of_extensions_do_not_hide_a_message() -> None:
    talk = Talk(STANDARD).open()
    talk.hear(Tagged(standard_job(1), ()))
    assert mined(talk.hear(tip(1))).job.job_id == 1


@pytest.mark.parametrize(
    ("far", "seconds", "complaint"),
    [
        ("start", 10, "does not answer SetupConnection"),
        ("set_up", 10, "does not answer the request for a channel"),
        ("open", 60, "sends no work for the channel"),
        ("work", 180, "has not sent a word"),
    ],
)
def test_a_silent_server_is_left(far: str, seconds: float, complaint: str) -> None:
    talk = Talk(STANDARD)
    if far == "start":
        talk.client.start(talk.now)
    else:
        getattr(talk, far)()
    assert talk.client.tick(talk.now + seconds - 0.1) == []
    (leave,) = talk.client.tick(talk.now + seconds)
    assert isinstance(leave, Leave)
    assert complaint in leave.reason
    assert not leave.refusal


# ── through two connections ──


@PLANS
@pytest.mark.parametrize("noise", [False, True], ids=["plain", "noise"])
def test_all_of_it_goes_over_the_wire(plan: ClientPlan, noise: bool) -> None:
    pair, client = Pair(noise=noise), MiningClient(replace(plan, worker="rig-1"))

    def speak(*deeds: object) -> list[object]:
        """Send what is to be sent; what arrives."""
        for deed in deeds:
            if isinstance(deed, Send):
                message: Any = deed.message
                pair.client.send(message, deed.tlvs)
        return list(pair.to_server())

    def hear(*messages: object) -> list[object]:
        for message in messages:
            pair.server.send(message)  # type: ignore[arg-type]
        return [deed for event in pair.to_client() for deed in client.receive(event, 1.0)]

    extended = plan.channels[0].extended
    (setup,) = speak(*client.start(0.0))
    assert isinstance(setup, SetupConnection)
    assert speak(*hear(SetupConnectionSuccess(2, 0))) == [RequestExtensions(1, (2,))]
    (asked,) = speak(*hear(RequestExtensionsSuccess(1, (2,))))
    assert isinstance(asked, OpenExtendedMiningChannel if extended else OpenStandardMiningChannel)
    first = extended_job(1) if extended else standard_job(1)
    deeds = hear(extended_opened() if extended else standard_opened(), first, tip(1))
    unit = next(deed.unit for deed in deeds if isinstance(deed, Mine))
    (share,) = speak(*client.submit(unit, find(unit, 1)[0]))
    if extended:
        assert isinstance(share, Tagged)
        assert user_identity(share.tlvs) == "rig-1"
        assert isinstance(share.message, SubmitSharesExtended)
    else:
        assert isinstance(share, SubmitSharesStandard)
    assert hear(SubmitSharesSuccess(CHANNEL, 1, 1, 0)) == [SharesAccepted(CHANNEL, 1)]
    assert speak(*client.close("enough")) == [CloseChannel(CHANNEL, "enough")]
