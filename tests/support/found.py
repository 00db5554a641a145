"""Found blocks for tests that do not care what is in them."""

from dataclasses import replace

from sluice.bitcoin.block import Block
from sluice.bitcoin.compact import read_compact_size
from sluice.bitcoin.hashes import sha256d
from sluice.bitcoin.header import HEADER_SIZE
from sluice.bitcoin.transaction import COINBASE_OUTPOINT, Transaction, TxIn, TxOut
from sluice.node.bitcoind.submission import outcome_of
from sluice.pool.ports import FoundBlock, Node, Outcome
from support.work import spend


def a_block(number: int, height: int = 100) -> FoundBlock:
    """A whole block, another one for each number; no node would take it."""
    header = number.to_bytes(80)
    return FoundBlock(sha256d(header), height, header, spend(1).to_bytes(), (), 0, "", 0)


def block_paying(*outputs: TxOut, script_sig: bytes = b"\x51\x51", number: int = 0) -> FoundBlock:
    """A block whose coinbase has these outputs."""
    coinbase = Transaction(1, (TxIn(COINBASE_OUTPOINT, script_sig, 0),), outputs, 0)
    return replace(a_block(number), coinbase=coinbase.to_bytes())


def as_found(raw: bytes, height: int = 100) -> FoundBlock:
    """Any bytes that begin with a header and a count, as if they had been found: they may be torn."""
    count, body = read_compact_size(raw, HEADER_SIZE)
    header = raw[:HEADER_SIZE]
    return FoundBlock(sha256d(header), height, header, raw[body:], (b"",) * (count - 1), 0, "", 0)


def whole(raw: bytes, height: int = 100) -> FoundBlock:
    """A block that is one, taken apart as a found block is."""
    coinbase, *others = (each.to_bytes() for each in Block.parse(raw).transactions)
    return FoundBlock(sha256d(raw[:80]), height, raw[:80], coinbase, tuple(others), 0, "", 0)


async def submit(node: Node, raw: bytes) -> Outcome:
    """Give a node a whole block, by the one route that it has."""
    (route,) = node.routes
    return await route.submit(as_found(raw))


def verdict(node: str, word: str = "") -> Outcome:
    """What a node's submitblock answers, however long it took."""
    return outcome_of(node, word)


def untimed(outcome: Outcome) -> Outcome:
    """The outcome without its latency."""
    return replace(outcome, milliseconds=0)
