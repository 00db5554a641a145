"""What the API answers: one struct for each kind of thing. The OpenAPI document and docs/api.md are made of these.

Rule: fields are stable: one may come, none goes or changes its meaning under /api/v1. A field that ends in `at` is in
unix seconds, in `seconds` in seconds, a hash rate is in hashes a second. Work may be more than 2^53, which JavaScript
rounds: it is a decimal text, and beside it a difficulty, a number for people.
"""

from typing import Annotated, Generic, TypeVar

from msgspec import Meta, Struct

T = TypeVar("T")

Account = Annotated[
    str, Meta(description="An account as miners name it: an address, or a name where those are allowed.")
]
Worker = Annotated[str, Meta(description="A worker of the account; empty for one that names none.")]
Moment = Annotated[float, Meta(description="Unix seconds.")]
MomentOrNever = Annotated[float | None, Meta(description="Unix seconds; null if never.")]
Seconds = Annotated[float, Meta(description="Seconds.")]
Work = Annotated[
    str,
    Meta(
        description="Work in hashes: a whole number as text, as it may be more than 2^53.", pattern="^[0-9]+$"
    ),
]
Difficulty = Annotated[float, Meta(description="A difficulty: how many times harder than nbits 1d00ffff.")]
HashHex = Annotated[str, Meta(description="A hash in display order, hexadecimal.")]


class Page(Struct, Generic[T], frozen=True):
    """A part of a list."""

    total: Annotated[int, Meta(description="How many there are in all.")]
    offset: Annotated[int, Meta(description="How many come before this part.")]
    limit: Annotated[int, Meta(description="How many this part has at most.")]
    items: Annotated[list[T], Meta(description="This part.")]


class HashRates(Struct, frozen=True):
    """Hash rates, in hashes a second: the first three of now, of the day from the record."""

    one_minute: Annotated[float, Meta(description="Over the last minute.")] = 0.0
    five_minutes: Annotated[float, Meta(description="Over the last five minutes.")] = 0.0
    one_hour: Annotated[float, Meta(description="Over the last hour.")] = 0.0
    one_day: Annotated[
        float | None, Meta(description="Over the last 24 hours; null where there is no record.")
    ] = None


class Totals(Struct, frozen=True):
    """Shares and work since the record began."""

    accepted: Annotated[int, Meta(description="Shares that were credited, late ones too.")] = 0
    late: Annotated[int, Meta(description="Of these, those for a tip that had just changed.")] = 0
    refused: Annotated[dict[str, int], Meta(description="Shares that were not, by reason.")] = {}
    work: Work = "0"
    work_difficulty: Annotated[
        float, Meta(description="The same work as difficulties of shares, added up.")
    ] = 0.0


class Best(Struct, frozen=True):
    """The best share of somebody."""

    difficulty: Difficulty
    hash: HashHex


class RankedBest(Struct, frozen=True):
    """One of the best shares."""

    account: Account
    worker: Worker
    difficulty: Difficulty
    hash: HashHex
    at: Moment


class Template(Struct, frozen=True):
    """The work of now."""

    age_seconds: Seconds
    height: Annotated[int, Meta(description="The height of the block to be found.")]
    reward: Annotated[int, Meta(description="What that block pays, in satoshis.")]
    fees: Annotated[int, Meta(description="Of this, fees, in satoshis.")]
    transactions: Annotated[int, Meta(description="Transactions in it, without the coinbase.")]


class RecordState(Struct, frozen=True):
    """How the record stands."""

    queued: Annotated[int, Meta(description="Entries that wait to be written.")]
    lag_seconds: Annotated[float, Meta(description="How old the oldest of them is.")]
    lost: Annotated[int, Meta(description="Entries that could not be written in this run.")]
    failing: Annotated[str, Meta(description="Why nothing can be written; empty if it can.")]


class Pool(Struct, frozen=True):
    """The pool as a whole."""

    at: Annotated[float, Meta(description="Unix seconds of the moment that this shows.")]
    started_at: Moment
    version: Annotated[str, Meta(description="Sluice's version.")]
    network: Annotated[str, Meta(description="main, test, testnet4, signet or regtest.")]
    tag: Annotated[str, Meta(description="The pool's name in its coinbases.")]
    url: Annotated[str, Meta(description="What miners connect to, with the pool's key.")]
    key_temporary: Annotated[bool, Meta(description="Whether that key ends with this run.")]
    mode: Annotated[str, Meta(description="Whom blocks pay: pool or solo.")]
    payout: Annotated[str, Meta(description="The address that blocks pay, if it is one for all.")]
    trouble: Annotated[str, Meta(description="Why nothing is mined, and what to do; empty if something is.")]
    draining: Annotated[bool, Meta(description="Whether miners are sent elsewhere.")]
    height: Annotated[
        int | None, Meta(description="The height of the block to be found; null before the first template.")
    ]
    network_difficulty: Difficulty
    seconds_to_block: Annotated[
        float | None, Meta(description="Seconds until a block is expected; null without a hash rate.")
    ]
    connections: Annotated[int, Meta(description="Open connections.")]
    max_connections: Annotated[int, Meta(description="Connections that are taken at most.")]
    miners: Annotated[int, Meta(description="Connections that have said who they are.")]
    channels: Annotated[int, Meta(description="Open channels.")]
    workers: Annotated[int, Meta(description="Workers that are connected.")]
    accounts: Annotated[int, Meta(description="Accounts that have a worker connected.")]
    hashrates: HashRates
    totals: Annotated[Totals | None, Meta(description="Null where there is no record.")]
    best: Annotated[RankedBest | None, Meta(description="The best share ever; null before the first.")]
    blocks_accepted: Annotated[int, Meta(description="Blocks of this run that a node has taken.")]
    record: Annotated[RecordState | None, Meta(description="Null where there is no record.")]


class Network(Struct, frozen=True):
    """The chain as the nodes show it."""

    network: Annotated[str, Meta(description="main, test, testnet4, signet or regtest.")]
    height: Annotated[int | None, Meta(description="Of the newest block; null before the first template.")]
    prev_hash: Annotated[str, Meta(description="The hash of that block, in display order.")]
    difficulty: Difficulty
    hashrate: Annotated[
        float, Meta(description="What finds a block in ten minutes at this difficulty, in hashes a second.")
    ]
    template: Annotated[Template | None, Meta(description="Null before the first.")]


class Node(Struct, frozen=True):
    """One node."""

    name: Annotated[str, Meta(description="Its name in the configuration.")]
    state: Annotated[str, Meta(description="One word.")]
    meaning: Annotated[str, Meta(description="What the word means.")]
    why: Annotated[str, Meta(description="What it is because of.")]
    for_seconds: Annotated[float, Meta(description="For how long it has been so.")]
    next_height: Annotated[int, Meta(description="The height that its template is for.")]
    prev_hash: HashHex
    behind: Annotated[int, Meta(description="Blocks that it is behind the best of them.")]
    lag_seconds: Annotated[float | None, Meta(description="How much later than the first it told the tip.")]
    template_age_seconds: Annotated[float | None, Meta(description="How old its template is.")]
    reward: Annotated[int, Meta(description="What its template pays, in satoshis.")]
    outcomes: Annotated[
        dict[str, int], Meta(description="What it said of blocks that it was given, counted.")
    ]
    last_outcome: Annotated[str, Meta(description="The last of these.")]


class Nodes(Struct, frozen=True):
    """All of them, in the order of the configuration."""

    items: list[Node]
