"""The life of a found block, as the record has it: found, moved, answered.

Rule: read from the record's own rows, so that it is whole before any view has caught up.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from sluice.ledger.database import Database
from sluice.ledger.schema import ANSWERS, CANDIDATES, MOVES
from sluice.ledger.views import block_of


@dataclass(frozen=True, slots=True)
class Move:
    """A block came to `stage` because of `turn`."""

    at: int
    stage: str
    turn: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one attempt to give a block to a node."""

    at: int
    node: str
    route: str
    answer: str
    reason: str
    milliseconds: int


@dataclass(frozen=True, slots=True)
class BlockLife:
    """A block and all that happened to it; times in unix seconds, the hash in hex and display order."""

    height: int
    block_hash: str
    name: str
    account: str
    worker: str
    template: int
    found_at: int
    stage: str
    moves: tuple[Move, ...]
    answers: tuple[Answered, ...]


def life_of(database: Database, block_hash: str) -> BlockLife | None:
    """What is recorded of a block; None if nothing is, or the hash is none. Raises LedgerError."""
    try:
        wanted = bytes.fromhex(block_hash)
    except ValueError:
        return None
    with database.reading() as connection:
        found = (
            connection.execute(CANDIDATES.select().where(CANDIDATES.c.block_hash == wanted))
            .mappings()
            .first()
        )
        if found is None:
            return None
        a, m = ANSWERS.c, MOVES.c
        moves = connection.execute(
            sa.select(m.at, m.stage, m.turn).where(m.block_hash == wanted).order_by(m.move)
        )
        answers = connection.execute(
            sa.select(a.at, a.node, a.route, a.answer_word, a.reason, a.milliseconds)
            .where(a.block_hash == wanted)
            .order_by(a.answer)
        )
        block = block_of(found)
        lived = tuple(Move(*row) for row in moves)
        return BlockLife(
            height=found["height"],
            block_hash=block_hash.lower(),
            name=found["name"],
            account=block["account"],
            worker=block["worker"],
            template=found["template"],
            found_at=found["at"],
            stage=lived[-1].stage if lived else block["stage"],
            moves=lived,
            answers=tuple(Answered(*row) for row in answers),
        )
