"""A mining server's side of a conversation: lawful messages, and a client that hears them."""

from dataclasses import replace
from typing import Any

from sluice.bitcoin.coinbase import CoinbasePlan, CoinbaseSplit, split_coinbase
from sluice.bitcoin.target import Target, target_to_wire
from sluice.bitcoin.transaction import TxOut
from sluice.sim.miner.client import MiningClient
from sluice.sim.miner.client_plan import ChannelWish, ClientPlan
from sluice.sim.miner.deeds import Deed, Mine, Send
from sluice.sim.miner.hasher import grind
from sluice.sim.miner.work_unit import Share, WorkUnit
from sluice.sv2.connection import Event
from sluice.sv2.message import Message
from sluice.sv2.messages.common import SetupConnectionSuccess
from sluice.sv2.messages.mining import (
    NewExtendedMiningJob,
    NewMiningJob,
    OpenExtendedMiningChannelSuccess,
    OpenStandardMiningChannelSuccess,
    SetNewPrevHash,
)

GROUP, CHANNEL, OTHER = 1, 2, 3
EASY = Target(2**252)  # one hash in sixteen
REGTEST_NBITS = 0x207FFFFF
NTIME = 1_700_000_000
FULL_EXTRANONCE = 16
PREFIX_SIZE = 4

STANDARD = ClientPlan(
    "pool.example", 3333, (ChannelWish("alice", extended=False, hash_rate=1e6),), standard_jobs=True
)
EXTENDED = ClientPlan("pool.example", 3333, (ChannelWish("alice", extended=True, hash_rate=1e6),))
GROUPED = replace(STANDARD, standard_jobs=False)


def coinbase(extranonce_size: int = FULL_EXTRANONCE) -> CoinbaseSplit:
    outputs = (TxOut(50 * 10**8, b"\x51"),)
    return split_coinbase(CoinbasePlan(b"\x03\x40\x0d\x03", b"/test/", extranonce_size, outputs))


def standard_opened(
    channel_id: int = CHANNEL, request_id: int = 1, prefix: bytes | None = None, target: int = EASY
) -> OpenStandardMiningChannelSuccess:
    prefix = bytes([channel_id]) * FULL_EXTRANONCE if prefix is None else prefix
    wire = target_to_wire(Target(target))
    return OpenStandardMiningChannelSuccess(request_id, channel_id, wire, prefix, GROUP)


def extended_opened(
    channel_id: int = CHANNEL,
    request_id: int = 1,
    prefix: bytes | None = None,
    size: int = FULL_EXTRANONCE - PREFIX_SIZE,
    target: int = EASY,
) -> OpenExtendedMiningChannelSuccess:
    prefix = bytes([channel_id]) * PREFIX_SIZE if prefix is None else prefix
    wire = target_to_wire(Target(target))
    return OpenExtendedMiningChannelSuccess(request_id, channel_id, wire, size, prefix, GROUP)


def standard_job(job_id: int, channel_id: int = CHANNEL, min_ntime: int | None = None) -> NewMiningJob:
    return NewMiningJob(channel_id, job_id, min_ntime, 0x20000000, bytes([job_id]) * 32)


def extended_job(
    job_id: int,
    channel_id: int = CHANNEL,
    min_ntime: int | None = None,
    *,
    rolling: bool = True,
    split: CoinbaseSplit | None = None,
) -> NewExtendedMiningJob:
    split = split or coinbase()
    path = (bytes([job_id]) * 32, b"\x77" * 32)
    return NewExtendedMiningJob(
        channel_id, job_id, min_ntime, 0x20000000, rolling, path, split.prefix, split.suffix
    )


def tip(
    job_id: int, channel_id: int = CHANNEL, prev_hash: bytes = b"\x11" * 32, nbits: int = REGTEST_NBITS
) -> SetNewPrevHash:
    return SetNewPrevHash(channel_id, job_id, prev_hash, NTIME, nbits)


class Talk:
    """A client with its clock, and what it did last."""

    def __init__(self, plan: ClientPlan) -> None:
        self.plan = plan
        self.client = MiningClient(plan)
        self.now = 100.0
        self.extended = plan.channels[0].extended

    def hear(self, *events: Event) -> list[Deed]:
        """What the client does about these."""
        return [deed for event in events for deed in self.client.receive(event, self.now)]

    def set_up(self, flags: int = 0) -> list[Deed]:
        self.client.start(self.now)
        return self.hear(SetupConnectionSuccess(2, flags))

    def open(self) -> "Talk":
        self.set_up()
        self.hear(extended_opened() if self.extended else standard_opened())
        return self

    def ask(self) -> None:
        """Ask for one more channel of the same kind."""
        self.client.open(self.plan.channels[0], self.now)

    def open_another(self, channel_id: int = OTHER) -> "Talk":
        """One more channel of the same kind, with its first job (the channel's id) and a tip."""
        self.ask()
        opened = extended_opened if self.extended else standard_opened
        self.hear(
            opened(channel_id, request_id=2), self.job(channel_id, channel_id), tip(channel_id, channel_id)
        )
        return self

    def job(self, job_id: int, channel_id: int = CHANNEL, min_ntime: int | None = None) -> Message:
        """A job of the kind that the channel takes."""
        return (extended_job if self.extended else standard_job)(job_id, channel_id, min_ntime)

    def work(self) -> WorkUnit:
        """Open, and mine on job 1."""
        deeds = self.open().hear(self.job(1), tip(1))
        return mined(deeds)

    def submit(self, unit: WorkUnit, count: int = 1) -> list[Any]:
        """Find and send shares."""
        shares = find(unit, count)
        deeds = [deed for share in shares for deed in self.client.submit(unit, share)]
        return [deed.message for deed in deeds if isinstance(deed, Send)]


def mined(deeds: list[Deed]) -> WorkUnit:
    """The one unit that is to be mined now."""
    units = [deed.unit for deed in deeds if isinstance(deed, Mine)]
    assert len(units) == 1
    return units[0]


def find(unit: WorkUnit, count: int) -> list[Share]:
    """The first shares of a unit."""
    shares: list[Share] = []
    start = 0
    while len(shares) < count:
        shares += grind(unit, start, 64)
        start += 64
    return shares[:count]
