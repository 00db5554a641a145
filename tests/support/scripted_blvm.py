"""A blvm-node of our own: the module socket and the JSON-RPC over a regtest chain, with the real one's quirks as switches.

Rule: what it does wrong is what the real node does, by the numbers of docs/blvm.md; each can be switched off, which
is what a repaired node would do. Its chain is as strict towards blocks as the embedded one, for it is that one.
"""

import asyncio
import json
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import Any

from sluice.bitcoin.block import Block, assemble_block
from sluice.bitcoin.compact import DecodeError
from sluice.bitcoin.hashes import BlockHash, to_display
from sluice.bitcoin.network import REGTEST, subsidy
from sluice.bitcoin.transaction import Transaction, TxOut
from sluice.blvm import requests as ask
from sluice.blvm import responses as tell
from sluice.blvm import structures as s
from sluice.blvm.editions import FIRST_EDITION, edition_of
from sluice.blvm.envelopes import (
    Envelope,
    EventMessage,
    InvocationMessage,
    InvocationResultMessage,
    LogMessage,
    RequestMessage,
    ResponseMessage,
)
from sluice.blvm.events.chain import BlockMined, BlockTemplateUpdated, NewBlock
from sluice.blvm.events.modules import NodeShutdown
from sluice.blvm.events.network import BlockValidationCompleted
from sluice.blvm.events.payload import EventPayload, event_type_of
from sluice.blvm.events.types import EventType
from sluice.blvm.frame import LENGTH, frame
from sluice.blvm.modules import Call, CliCall
from sluice.blvm.versions import WITNESSES, version_of
from sluice.node.blvm.headers import header_of
from sluice.node.blvm.routes import block_of
from sluice.node.blvm.template import transaction_of
from sluice.node.embedded.chain import GENESIS, Chain, ChainPlan
from sluice.wire.errors import ProtocolError
from support.blocks import found
from support.scripted_node import error, http, result

#: Blocks at once, at the easiest target for ever: a block counts as late after a millisecond.
EASY = ChainPlan(hashrate=1, block_seconds=0.001, transactions_per_second=0)
PER_SECOND = 100
CREDENTIALS = "someone:a-long-enough-password"
#: What a module may do unless its manifest says otherwise, and what each call needs (module/security/permissions.rs).
DEFAULT = frozenset("read_blockchain read_utxo read_chain_state subscribe_events".split())
NEEDS: dict[type[ask.Request], str] = {
    ask.GetBlockHeader: "read_blockchain",
    ask.GetBlockByHeight: "read_blockchain",
    ask.GetBlockTemplate: "read_blockchain",
    ask.GetChainTip: "read_chain_state",
    ask.GetBlockHeight: "read_chain_state",
    ask.SubscribeEvents: "subscribe_events",
    ask.SubmitBlock: "submit_block",
    ask.QueueReceivedBlock: "queue_inbound_block",
    ask.PublishEvent: "publish_events",
    ask.CallModule: "call_module",
    ask.RegisterModuleApi: "register_module_api",
    ask.IsModuleAvailable: "discover_modules",
    ask.SendStratumV2MessageToPeer: "network_access",
}
EVERYTHING = DEFAULT | frozenset(NEEDS.values())


class Refused(Exception):
    """The hub's error."""


class Dead(Exception):
    """A peer left before its handshake was answered (B3)."""


@dataclass
class Quirks:
    """What the real node does, all of it unless switched off. What is no matter of the wire has no switch."""

    one_at_a_time: bool = True  # B1; B2 is `occupied`
    mortal: bool = True  # B3
    hangs_up: bool = True  # B4
    by_exact_id: bool = True  # B5: permissions of the manifest count only for this very id
    no_submit_block: bool = True  # B6
    no_cli: bool = True  # B7
    no_endpoints: bool = True  # B9
    one_hub: bool = True  # B11
    rate_limit: bool = True
    silent: bool = False  # no event at all, though blocks come
    null_means_queued: bool = False  # submitblock of nodes before 0.1.60
    slow_ack: float = 0.0
    slow_template: float = 0.0
    slow_validation: float = 0.0


