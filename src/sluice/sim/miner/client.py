"""The mining client's brain: server messages in, deeds out (spec 5.3).

Rule: it decides everything about the protocol and does nothing: no socket, no clock (`now` is given, in steady
seconds). A server that breaks a rule makes it raise RuleBroken; messages it does not know it ignores (spec 3.4).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sluice.bitcoin.target import Target, target_from_wire, target_to_wire
from sluice.sim.miner.channel_map import ChannelMap
from sluice.sim.miner.client_channel import ClientChannel, Terms
from sluice.sim.miner.client_plan import ChannelWish, ClientPlan
from sluice.sim.miner.deeds import (
    Deed,
    Leave,
    Mine,
    Noted,
    Rest,
    Retargeted,
    Send,
    ShareRefused,
    SharesAccepted,
)
from sluice.sim.miner.refusals import not_opened
from sluice.sim.miner.rules import Rule, RuleBroken, check_word
from sluice.sim.miner.waits import Wait, Waits
from sluice.sim.miner.work_unit import ROLLABLE_BITS, Share, WorkUnit
from sluice.sv2.connection import Event, PeerClosed, Refused, Secured, Tagged, Unknown
from sluice.sv2.flags import MiningFlags, MiningSuccessFlags, Protocol
from sluice.sv2.message import Message
from sluice.sv2.messages import common, extensions, mining
from sluice.sv2.tlv import WORKER_IDENTITY, Tlv, user_identity_tlv

SV2_VERSION = 2
_EXTENSIONS_REQUEST = 1

_NewJob = mining.NewMiningJob | mining.NewExtendedMiningJob
_Addressed = mining.SetTarget | mining.SetExtranoncePrefix | mining.SetNewPrevHash


class MiningClient:
    """One connection's worth of mining. `channels` and their submissions are there to be looked at."""

    __slots__ = ("_fixed_version", "_opening", "_plan", "_request_id", "_tlvs", "_waits", "channels")

    def __init__(self, plan: ClientPlan) -> None:
        self.channels = ChannelMap()
        self._plan = plan
        self._fixed_version = False
        self._tlvs: tuple[Tlv, ...] = ()
        self._waits = Waits()
        self._opening: dict[int, ChannelWish] = {}
        self._request_id = 0

    def start(self, now: float) -> list[Deed]:
        """The first message (spec 3.6.1): as soon as the connection can carry it."""
        plan = self._plan
        flags = MiningFlags.REQUIRES_STANDARD_JOBS if plan.standard_jobs else MiningFlags(0)
        if plan.version_rolling:
            flags |= MiningFlags.REQUIRES_VERSION_ROLLING
        self._waits.begin(Wait.SETUP, now)
        self._waits.begin(Wait.WORD, now)
        return [
            Send(
                common.SetupConnection(
                    protocol=Protocol.MINING,
                    min_version=SV2_VERSION,
                    max_version=SV2_VERSION,
                    flags=flags,
                    endpoint_host=plan.host,
                    endpoint_port=plan.port,
                    vendor=plan.device.vendor,
                    hardware_version=plan.device.hardware_version,
                    firmware=plan.device.firmware,
                    device_id=plan.device.device_id,
                )
            )
        ]

    def receive(self, event: Event, now: float) -> Sequence[Deed]:
        """What to do about an event of the connection. RuleBroken is final."""
        self._waits.begin(Wait.WORD, now)
        if isinstance(event, PeerClosed):
            return [Leave("the server closed the connection")]
        if isinstance(event, Unknown | Secured | Refused):
            return []
        message = event.message if isinstance(event, Tagged) else event
        reaction = _REACTIONS.get(type(message))
        if reaction is None:
            raise RuleBroken(Rule.NOTHING_UNASKED, f"{message.wire_name} on a connection for mining")
        for code in ("error_code", "reason_code"):
            check_word(f"{code} of {message.wire_name}", getattr(message, code, ""))
        return reaction(self, message, now)

    def submit(self, unit: WorkUnit, share: Share) -> list[Deed]:
        """Send in what a worker found in `unit`; nothing when that is void by now."""
        channel = self.channels.find(unit.channel_id)
        message = channel.submit(unit, share) if channel else None
        if message is None:
            return []
        tagged = isinstance(message, mining.SubmitSharesExtended)
        return [Send(message, self._tlvs if tagged else ())]

    def tick(self, now: float) -> list[Deed]:
        """What to do because time passed: to be called about once a second."""
        deeds: list[Deed] = []
        for lapsed in self._waits.lapsed(now):
            if lapsed.wait is Wait.TARGET:
                raise RuleBroken(Rule.TARGET_FOLLOWS, lapsed.wait.complaint)
            if lapsed.wait is Wait.EXTENSIONS:  # a server without extensions ignores the question
                deeds += [Noted(lapsed.wait.complaint), *self._open_all(now)]
            else:
                deeds.append(Leave(lapsed.wait.complaint))
        return deeds

    def open(self, wish: ChannelWish, now: float) -> Send:
        """Ask for one more channel (spec 5.3.2, 5.3.4)."""
        self._request_id += 1
        self._opening[self._request_id] = wish
        self._waits.begin(Wait.OPEN, now, self._request_id)
        fields = (self._request_id, wish.user, wish.hash_rate, target_to_wire(wish.max_target))
        if wish.extended:
            return Send(mining.OpenExtendedMiningChannel(*fields, wish.min_extranonce_size))
        return Send(mining.OpenStandardMiningChannel(*fields))

    def update(self, channel: ClientChannel, hash_rate: float, max_target: Target, now: float) -> Send:
        """Tell of another hash rate, or ask for another maximum target (spec 5.3.7)."""
        channel.wish(max_target)
        channel_id = channel.terms.channel_id
        if channel.wish_open:
            self._waits.begin(Wait.TARGET, now, channel_id)
        return Send(mining.UpdateChannel(channel_id, hash_rate, target_to_wire(max_target)))

    def close(self, reason: str) -> list[Deed]:
        """End all channels in good manners (spec 5.3.9)."""
        ids = [channel.terms.channel_id for channel in self.channels]
        for channel_id in ids:
            self.channels.close(channel_id, by_server=False)
        return [Send(mining.CloseChannel(channel_id, reason)) for channel_id in ids]

    # ── setting up ──

    def _set_up(self, message: common.SetupConnectionSuccess, now: float) -> Sequence[Deed]:
        self._waits.end(Wait.SETUP)
        if message.used_version != SV2_VERSION:
            raise RuleBroken(
                Rule.VERSION_OFFERED, f"the server uses version {message.used_version}, we offered 2"
            )
        if message.flags & MiningSuccessFlags.REQUIRES_FIXED_VERSION:
            if self._plan.version_rolling:
                raise RuleBroken(Rule.ROLLING_PROMISED, "SetupConnection.Success demands fixed versions")
            self._fixed_version = True
        standard_only = not any(wish.extended for wish in self._plan.channels)
        if message.flags & MiningSuccessFlags.REQUIRES_EXTENDED_CHANNELS and standard_only:
            return [Leave("the server takes extended channels only (mine with --extended)", refusal=True)]
        if self._plan.worker is None:
            return self._open_all(now)
        self._waits.begin(Wait.EXTENSIONS, now)
        return [Send(extensions.RequestExtensions(_EXTENSIONS_REQUEST, (WORKER_IDENTITY,)))]

    def _set_up_refused(self, message: common.SetupConnectionError, _now: float) -> Sequence[Deed]:
        names = [flag.name for flag in MiningFlags if flag & message.flags]
        unsupported = f", not supported: {', '.join(map(str, names))}" if names else ""
        return [Leave(f"the server refused the connection: {message.error_code}{unsupported}", refusal=True)]

    def _extended_wire(self, message: extensions.RequestExtensionsSuccess, now: float) -> Sequence[Deed]:
        self._check_extension_answer(message.request_id)
        if extra := set(message.supported_extensions) - {WORKER_IDENTITY}:
            raise RuleBroken(
                Rule.EXTENSION_ASKED, f"extensions {sorted(extra)} are confirmed, asked for by nobody"
            )
        if message.supported_extensions and self._plan.worker is not None:
            self._tlvs = (user_identity_tlv(self._plan.worker),)
        return self._open_all(now) if self._waits.end(Wait.EXTENSIONS) else []

    def _plain_wire(self, message: extensions.RequestExtensionsError, now: float) -> Sequence[Deed]:
        self._check_extension_answer(message.request_id)
        if missing := set(message.required_extensions) - {WORKER_IDENTITY}:
            return [Leave(f"the server requires extensions we do not have: {sorted(missing)}", refusal=True)]
        opened = self._open_all(now) if self._waits.end(Wait.EXTENSIONS) else []
        return [Noted("the server does not know workers (extension 0x0002)"), *opened]

    def _endpoint_changed(self, message: common.ChannelEndpointChanged, _now: float) -> Sequence[Deed]:
        self._tlvs = ()  # extensions would have to be agreed on anew (spec 3.6.4)
        return [Noted(f"channel {message.channel_id} has another endpoint: no more worker names")]

    def _reconnect(self, message: common.Reconnect, _now: float) -> Sequence[Deed]:
        host, port = message.new_host, message.new_port
        return [Leave("the server asks to connect anew", moved=True, host=host, port=port)]

    # ── channels ──

    def _standard_opened(
        self, message: mining.OpenStandardMiningChannelSuccess, now: float
    ) -> Sequence[Deed]:
        wish = self._opened(message.request_id, extended=False)
        terms = Terms(
            channel_id=message.channel_id,
            group_id=message.group_channel_id,
            extended=False,
            max_target=wish.max_target,
            version_mask=0 if self._fixed_version else ROLLABLE_BITS,
            builds_coinbase=not self._plan.standard_jobs,
        )
        return self._add(
            ClientChannel(terms, target_from_wire(message.target), message.extranonce_prefix), now
        )

    def _extended_opened(
        self, message: mining.OpenExtendedMiningChannelSuccess, now: float
    ) -> Sequence[Deed]:
        wish = self._opened(message.request_id, extended=True)
        terms = Terms(
            channel_id=message.channel_id,
            group_id=message.group_channel_id,
            extended=True,
            max_target=wish.max_target,
            extranonce_size=message.extranonce_size,
            version_mask=0 if self._fixed_version else ROLLABLE_BITS,
        )
        channel = ClientChannel(terms, target_from_wire(message.target), message.extranonce_prefix)
        if message.extranonce_size < wish.min_extranonce_size:
            raise RuleBroken(
                Rule.EXTRANONCE_SIZE,
                f"{channel} has {message.extranonce_size} bytes of extranonce, not {wish.min_extranonce_size}",
            )
        return self._add(channel, now)

    def _not_opened(self, message: mining.OpenMiningChannelError, _now: float) -> Sequence[Deed]:
        wish = self._opened(message.request_id)
        return [Leave(not_opened(wish.user, message.error_code), refusal=True)]

    def _update_refused(self, message: mining.UpdateChannelError, _now: float) -> Sequence[Deed]:
        for channel in self.channels.addressed(message.channel_id):
            self._waits.end(Wait.TARGET, message.channel_id)
            channel.wish(channel.max_target)
        return [Noted(f"UpdateChannel refused: {message.error_code}")]

    def _closed(self, message: mining.CloseChannel, _now: float) -> Sequence[Deed]:
        gone = self.channels.close(message.channel_id, by_server=True)
        reason = f"the server closed the channel: {message.reason_code}"
        deeds: list[Deed] = [Rest(channel.terms.channel_id, reason) for channel in gone]
        if gone and not self.channels:
            deeds.append(Leave(reason))
        return deeds

    def _regrouped(self, message: mining.SetGroupChannel, _now: float) -> Sequence[Deed]:
        if self._plan.standard_jobs:
            raise RuleBroken(Rule.GROUP_NOT_REQUIRED, "SetGroupChannel, although we take standard jobs only")
        self.channels.regroup(message.group_channel_id, message.channel_ids)
        return []

    def _retargeted(self, message: mining.SetTarget, _now: float) -> Sequence[Deed]:
        channels = self._ready(message)
        for channel in channels:
            channel.set_target(target_from_wire(message.maximum_target))
            if not channel.wish_open:
                self._waits.end(Wait.TARGET, channel.terms.channel_id)
        return [Retargeted(channel.terms.channel_id, channel.target) for channel in channels]

    def _prefix_changed(self, message: mining.SetExtranoncePrefix, _now: float) -> Sequence[Deed]:
        if self.channels.is_group(message.channel_id):
            raise RuleBroken(Rule.PREFIX_PER_CHANNEL, f"SetExtranoncePrefix for group {message.channel_id}")
        for channel in self._ready(message):
            channel.set_prefix(message.extranonce_prefix)
            self.channels.check_prefix(channel)
            self.channels.check_size(channel)
        return []

    # ── work ──

    def _standard_job(self, message: mining.NewMiningJob, _now: float) -> Sequence[Deed]:
        channels = self.channels.addressed(message.channel_id)
        if self.channels.is_group(message.channel_id) or any(channel.terms.extended for channel in channels):
            raise RuleBroken(
                Rule.STANDARD_JOB_TO_STANDARD,
                f"NewMiningJob for {message.channel_id}, which is no standard channel",
            )
        self._check_first(message, channels)
        return _mine(channel.take_standard_job(message) for channel in channels)

    def _extended_job(self, message: mining.NewExtendedMiningJob, _now: float) -> Sequence[Deed]:
        if self._plan.standard_jobs:
            raise RuleBroken(
                Rule.STANDARD_JOBS_ONLY, "NewExtendedMiningJob, although we take standard jobs only"
            )
        channels = self.channels.addressed(message.channel_id)
        if not self.channels.is_group(message.channel_id) and not all(c.terms.extended for c in channels):
            raise RuleBroken(
                Rule.EXTENDED_JOB_TO_EXTENDED,
                f"NewExtendedMiningJob for standard channel {message.channel_id}",
            )
        if self._plan.version_rolling and not message.version_rolling_allowed:
            raise RuleBroken(Rule.ROLLING_PROMISED, f"job {message.job_id} allows no version rolling")
        if self._fixed_version and message.version_rolling_allowed:
            raise RuleBroken(Rule.VERSION_FIXED, f"job {message.job_id} allows version rolling")
        self._check_first(message, channels)
        return _mine(channel.take_extended_job(message) for channel in channels)

    def _new_tip(self, message: mining.SetNewPrevHash, now: float) -> Sequence[Deed]:
        channels = self._ready(message)
        for channel in channels:
            self._waits.end(Wait.WORK, channel.terms.channel_id)
        return _mine(channel.take_tip(message, now) for channel in channels)

    # ── shares ──

    def _shares_taken(self, message: mining.SubmitSharesSuccess, _now: float) -> Sequence[Deed]:
        channel = self.channels.one(message.channel_id)
        if channel is None:
            return []
        count = message.new_submits_accepted_count
        channel.submissions.acknowledge(message.last_sequence_number, count, message.new_shares_sum)
        return [SharesAccepted(message.channel_id, count)]

    def _share_refused(self, message: mining.SubmitSharesError, _now: float) -> Sequence[Deed]:
        channel = self.channels.one(message.channel_id)
        if channel is None:
            return []
        was_block = channel.submissions.refuse(message.sequence_number, message.error_code)
        return [ShareRefused(message.channel_id, message.sequence_number, message.error_code, was_block)]

    # ── checks ──

    def _open_all(self, now: float) -> list[Deed]:
        return [self.open(wish, now) for wish in self._plan.channels]

    def _opened(self, request_id: int, *, extended: bool | None = None) -> ChannelWish:
        self._waits.end(Wait.OPEN, request_id)
        wish = self._opening.pop(request_id, None)
        if wish is None:
            raise RuleBroken(Rule.OPEN_REQUEST_ID, f"request {request_id} is answered, which is not open")
        if extended is not None and wish.extended is not extended:
            kinds = {False: "a standard", True: "an extended"}
            raise RuleBroken(
                Rule.OPEN_KIND,
                f"{kinds[wish.extended]} channel was asked for, {kinds[extended]} one is given",
            )
        return wish

    def _add(self, channel: ClientChannel, now: float) -> Sequence[Deed]:
        self.channels.add(channel)
        self._waits.begin(Wait.WORK, now, channel.terms.channel_id)
        return [Retargeted(channel.terms.channel_id, channel.target)]

    def _check_extension_answer(self, request_id: int) -> None:
        if self._plan.worker is None or request_id != _EXTENSIONS_REQUEST:
            raise RuleBroken(
                Rule.EXTENSION_REQUEST_ID, f"an answer about extensions to request {request_id}, never made"
            )

    def _ready(self, message: _Addressed) -> tuple[ClientChannel, ...]:
        """The channels that a message is for, which cannot be their first (spec 5.3.15)."""
        channels = self.channels.addressed(message.channel_id)
        for channel in channels:
            if not channel.started:
                raise RuleBroken(
                    Rule.FIRST_IS_FUTURE_JOB, f"{type(message).__name__} is the first message for {channel}"
                )
        return channels

    def _check_first(self, message: _NewJob, channels: Sequence[ClientChannel]) -> None:
        own_kind = {False: mining.NewMiningJob, True: mining.NewExtendedMiningJob}
        for channel in channels:
            is_own = isinstance(message, own_kind[channel.terms.extended])
            if not channel.started and (message.min_ntime is not None or not is_own):
                raise RuleBroken(
                    Rule.FIRST_IS_FUTURE_JOB,
                    f"the first job for {channel} is a {message.wire_name}"
                    + (" of another kind" if not is_own else " with min_ntime"),
                )
            channel.started = True


