"""A listening socket: what it accepts, and what it says when it cannot be had."""

import asyncio
import os
import socket
from contextlib import ExitStack
from os import urandom
from pathlib import Path

import pytest

from sluice.noise.authority import PoolUrl
from sluice.server import listener as listener_module
from sluice.server.clock import unix_time
from sluice.server.identity import Credentials
from sluice.server.listener import BACKLOG, ListenError, listen, pump_class
from sluice.server.pump import BufferedPump, StreamPump
from sluice.wire.errors import RemoteProtocolError
from support.line import an_owner
from support.noise import AUTHORITY, AUTHORITY_SECRET, DAY
from support.peer import Peer
from support.serving import LOOPS, run_on, until

on_each_loop = pytest.mark.parametrize("loop", LOOPS)


def credentials(validity: int = DAY) -> Credentials:
    return Credentials(AUTHORITY_SECRET, validity, unix_time(), urandom)


async def refusal(host: str, port: int) -> str:
    owner, _ = an_owner()
    with pytest.raises(ListenError) as error:
        await listen(owner, credentials(), host, port, urandom)
    return str(error.value)


def test_each_loop_has_the_pump_that_suits_it() -> None:
    for name, kind in (("asyncio", BufferedPump), ("uvloop", StreamPump)):
        loop = LOOPS[name]()
        assert pump_class(loop) is kind
        loop.close()


@on_each_loop
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "0.0.0.0"])
def test_whoever_comes_gets_a_pump_and_a_handshake(loop: str, host: str) -> None:
    async def scenario() -> None:
        owner, _ = an_owner()
        server = await listen(owner, credentials(), host, 0, urandom)
        found = server.sockets[0].getsockname()
        client = await asyncio.to_thread(Peer, PoolUrl(found[0], found[1], AUTHORITY))
        await asyncio.to_thread(client.setup)
        assert len(owner.pumps) == 1
        client.close()
        await owner.deserted()
        server.close()

    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        if host == "::1":
            pytest.skip("no IPv6 on this machine")
    run_on(loop, scenario())


@on_each_loop
def test_a_port_in_use_names_the_way_out(loop: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = run_on(loop, refusal("127.0.0.1", port))
    assert said == (
        f"cannot listen on 127.0.0.1:{port}: another program listens there; end it, or choose another port "
        "with --listen"
    )


@on_each_loop
@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("192.0.2.1", "192.0.2.1:0: this machine does not have that address; 0.0.0.0 means all it has"),
        ("2001:db8::1", "[2001:db8::1]:0: this machine"),
        ("nowhere.invalid", "nowhere.invalid:0: the name stands for no address"),
        ("a..b", "a..b:0: the name stands for no address"),
        ("x" * 300, "the name stands for no address"),
    ],
)
def test_an_address_that_is_not_ours_is_a_sentence(loop: str, host: str, words: str) -> None:
    assert words in run_on(loop, refusal(host, 0))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may have any port")
def test_a_port_of_the_administrator_is_a_sentence() -> None:
    assert "choose a higher one" in run_on("asyncio", refusal("127.0.0.1", 1))


@on_each_loop
def test_who_comes_later_is_shown_a_certificate_of_then(loop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = unix_time()
    monkeypatch.setattr(listener_module, "unix_time", lambda: now)

    async def scenario() -> None:
        nonlocal now
        owner, _ = an_owner()
        server = await listen(owner, credentials(), "127.0.0.1", 0, urandom)
        url = PoolUrl("127.0.0.1", server.sockets[0].getsockname()[1], AUTHORITY)
        first = await asyncio.to_thread(Peer, url)
        await asyncio.to_thread(first.setup)
        now += 2 * DAY
        second = await asyncio.to_thread(Peer, url)
        with pytest.raises(RemoteProtocolError, match="not yet valid"):
            await asyncio.to_thread(second.setup)  # this client's clock was left behind
        assert f"127.0.0.1:{first.socket.getsockname()[1]}" in [pump.address for pump in owner.pumps.values()]
        first.close()
        second.close()
        await owner.deserted()
        server.close()

    run_on(loop, scenario())


def test_its_queue_is_long_enough_for_a_pool_whose_miners_all_come_back() -> None:
    """As far as the kernel lets us: nobody is refused while we do not accept."""
    allowed = int(Path("/proc/sys/net/core/somaxconn").read_text())
    wanted = min(BACKLOG, allowed, 500)

    async def scenario() -> None:
        owner, _ = an_owner()
        server = await listen(owner, credentials(), "127.0.0.1", 0, urandom)
        address = server.sockets[0].getsockname()
        with ExitStack() as clients:  # the loop does not run meanwhile
            for _ in range(wanted):
                clients.enter_context(socket.create_connection(address, timeout=5))
        await until(lambda: sum(owner.turned_away.values()) == wanted)
        server.close()

    run_on("asyncio", scenario())
