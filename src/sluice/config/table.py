"""The option table: every setting of Sluice, once.

Rule: the file's parser, the flags, the environment variables, the default file and docs/configuration.md all
come from these declarations; a bound stands beside its option, with its reason in the option's sentence.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from sluice.config.accounts_table import Accounts
from sluice.config.alarm_table import Alarms
from sluice.config.ledger_table import Ledger
from sluice.config.node_table import Node
from sluice.config.option import options_of, row, section
from sluice.config.values import Address, Endpoint, Seconds, Tag
from sluice.config.web_table import Web
from sluice.control.place import NAME


@section
class Server:
    """Where miners connect, and how much one of them may take."""

    listen: Endpoint = row(
        "Where miners connect.", default=Endpoint("0.0.0.0", 3333), example="127.0.0.1:3333"
    )
    max_connections: Annotated[int, Meta(ge=1, le=1_000_000)] = row(
        "Open connections at most; more are turned away at the door. Each takes a file descriptor "
        "and some 16 KiB of memory.",
        default=10_000,
    )
    handshake_timeout: Seconds = row(
        "Time for a new connection to finish its encrypted handshake.", default=10.0
    )
    setup_timeout: Seconds = row("Time after that to send SetupConnection.", default=10.0)
    channel_timeout: Seconds = row("Time after that to open a first channel.", default=60.0)
    idle_timeout: Seconds = row(
        "A connection from which nothing came for this long is closed, or for ten times the expected time "
        "between its shares if that is longer.",
        default=300.0,
    )
    drain_timeout: Annotated[float, Meta(gt=0, le=60, extra={"unit": "seconds"})] = row(
        "Time for miners to go elsewhere after SIGTERM, before their connections are closed.", default=2.0
    )
    max_channels_per_connection: Annotated[int, Meta(ge=1, le=65_536)] = row(
        "Channels that one connection may have open; a proxy opens one for each device behind it.",
        default=1_024,
    )
    send_queue_bytes: Annotated[int, Meta(ge=65_536, le=67_108_864, extra={"unit": "bytes"})] = row(
        "Bytes that may wait for a peer that does not read; beyond, it is not read from, and closed if that "
        "lasts for 10 seconds.",
        default=262_144,
    )
    refused_shares_per_minute: Annotated[int, Meta(ge=1, le=1_000_000)] = row(
        "Refused shares a minute after which a connection is closed: it costs more than it brings.",
        default=600,
    )


@section
class Pool:
    """What is mined, and to whom it is paid."""

    address: Address = row(
        "The address that every block pays; in solo mode (accounts.mode), the fee of every block if there is one. "
        "Required if it is paid, and checked against the node's network.",
        default="",
        example="bc1q...",
    )
    tag: Tag = row("The pool's name in the coinbase of its blocks.", default="Sluice", example="My Pool")
    shares_per_minute: Annotated[int, Meta(ge=1, le=600)] = row(
        "Shares a minute wanted from each channel; its difficulty follows.", default=6
    )
    min_difficulty: Annotated[float, Meta(gt=0, le=1_000_000_000_000)] = row(
        "No channel's difficulty goes below this. The default lets the smallest devices find shares.",
        default=0.00001,
    )
    default_difficulty: Annotated[float, Meta(ge=0, le=1_000_000_000_000)] = row(
        "Where a channel begins whose miner does not say how fast it is, or wants to be told (TLV dialect); 0 "
        "begins it as one of 10 GH/s, and at difficulty 1 in the dialect.",
        default=0.0,
    )
    max_jobs: Annotated[int, Meta(ge=2, le=100)] = row(
        "Jobs a channel remembers on one tip; a share for an older one is stale.", default=10
    )
    ack_shares: Annotated[int, Meta(ge=1, le=1_000)] = row(
        "Accepted shares are answered together, as soon as there are this many.", default=10
    )
    ack_milliseconds: Annotated[int, Meta(ge=0, le=60_000, extra={"unit": "milliseconds"})] = row(
        "Accepted shares are answered at the latest when the first of them has waited this long; 0 is as soon "
        "as all that came together has been judged.",
        default=0,
    )
    stale_grace_seconds: Annotated[float, Meta(ge=0, le=60, extra={"unit": "seconds"})] = row(
        "A share for the previous tip is still credited this long after a block, and said to be late.",
        default=5.0,
    )
    shard: Annotated[int, Meta(ge=0, le=255)] = row(
        "This process's part of the search space; where several processes are one pool, give each its own.",
        default=0,
    )


@section
class Templates:
    """What `sluice templates` gives to others from your node, over the Template Distribution Protocol."""

    listen: Endpoint = row(
        "Where clients connect: pools, job declarators. The usual ports: main 8442, test 18442, testnet4 48442, "
        "signet 38442, regtest 18447.",
        default=Endpoint("127.0.0.1", 8442),
        flag="--templates-listen",
    )
    encryption: Literal["noise", "none"] = row(
        "Without encryption nobody can be told from an impostor: for clients on this machine only, or where every "
        "cable is yours.",
        default="noise",
        flag="--templates-encryption",
    )
    fee_growth: Annotated[int, Meta(ge=0, le=2_100_000_000_000_000, extra={"unit": "satoshis"})] = row(
        "A template on the same tip is sent when it pays this much more than the one before.", default=1_000
    )
    fee_pause: Annotated[float, Meta(ge=0, le=3_600, extra={"unit": "seconds"})] = row(
        "Nor is one sent sooner than this after the one before; a new tip is always told at once. How often the node "
        "is asked for fees is node.refresh_seconds.",
        default=5.0,
    )
    max_clients: Annotated[int, Meta(ge=1, le=1_000)] = row(
        "Open connections at most. One that asks for whole blocks may have tens of MiB waiting for it.",
        default=16,
    )


@section
class Data:
    """What is kept between starts."""

    dir: Path = row(
        "Where keys are kept, and in blocks/ every found block with its history (`sluice blocks`). $XDG_DATA_HOME/sluice if that variable is set.",
        default=Path("~/.local/share/sluice"),
        example="/var/lib/sluice",
        flag="--data-dir",
    )


@section
class Keys:
    """How miners know that they talk to this pool."""

    authority_file: Path = row(
        "The pool's authority key, in the data directory unless the path is absolute. Made at the first start, "
        "mode 0600. Servers that share it are one pool to their miners.",
        default=Path("authority.key"),
    )
    certificate_hours: Annotated[int, Meta(ge=1, le=8_760, extra={"unit": "hours"})] = row(
        "How long a certificate signed by it lasts; it is renewed before it ends.", default=24
    )


@section
class Log:
    """What is told on stderr."""

    level: Literal["debug", "info", "warning", "error"] = row(
        "What matters less than this is not told.", default="info", flag="--log-level"
    )
    format: Literal["auto", "human", "json"] = row(
        "auto is human on a terminal, JSON otherwise.", default="auto", flag="--log-format"
    )


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration, typed and checked."""

    server: Server
    pool: Pool
    accounts: Accounts
    #: One or more, each with a name of its own.
    nodes: tuple[Node, ...]
    templates: Templates
    data: Data
    ledger: Ledger
    keys: Keys
    web: Web
    alarms: Alarms
    log: Log
    #: Where it was read, if it was a file.
    file: Path | None = None

    @property
    def operator_key_file(self) -> Path:
        """Where the operator's key is, the data directory taken into account."""
        return self.data.dir / self.web.operator_key_file

    @property
    def authority_file(self) -> Path:
        """Where the authority key is, the data directory taken into account."""
        return self.data.dir / self.keys.authority_file

    @property
    def control_socket(self) -> Path:
        """Where a running pool is looked at and commanded."""
        return self.data.dir / NAME


SECTIONS = {
    "server": Server,
    "pool": Pool,
    "accounts": Accounts,
    "node": Node,
    "templates": Templates,
    "data": Data,
    "ledger": Ledger,
    "keys": Keys,
    "web": Web,
    "alarms": Alarms,
    "log": Log,
}
#: The section that may be given several times, and how often at most: each node is asked, polled and watched.
SEVERAL = "node"
MAX_NODES = 16
OPTIONS = {option.name: option for option in options_of(SECTIONS)}
