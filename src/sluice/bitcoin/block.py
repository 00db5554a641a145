"""Whole blocks: a header, a count, and the transactions, coinbase first."""

from collections.abc import Sequence
from dataclasses import dataclass

from sluice.bitcoin.compact import DecodeError, compact_size, read_compact_size
from sluice.bitcoin.header import HEADER_SIZE, Header
from sluice.bitcoin.transaction import Transaction, read_transaction

MAX_WEIGHT = 4_000_000  # consensus, BIP141


@dataclass(frozen=True, slots=True)
class Block:
    """A block as it travels. Whether it is valid is for nodes to say."""

    header: Header
    transactions: tuple[Transaction, ...]

    @classmethod
    def parse(cls, data: bytes) -> "Block":
        """From bytes that are one block and nothing else; DecodeError otherwise."""
        header = Header.parse(data[:HEADER_SIZE])
        count, at = read_compact_size(data, HEADER_SIZE)
        transactions = []
        for _ in range(count):  # each takes bytes: a lying count ends with the data
            transaction, at = read_transaction(data, at)
            transactions.append(transaction)
        if at != len(data):
            raise DecodeError(f"{len(data) - at} bytes follow after the block")
        return cls(header, tuple(transactions))

    def to_bytes(self) -> bytes:
        coinbase, *others = (transaction.to_bytes() for transaction in self.transactions)
        return assemble_block(self.header.to_bytes(), coinbase, others)

    def weight(self) -> int:
        """In weight units, of which a block may have MAX_WEIGHT."""
        fixed = HEADER_SIZE + len(compact_size(len(self.transactions)))
        return 4 * fixed + sum(transaction.weight() for transaction in self.transactions)


def assemble_block(header80: bytes, coinbase_with_witness: bytes, transactions: Sequence[bytes]) -> bytes:
    """The bytes to submit. The header is taken as it was mined, never rebuilt."""
    return b"".join((header80, compact_size(1 + len(transactions)), coinbase_with_witness, *transactions))
