"""What of the pool's life is to be recorded, on both wires; and what the record says to the pool."""

from dataclasses import replace
from hashlib import sha256

import pytest

from sluice.bitcoin.target import Target, difficulty, work
from sluice.pool.block_life import Stage, Turn
from sluice.pool.effects import Note, Record, Settle
from sluice.pool.events import NewBest, RecordFailing, RecordRecovered
from sluice.pool.history import Moved, Noted
from sluice.pool.inputs import (
    EndChannel,
    RecordFailed,
    RecordKnows,
    RecordWorks,
    Resumed,
    SetDifficulty,
    SetPayout,
)
from sluice.pool.journal import (
    NO_CHANNEL,
    CandidateAnswered,
    CandidateFound,
    CandidateMoved,
    ChannelBegan,
    ChannelEnded,
    Configured,
    Credited,
    Entry,
    Lost,
    Refusals,
    TargetSet,
    TemplateSeen,
    TipSeen,
)
from sluice.pool.ports import Answer, Outcome
from sluice.pool.recording import note_block
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sv2.connection import Tagged
from sluice.sv2.messages.mining import SubmitSharesExtended
from sluice.sv2.tlv import user_identity_tlv
from support.found import a_block
from support.pool import EXTENDED, STANDARD, Device, PoolTalk, wish
from support.tlv_miner import EASY, TlvDevice
from support.work import HEIGHT, NTIME, PAYOUT


class Read:
    """A pool whose journal is read."""

    def __init__(self) -> None:
        self.talk = PoolTalk()
        self.entries: list[Entry] = []
        self.talk.state.listen(self.entries.extend)

    def taken(self) -> list[Entry]:
        """What was noted since the last time."""
        self.talk.tick(0)
        entries, self.entries[:] = list(self.entries), []
        return entries


def mining(plan: ClientPlan = EXTENDED) -> tuple[Read, Device]:
    """A pool with work, and a device of which nothing is noted yet but what stands here."""
    read = Read()
    read.talk.offer()
    device = Device(read.talk, plan)
    read.taken()
    return read, device


def test_without_a_reader_nothing_is_noted() -> None:
    talk = PoolTalk()
    talk.offer()
    device = Device(talk, EXTENDED)
    device.find(2)
    note_block(talk.state, Record(a_block(1)))
    assert talk.state.journal is None
    assert talk.channel(device.peer).number == 0


def test_templates_are_noted_and_each_tip_once() -> None:
    read = Read()
    first, second = read.talk.offer(), read.talk.offer()
    third = read.talk.offer(HEIGHT + 1)
    seen = [
        TemplateSeen(
            NTIME,
            each.template_id,
            each.height,
            each.prev_hash,
            sha256(b"".join(each.merkle_path)).digest(),
            each.coinbase_value,
            each.fees,
            len(each.transactions),
        )
        for each in (first, second, third)
    ]
    tips = [TipSeen(NTIME, each.height, each.prev_hash, each.nbits) for each in (first, third)]
    assert read.taken() == [tips[0], *seen[:2], tips[1], seen[2]]


@pytest.mark.parametrize(("plan", "kind"), [(STANDARD, "standard"), (EXTENDED, "extended")])
def test_a_channel_begins_with_its_target_and_ends_with_its_refusals(plan: ClientPlan, kind: str) -> None:
    read = Read()
    read.talk.offer()
    read.taken()
    device = Device(read.talk, plan)
    target = device.unit().target
    address = read.talk.miner(device.peer).address
    began = ChannelBegan(NTIME, 1, "alice", kind, address, "Sluice")
    assert read.taken() == [began, TargetSet(NTIME, 1, target, work(target))]
    share = next(device.shares(device.unit()))
    device.submit(device.unit(), share)
    device.forge(device.unit(), share)
    device.forge(device.unit(), share, job_id=99)
    read.talk.feed(EndChannel(device.peer, 2, "maintenance"))
    credited, *rest = read.taken()
    assert isinstance(credited, Credited)
    assert rest == [
        Refusals(NTIME, 1, "duplicate", 1),
        Refusals(NTIME, 1, "unknown-job", 1),
        ChannelEnded(NTIME, 1, "closed by us: maintenance"),
    ]