def _mine(units: Iterable[WorkUnit | None]) -> list[Deed]:
    return [Mine(unit) for unit in units if unit is not None]


_REACTIONS: dict[type[Message], Callable[[MiningClient, Any, float], Sequence[Deed]]] = {
    common.SetupConnectionSuccess: MiningClient._set_up,
    common.SetupConnectionError: MiningClient._set_up_refused,
    common.ChannelEndpointChanged: MiningClient._endpoint_changed,
    common.Reconnect: MiningClient._reconnect,
    extensions.RequestExtensionsSuccess: MiningClient._extended_wire,
    extensions.RequestExtensionsError: MiningClient._plain_wire,
    mining.OpenStandardMiningChannelSuccess: MiningClient._standard_opened,
    mining.OpenExtendedMiningChannelSuccess: MiningClient._extended_opened,
    mining.OpenMiningChannelError: MiningClient._not_opened,
    mining.UpdateChannelError: MiningClient._update_refused,
    mining.CloseChannel: MiningClient._closed,
    mining.SetGroupChannel: MiningClient._regrouped,
    mining.SetTarget: MiningClient._retargeted,
    mining.SetExtranoncePrefix: MiningClient._prefix_changed,
    mining.NewMiningJob: MiningClient._standard_job,
    mining.NewExtendedMiningJob: MiningClient._extended_job,
    mining.SetNewPrevHash: MiningClient._new_tip,
    mining.SubmitSharesSuccess: MiningClient._shares_taken,
    mining.SubmitSharesError: MiningClient._share_refused,
}
