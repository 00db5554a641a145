"""What the API answers about who mines: connections, channels, accounts, workers, charts.

Rule: as in `answers.py`. Where a connection comes from is told only to who has the operator's key.
"""

from typing import Annotated

from msgspec import Meta, Struct

from sluice.web.rest.answers import (
    Account,
    Best,
    Difficulty,
    HashRates,
    Moment,
    MomentOrNever,
    Seconds,
    Totals,
    Work,
    Worker,
)

Session = Annotated[str, Meta(description="Eight hexadecimal digits, others for each new channel.")]


class Connection(Struct, frozen=True):
    """One connection, which may have many channels."""

    id: Annotated[int, Meta(description="Its number in this run.")]
    address: Annotated[str | None, Meta(description="Where it comes from; null without the operator's key.")]
    protocol: Annotated[str, Meta(description="The language that it speaks.")]
    vendor: Annotated[str, Meta(description="As the device says.")]
    hardware_version: Annotated[str, Meta(description="As the device says.")]
    firmware: Annotated[str, Meta(description="As the device says.")]
    extensions: Annotated[
        list[int], Meta(description="Extensions of Stratum V2 that were agreed, by number.")
    ]
    connected_at: Moment
    heard_at: Annotated[float, Meta(description="Unix seconds of the last that came from it.")]
    channels: Annotated[int, Meta(description="Open channels.")]
    accepted: Annotated[int, Meta(description="Shares of this connection that were credited.")]
    refused: Annotated[dict[str, int], Meta(description="Shares of it that were not, by reason.")]
    hashrates: HashRates


class Channel(Struct, frozen=True):
    """One channel of one connection, or one worker of it where a proxy says who is behind it."""

    session: Session
    connection: Annotated[int, Meta(description="The number of its connection.")]
    channel_id: Annotated[int, Meta(description="Its number on that connection.")]
    kind: Annotated[str, Meta(description="standard or extended.")]
    account: Account
    worker: Worker
    difficulty: Difficulty
    difficulty_fixed: Annotated[
        bool, Meta(description="Whether an operator has set it; vardiff leaves it alone.")
    ]
    vendor: Annotated[str, Meta(description="As the device says.")]
    firmware: Annotated[str, Meta(description="As the device says.")]
    protocol: Annotated[str, Meta(description="The language that it speaks.")]
    connected_at: Moment
    last_share_at: MomentOrNever
    accepted: Annotated[int, Meta(description="Shares that were credited since the channel opened.")]
    refused: Annotated[dict[str, int], Meta(description="Shares that were not, by reason.")]
    best_difficulty: Annotated[float, Meta(description="The best share since the channel opened.")]
    hashrates: HashRates


class AccountLine(Struct, frozen=True):
    """An account, in a list."""

    account: Account
    workers: Annotated[int, Meta(description="Workers that ever had a share credited.")]
    connected: Annotated[int, Meta(description="Channels that are open now.")]
    hashrates: HashRates
    totals: Totals
    best: Annotated[Best | None, Meta(description="Its best share ever.")]
    blocks: Annotated[int, Meta(description="Blocks that it found.")]
    last_share_at: MomentOrNever


class AccountState(Struct, frozen=True):
    """An account, all of it."""

    account: Account
    workers: Annotated[int, Meta(description="Workers that ever had a share credited, and those connected.")]
    connected: Annotated[int, Meta(description="Channels that are open now.")]
    hashrates: HashRates
    totals: Totals
    best: Annotated[Best | None, Meta(description="Its best share ever.")]
    best_today: Annotated[Best | None, Meta(description="Its best share of this day, in UTC.")]
    blocks: Annotated[int, Meta(description="Blocks that it found.")]
    first_share_at: MomentOrNever
    last_share_at: MomentOrNever


class WorkerState(Struct, frozen=True):
    """A worker, live and kept."""

    account: Account
    worker: Worker
    connected: Annotated[int, Meta(description="Channels that are open now.")]
    difficulty: Annotated[
        float | None, Meta(description="At which its newest channel mines; null if none is open.")
    ]
    difficulty_fixed: Annotated[bool, Meta(description="Whether an operator has set it.")]
    vendor: Annotated[str, Meta(description="As its newest device says; empty if none is connected.")]
    firmware: Annotated[str, Meta(description="As its newest device says.")]
    protocol: Annotated[str, Meta(description="The language that it speaks.")]
    connected_at: Annotated[float | None, Meta(description="Unix seconds; null if it is not connected.")]
    hashrates: HashRates
    totals: Totals
    best: Annotated[Best | None, Meta(description="Its best share ever.")]
    best_today: Annotated[Best | None, Meta(description="Its best share of this day, in UTC.")]
    blocks: Annotated[int, Meta(description="Blocks that it found.")]
    first_share_at: MomentOrNever
    last_share_at: MomentOrNever


class ChartPoint(Struct, frozen=True):
    """One step of a chart."""

    at: Annotated[float, Meta(description="Unix seconds of its beginning.")]
    hashrate: Annotated[float, Meta(description="Over the step, in hashes a second.")]
    work: Work
    accepted: Annotated[int, Meta(description="Shares that were credited.")]
    refused: Annotated[int, Meta(description="Shares that were not.")]


class Chart(Struct, frozen=True):
    """What was done over time. A step without a share is there, too."""

    since: Moment
    until: Moment
    step_seconds: Seconds
    points: list[ChartPoint]