def test_a_credited_share_has_its_job_its_hash_and_its_work() -> None:
    read, device = mining()
    unit = device.unit()
    share = next(device.shares(unit))
    device.submit(unit, share)
    job = read.talk.state.book.current
    assert job is not None
    assert read.taken() == [
        Credited(
            1,
            "alice",
            "",
            job.job_id,
            job.template.template_id,
            share.hash,
            work(unit.target),
            False,
            NTIME,
        )
    ]


def test_a_late_share_is_noted_as_late() -> None:
    read, device = mining()
    before = device.unit()
    read.talk.offer(HEIGHT + 1)
    read.taken()
    device.forge(before, next(device.shares(before)))
    (share,) = read.taken()
    assert isinstance(share, Credited)
    assert share.late


def test_refusals_are_told_once_when_the_miner_is_looked_at() -> None:
    read, device = mining()
    for _ in range(3):
        device.forge(device.unit(), next(device.shares(device.unit())), job_id=99)
    assert read.taken() == []
    read.talk.pass_time(6)
    told = [entry for entry in read.taken() if isinstance(entry, Refusals)]
    assert [(each.reason, each.count) for each in told] == [("unknown-job", 3)]
    read.talk.pass_time(6)
    assert not any(isinstance(entry, Refusals) for entry in read.taken())


def test_a_share_of_no_channel_is_refused_to_nobody() -> None:
    read, device = mining()
    del read.talk.devices[device.peer]  # a client of ours would not do that
    for _ in range(3):
        device.forge(device.unit(), next(device.shares(device.unit())), channel_id=77)
    assert read.taken() == [], "they cost nothing, and a row each would cost us"
    read.talk.pass_time(6)
    refusals = [entry for entry in read.taken() if isinstance(entry, Refusals)]
    assert [(each.channel, each.reason, each.count) for each in refusals] == [
        (NO_CHANNEL, "unknown-channel", 3)
    ]
    device.forge(device.unit(), next(device.shares(device.unit())), channel_id=77)
    read.talk.leave(device.peer)
    assert [each.count for each in read.taken() if isinstance(each, Refusals)] == [1]


def test_a_worker_is_named_if_its_share_was_credited() -> None:
    read, device = mining(replace(EXTENDED, worker="rig7"))
    channel = read.talk.channel(device.peer)
    unit = device.unit()
    del read.talk.devices[device.peer]
    for name, job_id in (("rig7", unit.job.job_id), ("stranger", 99)):
        share = next(device.shares(unit))
        message = SubmitSharesExtended(
            2, 1, job_id, share.nonce, share.ntime, share.version, share.extranonce
        )
        read.talk.say(device.peer, Tagged(message, (user_identity_tlv(name),)))
    (credited,) = read.taken()
    assert isinstance(credited, Credited)
    assert credited.worker == "rig7"
    assert set(channel.workers or {}) == {"rig7"}


def test_a_miner_of_the_dialect_is_noted_in_the_same_way() -> None:
    read = Read()
    read.talk.offer()
    read.taken()
    device = TlvDevice(read.talk).set_up()
    read.talk.state.opening_target = EASY
    device.open()
    began, target = read.taken()
    assert isinstance(began, ChannelBegan)
    assert (began.kind, began.channel) == ("tlv", 1)
    assert isinstance(target, TargetSet)
    (share,) = device.find()
    device.submit(share, share)
    (credited,) = read.taken()
    assert isinstance(credited, Credited)
    assert (credited.channel, credited.work) == (1, target.work)
    read.talk.leave(device.peer)
    assert [type(entry) for entry in read.taken()] == [Refusals, ChannelEnded]


def test_what_an_operator_changes_is_noted() -> None:
    read = Read()
    read.talk.feed(SetDifficulty(7))
    read.talk.feed(SetPayout(replace(PAYOUT, script_pubkey=b"\x51")))
    assert read.taken() == [
        Configured(NTIME, "opening difficulty", "7"),
        Configured(NTIME, "payout", "51"),
    ]


