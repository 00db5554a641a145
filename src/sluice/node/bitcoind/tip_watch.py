"""Hears of a new tip: long poll, ZMQ `hashblock` and asking now and then, whichever speaks first.

Rule: what is heard only rings; the template is fetched by who waits for the bell. One long poll is open at a
time and it outlives templates on the same tip: a node keeps a thread for each until the tip moves, also when
the asker is gone, and has few. A way that fails is told of once, and once more when it works again.
"""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import zmq
import zmq.asyncio
from zmq.utils.monitor import recv_monitor_message

from sluice.node.bitcoind.methods import GET_BEST_BLOCK_HASH, LONG_POLL, RULES, OfferedBlock
from sluice.node.bitcoind.rpc import Failure, Rpc

DAY = 86_400.0  # the deadline of a long poll on a quiet chain; see LATE_SECONDS
LATE_SECONDS = 10.0  # a long poll that has not heard of a new tip by then hangs
AGAIN_SECONDS = 5.0  # between attempts at a long poll that fails
REST_SECONDS = 1.0  # after one that brought no new tip: a node that answers at once is not to be flooded
HEARTBEAT_MS = 10_000  # a ZMQ connection whose other end is gone is found out by then
QUEUED = 100  # block hashes held for us by ZMQ; any one of them rings

HASH_SIZE = 32
TOPIC = b"hashblock"
WORKS = zmq.Event.HANDSHAKE_SUCCEEDED
FAILS = (
    zmq.Event.CLOSED
    | zmq.Event.DISCONNECTED
    | zmq.Event.HANDSHAKE_FAILED_NO_DETAIL
    | zmq.Event.HANDSHAKE_FAILED_PROTOCOL
    | zmq.Event.HANDSHAKE_FAILED_AUTH
)


