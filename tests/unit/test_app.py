"""The composition root: what the configuration becomes, and how a server ends."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import fields
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import uvloop

from sluice import app
from sluice.accounting.name import Names
from sluice.app import (
    EVERYWHERE,
    CannotListen,
    Ending,
    NodeUnusable,
    limits_of,
    policy_of,
    reachable_host,
    run,
    run_demo,
    run_pool,
)
from sluice.bitcoin.address import script_for_address
from sluice.bitcoin.network import MAINNET, REGTEST
from sluice.bitcoin.target import DIFFICULTY_1
from sluice.config import Config, read_config
from sluice.config.paying import CannotPay, payout_of
from sluice.config.values import Endpoint
from sluice.exit_codes import ExitCode
from sluice.noise.authority import parse_pool_url
from sluice.server.limits import Limits
from sluice.work.job import Payout
from support.scripted_node import ScriptedNode, http, result, scripted
from support.server import REGTEST_ADDRESS
from support.signals import once
from support.vectors import vector_json

PAYS = {"pool.address": REGTEST_ADDRESS}


def configured(data: Path | None = None, **settings: object) -> Config:
    """A configuration with these settings, `server__listen` for server.listen."""
    given = {"web.listen": "off"} | {name.replace("__", "."): str(value) for name, value in settings.items()}
    directory = {"data.dir": str(data)} if data else {}
    return read_config(None, {"HOME": "/nonexistent"}, PAYS | directory | given)


@contextmanager
def node_in_a_thread(node: ScriptedNode) -> Iterator[str]:
    """The URL of a scripted node with a loop of its own."""
    loop, ready, ended = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with scripted(node):
            ready.set()
            await ended.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(20)
    try:
        yield node.url
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(20)
        loop.close()


def test_the_pool_does_what_the_operator_set() -> None:
    settings: dict[str, Any] = {
        "pool__shares_per_minute": 7,
        "pool__min_difficulty": 2,
        "pool__default_difficulty": 4,
        "accounts__names": "any",
        "pool__shard": 3,
        "pool__max_jobs": 4,
        "pool__ack_shares": 5,
        "pool__ack_milliseconds": 250,
        "pool__stale_grace_seconds": 1.5,
        "server__setup_timeout": 11,
        "server__channel_timeout": 12,
        "server__idle_timeout": 13,
        "server__refused_shares_per_minute": 14,
        "server__max_channels_per_connection": 15,
    }
    policy = policy_of(configured(**settings))
    assert (policy.vardiff.shares_per_minute, policy.vardiff.easiest) == (7, DIFFICULTY_1 // 2)
    assert policy.default_target == DIFFICULTY_1 // 4
    assert policy.names is Names.ANY
    assert (policy.shard, policy.max_jobs, policy.max_channels) == (3, 4, 15)
    assert (policy.ack_shares, policy.ack_seconds, policy.stale_grace) == (5, 0.25, 1.5)
    patience = policy.patience
    assert (patience.setup, patience.channel, patience.idle) == (11, 12, 13)
    assert patience.refusals_per_minute == 14


def test_the_listener_does_what_the_operator_set() -> None:
    settings: dict[str, Any] = {
        "server__max_connections": 7,
        "server__handshake_timeout": 8,
        "server__send_queue_bytes": 70_000,
        "server__drain_timeout": 3,
    }
    assert limits_of(configured(**settings)) == Limits(
        max_connections=7, handshake_seconds=8, send_queue_bytes=70_000, drain_seconds=3
    )


def test_every_bound_of_the_listener_has_its_default_in_one_place() -> None:
    """The option table outweighs the defaults of `Limits`; where they differ, tests would see another server."""
    ours, tables = Limits(), limits_of(configured())
    differing = {
        entry.name for entry in fields(Limits) if getattr(ours, entry.name) != getattr(tables, entry.name)
    }
    assert differing <= {"max_connections"}


def test_the_address_is_paid_on_the_nodes_network() -> None:
    payout = payout_of(configured(pool__tag="A pool"), REGTEST)
    assert payout == Payout(script_for_address(REGTEST_ADDRESS, REGTEST), b"A pool")
    with pytest.raises(CannotPay, match=r"^the node is on mainnet, and pool.address is not an address"):
        payout_of(configured(), MAINNET)


def test_it_runs_on_uvloop_where_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    async def kind() -> str:
        return type(asyncio.get_running_loop()).__module__

    def on(main: Coroutine[Any, Any, Any]) -> Any:
        return run(main)

    assert on(kind()) == uvloop.Loop.__module__
    monkeypatch.setitem(sys.modules, "uvloop", None)  # as if it could not be imported
    assert on(kind()).startswith("asyncio.")


@pytest.mark.parametrize(
    ("numbers", "code"),
    [
        ([signal.SIGTERM], ExitCode.OK),
        ([signal.SIGINT], ExitCode.INTERRUPTED),
        ([signal.SIGINT, signal.SIGTERM], ExitCode.INTERRUPTED),
        ([signal.SIGTERM, signal.SIGINT], ExitCode.OK),
    ],
)
def test_the_first_signal_says_how_it_ended(numbers: list[signal.Signals], code: ExitCode) -> None:
    async def wait() -> ExitCode | None:
        ending = Ending()
        assert ending.exit_code is None
        for number in numbers:
            os.kill(os.getpid(), number)
            await ending.stop.wait()
            await asyncio.sleep(0.01)
        return ending.exit_code

    assert asyncio.run(wait()) is code


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, ExitCode.OK), (signal.SIGINT, ExitCode.INTERRUPTED)]
)
def test_a_pool_runs_until_it_is_told_to_stop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: signal.Signals, code: ExitCode
) -> None:
    with once("tip changed", number):
        assert run_pool(configured(tmp_path, node__kind="embedded", server__listen="127.0.0.1:0")) == code
    said = capsys.readouterr()
    (url,) = said.out.splitlines()
    assert parse_pool_url(url).host == "127.0.0.1"
    lines = [json.loads(line) for line in said.err.splitlines()]
    assert "worth nothing" in lines[0]["event"]
    assert [line["event"] for line in lines[1:]] == ["miners connect to", "tip changed", "draining"]


def test_a_pool_that_listens_everywhere_names_an_address_that_other_machines_can_reach(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with once("miners connect to", signal.SIGTERM):
        run_pool(configured(tmp_path, node__kind="embedded", server__listen="0.0.0.0:0"))
    assert parse_pool_url(capsys.readouterr().out).host == reachable_host("0.0.0.0")


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_where_everywhere_is(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = reachable_host(host)
    assert found not in EVERYWHERE
    if found != os.uname().nodename:
        assert ip_address(found).version == (6 if ":" in host else 4)
    monkeypatch.setitem(EVERYWHERE, host, (socket.AF_INET, "255.255.255.255"))
    assert reachable_host(host) == os.uname().nodename
    assert reachable_host("10.0.0.7") == "10.0.0.7"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_pool_that_waits_for_its_node_can_be_told_to_stop(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    nobody = configured(tmp_path, node__url="http://127.0.0.1:1", node__user="u", node__password="p")
    with once("127.0.0.1:1", number):  # why it waits
        code = run_pool(nobody)
    assert code == (ExitCode.OK if number == signal.SIGTERM else ExitCode.INTERRUPTED)
    assert capsys.readouterr().out == ""


def test_a_port_in_use_is_the_operators_to_mend(tmp_path: Path) -> None:
    with pytest.raises(CannotListen, match=r"^cannot listen on 192\.0\.2\.1:3333: ") as error:
        run_pool(configured(tmp_path, node__kind="embedded", server__listen="192.0.2.1:3333"))
    assert error.value.exit_code is ExitCode.LISTEN


def test_a_node_that_refuses_us_is_the_operators_to_mend(tmp_path: Path) -> None:
    node = ScriptedNode(getblockchaininfo=http(403, b""))
    with node_in_a_thread(node) as url, pytest.raises(NodeUnusable) as error:
        run_pool(configured(tmp_path, node__url=url, node__user="u", node__password="p"))
    assert error.value.exit_code is ExitCode.NODE
    assert url in str(error.value)


def test_an_address_of_another_network_is_found_out_when_the_node_answers(tmp_path: Path) -> None:
    node = ScriptedNode(
        getblockchaininfo=result({"chain": "main", "pruned": False, "verificationprogress": 1}),
        getblocktemplate=result(vector_json("bitcoind_getblocktemplate.json")["result"]),
        getzmqnotifications=result([]),
    )
    with node_in_a_thread(node) as url, pytest.raises(CannotPay, match="not an address for mainnet"):
        run_pool(configured(tmp_path, node__url=url, node__user="u", node__password="p"))
    assert node.calls["getblocktemplate"]


def test_the_demo_needs_its_port_too() -> None:
    with pytest.raises(CannotListen, match=r"^cannot listen on 192\.0\.2\.1:3333: "):
        run_demo(Endpoint("192.0.2.1", 3333), None, miners=1, blocks=1)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, ExitCode.OK), (signal.SIGINT, ExitCode.INTERRUPTED)]
)
def test_a_demo_without_miners_runs_until_it_is_told_to_stop(
    capsys: pytest.CaptureFixture[str], number: signal.Signals, code: ExitCode
) -> None:
    with once("stratum2+tcp://", number):
        host = "::1" if socket_has_ipv6() else "127.0.0.1"
        assert run_demo(Endpoint(host, 0), None, miners=0, blocks=None) == code
    said = capsys.readouterr()
    assert parse_pool_url(said.out).authority_key
    first, *_, last = said.err.splitlines()
    assert "made-up regtest chain" in first
    assert last == "The demo is over; blocks found and accepted: 0."


def socket_has_ipv6() -> bool:
    return Path("/proc/net/if_inet6").exists()


@pytest.mark.parametrize(
    ("hard", "words"),
    [(1_128, ""), (800, "allows 800 open files, hence no more than 672 connections")],
)
def test_the_sockets_it_may_have_are_asked_for_and_missed_loudly(hard: int, words: str) -> None:
    program = (
        "import resource; from sluice import app; from sluice.log import configure_log\n"
        f"configure_log(); resource.setrlimit(resource.RLIMIT_NOFILE, (100, {hard}))\n"
        "app._allow_many_sockets(1_000); print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == f"{hard}\n"
    assert words in said.stderr
    assert bool(said.stderr) is bool(words)


def test_what_comes_of_a_wait_that_was_ended_is_nothing() -> None:
    async def scenario() -> None:
        stop = asyncio.Event()
        assert await app._unless(stop, asyncio.sleep(0, "done")) == "done"
        stop.set()
        assert await app._unless(stop, asyncio.sleep(60, "done")) is None
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(scenario())


def test_an_operators_key_is_made_where_there_is_a_web_side(tmp_path: Path) -> None:
    for listen, there in (("off", False), ("127.0.0.1:0", True)):
        with once("tip changed", signal.SIGTERM):
            run_pool(
                configured(tmp_path, node__kind="embedded", server__listen="127.0.0.1:0", web__listen=listen)
            )
        assert (tmp_path / "operator.key").exists() is there
