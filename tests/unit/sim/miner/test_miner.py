"""A miner's life over real sockets with a real worker: it goes on, until there is a reason not to."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from sluice.noise.authority import PoolUrl, encode_public_key
from sluice.noise.curve import x_only_public_key
from sluice.sim.miner import miner, submissions
from sluice.sim.miner.client_plan import ClientPlan
from sluice.sim.miner.miner import Miner, MinerExit, MinerPlan
from sluice.sim.miner.tlv_client import TlvPlan
from sluice.sim.miner.workforce import Workforce
from sluice.sv2.message import Message
from sluice.sv2.messages.common import Reconnect, SetupConnection, SetupConnectionError
from sluice.sv2.messages.mining import (
    CloseChannel,
    OpenStandardMiningChannel,
    SubmitSharesError,
    SubmitSharesStandard,
)
from support.mining import CHANNEL, standard_job, standard_opened
from support.mining_server import Answers, MiningServer, serving
from support.noise import AUTHORITY
from support.watcher import Watcher

Meanwhile = Callable[[MiningServer], Coroutine[Any, Any, None]]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(miner, "FIRST_PAUSE", 0.01)


def live(
    meanwhile: Meanwhile,
    answers: Answers | None = None,
    change: Callable[[MinerPlan], MinerPlan] = lambda plan: plan,
) -> tuple[MinerExit, Watcher, MiningServer]:
    """A miner with one worker, stopped when `meanwhile` is over."""

    async def scenario() -> tuple[MinerExit, Watcher, MiningServer]:
        view, stop = Watcher(), asyncio.Event()
        async with serving(answers) as server, Workforce(1) as force:
            plan = change(MinerPlan(server.url, "alice", extended=False, threads=1))
            mining = asyncio.create_task(Miner(plan, view, force, 1e6).run(stop))
            async with asyncio.timeout(30):
                await meanwhile(server)
                stop.set()
                code = await mining
        return code, view, server

    return asyncio.run(scenario())


def shares(count: int) -> Meanwhile:
    async def meanwhile(server: MiningServer) -> None:
        await server.until(lambda: len(server.shares) >= count)

    return meanwhile


async def nothing(_: MiningServer) -> None:
    """Nothing has to happen."""


async def forever(_: MiningServer) -> None:
    """It ends by itself."""
    await asyncio.sleep(3600)


def until_it_ends(
    answers: Answers | None = None, change: Callable[[MinerPlan], MinerPlan] = lambda plan: plan
) -> tuple[MinerExit, Watcher, MiningServer]:
    async def scenario() -> tuple[MinerExit, Watcher, MiningServer]:
        view = Watcher()
        async with serving(answers) as server, Workforce(1) as force:
            plan = change(MinerPlan(server.url, "alice", extended=False, threads=1))
            async with asyncio.timeout(30):
                return await Miner(plan, view, force, 1e6).run(asyncio.Event()), view, server

    return asyncio.run(scenario())


def usual(message: Message) -> list[Message]:
    return list(MiningServer().usual(message))


def test_it_mines_until_told_to_stop() -> None:
    code, view, server = live(shares(5))
    assert code is MinerExit.OK
    assert view.kinds() == ["target", "mining", "end"]
    (introduction,) = view.texts("mining")
    assert introduction == (
        f"standard channel {CHANNEL} at 127.0.0.1:{server.port},"
        f" vouched for by {encode_public_key(AUTHORITY)}"
    )
    last = view.figures[-1]
    assert last.submitted >= 5
    assert last.accepted <= last.submitted
    assert last.blocks == len(view.texts("block"))
    assert last.hashes > 0
    assert not last.connected
    assert any(figures.connected for figures in view.figures) or len(view.figures) < 3
    assert any(isinstance(event, CloseChannel) for event in server.heard)


def test_what_it_wants_is_in_the_request() -> None:
    _, _, server = live(shares(1))
    (request,) = (event for event in server.heard if isinstance(event, OpenStandardMiningChannel))
    assert (request.user_identity, request.nominal_hash_rate) == ("alice", 1e6)


def test_it_ends_after_its_time() -> None:
    code, _, server = until_it_ends(change=lambda plan: replace(plan, seconds=1.0))
    assert code is MinerExit.OK
    assert server.connections == 1


def test_it_comes_back_when_the_connection_breaks() -> None:
    async def breaks(server: MiningServer) -> None:
        await shares(1)(server)
        server.cut()
        seen = len(server.heard)
        await server.until(lambda: any(isinstance(e, SubmitSharesStandard) for e in server.heard[seen:]))

    code, view, server = live(breaks)
    assert code is MinerExit.OK
    assert server.connections == 2
    assert view.kinds() == ["target", "mining", "lost", "target", "mining", "end"]
    assert "again in 0.0 s" in view.texts("lost")[0]


def test_it_waits_for_a_server_that_is_not_there_and_says_so_at_the_end() -> None:
    code, view, _ = until_it_ends(
        change=lambda plan: replace(plan, seconds=0.5, url=replace(plan.url, port=1))
    )
    assert code is MinerExit.REFUSED
    lost = view.texts("lost")
    assert len(lost) > 2
    assert all("cannot connect to 127.0.0.1:1" in line for line in lost)


def test_pauses_double_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(miner, "LONGEST_PAUSE", 0.04)
    monkeypatch.setattr(miner, "JITTER", 0.0)
    slept: list[float] = []
    timeout = asyncio.timeout

    def noting(delay: float | None) -> asyncio.Timeout:
        slept.append(delay or 0)
        return timeout(delay)

    monkeypatch.setattr(asyncio, "timeout", noting)
    until_it_ends(change=lambda plan: replace(plan, seconds=0.4, url=replace(plan.url, port=1)))
    pauses = [delay for delay in slept if delay in (0.01, 0.02, 0.04)]
    assert pauses[:4] == [0.01, 0.02, 0.04, 0.04]


def test_it_goes_where_the_server_sends_it_and_home_again() -> None:
    async def scenario() -> tuple[MiningServer, MiningServer, Watcher]:
        view, stop = Watcher(), asyncio.Event()
        async with serving() as other, Workforce(1) as force:

            def send_away(message: Message) -> list[Message]:
                moved = isinstance(message, SubmitSharesStandard) and home.connections == 1
                return [Reconnect("", other.port)] if moved else usual(message)

            async with serving(send_away) as home:
                plan = MinerPlan(home.url, "alice", extended=False, threads=1)
                mining = asyncio.create_task(Miner(plan, view, force, 1e6).run(stop))
                await other.until(lambda: len(other.shares) > 0)
                other.cut()
                await home.until(lambda: home.connections == 2)
                stop.set()
                await mining
        return home, other, view

    home, other, view = asyncio.run(scenario())
    assert (home.connections, other.connections) == (2, 1)
    assert "the server asks to connect anew" in view.texts("lost")[0]


def test_without_a_key_it_follows_nobody() -> None:
    async def stays(server: MiningServer) -> None:
        await server.until(lambda: server.connections == 2)

    def send_away(message: Message) -> list[Message]:
        if isinstance(message, SubmitSharesStandard):
            return [Reconnect("elsewhere.invalid", 1)]
        return usual(message)

    code, view, _ = live(
        stays, send_away, lambda plan: replace(plan, url=replace(plan.url, authority_key=None))
    )
    assert code is MinerExit.OK
    assert "NOT AUTHENTICATED" in view.texts("mining")[0]
    assert "elsewhere" not in str(view.told)


def test_a_broken_rule_ends_it_with_the_reason() -> None:
    def break_it(message: Message) -> list[Message]:
        if isinstance(message, OpenStandardMiningChannel):
            return [standard_opened(), standard_job(1, min_ntime=5)]
        return usual(message)

    code, view, _ = until_it_ends(break_it)
    assert code is MinerExit.RULE_BROKEN
    (reason,) = view.texts("broken")
    assert "5.3.15" in reason
    assert view.facts[-1] == {"exit": 1}


def test_a_server_that_never_wanted_it_is_not_asked_again() -> None:
    def refuse(message: Message) -> list[Message]:
        return [SetupConnectionError(0, "go-away")] if isinstance(message, SetupConnection) else []

    code, view, server = until_it_ends(refuse)
    assert code is MinerExit.REFUSED
    assert server.connections == 1
    assert "go-away" in view.texts("refused")[0]


def test_one_that_did_is() -> None:
    server_wants = iter([True, False, True])

    def sometimes(message: Message) -> list[Message]:
        if isinstance(message, SetupConnection) and not next(server_wants):
            return [SetupConnectionError(0, "not-now")]
        return usual(message)

    async def breaks(server: MiningServer) -> None:
        await server.until(lambda: any(isinstance(e, SubmitSharesStandard) for e in server.heard))
        server.cut()
        await server.until(lambda: server.connections == 3)

    code, view, _ = live(breaks, sometimes)
    assert code is MinerExit.OK
    assert "not-now" in view.texts("lost")[1]


def test_another_authority_ends_it() -> None:
    stranger = x_only_public_key(b"\x21" * 32)
    code, _, _ = until_it_ends(
        change=lambda plan: replace(plan, url=replace(plan.url, authority_key=stranger))
    )
    assert code is MinerExit.REFUSED


def test_refusals_are_counted_and_told_once_per_reason() -> None:
    def refuse_shares(message: Message) -> list[Message]:
        if isinstance(message, SubmitSharesStandard):
            return [SubmitSharesError(CHANNEL, message.sequence_number, "stale-share")]
        return usual(message)

    async def refused(server: MiningServer) -> None:
        sent = SubmitSharesStandard
        await server.until(lambda: sum(isinstance(event, sent) for event in server.heard) >= 5)

    _, view, _ = live(refused, refuse_shares)
    last = view.figures[-1]
    assert view.texts("refused") == ["share 1 refused: stale-share"]
    assert last.accepted == 0
    assert 4 <= last.refused["stale-share"] <= last.submitted
    assert last.blocks <= last.submitted - last.refused["stale-share"]


def test_a_server_cannot_fill_the_view_with_words() -> None:
    def insult(message: Message) -> list[Message]:
        if isinstance(message, SubmitSharesStandard):
            return [SubmitSharesError(CHANNEL, message.sequence_number, f"word-{message.sequence_number}")]
        return usual(message)

    async def refused(server: MiningServer) -> None:
        sent = SubmitSharesStandard
        await server.until(lambda: sum(isinstance(event, sent) for event in server.heard) >= 8)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(submissions, "MAX_REASONS", 3)
        _, view, _ = live(refused, insult)
    assert set(view.figures[-1].refused) == {"word-1", "word-2", "word-3", "other"}
    assert len(view.texts("refused")) == 4


def test_a_channel_that_is_closed_ends_the_connection_and_it_comes_back() -> None:
    def close(message: Message) -> list[Message]:
        return [CloseChannel(CHANNEL, "bye")] if isinstance(message, SubmitSharesStandard) else usual(message)

    async def twice(server: MiningServer) -> None:
        await server.until(lambda: server.connections == 2)

    _, view, _ = live(twice, close)
    assert view.texts("rest")[0] == "the server closed the channel: bye"


@pytest.mark.parametrize(
    ("extended", "standard_jobs", "asked"), [(False, True, True), (False, False, False), (True, True, False)]
)
def test_a_plan_for_standard_jobs_is_one_for_standard_channels(
    extended: bool, standard_jobs: bool, asked: bool
) -> None:
    url = PoolUrl("pool.example", 3333)
    plan = MinerPlan(url, "alice", extended, 1, worker="rig-1", standard_jobs=standard_jobs)
    client_plan = plan.client_plan(url, 5.0)
    assert isinstance(client_plan, ClientPlan)
    assert client_plan.standard_jobs is asked
    assert client_plan.worker == ("rig-1" if extended else None)
    assert client_plan.channels[0].extended is extended


def test_a_plan_for_the_dialect() -> None:
    url = PoolUrl("pool.example", 3333)
    assert MinerPlan(url, "alice", extended=False, threads=1, tlv=True).client_plan(url, 5.0) == TlvPlan(
        "alice"
    )