class TipWatch:
    """The bell of one node. Mutable; `listen` runs beside who waits."""

    __slots__ = ("_bell", "_heard", "_lost", "_offer", "_offered", "_patience", "_rpc", "_tell", "_watched")

    def __init__(self, rpc: Rpc, tell: Callable[[str], None]) -> None:
        """`tell` is handed a sentence when a way of hearing is lost or found again."""
        self._rpc = rpc
        self._tell = tell
        self._bell = asyncio.Event()
        self._heard = ""
        self._offered = asyncio.Event()
        self._offer: OfferedBlock | None = None
        self._watched = ""
        self._patience: asyncio.Timeout | None = None
        self._lost: set[str] = set()

    @property
    def tip(self) -> str:
        """The block that the newest template builds on, in display order; empty before the first."""
        return "" if self._offer is None else self._offer.previousblockhash

    def offered(self, offer: OfferedBlock) -> None:
        """The node gave this template: its tip is no news any more, whoever else comes with it."""
        self._offer = offer
        self._offered.set()
        if self._heard in ("", self.tip):
            self._bell.clear()
        if self._patience is not None and not self._patience.expired():
            patience = DAY if self._watched == self.tip else LATE_SECONDS
            self._patience.reschedule(asyncio.get_running_loop().time() + patience)

    def ring(self) -> None:
        """There may be news; what, the node has to be asked."""
        self._heard = ""
        self._bell.set()

    async def wait(self, seconds: float) -> None:
        """Until the bell rings, `seconds` at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        self._bell.clear()

    async def listen(self, zmq_endpoint: str, ask_seconds: float) -> None:
        """Listen in every way there is, until cancelled; without an endpoint there is no ZMQ."""
        async with asyncio.TaskGroup() as ways:
            ways.create_task(self._long_poll())
            ways.create_task(self._ask(ask_seconds))
            if zmq_endpoint:
                ways.create_task(self._subscribe(zmq_endpoint))

    def hear(self, tip: str) -> None:
        """Someone says that this is the tip."""
        if tip != self.tip:
            self._heard = tip
            self._bell.set()

    def _lose(self, way: str, why: str) -> None:
        if way not in self._lost:
            self._lost.add(way)
            self._tell(
                f"{way} does not work ({why}): new blocks are heard of in the other ways until it does"
            )

    def _regain(self, way: str) -> None:
        if way in self._lost:
            self._lost.discard(way)
            self._tell(f"{way} works again")
            self.ring()  # a node that was gone may be back

    async def _long_poll(self) -> None:
        await self._offered.wait()
        while self._offer is not None and self._offer.longpollid:
            await self._follow(self._offer.previousblockhash, self._offer.longpollid)
            self.ring()  # the node may be gone: who waits will find out
            await asyncio.sleep(AGAIN_SECONDS)
        self._tell("the node offers no long polling: new blocks are heard of in the other ways")

    async def _follow(self, tip: str, longpollid: str) -> None:
        """One long poll after the other, each from where the last one ended, until one fails."""
        while longpollid:
            self._watched = tip
            request = {"rules": RULES, "longpollid": longpollid}
            try:
                async with asyncio.timeout(DAY) as self._patience:
                    answer = await self._rpc.call(LONG_POLL, request, seconds=DAY)
            except TimeoutError:
                self._lose("long polling", "it missed a new block")
                return
            finally:
                self._patience = None
            if isinstance(answer, Failure):
                self._lose("long polling", answer.words)
                return
            self._regain("long polling")
            self.hear(answer.previousblockhash)
            if answer.previousblockhash == tip:
                await asyncio.sleep(REST_SECONDS)
            tip, longpollid = answer.previousblockhash, answer.longpollid

    async def _ask(self, seconds: float) -> None:
        """The net below the other two, and the first to see that a node is gone."""
        await self._offered.wait()
        answered = True
        while True:
            await asyncio.sleep(seconds)
            answer = await self._rpc.call(GET_BEST_BLOCK_HASH)
            if not isinstance(answer, Failure):
                self.hear(answer)
            elif answered:
                self.ring()
            answered = not isinstance(answer, Failure)

    async def _subscribe(self, endpoint: str) -> None:
        with ExitStack() as stack:
            context = zmq.asyncio.Context()
            stack.callback(context.destroy, linger=0)
            socket = context.socket(zmq.SUB)
            socket.set(zmq.RCVHWM, QUEUED)
            socket.set(zmq.HEARTBEAT_IVL, HEARTBEAT_MS)
            socket.subscribe(TOPIC)
            monitor = socket.get_monitor_socket(WORKS | FAILS)
            stack.callback(socket.disable_monitor)
            try:
                socket.connect(endpoint)
            except zmq.ZMQError as error:
                self._lose(_zmq(endpoint), str(error))
                return
            async with asyncio.TaskGroup() as ears:
                ears.create_task(self._receive(socket))
                ears.create_task(self._examine(monitor, endpoint))

    async def _receive(self, socket: zmq.asyncio.Socket) -> None:
        while True:
            topic, *body = await socket.recv_multipart()
            if topic == TOPIC and body and len(body[0]) == HASH_SIZE:
                self.hear(body[0].hex())  # Core publishes it in display order

    async def _examine(self, monitor: zmq.asyncio.Socket, endpoint: str) -> None:
        """ZMQ reconnects by itself, and in silence."""
        while True:
            event = (await recv_monitor_message(monitor))["event"]
            if event & WORKS:
                self._regain(_zmq(endpoint))
            else:
                self._lose(_zmq(endpoint), "it is not connected; see node.zmq_hashblock and -zmqpubhashblock")


def reachable_endpoint(address: str, node_url: str) -> str:
    """A publisher's address as the node tells it, as seen from here; empty if it cannot be reached so."""
    try:
        publisher, node_host = urlsplit(address), urlsplit(node_url).hostname or ""
    except ValueError:
        return ""
    if publisher.scheme != "tcp":
        return address if _is_local(node_host) else ""
    if publisher.hostname in ("0.0.0.0", "::", "*"):
        host = f"[{node_host}]" if ":" in node_host else node_host
        return f"tcp://{host}:{publisher.netloc.rpartition(':')[2]}"
    return address if _is_local(node_host) or not _is_local(publisher.hostname or "") else ""


def _is_local(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _zmq(endpoint: str) -> str:
    return f"ZMQ at {endpoint}"
