"""Inputs and the times at which they came replay a pool's whole life."""

from dataclasses import fields, is_dataclass, replace
from typing import get_args

import pytest

from sluice.bitcoin.network import REGTEST
from sluice.bitcoin.transaction import TxOut
from sluice.pool.effects import Effect
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
    RecordFailed,
    RecordKnows,
    RecordWorks,
    Regroup,
    Resumed,
    Routed,
    SetDifficulty,
    SetPayout,
    Sighted,
    TakeAgain,
    Troubled,
    Unban,
    Unrecorded,
)
from sluice.pool.policy import Policy
from sluice.pool.pool import Pool
from sluice.pool.ports import Answer, Outcome, Sight, Trouble
from sluice.pool.state import PoolState
from support.found import a_block
from support.pool import EXTENDED, GROUPED, POLICY, STANDARD, Device, PoolTalk
from support.work import EASY_NBITS, HEIGHT, NTIME, PAYOUT

Life = list[tuple[float, Input, list[Effect]]]


class RecordingPool(Pool):
    """Keeps what came in and what went out."""

    __slots__ = ("life",)

    def __init__(self, policy: Policy) -> None:
        super().__init__(PoolState(policy, PAYOUT, REGTEST, NTIME))
        self.life: Life = []

    def react(self, happened: Input, now: float) -> list[Effect]:
        effects = list(super().react(happened, now))
        self.life.append((now, happened, effects))
        return effects


def busy_life() -> Life:
    """A bit of everything."""
    talk = PoolTalk()
    talk.pool = pool = RecordingPool(POLICY)
    talk.feed(Troubled(Trouble("core", "it is still syncing")))
    early = Device(talk, EXTENDED)
    talk.offer(nbits=EASY_NBITS)
    others = [Device(talk, plan) for plan in (STANDARD, GROUPED)]
    early.find(20)
    others[0].find(3)
    talk.feed(CaughtUp())
    talk.feed(Routed((("core", "submitblock"),)))
    talk.feed(Unrecorded(talk.blocks[2].block_hash, "no space left"))
    talk.feed(Resumed(a_block(1, HEIGHT - 1), ()))
    talk.feed(Sighted(HEIGHT - 1, (Sight("core", a_block(2).block_hash, HEIGHT - 1),)))
    for block in talk.blocks[:2]:
        talk.feed(Recorded(block.block_hash))
        talk.feed(Answered(block.block_hash, Outcome("core", "submitblock", Answer.ACCEPTED)))
    talk.feed(MovePrefix(early.peer, 2))
    talk.feed(Regroup(others[1].peer, (2,)))
    talk.feed(SetDifficulty(2))
    for happened in (RecordFailed("the disk is full"), RecordWorks(3), RecordKnows({"alice": 1})):
        talk.feed(happened)
    talk.feed(SetPayout(replace(PAYOUT, shares=(TxOut(1, b"\x51"),))))
    talk.offer(HEIGHT + 1, nbits=EASY_NBITS)
    early.find(2)
    others[1].find(2)
    talk.feed(EndChannel(early.peer, 2, "maintenance"))
    talk.pass_time(10)
    for order in (FixDifficulty("alice", 2.0), Ban("alice", None), Unban("alice"), CloseNamed("alice")):
        talk.feed(order)
    talk.leave(others[0].peer)
    talk.feed(Drain())
    talk.feed(TakeAgain())
    return pool.life


def test_the_same_inputs_at_the_same_times_have_the_same_effects() -> None:
    life = busy_life()
    replayed = RecordingPool(POLICY)
    for now, happened, effects in life:
        assert replayed.react(happened, now) == effects
    assert sum(len(effects) for _, _, effects in life) > 100


def test_a_busy_life_has_every_input() -> None:
    assert {type(happened) for _, happened, _ in busy_life()} == set(get_args(Input))


@pytest.mark.parametrize("kind", get_args(Input))
def test_inputs_never_change(kind: type) -> None:
    if is_dataclass(kind):
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
        assert set(kind.__slots__) == {field.name for field in fields(kind)}  # type: ignore[attr-defined]
    else:
        assert kind.__struct_config__.frozen  # type: ignore[attr-defined]
