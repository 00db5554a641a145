"""Whatever happens in whatever order: the pool keeps the specification's rules, its sums, and nothing it need not.

Miners are the real client's brain, which raises RuleBroken at the first rule that the pool breaks; what the brain
does not look at is watched here, from the messages alone.
"""

from collections import Counter, defaultdict
from dataclasses import replace
from itertools import chain
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from msgspec import json
from msgspec.structs import asdict

from sluice.bitcoin.network import MAINNET, REGTEST, Network
from sluice.bitcoin.target import MAX_TARGET, Target, target_from_difficulty, work
from sluice.pool.effects import Close, Send
from sluice.pool.events import NotOrdered
from sluice.pool.inputs import (
    Answered,
    Ban,
    CaughtUp,
    CloseNamed,
    Drain,
    EndChannel,
    FixDifficulty,
    Input,
    MovePrefix,
    Recorded,
    Regroup,
    TakeAgain,
    Troubled,
    Unban,
)
from sluice.pool.orders import Orders, Standing
from sluice.pool.ports import Trouble
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sim.miner.work_unit import Share, WorkUnit
from sluice.sv2 import codes
from sluice.sv2.connection import Event, Refused, Tagged, Unknown
from sluice.sv2.message import Message
from sluice.sv2.messages.extensions import RequestExtensions
from sluice.sv2.messages.mining import (
    CloseChannel,
    NewExtendedMiningJob,
    NewMiningJob,
    OpenExtendedMiningChannelSuccess,
    OpenStandardMiningChannelSuccess,
    SetCustomMiningJob,
    SetGroupChannel,
    SetNewPrevHash,
    SubmitSharesExtended,
    SubmitSharesStandard,
    UpdateChannel,
)
from sluice.sv2.tlv import user_identity_tlv
from support.found import verdict
from support.pool import (
    EXTENDED,
    GROUPED,
    POLICY,
    STANDARD,
    Device,
    PoolTalk,
    open_extended,
    open_standard,
    setup,
    wish,
)
from support.work import EASY_NBITS, HARD_NBITS, HEIGHT, spend

TIGHT = replace(POLICY, max_channels=5, max_jobs=3, ack_shares=3, stale_grace=2.0)
PLANS = [
    STANDARD,
    GROUPED,
    EXTENDED,
    replace(EXTENDED, worker="rig-1"),
    replace(EXTENDED, channels=(wish(extended=True), wish(), wish(extended=True))),
]
EASY_BLOCKS = 0x200F_FFFF  # one hash in sixteen

#: Names of channels, each with those that an order for it may be given by.
NAMES = {"alice": ("alice",), "alice.rig": ("alice.rig", "alice"), "bob": ("bob",)}
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.128/25"
users = st.sampled_from(sorted(NAMES))
banned = st.sampled_from([*sorted(NAMES), ELSEWHERE, HERE])
#: Difficulties that a share of a test's device has, and some that the bounds are in the way of.
difficulties = st.sampled_from([None, 1e-9, 4e-9, 2e-8, 1e-30, 1e15])
hash_rates = st.sampled_from([0.0, 0.01, 1.0, 50.0, 1e12])
seconds = st.sampled_from([0.01, 0.02, 0.1, 1.0, 2.5, 7.0, 61.0, 400.0])
picks = st.integers(0, 7)
networks = st.sampled_from([EASY_NBITS, EASY_BLOCKS, HARD_NBITS])
DAMAGE: list[dict[str, Any]] = [
    {"nonce": 7},
    {"version": 1},
    {"ntime": 5},
    {"ntime": 2**32 - 1},
    {"job_id": 9_999},
]
anything = st.one_of(
    st.builds(SubmitSharesStandard, *[st.integers(0, 12)] * 6),
    st.builds(SubmitSharesExtended, *[st.integers(0, 12)] * 6, st.sampled_from([b"", bytes(12), bytes(32)])),
    st.builds(CloseChannel, st.integers(0, 9), st.just("x")),
    st.builds(
        UpdateChannel, st.integers(0, 9), st.floats(width=32), st.sampled_from([bytes(32), b"\xff" * 32])
    ),
    st.builds(open_standard, hash_rate=st.floats(width=32)),
    st.builds(open_extended, min_extranonce_size=st.integers(0, 20)),
    st.builds(RequestExtensions, st.just(1), st.lists(st.integers(0, 4), max_size=3).map(tuple)),
    st.just(Unknown(0x7000, 1, 1)),
    st.just(SetCustomMiningJob(2, 5, b"", 1, bytes(32), 0, HARD_NBITS, 2, b"", 0, b"", 0, ())),
    st.just(Refused(SubmitSharesExtended(2, 1, 1, 0, 0, 0, bytes(12)), "too long")),
    st.just(Tagged(SubmitSharesExtended(2, 1, 1, 0, 0, 0, bytes(12)), (user_identity_tlv("ghost"),))),
)


