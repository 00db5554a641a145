"""A certificate that ends and is renewed while connections stand: nobody who is there notices."""

import asyncio
import subprocess
from os import urandom

from sluice.noise.handshake import HandshakeError, Initiator, Responder, StaticIdentity
from sluice.pool.events import ChannelOpened, PeerLeft
from sluice.server.clock import unix_time
from sluice.server.identity import Credentials
from sluice.sv2.messages.mining import SubmitSharesSuccess
from support.noise import AUTHORITY, AUTHORITY_SECRET
from support.peer import HeaderMiner, Peer, open_standard
from support.processes import SLUICE
from support.serving import Live, Puppet, live, run_on, until

VALIDITY = 3


def connect(running: Live) -> HeaderMiner:
    connected = Peer(running.url)
    connected.setup()
    return open_standard(connected)


def is_accepted(miner: HeaderMiner) -> bool:
    miner.peer.send(miner.share())
    return isinstance(miner.answer(), SubmitSharesSuccess)


def believed(identity: StaticIdentity) -> bool:
    """Whether a client of now takes this identity for the pool's."""
    client = Initiator(AUTHORITY, unix_time(), urandom(32), urandom(32))
    answer, _ = Responder(identity, urandom(32), urandom(32)).act_1(client.act_1())
    try:
        client.act_2(answer)
    except HandshakeError:
        return False
    return True


def test_who_is_there_stays_and_who_comes_is_shown_the_new_one() -> None:
    """It takes as long as the clients' clocks may differ from ours, 10 s, and the certificate's life."""

    async def scenario() -> None:
        credentials = Credentials(AUTHORITY_SECRET, VALIDITY, unix_time(), urandom)
        async with live(Puppet(), credentials=credentials) as running:
            first = credentials.at(unix_time())
            early = await asyncio.to_thread(connect, running)
            command = (*SLUICE, "mine", str(running.url), "--user", "bob", "--threads", "1")
            miner = await asyncio.create_subprocess_exec(*command, stderr=subprocess.DEVNULL)
            await until(lambda: len(running.events(ChannelOpened)) == 2)
            while await asyncio.to_thread(believed, first):
                assert await asyncio.to_thread(is_accepted, early)
                await asyncio.sleep(0.5)
            late = await asyncio.to_thread(connect, running)
            assert credentials.at(unix_time()).keys != first.keys
            assert await asyncio.to_thread(is_accepted, early)
            assert await asyncio.to_thread(is_accepted, late)
            assert running.events(PeerLeft) == []
            miner.terminate()
            assert await miner.wait() == 0
            early.peer.close()
            late.peer.close()
        assert sorted(event.accepted > 0 for event in running.events(PeerLeft)) == [True] * 3

    run_on("uvloop", scenario())