@dataclass(eq=False)
class Session:
    """One module that was let in."""

    module_id: str
    writer: asyncio.StreamWriter
    events: set[EventType] = field(default_factory=set)


class ScriptedBlvm:
    """`calls`: what it was asked, by name. `manifest`: the permissions registered for a module name."""

    def __init__(self, directory: Path, quirks: Quirks | None = None, version: str = "0.1.83") -> None:
        self.socket = directory / "node.sock"
        self.quirks = quirks or Quirks()
        self.version = version
        self.edition = edition_of(version)
        self.plan = EASY
        self.chain = Chain(EASY, time())
        self.blocks = {self.chain.tip: (0, s.Block(_header(GENESIS.to_bytes()), ()))}
        self.manifest: dict[str, frozenset[str]] = {}
        self.calls: Counter[str] = Counter()
        self.logged: list[LogMessage] = []
        self.published: list[ask.PublishEvent] = []
        self.sessions: list[Session] = []
        self.connections = 0
        self.dead = False
        self.url = ""
        self.with_witnesses = True
        self._version = version_of(version)
        self._rates: Counter[tuple[str, int]] = Counter()
        self._turn = asyncio.Lock()
        self._hub = asyncio.Lock()
        self._invoked: dict[int, asyncio.Future[InvocationResultMessage]] = {}
        self._servers: list[asyncio.Server] = []
        self._peers: set[asyncio.Task[None]] = set()
        self._waiting: set[asyncio.StreamWriter] = set()

    # Its life

    async def start(self, port: int = 0) -> None:
        """As a node's own start: the socket that a dead one left is in nobody's way."""
        self.socket.unlink(missing_ok=True)
        self._servers = [
            await asyncio.start_unix_server(self._serve, str(self.socket)),
            await asyncio.start_server(self._serve_http, "127.0.0.1", port),
        ]
        self.url = "http://127.0.0.1:{1}".format(*self._servers[1].sockets[0].getsockname())
        self.dead = False

    async def stop(self, reason: str = "") -> None:
        """With a reason, modules are told before."""
        if reason:
            self.say(NodeShutdown(reason, 10))
            await asyncio.sleep(0.05)
        for server in self._servers:
            server.close()
        for peer in self._peers:
            peer.cancel()
        await asyncio.gather(*self._peers, return_exceptions=True)
        self._peers.clear()

    @asynccontextmanager
    async def occupied(self) -> AsyncIterator[Callable[[], None]]:
        """B2: the node's own heartbeat has the one place, as it does when a module is slow to connect.

        Until it is made to leave.
        """
        reader, writer = await asyncio.open_unix_connection(str(self.socket))
        writer.write(frame(FIRST_EDITION.pack(RequestMessage(1, "Handshake", ask.Handshake("x", "x", "1")))))
        await reader.readexactly(4)
        try:
            yield writer.close
        finally:
            writer.close()

    # Its chain

    def mine(self, blocks: int = 1) -> None:
        """As generatetoaddress does."""
        for _ in range(blocks):
            word = self.connect(found(self.chain.template(0, time())))
            assert not word, word
            self.say(BlockMined(self.chain.tip, self.chain.height, None))

    def spend(self, count: int) -> None:
        """Transactions come, of every kind."""
        self.chain._mempool.grow(count)

    def connect(self, raw: bytes) -> str:
        """The chain's word for a block; empty if it is the new tip."""
        word = self.chain.submit(raw, time())
        if not word:
            self.blocks[self.chain.tip] = (self.chain.height, block_of(raw))
        return word

    def say(self, *news: EventPayload) -> None:
        """To whom it may concern."""
        if self.quirks.silent:
            return
        for payload in news:
            word = event_type_of(payload)
            for session in self.sessions:
                if word in session.events:
                    self._write(session.writer, EventMessage(word, payload))

    async def invoke(self, call: Call, seconds: float = 5.0) -> InvocationResultMessage:
        """As another module's CallModule, or a person's runmodulecli; TimeoutError if nobody answers."""
        number = 1000 + len(self._invoked)
        self._invoked[number] = asyncio.get_running_loop().create_future()
        async with self._hub if self.quirks.one_hub else nullcontext():
            self._write(self.sessions[-1].writer, InvocationMessage(number, call))
            async with asyncio.timeout(seconds):
                return await self._invoked[number]

    async def run_module_cli(self, *words: str, seconds: float = 5.0) -> InvocationResultMessage:
        """The RPC runmodulecli; on a published node it waits for a lock that nobody ever lets go (B7)."""
        async with asyncio.timeout(seconds):
            if self.quirks.no_cli:
                await asyncio.Event().wait()
            return await self.invoke(CliCall(words[0], words[1:]))

    # The module socket

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._peers.add(task)
        self.connections += 1
        try:
            async with self._turn if self.quirks.one_at_a_time else nullcontext():
                if not self.dead:
                    await self._session(reader, writer)
        except Dead:
            self.dead = self.quirks.mortal
            if self.dead:
                self._servers[0].close()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError, Refused):
            pass
        finally:
            writer.close()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            first = FIRST_EDITION.read(await _body(reader))
        except (asyncio.IncompleteReadError, ProtocolError):
            raise Dead from None
        if not isinstance(first, RequestMessage) or not isinstance(first.payload, ask.Handshake):
            raise Dead
        await asyncio.sleep(self.quirks.slow_ack)
        if reader.at_eof():
            raise Dead  # EPIPE
        self._answer(writer, first.correlation_id, tell.HandshakeAck(self.version))
        session = Session(first.payload.module_id, writer)
        self.sessions.append(session)
        try:
            while True:
                try:
                    message = self.edition.read(await _body(reader))
                except ProtocolError:
                    return
                await self._heard(session, message)
        finally:
            self.sessions.remove(session)

    async def _heard(self, session: Session, message: Envelope) -> None:
        match message:
            case RequestMessage(number, _, request):
                self.calls[request.wire_name] += 1
                try:
                    async with self._hub if self.quirks.one_hub else nullcontext():
                        answer = await self._answered(session, request)
                except Refused as refused:
                    if self.quirks.hangs_up:
                        raise
                    failure = ResponseMessage(number, success=False, payload=None, error=str(refused))
                    self._write(session.writer, failure)
                else:
                    self._answer(session.writer, number, answer)
            case InvocationResultMessage(number):
                self._invoked[number].set_result(message)
            case LogMessage():
                self.logged.append(message)

    async def _answered(self, session: Session, request: ask.Request) -> tell.Response:
        second = int(time())
        self._rates[session.module_id, second] += 1
        if self.quirks.rate_limit and self._rates[session.module_id, second] > PER_SECOND:
            raise Refused("rate limit exceeded")
        permitted = self._permitted(session.module_id)
        if NEEDS.get(type(request), "") not in permitted | {""}:
            raise Refused("permission denied")
        match request:
            case ask.GetChainTip():
                return tell.Hash(self.chain.tip)
            case ask.GetBlockHeight():
                return tell.U64(self.chain.height)
            case ask.GetBlockHeader(hash=block_hash):
                _, block = self.blocks.get(BlockHash(block_hash), (0, None))
                return tell.BlockHeader(None if block is None else block.header)
            case ask.GetBlockByHeight(height=height):
                blocks = (block for at, block in self.blocks.values() if at == height > 0)
                return tell.BlockByHeight(next(blocks, None))  # of the first block it has the header alone
            case ask.SubscribeEvents(event_types=words):
                session.events |= set(words)
                return tell.SubscribeAck()
            case ask.RegisterCliSpec():
                return tell.Bool(value=True)
            case ask.GetBlockTemplate():
                await asyncio.sleep(self.quirks.slow_template)
                return tell.BlockTemplate(self._template())
            case ask.QueueReceivedBlock(block_bytes=raw):
                self._queue(raw)
                return tell.ReceivedBlockQueued()
            case ask.SubmitBlock(block=block):
                return self._submit_block(block)
        return self._registered(request)

    def _registered(self, request: ask.Request) -> tell.Response:
        match request:
            case ask.PublishEvent():
                self.published.append(request)
                self.say(request.payload)
                return tell.EventPublished()
            case ask.RegisterModuleApi():
                return tell.ModuleApiRegistered()
            case ask.IsModuleAvailable():
                return tell.ModuleAvailable(value=False)
            case ask.CallModule(method=method):
                raise Refused(f"no module has registered {method}")
            case ask.SendStratumV2MessageToPeer():
                return tell.Bool(value=True)
            case ask.RegisterRpcEndpoint() if not self.quirks.no_endpoints:
                return tell.RpcEndpointRegistered()
        raise Refused(f"{request.wire_name} is not available")

    def _permitted(self, module_id: str) -> frozenset[str]:
        """A manifest's list replaces the default one, for whoever has the id that it is filed under."""
        name = module_id if self.quirks.by_exact_id else module_id.partition("_")[0]
        return self.manifest.get(name, DEFAULT)

    def _submit_block(self, block: s.Block) -> tell.Response:
        if self.quirks.no_submit_block:
            raise Refused("submitblock: protocol engine is required to connect the block")
        word = self.connect(_wire(block))
        verdicts = {"": s.Accepted(), "duplicate": s.Duplicate()}
        return tell.SubmitBlockResult(verdicts.get(word, s.Rejected(word)))

    def _queue(self, raw: bytes) -> None:
        asyncio.get_running_loop().call_later(self.quirks.slow_validation, self._validate, raw)

    def _validate(self, raw: bytes) -> None:
        try:
            block_hash = Block.parse(raw).header.hash()
        except DecodeError:
            return
        word = self.connect(raw)
        height = self.chain.height
        self.say(BlockValidationCompleted(block_hash, height, not word, 1, word or None))
        if not word:
            self.say(NewBlock(block_hash, height))

    def _offered(self, *, witnesses: bool) -> tuple[list[Transaction], int]:
        """Transactions and their fees; without witnesses, those alone that need none."""
        chosen = [Transaction.parse(raw) for raw in self.chain.template(0, time()).transactions]
        coins: dict[Any, TxOut] = dict(self.chain._mempool.coins)
        taken, fees = [], 0
        for each in chosen:
            spent = [coins.get(txin.previous) for txin in each.inputs]
            if None in spent or (each.has_witness and not witnesses):
                continue
            taken.append(each)
            fees += sum(coin.value for coin in spent if coin) - sum(out.value for out in each.outputs)
        return taken, fees

    def _template(self) -> s.BlockTemplate:
        """Nodes before 0.1.56 are taken for those that count heights wrong, which is near enough."""
        template = self.chain.template(0, time())
        transactions, fees = self._offered(witnesses=self.with_witnesses)
        old = self._version < WITNESSES
        height = self.chain.height if old else self.chain.height + 1
        value = subsidy(height, REGTEST) + (0 if old else fees)
        header = s.BlockHeader(1, template.prev_hash, bytes(32), int(time()), template.nbits, 0)
        nothing = s.OutPoint(bytes(32), 0xFFFF_FFFF)
        coinbase = s.Transaction(
            1,
            (s.TransactionInput(nothing, 0xFFFF_FFFE, b""),),
            (s.TransactionOutput(value, b"\x51"),),
            height,
        )
        rows = tuple(map(_told, transactions))
        return s.BlockTemplate(header, coinbase, rows, 1 if old else "7fffff" + 58 * "0", height, int(time()))

    def _answer(self, writer: asyncio.StreamWriter, number: int, payload: tell.Response) -> None:
        edition = FIRST_EDITION if isinstance(payload, tell.HandshakeAck) else self.edition
        answer = ResponseMessage(number, success=True, payload=payload, error=None)
        writer.write(frame(edition.pack(answer)))

    def _write(self, writer: asyncio.StreamWriter, message: Envelope) -> None:
        writer.write(frame(self.edition.pack(message)))

    # The JSON-RPC

    async def _serve_http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._peers.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                size = int(head.lower().partition("content-length: ")[2].split("\r\n")[0])
                call = json.loads(await reader.readexactly(size))
                presented = head.partition("asic ")[2].split("\r\n")[0]
                if presented != b64encode(CREDENTIALS.encode()).decode():
                    writer.write(http(401, b""))
                else:
                    self.calls[call["method"]] += 1
                    writer.write(await RPC[call["method"]](self, *call["params"]))
                await writer.drain()
        writer.close()

    async def _getblockhash(self, height: int) -> bytes:
        block_hash = self.chain.hash_at(height)
        return error(-5, "Block not found") if block_hash is None else result(to_display(block_hash))

    async def _getblocktemplate(self, _rules: dict[str, Any]) -> bytes:
        await asyncio.sleep(self.quirks.slow_template)
        template = self.chain.template(0, time())
        transactions, fees = self._offered(witnesses=True)
        old = self._version < WITNESSES
        rows = [
            {
                "data": each.to_bytes(witness=not old).hex(),
                "txid": each.txid().hex() if old else to_display(each.txid()),
            }
            for each in transactions
        ]
        self.say(BlockTemplateUpdated(template.prev_hash, template.height, len(rows)))
        return result(
            {
                "version": 0x20000000,
                "previousblockhash": to_display(template.prev_hash),
                "transactions": rows,
                "coinbasevalue": subsidy(template.height, REGTEST) + fees,
                "bits": f"{template.nbits:08x}",
                "mintime": template.min_ntime,
                "curtime": template.ntime,
                "height": template.height,
                "rules": ["segwit"],
            }
        )

    async def _submitblock(self, text: str) -> bytes:
        raw = bytes.fromhex(text)
        if self.quirks.null_means_queued:
            if raw[4:36] != self.chain.tip:
                return error(-32602, "submitblock: prev_block_hash does not match current chain tip")
            self._queue(raw)
            return result(None)
        try:
            header = Block.parse(raw).header
        except DecodeError as problem:
            return error(-32602, f"submitblock: Failed to deserialize block: {problem}")
        if header.hash() in self.blocks:
            return error(-32602, "submitblock: block header is already stored")
        if header.prev_hash not in self.blocks:
            return error(-32602, "submitblock: prev_block_hash is not a stored header")
        word = self.connect(raw)
        if word not in ("", "inconclusive"):
            return error(-32602, "submitblock: block was not connected")
        height = self.chain.height + bool(word)  # of one beside the tip, one too high
        self.say(BlockMined(header.hash(), height, None))
        return result(None)  # also for one that is not the tip


RPC: dict[str, Callable[..., Awaitable[bytes]]] = {
    "getblockhash": ScriptedBlvm._getblockhash,
    "getblocktemplate": ScriptedBlvm._getblocktemplate,
    "submitblock": ScriptedBlvm._submitblock,
}


@asynccontextmanager
async def serving_blvm(node: ScriptedBlvm) -> AsyncIterator[ScriptedBlvm]:
    """The node, running."""
    await node.start()
    try:
        yield node
    finally:
        await node.stop()


async def _body(reader: asyncio.StreamReader) -> bytes:
    (size,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    return await reader.readexactly(size)


def _header(raw: bytes) -> s.BlockHeader:
    return block_of(raw + b"\0").header


def _told(transaction: Transaction) -> s.Transaction:
    """As the module API tells it: without its witness."""
    wire = GENESIS.to_bytes() + b"\1" + transaction.to_bytes()
    return block_of(wire).transactions[0]


def _wire(block: s.Block) -> bytes:
    coinbase, *others = (transaction_of(each).to_bytes() for each in block.transactions)
    return assemble_block(header_of(block.header).to_bytes(), coinbase, others)
