"""What the API answers about found blocks.

Rule: as in `answers.py`; a stage is a word of `pool/block_life.py`.
"""

from typing import Annotated

from msgspec import Meta, Struct

from sluice.web.rest.answers import Account, HashHex, Moment, Worker

Stage = Annotated[str, Meta(description="Where it stands: one word of docs/blocks.md.")]


class BlockLine(Struct, frozen=True):
    """A found block, in a list."""

    height: Annotated[int, Meta(description="Its height.")]
    hash: HashHex
    account: Account
    worker: Worker
    found_at: Moment
    stage: Stage


class Move(Struct, frozen=True):
    """A step of a block's life."""

    at: Moment
    stage: Stage
    turn: Annotated[str, Meta(description="Why.")]


class Attempt(Struct, frozen=True):
    """What came of giving a block to a node."""

    at: Moment
    node: Annotated[str, Meta(description="The node's name in the configuration.")]
    route: Annotated[str, Meta(description="By which way.")]
    answer: Annotated[str, Meta(description="What the node made of it, in one word.")]
    reason: Annotated[str, Meta(description="In the node's own words; empty if it gave none.")]


class Block(Struct, frozen=True):
    """A found block and its life."""

    height: Annotated[int, Meta(description="Its height.")]
    hash: HashHex
    account: Account
    worker: Worker
    found_at: Moment
    stage: Stage
    moves: Annotated[list[Move], Meta(description="Its life, the oldest first.")]
    answers: Annotated[list[Attempt], Meta(description="What nodes said, the oldest first.")]
