"""What a coinbase says to other chains: the commitments of merged mining, found in its bytes.

A chain with proof of work of its own accepts Bitcoin's if the coinbase commits to the chain's block: by a mark and
a hash, in the input's script (Namecoin's form) or in an output (Rootstock's).
Rule: a mark without all that must follow it is none.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sluice.bitcoin.hashes import HASH_SIZE
from sluice.bitcoin.transaction import Transaction

#: Namecoin's mark; after it the root of a tree of chains, front to back, then its size and nonce.
AUXPOW_MARK = bytes.fromhex("fabe6d6d")
_AUXPOW_TAIL = 8
#: Rootstock's mark; after it the hash for its merged mining.
ROOTSTOCK_MARK = b"RSKBLOCK:"


@dataclass(frozen=True, slots=True)
class Commitment:
    """To which kind of chain, and its 32 bytes as they stand in the coinbase."""

    kind: str
    value: bytes


def commitments(coinbase: Transaction) -> tuple[Commitment, ...]:
    """Every commitment of a coinbase, in the order of its bytes."""
    script = coinbase.inputs[0].script_sig
    in_script = (Commitment("auxpow", value) for value in _after(AUXPOW_MARK, script, _AUXPOW_TAIL))
    in_outputs = (
        Commitment("rootstock", value)
        for output in coinbase.outputs
        for value in _after(ROOTSTOCK_MARK, output.script_pubkey)
    )
    return (*in_script, *in_outputs)


def _after(mark: bytes, data: bytes, tail: int = 0) -> Iterator[bytes]:
    """The 32 bytes after each `mark` that has them and `tail` more."""
    at = data.find(mark)
    while at >= 0:
        begin = at + len(mark)
        end = begin + HASH_SIZE
        if end + tail <= len(data):
            yield data[begin:end]
        at = data.find(mark, begin)
