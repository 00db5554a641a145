"""The room that a client needs in a block, and what a template provider keeps free for it (spec 7.1).

Rule: the weights are the specification's tables, row by row; sigops are their cost, of 80,000 in a block.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sluice.bitcoin.sigops import sigops_cost
from sluice.bitcoin.transaction import TxOut


class Part(NamedTuple):
    """A part of a block: its bytes, the weight of each, and whether only a segwit block has it."""

    name: str
    size: int
    factor: int
    segwit: bool = False

    @property
    def weight(self) -> int:
        return self.size * self.factor


BLOCK = (Part("block header", 80, 4), Part("block tx count", 3, 4))
COINBASE_FIXED = (
    Part("version", 4, 4),
    Part("marker + flag", 2, 1, segwit=True),
    Part("input count", 1, 4),
    Part("prev txid", 32, 4),
    Part("input index", 4, 4),
    Part("scriptSig length", 1, 4),
    Part("input sequence", 4, 4),
    Part("witness stack size", 1, 1, segwit=True),
    Part("size of witness element", 1, 1, segwit=True),
    Part("witness reserved value", 32, 1, segwit=True),
    Part("locktime", 4, 4),
)
COINBASE_VARIABLE = (
    Part("scriptSig", 100, 4),
    Part("output count", 3, 4),
    Part("witness commitment output", 47, 4, segwit=True),
)
RESERVED = (*BLOCK, *COINBASE_FIXED, *COINBASE_VARIABLE)

#: Bitcoin Core keeps no less free, and so do we.
LEAST_RESERVED = 2_000
MOST_SIGOPS = 2**16 - 1  # the field is a U16


def reserved_weight(additional_size: int, *, segwit: bool = True) -> int:
    """What the formulas of spec 7.1 come to, for so many bytes of outputs that the client adds."""
    return sum(part.weight for part in RESERVED if segwit or not part.segwit) + 4 * additional_size


@dataclass(frozen=True, slots=True)
class Constraints:
    """What a client may add in coinbase outputs at most: bytes, and the cost of their sigops."""

    size: int = 0
    sigops: int = 0

    @property
    def weight(self) -> int:
        """What has to be kept free in a block for all that is not a template's transactions."""
        return max(LEAST_RESERVED, reserved_weight(self.size))


def constraints_of(outputs: Iterable[TxOut]) -> Constraints:
    """For a coinbase that has these outputs beside the template's own."""
    kept = tuple(outputs)
    size = sum(len(output.to_bytes()) for output in kept)
    sigops = sum(sigops_cost(output.script_pubkey) for output in kept)
    return Constraints(size, min(sigops, MOST_SIGOPS))