class Watched(PoolTalk):
    """A talk that checks every message as it leaves, against the messages before it."""

    def __init__(self, network: Network) -> None:
        super().__init__(TIGHT, network)
        #: Group of each open channel, as told.
        self.group_of: dict[tuple[int, int], int] = {}
        #: Future jobs by peer and address, as sent on the tip of now.
        self.ahead: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
        #: What each job id stands for, for ever.
        self.jobs: dict[object, object] = {}

    def _send(self, peer: int, message: Message) -> None:
        assert peer in self.state.miners or self.setup_is_refused(message), f"{message} for a stranger"
        self.look_at(peer, message)
        super()._send(peer, message)

    @staticmethod
    def setup_is_refused(message: Message) -> bool:
        """The one answer that leaves when its miner is forgotten already, as effects are made together."""
        return message.wire_name.endswith(".Error")

    def look_at(self, peer: int, message: Message) -> None:
        match message:
            case OpenStandardMiningChannelSuccess() | OpenExtendedMiningChannelSuccess():
                assert (peer, message.channel_id) not in self.group_of
                self.group_of[peer, message.channel_id] = message.group_channel_id
            case NewMiningJob() | NewExtendedMiningJob():
                self.look_at_job(peer, message)
            case SetNewPrevHash():
                self.look_at_tip(peer, message)
            case SetGroupChannel():
                for channel_id in message.channel_ids:
                    self.group_of[peer, channel_id] = message.group_channel_id

    def look_at_job(self, peer: int, message: NewMiningJob | NewExtendedMiningJob) -> None:
        content = asdict(message) | {"channel_id": 0, "min_ntime": 0}
        key: object = message.job_id
        if isinstance(message, NewMiningJob):
            # The root depends on the channel's prefix at the time.
            key = (peer, message.channel_id, message.job_id)
        assert self.jobs.setdefault(key, content) == content, "one job id for two jobs"
        if message.min_ntime is None:
            self.ahead[peer, message.channel_id].add(message.job_id)

    def look_at_tip(self, peer: int, message: SetNewPrevHash) -> None:
        addressed = [
            channel
            for (its_peer, channel), group in self.group_of.items()
            if its_peer == peer and message.channel_id in (channel, group)
        ]
        assert addressed, "a tip for nobody"
        for channel in addressed:
            held = self.ahead[peer, channel] | self.ahead[peer, self.group_of[peer, channel]]
            assert message.job_id in held, "a tip names a job that was not sent ahead"

    def forget(self, peer: int) -> None:
        self.group_of = {key: group for key, group in self.group_of.items() if key[0] != peer}
        self.ahead = defaultdict(set, {key: jobs for key, jobs in self.ahead.items() if key[0] != peer})


