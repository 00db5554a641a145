"""The coinbase, in two halves around the extranonce.

What travels to miners is without BIP141's marker, flag and witness: that is the form whose hash is the
txid, so halves and extranonce can be hashed as they come. The node wants them back: `with_witness`.
Rule: the extranonce is the last thing in the scriptSig, so the suffix begins with the sequence.
"""

import struct
from dataclasses import dataclass

from sluice.bitcoin.compact import compact_size
from sluice.bitcoin.script import MAX_DIRECT_PUSH, push
from sluice.bitcoin.transaction import COINBASE_OUTPOINT, Transaction, TxOut
from sluice.bitcoin.witness import RESERVED_VALUE

MAX_SCRIPT_SIG = 100  # consensus, Core's "bad-cb-length"; the least is 2, which any extranonce fills
FINAL_SEQUENCE = 0xFFFF_FFFF

_MARKER_AT = 4  # marker and flag stand behind the version
_MARKER_AND_FLAG = b"\x00\x01"
_WITNESS = b"\x01" + push(RESERVED_VALUE)  # one item of 32 bytes; here a push and a CompactSize agree
_LOCKTIME_SIZE = 4

_U32 = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class CoinbasePlan:
    """What a coinbase is made of. `prefix_script` is the BIP34 height, as a template gives it."""

    prefix_script: bytes
    pool_tag: bytes
    extranonce_size: int
    outputs: tuple[TxOut, ...]
    tx_version: int = 2
    sequence: int = FINAL_SEQUENCE - 1  # not final, or the locktime would not count (BIP54)
    locktime: int = 0


@dataclass(frozen=True, slots=True)
class CoinbaseSplit:
    """The stripped bytes before and after the extranonce."""

    prefix: bytes
    suffix: bytes

    def join(self, extranonce: bytes) -> bytes:
        """The whole stripped coinbase, whose sha256d is the txid.

        Hashing the prefix once per job was measured: it saves one block of three or four, copying the
        state costs as much.
        """
        return self.prefix + extranonce + self.suffix


def split_coinbase(plan: CoinbasePlan) -> CoinbaseSplit:
    """Prefix and suffix; ValueError if the extranonce or the whole scriptSig has a size it cannot have."""
    if not 1 <= plan.extranonce_size <= MAX_DIRECT_PUSH:
        raise ValueError(f"an extranonce has 1 to {MAX_DIRECT_PUSH} bytes, not {plan.extranonce_size}")
    tag = push(plan.pool_tag) if plan.pool_tag else b""
    script = plan.prefix_script + tag + bytes((plan.extranonce_size,))
    script_size = len(script) + plan.extranonce_size
    if script_size > MAX_SCRIPT_SIG:
        raise ValueError(
            f"the coinbase's script would have {script_size} bytes, {MAX_SCRIPT_SIG} are allowed; "
            f"{len(plan.pool_tag)} of them are the pool tag"
        )
    prefix = (
        _U32.pack(plan.tx_version),
        b"\x01" + COINBASE_OUTPOINT.to_bytes(),
        compact_size(script_size) + script,
    )
    suffix = (
        _U32.pack(plan.sequence),
        compact_size(len(plan.outputs)),
        *(output.to_bytes() for output in plan.outputs),
        _U32.pack(plan.locktime),
    )
    return CoinbaseSplit(b"".join(prefix), b"".join(suffix))


def strip_bip141(prefix: bytes, suffix: bytes) -> CoinbaseSplit:
    """The halves without marker, flag and witness; halves that have none come back as they are.

    ValueError if there is no room for what should be there.
    """
    after_flag = _MARKER_AT + len(_MARKER_AND_FLAG)
    if len(prefix) < after_flag:
        raise ValueError("the coinbase prefix ends before its inputs")
    if prefix[_MARKER_AT] or not prefix[_MARKER_AT + 1]:  # an input count of zero is the marker
        return CoinbaseSplit(prefix, suffix)
    body, locktime = suffix[:-_LOCKTIME_SIZE], suffix[-_LOCKTIME_SIZE:]
    if len(locktime) < _LOCKTIME_SIZE:
        raise ValueError("the coinbase suffix ends before its locktime")
    item = body[-len(_WITNESS) :]
    if len(item) < len(_WITNESS) or item[:2] != _WITNESS[:2]:
        raise ValueError("the coinbase has a segwit marker, but no witness of one 32-byte item")
    return CoinbaseSplit(prefix[:_MARKER_AT] + prefix[after_flag:], body[: -len(_WITNESS)] + locktime)


def with_witness(stripped_coinbase: bytes) -> bytes:
    """A coinbase as the node wants it: marker, flag and the reserved value put back (BIP141)."""
    version, body = stripped_coinbase[:_MARKER_AT], stripped_coinbase[_MARKER_AT:-_LOCKTIME_SIZE]
    return version + _MARKER_AND_FLAG + body + _WITNESS + stripped_coinbase[-_LOCKTIME_SIZE:]


def is_bip54(coinbase: Transaction, height: int) -> bool:
    """Whether the coinbase can never be repeated at another height (BIP54)."""
    return coinbase.locktime == height - 1 and coinbase.inputs[0].sequence != FINAL_SEQUENCE