def test_a_found_block_and_what_is_noted_of_it() -> None:
    read = Read()
    found = replace(a_block(1), user="alice", template_id=3, found_at=NTIME)
    moved = Moved(Stage.HELD, Turn.HELD)
    outcome = Outcome("core", "submitblock", Answer.ACCEPTED, milliseconds=12)
    effects = (Record(found), Note(found, Noted(5, outcome)), Note(found, Noted(6, moved)), Settle(found))
    for effect in effects:
        note_block(read.talk.state, effect)
    assert read.taken() == [
        CandidateFound(NTIME, found.block_hash, found.height, 3, "alice"),
        CandidateAnswered(5, found.block_hash, "core", "submitblock", "accepted", "", 12),
        CandidateMoved(6, found.block_hash, "held", "a node has it"),
    ]


def test_a_block_that_is_taken_up_again_is_noted_where_it_stands() -> None:
    read = Read()
    found = a_block(1, HEIGHT)
    history = (
        Noted(1, Moved(Stage.HELD, Turn.HELD)),
        Noted(2, Outcome("core", "submitblock", Answer.ACCEPTED)),
        Noted(3, Moved(Stage.IN_CHAIN, Turn.SHOWN)),
    )
    read.talk.feed(Resumed(found, history))
    assert read.taken()[:2] == [
        CandidateFound(0, found.block_hash, HEIGHT, 0, ""),
        CandidateMoved(3, found.block_hash, "in the chain", "a best chain shows it"),
    ]
    read.talk.feed(Resumed(a_block(2, HEIGHT), ()))
    assert [type(entry) for entry in read.taken()] == [CandidateFound]


def test_the_best_share_of_an_account_is_told_whichever_channel_had_it() -> None:
    talk = PoolTalk()
    talk.offer()
    devices = [
        Device(talk, replace(EXTENDED, channels=(wish(extended=True, user=name),)))
        for name in ("alice.one", "alice.two", "bob")
    ]
    best: dict[str, int] = {}
    for _ in range(20):
        for device, account in zip(devices, ("alice", "alice", "bob"), strict=True):
            unit = device.unit()
            share = next(device.shares(unit))
            value = int.from_bytes(share.hash, "little")
            before = best.get(account)
            device.submit(unit, share)
            told = talk.happened(NewBest)
            if before is not None and value >= before:
                assert told == []
                continue
            (event,) = told
            best[account] = value
            assert event.account == account
            assert event.difficulty == float(difficulty(Target(value)))
            assert event.before == (0.0 if before is None else float(difficulty(Target(before))))
    assert talk.state.bests.known == best


def test_until_it_is_known_what_came_before_nothing_is_a_best() -> None:
    talk = PoolTalk()
    talk.state.bests.awaited = True
    talk.offer()
    device = Device(talk, STANDARD)
    device.find(3)
    assert talk.happened(NewBest) == []
    talk.feed(RecordKnows({"alice": 1}))
    device.find(10)
    assert talk.happened(NewBest) == []
    assert talk.state.bests.known == {"alice": 1}


def test_that_nothing_can_be_recorded_is_told_once_for_each_reason() -> None:
    talk = PoolTalk()
    for reason in ("the disk is full", "the disk is full", "the database is away"):
        talk.feed(RecordFailed(reason))
        assert talk.state.record_trouble == reason
    talk.feed(RecordWorks(0))
    assert talk.state.record_trouble == ""
    assert talk.events == [
        RecordFailing("the disk is full"),
        RecordFailing("the database is away"),
        RecordRecovered(0),
    ]


def test_behind_a_hole_all_open_channels_are_told_again() -> None:
    read, device = mining()
    device.find()
    read.taken()
    read.talk.feed(RecordWorks(41))
    lost, began, target = read.taken()
    assert lost == Lost(NTIME, 41)
    assert isinstance(began, ChannelBegan)
    assert isinstance(target, TargetSet)
    assert (began.channel, target.channel) == (1, 1)