class PoolMachine(RuleBasedStateMachine):
    """Any order of events."""

    @initialize(
        plans=st.lists(st.sampled_from(PLANS), max_size=4),
        with_work=st.integers(0, 4),
        network=st.sampled_from([REGTEST, MAINNET]),
    )
    def start(self, plans: list[ClientPlan], with_work: int, network: Network) -> None:
        self.talk = Watched(network)
        self.everybody: list[Device] = []
        self.strangers: list[int] = []
        self.height, self.fork = HEIGHT, 0
        self.credited: Counter[int] = Counter()
        self.old: list[tuple[Device, WorkUnit, Share]] = []
        self.paid: set[bytes] = set()
        self.fixed: dict[str, float] = {}
        self.bans: dict[str, int | None] = {}
        if with_work:
            self.talk.offer()
        for plan in plans:
            self.a_miner_comes(plan)

    # ── the node, and time ──

    @rule(
        up=st.sampled_from([0, 0, 1, 1, 1, -1, -2]),
        nbits=networks,
        count=st.integers(0, 2),
        fork=st.booleans(),
    )
    def the_node_offers(self, up: int, nbits: int, count: int, *, fork: bool) -> None:
        """A refresh, a block, a reorganisation, other nbits."""
        self.height += up
        self.fork += fork or up < 0
        transactions = tuple(spend(number) for number in range(count))
        self.talk.offer(self.height, self.fork, nbits=nbits, transactions=transactions)

    @rule(said=st.sampled_from(["accepted", "refused", "trouble"]))
    def the_node_speaks(self, said: str) -> None:
        if said == "trouble":
            self.talk.feed(Troubled(Trouble("core", "it is still syncing")))
        outcome = verdict("core", "" if said == "accepted" else "inconclusive")
        for block in self.talk.blocks[-3:]:
            self.talk.feed(Recorded(block.block_hash))
            self.talk.feed(Answered(block.block_hash, outcome))

    @rule(passed=seconds)
    def time_passes(self, passed: float) -> None:
        self.talk.tick(passed)

    @rule()
    def all_is_heard(self) -> None:
        self.talk.feed(CaughtUp())
        assert not self.talk.state.unacknowledged

    # ── miners ──

    @rule(plan=st.sampled_from(PLANS))
    def a_miner_comes(self, plan: ClientPlan) -> None:
        if self.is_let_in():
            self.everybody.append(Device(self.talk, plan))

    @rule(pick=picks, user=users, extended=st.booleans(), rate=hash_rates)
    def a_channel_is_opened(self, pick: int, user: str, rate: float, *, extended: bool) -> None:
        if device := self.device(pick):
            device.open(wish(user=user, extended=extended and device.takes_extended, hash_rate=rate))

    @rule(pick=picks, rate=hash_rates, bits=st.sampled_from([256, 256, 250, 240, 200]))
    def a_channel_is_updated(self, pick: int, rate: float, bits: int) -> None:
        device = self.device(pick)
        if device and self.channels(device):
            device.update(rate, Target(min(2**bits, MAX_TARGET)))

    @rule(pick=picks, which=picks)
    def a_channel_is_closed(self, pick: int, which: int) -> None:
        device = self.device(pick)
        if device and (ids := self.channels(device)):
            channel_id = ids[which % len(ids)]
            device.client.channels.close(channel_id, by_server=False)
            device.units.pop(channel_id, None)
            self.talk.feed_said(device.peer, CloseChannel(channel_id, "x"))

    @rule(pick=picks)
    def a_miner_goes(self, pick: int) -> None:
        if device := self.device(pick):
            self.go(device)

    @rule(
        flags=st.sampled_from([0, 0, 0, 1, 2, 2, 3, 9]),
        events=st.lists(anything, max_size=8),
        stays=st.booleans(),
    )
    def a_stranger_comes_and_says_anything(self, flags: int, events: list[Event], *, stays: bool) -> None:
        if not self.is_let_in():
            return
        peer = self.talk.connect()
        self.strangers.append(peer)
        self.talk.feed_said(peer, setup(flags), *events)
        if not stays:
            self.strangers.remove(peer)
            self.talk.leave(peer)

    @rule(pick=picks, events=st.lists(anything, min_size=1, max_size=8))
    def strangers_go_on(self, events: list[Event], pick: int) -> None:
        ready = [peer for peer in self.strangers if peer in self.talk.state.miners]
        if ready:
            self.talk.feed_said(ready[pick % len(ready)], *events)

    # ── shares ──

    @rule(attempts=st.integers(1, 60), later=st.booleans())
    def shares_are_found(self, attempts: int, *, later: bool) -> None:
        """By everybody; sent in at once, and perhaps once more later."""
        for device in list(self.everybody):
            for channel_id in self.at_work(device):
                unit = device.units[channel_id]
                for share in device.dig(attempts, channel_id):
                    self.submit(device, unit, share, honest=True)
                    if later:
                        self.old = [*self.old[-20:], (device, unit, share)]

    @rule()
    def shares_are_kept_for_later(self) -> None:
        for device in self.everybody:
            for channel_id in self.at_work(device):
                unit = device.units[channel_id]
                found = device.dig(60, channel_id)
                self.old = [*self.old[-20:], *((device, unit, share) for share in found)]

    @rule(pick=st.integers(0, 20), count=st.integers(1, 8))
    def old_shares_come(self, pick: int, count: int) -> None:
        """Late, stale, or again; of channels that are closed there are none."""
        for device, unit, share in self.old[pick : pick + count]:
            if unit.channel_id in self.channels(device):
                self.submit(device, unit, share)

    @rule(pick=picks, changes=st.sampled_from(DAMAGE))
    def a_share_is_damaged(self, pick: int, changes: dict[str, Any]) -> None:
        device = self.device(pick)
        if device is None:
            return
        for channel_id in self.at_work(device):
            unit = device.units[channel_id]
            for share in device.dig(20, channel_id):
                self.submit(device, unit, share, **changes)

    # ── the operator ──

    @rule(pick=picks, which=picks, wish_=st.sampled_from(["move", "move", "regroup", "regroup", "end"]))
    def the_operator_acts(self, pick: int, which: int, wish_: str) -> None:
        device = self.device(pick)
        if device is None:
            return
        ids = self.channels(device) or [2]
        one = ids[which % len(ids)]
        orders: dict[str, Input] = {
            "move": MovePrefix(device.peer, one),
            "regroup": Regroup(device.peer, tuple(ids[which % 3 :])),
            "end": EndChannel(device.peer, which, "maintenance"),
        }
        self.talk.feed(orders[wish_])

    @rule(name=users, difficulty=difficulties, attempts=st.integers(0, 40))
    def the_operator_sets_a_difficulty(self, name: str, difficulty: float | None, attempts: int) -> None:
        """What was found before the order, and arrives after it, is judged by the target that it was found for."""
        found = [
            (device, device.units[channel_id], share)
            for device in self.everybody
            for channel_id in self.at_work(device)
            for share in device.dig(attempts, channel_id)
        ]
        self.talk.feed(FixDifficulty(name, difficulty))
        self.fixed.pop(name, None)
        if difficulty is not None:
            self.fixed[name] = difficulty
        for device, unit, share in found:
            self.submit(device, unit, share, honest=True)

    @rule(name=users)
    def the_operator_closes_a_name(self, name: str) -> None:
        self.talk.feed(CloseNamed(name))
        assert not [user for user in self.users() if name in NAMES[user]]

    @rule(chance=st.integers(0, 3), what=banned, seconds=st.sampled_from([None, 1, 30, 500]))
    def the_operator_bans(self, chance: int, what: str, seconds: int | None) -> None:
        if not chance:
            until = None if seconds is None else self.talk.state.unix_time + seconds
            self.talk.feed(Ban(what, until))
            self.bans[what] = until

    @rule(what=banned)
    def the_operator_takes_a_ban_back(self, what: str) -> None:
        held = self.is_banned(what)
        self.talk.feed(Unban(what))
        told = self.talk.happened(NotOrdered)
        assert not (held and told), "a ban that holds can be taken back"
        self.bans.pop(what, None)

    @rule()
    def a_restart_forgets_no_order(self) -> None:
        now = self.talk.state.unix_time
        kept = json.encode(self.talk.state.orders.standing(now))
        again = Orders()
        assert list(again.restore(json.decode(kept, type=Standing), now)) == []
        assert again.fixed == self.fixed
        assert again.bans == {what: until for what, until in self.bans.items() if self.is_banned(what)}
        for user, names in NAMES.items():
            assert again.bans_name(user, now) == self.is_banned(*names)
        assert bool(again.bans_address(f"{HERE}:1", now)) == self.is_banned(HERE)

    @precondition(lambda self: len(self.everybody) > 3)
    @rule(chance=st.integers(0, 9))
    def the_pool_drains(self, chance: int) -> None:
        """Each hears of its shares, and then that it is to go; an order outlasts that."""
        if chance:
            return
        there = set(self.talk.state.miners)
        last: dict[int, str] = {}
        for effect in self.talk.feed(Drain()):
            if isinstance(effect, Send | Close):
                assert last.get(effect.peer) not in ("Reconnect", "Close"), "a word after the last"
                last[effect.peer] = type(effect.message if isinstance(effect, Send) else effect).__name__
        assert {peer for peer, word in last.items() if word in ("Reconnect", "Close")} == there
        assert not self.talk.state.unacknowledged
        self.a_restart_forgets_no_order()

    @rule()
    def miners_are_taken_again(self) -> None:
        self.talk.feed(TakeAgain())
        assert not self.talk.state.draining

    # ── what always holds ──

    @invariant()
    def who_was_sent_away_leaves(self) -> None:
        for device in self.everybody:
            if device.left is not None or device.peer in self.talk.closed:
                self.go(device)
        self.strangers = [peer for peer in self.strangers if peer not in self.talk.closed]
        live = {device.peer for device in self.everybody} | set(self.strangers)
        assert set(self.talk.state.miners) == live
        looked_at = Counter(peer for _, peer in self.talk.state.rota)
        assert set(looked_at.values()) <= {1}
        assert live <= set(looked_at)

    @invariant()
    def orders_hold(self) -> None:
        """For each channel that is open: none is banned, and each that is ordered a difficulty has it."""
        state = self.talk.state
        assert len(state.chores) == 0
        assert not (state.miners and self.is_banned(HERE))
        for miner in state.miners.values():
            for channel in miner.channels.values():
                names = NAMES[channel.user_identity]
                assert not self.is_banned(*names)
                ordered = next((self.fixed[name] for name in names if name in self.fixed), None)
                assert (channel.ordered is None) == (ordered is None)
                if ordered is not None:
                    easiest = min(channel.max_target, max(TIGHT.vardiff.easiest, self.hardest()))
                    wanted = min(target_from_difficulty(ordered), easiest)
                    assert channel.target == max(wanted, min(self.hardest(), easiest))

    @invariant()
    def nobody_shares_search_space(self) -> None:
        channels = [
            channel for miner in self.talk.state.miners.values() for channel in miner.channels.values()
        ]
        assert len({channel.extranonce_prefix[:4] for channel in channels}) == len(channels)
        assert self.talk.state.space.held == len(channels)

    @invariant()
    def whoever_mines_is_on_the_lists_and_nobody_else(self) -> None:
        grouped, ungrouped = defaultdict(set), set()
        for miner in self.talk.state.miners.values():
            if miner.channels and miner.wants_standard_jobs:
                ungrouped.add(miner.peer)
            elif not miner.selects_work:
                for group_id in miner.groups.members:
                    grouped[group_id].add(miner.peer)
            members = sorted(chain.from_iterable(miner.groups.members.values()))
            assert members == sorted(miner.channels)
        assert {group: set(peers) for group, peers in self.talk.state.payees.house.grouped.items()} == grouped
        assert set(self.talk.state.ungrouped) == ungrouped

    @invariant()
    def sums_are_right_and_bounds_are_kept(self) -> None:
        pending = set()
        for miner in self.talk.state.miners.values():
            assert sum(tally.work for tally in miner.tallies) == self.credited[miner.peer]
            assert len(miner.channels) + len(miner.waiting) <= TIGHT.max_channels
            for channel in miner.channels.values():
                assert max(len(channel.jobs), len(channel.past)) <= TIGHT.max_jobs
                assert 0 < channel.target <= channel.max_target
                assert channel.unacknowledged < TIGHT.ack_shares
                assert channel.target >= min(self.hardest(), channel.max_target)
                if channel.unacknowledged:
                    pending.add((miner.peer, channel.channel_id))
        assert set(self.talk.state.unacknowledged) == pending

    @invariant()
    def devices_mine_what_the_pool_judges_by(self) -> None:
        for device in self.everybody:
            for channel_id in self.at_work(device):
                issued = self.talk.channel(device.peer, channel_id).jobs[device.units[channel_id].job.job_id]
                assert issued.target == device.units[channel_id].target

    def teardown(self) -> None:
        if not hasattr(self, "talk"):
            return
        talk = self.talk
        talk.tick(TIGHT.ack_seconds)
        for device in self.everybody:
            for channel in device.client.channels:
                assert channel.submissions.waiting == 0, "shares without an answer"
        for peer in list(talk.state.miners):
            talk.leave(peer)
        talk.pass_time(8)
        state = talk.state
        assert (state.miners, state.payees.house.grouped, state.ungrouped, state.unacknowledged) == (
            {},
            {},
            {},
            {},
        )
        assert (state.space.held, list(state.rota)) == (0, [])

    # ── what the rules use ──

    def hardest(self) -> int:
        """No share target is harder than the network's, but on regtest."""
        tip = self.talk.state.book.tip
        return tip.target if tip and self.talk.state.network.clamp_to_network else 1

    def users(self) -> list[str]:
        """Of all channels."""
        miners = self.talk.state.miners.values()
        return [channel.user_identity for miner in miners for channel in miner.channels.values()]

    def is_let_in(self) -> bool:
        """As the server asks before a handshake (`server/loop.py`): who is banned by address never gets to the pool."""
        ban = self.talk.state.orders.bans_address(f"{HERE}:1", self.talk.state.unix_time)
        assert bool(ban) == self.is_banned(HERE)
        return not ban

    def is_banned(self, *names: str) -> bool:
        """Whether a ban holds for any of these."""
        now = self.talk.state.unix_time
        untils = [self.bans[name] for name in names if name in self.bans]
        return any(until is None or until > now for until in untils)

    def device(self, pick: int) -> Device | None:
        return self.everybody[pick % len(self.everybody)] if self.everybody else None

    def is_there(self, device: Device) -> bool:
        return device.peer in self.talk.devices

    def channels(self, device: Device) -> list[int]:
        if not self.is_there(device):
            return []
        return [channel.terms.channel_id for channel in device.client.channels]

    def at_work(self, device: Device) -> list[int]:
        return [channel_id for channel_id in self.channels(device) if channel_id in device.units]

    def submit(
        self, device: Device, unit: WorkUnit, share: Share, *, honest: bool = False, **changes: Any
    ) -> None:
        """Credited is what is not refused, with the work of the target that the client was given; none twice.

        `honest`: fresh, and of the work of now. Such a share is never refused.
        """
        if not self.is_there(device):
            return
        refused = len(device.refused)
        device.forge(unit, share, **changes)
        if len(device.refused) == refused:
            self.credited[device.peer] += work(unit.target)
            assert share.hash not in self.paid, "a share is paid twice"
            self.paid.add(share.hash)
        else:
            reason = device.refused[-1].reason
            assert not honest, f"an honest share is refused: {reason}"
            assert changes or reason != codes.DIFFICULTY_TOO_LOW, (
                "judged by another target than it was found for"
            )

    def go(self, device: Device) -> None:
        self.everybody = [other for other in self.everybody if other is not device]
        if device.peer in self.talk.state.miners:
            self.talk.leave(device.peer)
        self.talk.devices.pop(device.peer, None)
        self.talk.forget(device.peer)


TestPool = PoolMachine.TestCase
TestPool.settings = settings(max_examples=150, stateful_step_count=60)
