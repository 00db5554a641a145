"""One violation, at least, of every rule that our client holds a server to.

Each is what has to have happened, lawfully, and what then breaks the rule.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from msgspec.structs import replace as altered

from sluice.bitcoin.coinbase import CoinbaseSplit, with_witness
from sluice.bitcoin.target import Target, target_to_wire
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sim.miner.rules import Rule
from sluice.sim.miner.submissions import MAX_WAITING
from sluice.sv2.connection import Event
from sluice.sv2.flags import MiningSuccessFlags
from sluice.sv2.messages.common import SetupConnectionError, SetupConnectionSuccess
from sluice.sv2.messages.extensions import RequestExtensionsError, RequestExtensionsSuccess
from sluice.sv2.messages.mining import (
    CloseChannel,
    OpenMiningChannelError,
    SetCustomMiningJobSuccess,
    SetExtranoncePrefix,
    SetGroupChannel,
    SetTarget,
    SubmitSharesError,
    SubmitSharesSuccess,
    UpdateChannelError,
)
from sluice.sv2.messages.templates import RequestTransactionData
from support.mining import (
    CHANNEL,
    EASY,
    EXTENDED,
    GROUP,
    GROUPED,
    NTIME,
    OTHER,
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

Step = Callable[[Talk], object]

UNHEARD_OF = 99
HARD = Target(EASY >> 8)
MODEST = replace(STANDARD, channels=(replace(STANDARD.channels[0], max_target=EASY),))
ROLLING = replace(EXTENDED, version_rolling=True)
NAMED = replace(EXTENDED, worker="rig-1")
FIXED = MiningSuccessFlags.REQUIRES_FIXED_VERSION


class Violation(NamedTuple):
    """`before` is lawful, `breaking` is not."""

    rule: Rule
    what: str
    plan: ClientPlan
    before: Step
    breaking: Step


def says(*events: Event) -> Step:
    return lambda talk: talk.hear(*events)


def steps(*several: Step) -> Step:
    """One after the other."""

    def step(talk: Talk) -> None:
        for each in several:
            each(talk)

    return step


def start(talk: Talk) -> None:
    talk.client.start(talk.now)


def opened(talk: Talk) -> None:
    talk.open()


def working(talk: Talk) -> None:
    talk.work()


def two_channels(talk: Talk) -> None:
    talk.work()
    talk.open_another()


def shares_sent(count: int) -> Step:
    return lambda talk: talk.submit(talk.work(), count)


def wished(talk: Talk) -> None:
    """UpdateChannel asks for a target that is not given yet."""
    talk.work()
    talk.client.update(next(iter(talk.client.channels)), 1e6, HARD, talk.now)


def time_passes(talk: Talk) -> object:
    return talk.client.tick(talk.now + 11)


def submits(count: int) -> Step:
    def breaking(talk: Talk) -> None:
        unit = mined(talk.hear(talk.job(9, min_ntime=NTIME)))
        (share,) = find(unit, 1)
        for _ in range(count):
            talk.client.submit(unit, share)

    return breaking


def broken_coinbase(change: Callable[[CoinbaseSplit], CoinbaseSplit]) -> Step:
    return says(extended_job(2, split=change(coinbase())))


def script_length(by: int) -> Callable[[CoinbaseSplit], CoinbaseSplit]:
    def change(split: CoinbaseSplit) -> CoinbaseSplit:
        prefix = bytearray(split.prefix)
        prefix[41] += by
        return CoinbaseSplit(bytes(prefix), split.suffix)

    return change


def with_segwit_marker(split: CoinbaseSplit) -> CoinbaseSplit:
    whole = with_witness(split.prefix + split.suffix)
    return CoinbaseSplit(whole[: len(split.prefix) + 2], whole[len(split.prefix) + 2 :])


def spending(split: CoinbaseSplit) -> CoinbaseSplit:
    return CoinbaseSplit(split.prefix[:5] + b"\x22" + split.prefix[6:], split.suffix)


def paying_nobody(split: CoinbaseSplit) -> CoinbaseSplit:
    return CoinbaseSplit(split.prefix, split.suffix[:4] + b"\x00" + split.suffix[-4:])


def closed_by_server(talk: Talk) -> None:
    two_channels(talk)
    talk.hear(CloseChannel(OTHER, "bye"))


def target(value: int, channel_id: int = CHANNEL) -> SetTarget:
    return SetTarget(channel_id, target_to_wire(Target(value)))


def ack(last: int, count: int, total: int) -> SubmitSharesSuccess:
    return SubmitSharesSuccess(CHANNEL, last, count, total)


R = Rule
_active = partial(standard_job, min_ntime=NTIME)

VIOLATIONS: tuple[Violation, ...] = (
    Violation(R.VERSION_OFFERED, "version 3", STANDARD, start, says(SetupConnectionSuccess(3, 0))),
    Violation(R.CODE_PRINTABLE, "escape", STANDARD, start, says(SetupConnectionError(0, "\x1b[31mno"))),
    Violation(R.CODE_PRINTABLE, "newline", STANDARD, working, says(CloseChannel(CHANNEL, "bye\n"))),
    Violation(
        R.EXTENSION_REQUEST_ID, "of another", NAMED, Talk.set_up, says(RequestExtensionsSuccess(7, (2,)))
    ),
    Violation(
        R.EXTENSION_REQUEST_ID,
        "never asked",
        EXTENDED,
        Talk.set_up,
        says(RequestExtensionsError(1, (2,), ())),
    ),
    Violation(
        R.EXTENSION_ASKED, "another one", NAMED, Talk.set_up, says(RequestExtensionsSuccess(1, (2, 3)))
    ),
    Violation(R.ROLLING_PROMISED, "at setup", ROLLING, start, says(SetupConnectionSuccess(2, FIXED))),
    Violation(R.ROLLING_PROMISED, "in a job", ROLLING, opened, says(extended_job(1, rolling=False))),
    Violation(
        R.VERSION_FIXED,
        "rolling after all",
        EXTENDED,
        steps(lambda talk: talk.set_up(FIXED), says(extended_opened())),
        says(extended_job(1, rolling=True)),
    ),
    Violation(R.OPEN_REQUEST_ID, "unknown", STANDARD, Talk.set_up, says(standard_opened(request_id=2))),
    Violation(R.OPEN_REQUEST_ID, "twice", STANDARD, opened, says(standard_opened(OTHER))),
    Violation(R.OPEN_REQUEST_ID, "error", STANDARD, opened, says(OpenMiningChannelError(1, "no"))),
    Violation(R.OPEN_KIND, "extended for standard", STANDARD, Talk.set_up, says(extended_opened())),
    Violation(R.OPEN_KIND, "standard for extended", EXTENDED, Talk.set_up, says(standard_opened())),
    Violation(
        R.CHANNEL_ID_FREE,
        "a channel's",
        STANDARD,
        steps(working, Talk.ask),
        says(standard_opened(CHANNEL, 2, prefix=b"\x09" * 16)),
    ),
    Violation(
        R.CHANNEL_ID_FREE,
        "a group's",
        STANDARD,
        steps(working, Talk.ask),
        says(standard_opened(GROUP, 2)),
    ),
    Violation(R.GROUP_ID_FREE, "its own", STANDARD, Talk.set_up, says(standard_opened(GROUP))),
    Violation(R.GROUP_ID_FREE, "regrouped", GROUPED, working, says(SetGroupChannel(CHANNEL, ()))),
    Violation(R.TARGET_WITHIN_MAX, "at opening", MODEST, Talk.set_up, says(standard_opened(target=EASY + 1))),
    Violation(R.TARGET_WITHIN_MAX, "later", MODEST, working, says(target(EASY + 1))),
    Violation(R.TARGET_WITHIN_MAX, "for the group", MODEST, working, says(target(EASY + 1, GROUP))),
    Violation(
        R.TARGET_WITHIN_MAX,
        "above the wish, once that was followed",
        STANDARD,
        steps(wished, says(target(HARD))),
        says(target(HARD + 1)),
    ),
    Violation(R.TARGET_POSSIBLE, "zero", STANDARD, working, says(target(0))),
    Violation(R.TARGET_FOLLOWS, "silence", STANDARD, wished, time_passes),
    Violation(
        R.TARGET_FOLLOWS,
        "not far enough",
        STANDARD,
        steps(wished, says(target(HARD + 1))),
        time_passes,
    ),
    Violation(R.EXTRANONCE_FITS, "extended", EXTENDED, Talk.set_up, says(extended_opened(size=29))),
    Violation(
        R.EXTRANONCE_FITS,
        "by a longer prefix",
        EXTENDED,
        working,
        says(SetExtranoncePrefix(CHANNEL, bytes(21))),
    ),
    Violation(R.EXTRANONCE_OWN, "empty", EXTENDED, Talk.set_up, says(extended_opened(prefix=b""))),
    Violation(R.EXTRANONCE_OWN, "empty in a group", GROUPED, Talk.set_up, says(standard_opened(prefix=b""))),
    Violation(
        R.EXTRANONCE_OWN,
        "another's",
        EXTENDED,
        steps(working, Talk.ask),
        says(extended_opened(OTHER, 2, prefix=bytes([CHANNEL]) * 4)),
    ),
    Violation(
        R.EXTRANONCE_OWN,
        "another's, later",
        STANDARD,
        two_channels,
        says(SetExtranoncePrefix(OTHER, bytes([CHANNEL]) * 16)),
    ),
    Violation(R.EXTRANONCE_SIZE, "three of four", EXTENDED, Talk.set_up, says(extended_opened(size=3))),
    Violation(
        R.GROUP_SIZE,
        "at opening",
        EXTENDED,
        steps(working, Talk.ask),
        says(extended_opened(OTHER, 2, size=11)),
    ),
    Violation(
        R.GROUP_SIZE, "by a prefix", GROUPED, two_channels, says(SetExtranoncePrefix(OTHER, b"\x09" * 15))
    ),
    Violation(
        R.GROUP_SIZE,
        "by regrouping",
        EXTENDED,
        steps(working, Talk.ask, says(altered(extended_opened(OTHER, 2, size=11), group_channel_id=50))),
        says(SetGroupChannel(GROUP, (OTHER,))),
    ),
    Violation(R.FIRST_IS_FUTURE_JOB, "active job", STANDARD, opened, says(_active(1))),
    Violation(
        R.FIRST_IS_FUTURE_JOB, "active extended job", EXTENDED, opened, says(extended_job(1, min_ntime=1))
    ),
    Violation(R.FIRST_IS_FUTURE_JOB, "a group's job", GROUPED, opened, says(extended_job(1, GROUP))),
    Violation(R.FIRST_IS_FUTURE_JOB, "SetTarget", STANDARD, opened, says(target(HARD))),
    Violation(R.FIRST_IS_FUTURE_JOB, "SetNewPrevHash", EXTENDED, opened, says(tip(1, GROUP))),
    Violation(R.CHANNEL_KNOWN, "job", STANDARD, working, says(standard_job(2, UNHEARD_OF))),
    Violation(R.CHANNEL_KNOWN, "extended job", EXTENDED, working, says(extended_job(2, UNHEARD_OF))),
    Violation(R.CHANNEL_KNOWN, "SetNewPrevHash", STANDARD, working, says(tip(1, UNHEARD_OF))),
    Violation(R.CHANNEL_KNOWN, "SetTarget", STANDARD, working, says(target(HARD, UNHEARD_OF))),
    Violation(R.CHANNEL_KNOWN, "closing", STANDARD, working, says(CloseChannel(UNHEARD_OF, ""))),
    Violation(
        R.CHANNEL_KNOWN, "UpdateChannel.Error", STANDARD, working, says(UpdateChannelError(UNHEARD_OF, "no"))
    ),
    Violation(
        R.CHANNEL_KNOWN, "acknowledgement", STANDARD, working, says(SubmitSharesSuccess(UNHEARD_OF, 1, 1, 1))
    ),
    Violation(R.CHANNEL_KNOWN, "refusal", STANDARD, working, says(SubmitSharesError(UNHEARD_OF, 1, "no"))),
    Violation(R.CHANNEL_KNOWN, "regrouping", GROUPED, working, says(SetGroupChannel(50, (UNHEARD_OF,)))),
    Violation(R.CHANNEL_CLOSED, "job", STANDARD, closed_by_server, says(standard_job(9, OTHER))),
    Violation(R.STANDARD_JOB_TO_STANDARD, "extended", EXTENDED, working, says(standard_job(2))),
    Violation(R.STANDARD_JOB_TO_STANDARD, "group", GROUPED, working, says(standard_job(2, GROUP))),
    Violation(R.EXTENDED_JOB_TO_EXTENDED, "standard", GROUPED, working, says(extended_job(2))),
    Violation(R.STANDARD_JOBS_ONLY, "group", STANDARD, working, says(extended_job(2, GROUP))),
    Violation(
        R.JOB_ID_FREE,
        "future",
        STANDARD,
        steps(working, says(standard_job(2))),
        says(_active(2)),
    ),
    Violation(R.JOB_ID_FREE, "active", STANDARD, working, says(_active(1))),
    Violation(
        R.JOB_ID_FREE,
        "earlier on this tip",
        EXTENDED,
        steps(working, says(extended_job(2, min_ntime=NTIME))),
        says(extended_job(1)),
    ),
    Violation(R.JOB_ID_FREE, "by the group", GROUPED, working, says(extended_job(1, GROUP))),
    Violation(
        R.TIP_BEFORE_JOB,
        "no tip yet",
        STANDARD,
        steps(opened, says(standard_job(1))),
        says(_active(2)),
    ),
    Violation(R.TIP_NAMES_FUTURE_JOB, "unknown", STANDARD, working, says(tip(UNHEARD_OF))),
    Violation(R.TIP_NAMES_FUTURE_JOB, "active", STANDARD, working, says(tip(1))),
    Violation(
        R.TIP_NAMES_FUTURE_JOB,
        "void since the last tip",
        EXTENDED,
        steps(working, says(extended_job(2), extended_job(3), tip(2))),
        says(tip(3)),
    ),
    Violation(
        R.TIP_NAMES_FUTURE_JOB,
        "of another member of the group",
        EXTENDED,
        steps(two_channels, says(extended_job(7, OTHER))),
        says(tip(7, GROUP)),
    ),
    Violation(
        R.NBITS_VALID,
        "negative",
        STANDARD,
        steps(opened, says(standard_job(1))),
        says(tip(1, nbits=0x1D80FFFF)),
    ),
    Violation(R.COINBASE_STRIPPED, "marker", EXTENDED, working, broken_coinbase(with_segwit_marker)),
    Violation(
        R.COINBASE_PARSES,
        "cut short",
        EXTENDED,
        working,
        broken_coinbase(lambda split: CoinbaseSplit(split.prefix, split.suffix[:-1])),
    ),
    Violation(
        R.COINBASE_PARSES,
        "no prefix",
        EXTENDED,
        working,
        broken_coinbase(lambda split: CoinbaseSplit(b"", b"")),
    ),
    Violation(R.COINBASE_PARSES, "spends", EXTENDED, working, broken_coinbase(spending)),
    Violation(R.COINBASE_PARSES, "pays nobody", EXTENDED, working, broken_coinbase(paying_nobody)),
    Violation(R.COINBASE_PARSES, "script too long", EXTENDED, working, broken_coinbase(script_length(+1))),
    Violation(R.COINBASE_SCRIPT_LENGTH, "too short", EXTENDED, working, broken_coinbase(script_length(-1))),
    Violation(R.COINBASE_SCRIPT_LENGTH, "over 100", EXTENDED, working, broken_coinbase(script_length(+75))),
    Violation(R.ACK_SEQUENCE_SENT, "never sent", STANDARD, shares_sent(2), says(ack(3, 1, 0))),
    Violation(R.ACK_SEQUENCE_SENT, "number 0", STANDARD, shares_sent(2), says(ack(0, 0, 0))),
    Violation(R.ACK_COUNT, "more than sent", STANDARD, shares_sent(2), says(ack(2, 3, 0))),
    Violation(R.ACK_COUNT, "more than that far", EXTENDED, shares_sent(3), says(ack(1, 2, 0))),
    Violation(
        R.ACK_COUNT,
        "again",
        STANDARD,
        steps(shares_sent(2), says(ack(2, 2, 0))),
        says(ack(2, 1, 0)),
    ),
    Violation(R.ACK_SUM, "too much", STANDARD, shares_sent(2), says(ack(2, 2, 1_000))),
    Violation(R.SHARES_ANSWERED, "none", STANDARD, working, submits(MAX_WAITING + 1)),
    Violation(
        R.ERROR_SEQUENCE_SENT,
        "never sent",
        STANDARD,
        shares_sent(1),
        says(SubmitSharesError(CHANNEL, 2, "no")),
    ),
    Violation(
        R.ANSWERED_ONCE,
        "refused twice",
        STANDARD,
        steps(shares_sent(1), says(SubmitSharesError(CHANNEL, 1, "no"))),
        says(SubmitSharesError(CHANNEL, 1, "no")),
    ),
    Violation(
        R.ANSWERED_ONCE,
        "accepted and refused",
        STANDARD,
        steps(shares_sent(2), says(ack(2, 2, 0))),
        says(SubmitSharesError(CHANNEL, 1, "no")),
    ),
    Violation(
        R.PREFIX_PER_CHANNEL, "group", EXTENDED, working, says(SetExtranoncePrefix(GROUP, b"\x09" * 4))
    ),
    Violation(R.GROUP_NOT_REQUIRED, "regrouped", STANDARD, working, says(SetGroupChannel(50, (CHANNEL,)))),
    Violation(
        R.NOTHING_UNASKED, "custom job", STANDARD, working, says(SetCustomMiningJobSuccess(CHANNEL, 1, 2))
    ),
    Violation(R.NOTHING_UNASKED, "another protocol", STANDARD, working, says(RequestTransactionData(1))),
)
