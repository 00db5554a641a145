import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sluice.alarms import alarms as alarms_module
from sluice.alarms.alarms import Alarms, AlarmsPlan
from sluice.alarms.debounce import Pace
from sluice.alarms.roll import Roll
from sluice.alarms.rules import Rules
from sluice.bitcoin.network import REGTEST
from sluice.pool.events import BlockFound, Draining, Happening, NodeTroubled, PeerLeft
from sluice.pool.inputs import Connected
from sluice.pool.pool import Pool
from sluice.pool.state import PoolState
from sluice.server.clock import steady
from sluice.server.limits import Limits
from sluice.server.loop import Owner
from sluice.work.verdict import Verdict
from support.alarms import LATER, NOW, PLAN, Scripted, counts, opened
from support.pool import POLICY
from support.serving import until
from support.work import NTIME, PAYOUT

FOUND = BlockFound(5, "aa", "alice", 1, "accepted")


def owner_of_nobody() -> Owner:
    return Owner(
        Pool(PoolState(POLICY, PAYOUT, REGTEST, NTIME)), Limits(), lambda event: None, lambda effect: None
    )


def run(alarms: Alarms, script: Callable[[Owner], Awaitable[None]]) -> None:
    """Do `script` while alarms live; then they end as a pool ends them."""

    async def main() -> None:
        owner = owner_of_nobody()
        task = asyncio.create_task(alarms.run(owner))
        try:
            async with asyncio.timeout(20.0):
                await script(owner)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())


def test_what_the_pool_tells_reaches_every_receiver() -> None:
    first, second = Scripted(), Scripted()
    alarms = Alarms(AlarmsPlan(PLAN, (first, second), "My Pool"))

    async def script(owner: Owner) -> None:
        alarms.told(FOUND)
        await until(lambda: len(second.letters) == len(first.letters) == 2)

    run(alarms, script)
    assert first.kinds == second.kinds == ["pool_started", "block_found"]
    assert first.letters[1] == second.letters[1]
    assert first.letters[1].pool == "My Pool"
    assert first.letters[0].number != first.letters[1].number


def test_what_is_on_its_way_at_the_end_gets_a_moment() -> None:
    receiver = Scripted()
    alarms = Alarms(AlarmsPlan(PLAN, (receiver,), "My Pool"))

    async def script(owner: Owner) -> None:
        await asyncio.sleep(0.01)
        alarms.told(FOUND)
        alarms.told(Draining(0))

    run(alarms, script)
    assert receiver.kinds == ["pool_started", "block_found", "pool_drains"]


@pytest.mark.parametrize("outcomes", [(LATER,) * 100, ()])
def test_the_end_does_not_wait_for_a_receiver_that_fails_or_hangs(
    outcomes: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms_module, "LAST_LETTERS", 0.1)
    receiver = Scripted(*outcomes)  # type: ignore[arg-type]
    receiver.hangs = not outcomes
    alarms = Alarms(AlarmsPlan(PLAN, (receiver,), "My Pool"))

    async def script(owner: Owner) -> None:
        alarms.told(FOUND)
        await asyncio.sleep(0.05)

    run(alarms, script)


def test_a_bug_in_a_rule_is_not_the_pool_s(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    alarms = Alarms(AlarmsPlan(PLAN, (Scripted(),), "My Pool"))

    def broken(event: Happening, now: float) -> None:
        raise KeyError("oops")

    monkeypatch.setattr(type(alarms._rules._blocks), "told", broken)
    alarms.told(FOUND)
    assert caplog.messages == ["an alarm about BlockFound failed"]


def test_time_passes_and_looks_are_made_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms_module, "TICK_SECONDS", 0.01)
    receiver = Scripted()
    alarms = Alarms(AlarmsPlan(replace(PLAN, conditions=Pace(0.0, 0.0)), (receiver,), "P", look_seconds=0.02))

    async def script(owner: Owner) -> None:
        for peer in range(3):
            owner.feed(Connected(peer, "192.0.2.1"))
        for _ in range(30):
            owner.pool.state.miners[1].closed.refuse(Verdict.STALE)
        alarms.told(NodeTroubled("core", "it is away"))
        await until(lambda: {"no_work", "refusals_rising"} <= set(receiver.kinds))

    run(alarms, script)


def test_a_look_is_at_every_connection_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms_module, "SLICE", 3)
    alarms = Alarms(AlarmsPlan(PLAN, (Scripted(),), "My Pool"))
    saw: list[list[int]] = []
    monkeypatch.setattr(Rules, "saw", lambda self, some, now: saw.append([counts.peer for counts in some]))

    async def main() -> None:
        owner = owner_of_nobody()
        for peer in range(1, 11):
            owner.feed(Connected(peer, "192.0.2.1"))
        looking = asyncio.create_task(alarms._look(owner))
        await asyncio.sleep(0)
        del owner.pool.state.miners[1], owner.pool.state.miners[9]
        await looking

    asyncio.run(main())
    assert saw == [[1, 2, 3], [4, 5, 6], [7, 8], [10]]


def test_the_next_run_knows_who_mined_in_this_one(tmp_path: Path) -> None:
    memory = tmp_path / "data" / "workers.json"
    plan = AlarmsPlan(replace(PLAN, workers=Pace(0.0, 0.0), gather=0.0), (Scripted(),), "P", memory=memory)
    before = Alarms(plan)

    async def mine(owner: Owner) -> None:
        await asyncio.sleep(0.01)
        for peer, name in enumerate(("alice", "bob"), 1):
            before.told(opened(peer, name))
        before._rules.saw([counts(1, "alice"), counts(2, "bob")], 0.0)
        before.told(Draining(2))
        before.told(PeerLeft(1, "192.0.2.1", "closed by the peer", 5, 0))

    run(before, mine)
    after = Alarms(plan)
    after.told(opened(1, "bob"))
    told = list(after._rules.tick(steady(), NOW))
    assert [(message.kind, message.details["workers"]) for message in told] == [("workers_gone", ("alice",))]


def questions(alarms: Alarms, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """When its rules are asked for a roll."""
    asked: list[int] = []
    roll = alarms._rules.roll

    def asked_for(rules: Rules, unix_time: int) -> Roll:
        asked.append(unix_time)
        return roll(unix_time)

    monkeypatch.setattr(Rules, "roll", asked_for)
    return asked


def test_it_is_written_down_now_and_then_and_only_if_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarms_module, "ROLL_SECONDS", 0.01)
    memory = tmp_path / "workers.json"
    alarms = Alarms(AlarmsPlan(PLAN, (Scripted(),), "P", memory=memory))
    asked = questions(alarms, monkeypatch)

    async def script(owner: Owner) -> None:
        await until(memory.exists)
        memory.unlink()
        asked.clear()
        await until(lambda: len(asked) > 3)
        assert not memory.exists()
        alarms.told(opened(1, "alice"))
        alarms._rules.saw([counts(1, "alice")], 0.0)
        await until(memory.exists)

    run(alarms, script)


def test_a_memory_that_cannot_be_written_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(alarms_module, "ROLL_SECONDS", 0.01)
    (tmp_path / "data").touch()
    alarms = Alarms(AlarmsPlan(PLAN, (Scripted(),), "P", memory=tmp_path / "data" / "workers.json"))
    asked = questions(alarms, monkeypatch)

    async def script(owner: Owner) -> None:
        await until(lambda: len(asked) > 3)

    run(alarms, script)
    assert [words for words in caplog.messages if "a restart will not know who mined" in words] == [
        caplog.messages[-1]
    ]
