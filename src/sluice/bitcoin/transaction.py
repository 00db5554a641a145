"""Transactions: bytes to values and back, with and without the witness (BIP141, BIP144).

Rule: what is parsed is written back byte for byte; anything that could not be is a DecodeError.
Functions that read take `(data, at)` and return the value with the offset after it.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sluice.bitcoin.compact import DecodeError, compact_size, read_compact_size
from sluice.bitcoin.hashes import HASH_SIZE, Txid, Wtxid, sha256d

__all__ = [
    "COINBASE_OUTPOINT",
    "DecodeError",
    "OutPoint",
    "Transaction",
    "TxIn",
    "TxOut",
    "read_transaction",
]

NO_INDEX = 0xFFFF_FFFF  # what a coinbase's input points at, in a transaction of zeros
_MARKER_AND_FLAG = b"\x00\x01"

_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OutPoint:
    """The output that an input spends."""

    txid: Txid
    index: int

    def to_bytes(self) -> bytes:
        return self.txid + _U32.pack(self.index)


@dataclass(frozen=True, slots=True)
class TxIn:
    """An input; `sequence` is unsigned 32 bits."""

    previous: OutPoint
    script_sig: bytes
    sequence: int
    witness: tuple[bytes, ...] = ()

    def to_bytes(self) -> bytes:
        """Without the witness, which a transaction keeps apart from its inputs."""
        return self.previous.to_bytes() + _sized(self.script_sig) + _U32.pack(self.sequence)


@dataclass(frozen=True, slots=True)
class TxOut:
    """An output; `value` in satoshis."""

    value: int
    script_pubkey: bytes

    def to_bytes(self) -> bytes:
        return _U64.pack(self.value) + _sized(self.script_pubkey)


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction of at least one input; `version` and `locktime` are unsigned 32 bits."""

    version: int
    inputs: tuple[TxIn, ...]
    outputs: tuple[TxOut, ...]
    locktime: int

    @classmethod
    def parse(cls, data: bytes) -> "Transaction":
        """From bytes that are one transaction and nothing else."""
        transaction, end = read_transaction(data, 0)
        if end != len(data):
            raise DecodeError(f"{len(data) - end} bytes follow after the transaction")
        return transaction

    @property
    def has_witness(self) -> bool:
        return any(txin.witness for txin in self.inputs)

    @property
    def is_coinbase(self) -> bool:
        return len(self.inputs) == 1 and self.inputs[0].previous == COINBASE_OUTPOINT

    def to_bytes(self, witness: bool = True) -> bytes:
        """As it travels; `witness=False` is the form that the txid covers."""
        witness = witness and self.has_witness
        return b"".join(
            (
                _U32.pack(self.version),
                _MARKER_AND_FLAG if witness else b"",
                _listed([txin.to_bytes() for txin in self.inputs]),
                _listed([txout.to_bytes() for txout in self.outputs]),
                *(_listed([_sized(item) for item in txin.witness]) for txin in self.inputs if witness),
                _U32.pack(self.locktime),
            )
        )

    def txid(self) -> Txid:
        return Txid(sha256d(self.to_bytes(witness=False)))

    def wtxid(self) -> Wtxid:
        """Of a coinbase too, although a block commits to zeros in its place."""
        return Wtxid(sha256d(self.to_bytes()))

    def weight(self) -> int:
        """In weight units: a byte of witness counts one, any other four."""
        return 3 * len(self.to_bytes(witness=False)) + len(self.to_bytes())


COINBASE_OUTPOINT = OutPoint(Txid(bytes(HASH_SIZE)), NO_INDEX)


def read_transaction(data: bytes, at: int) -> tuple[Transaction, int]:
    """The transaction at `at`, and the offset after it."""
    version, at = _read_u32(data, at)
    has_witness = data[at : at + 2] == _MARKER_AND_FLAG
    if has_witness:
        at += len(_MARKER_AND_FLAG)
    inputs, at = _read_list(data, at, _read_input)
    if not inputs:
        raise DecodeError("a transaction without inputs")
    outputs, at = _read_list(data, at, read_output)
    if has_witness:
        inputs, at = _read_witnesses(data, at, inputs)
    locktime, at = _read_u32(data, at)
    return Transaction(version, inputs, outputs, locktime), at


def _read_input(data: bytes, at: int) -> tuple[TxIn, int]:
    txid, at = _read(data, at, HASH_SIZE)
    index, at = _read_u32(data, at)
    script_sig, at = _read_sized(data, at)
    sequence, at = _read_u32(data, at)
    return TxIn(OutPoint(Txid(txid), index), script_sig, sequence), at


def read_output(data: bytes, at: int) -> tuple[TxOut, int]:
    value, at = _read(data, at, _U64.size)
    script_pubkey, at = _read_sized(data, at)
    return TxOut(_U64.unpack(value)[0], script_pubkey), at


def _read_witnesses(data: bytes, at: int, inputs: Sequence[TxIn]) -> tuple[tuple[TxIn, ...], int]:
    complete = []
    for txin in inputs:
        witness, at = _read_list(data, at, _read_sized)
        complete.append(TxIn(txin.previous, txin.script_sig, txin.sequence, witness))
    if not any(txin.witness for txin in complete):
        raise DecodeError("a witness is announced, but every input's is empty")
    return tuple(complete), at


def _read_list(
    data: bytes, at: int, read_item: Callable[[bytes, int], tuple[T, int]]
) -> tuple[tuple[T, ...], int]:
    count, at = read_compact_size(data, at)
    items = []
    for _ in range(count):  # each item takes bytes: a lying count ends with the data
        item, at = read_item(data, at)
        items.append(item)
    return tuple(items), at


def _read_sized(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = read_compact_size(data, at)
    return _read(data, at, size)


def _read_u32(data: bytes, at: int) -> tuple[int, int]:
    raw, at = _read(data, at, _U32.size)
    return _U32.unpack(raw)[0], at


def _read(data: bytes, at: int, size: int) -> tuple[bytes, int]:
    end = at + size
    if end > len(data):
        raise DecodeError(f"the data ends at {len(data)}, {end - len(data)} bytes too early")
    return data[at:end], end


def _sized(data: bytes) -> bytes:
    return compact_size(len(data)) + data


def _listed(items: Sequence[bytes]) -> bytes:
    return compact_size(len(items)) + b"".join(items)
