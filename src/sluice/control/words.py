"""What is said on the control socket: one JSON object a line, each way; `type` says which of these it is.

A picture is one `PoolPicture`, then `MinerPictures` with a part of the connections each, then `PictureEnd`; where it
shows only what has changed, `Gone` comes before them. The fields are stable: one may come, none goes or changes its
meaning. Units: seconds, hashes a second, satoshis, unix seconds where a field ends in `at`; hashes are in display
order; difficulties and sums of work are for people.
Rule: what is made here is only carried; who may say it and what comes of it is `server/control_host.py`'s.
"""

from msgspec import Struct, field

from sluice.control.counters import Counters
from sluice.pool.overview import ChannelView, Figures, HashRates, MinerView

__all__ = ["ChannelView", "Figures", "HashRates", "MinerView"]


#: A field of a happening.
Fact = str | int | float | bool | None | list[str | int | float]


class Line(Struct, frozen=True, tag=True):
    """One line, either way."""


# What is asked ------------------------------------------------------------------------------------------------


class Look(Line, frozen=True):
    """One picture."""


class Watch(Line, frozen=True):
    """Pictures for ever, at least so many seconds apart, and `Happened` in between.

    `after` is the number of the last happening that was heard of, of the run that began at `run_at`: what was told
    since, and is still known, is told first. With `changes`, pictures after the first show what has changed since the
    one before, if the pool can tell (`control/assembly.py` puts them together).
    """

    seconds: float = 1.0
    after: int = 0
    run_at: float = 0.0
    changes: bool = False


class SetDifficulty(Line, frozen=True):
    """Channels of a name (an account, or one worker of it) mine at this difficulty; None: at what vardiff finds."""

    name: str
    difficulty: float | None = None


class CloseChannels(Line, frozen=True):
    """Close the channels of a name; connections that are left with none may open others."""

    name: str


class Ban(Line, frozen=True):
    """Close what belongs to a name, an address or a network, and take it no more: for so long, or for good."""

    what: str
    seconds: float | None = None


class Unban(Line, frozen=True):
    """Take it again."""

    what: str


class Drain(Line, frozen=True):
    """Send every miner elsewhere and take no new ones; with `off`, take them again."""

    off: bool = False


Command = SetDifficulty | CloseChannels | Ban | Unban | Drain
Request = Look | Watch | Command


# What is answered ---------------------------------------------------------------------------------------------


class Done(Line, frozen=True):
    """A command was carried out; `count` channels, connections or bans were concerned."""

    words: str
    count: int = 0


class Refused(Line, frozen=True):
    """It was not; the words say why, and the way out."""

    words: str


class Watching(Line, frozen=True):
    """Pictures and happenings follow, of the run that began at `run_at`."""

    run_at: float


class TemplatePicture(Struct, frozen=True):
    """The work of now; `age` in seconds."""

    age: float
    height: int
    reward: int
    fees: int
    transactions: int


class NodePicture(Struct, frozen=True):
    """How a node stands: `node/several/standing.py`, field by field; `meaning` says what its state is."""

    node: str
    state: str
    meaning: str = ""
    why: str = ""
    for_seconds: float = 0.0
    next_height: int = 0
    prev_hash: str = ""
    behind: int = 0
    lag: float | None = None
    template_age: float | None = None
    reward: int = 0
    outcomes: dict[str, int] = {}
    last_outcome: str = ""


class AnswerPicture(Struct, frozen=True):
    """What came of the last attempt to give a block to a node by one of its routes."""

    node: str
    route: str
    answer: str
    reason: str = ""
    milliseconds: int = 0


class BlockPicture(Struct, frozen=True):
    """A block that was found: where it stands (`pool/block_life.py`), and what nodes said."""

    height: int
    block_hash: str
    user: str
    found_at: int
    stage: str
    settled: bool
    #: Whether a node was ever seen to take it, and whether it is on the disk.
    taken: bool
    recorded: bool
    answers: tuple[AnswerPicture, ...] = ()


class RecordPicture(Struct, frozen=True):
    """How the record stands: entries that wait, how old the oldest is, how many were lost, and why it fails; what was
    written in this run, in batches and in entries.
    """

    queued: int = 0
    lag: float = 0.0
    lost: int = 0
    failing: str = ""
    batches: int = 0
    entries: int = 0
    #: Where it is, for who reads it beside the pool: a file's path, or a URL without its password.
    place: str = ""


class BanPicture(Struct, frozen=True):
    """Who is not taken; `until` in unix seconds, None: for good."""

    what: str
    until: int | None = None


class FixedPicture(Struct, frozen=True):
    """A name whose difficulty an operator has set."""

    name: str
    difficulty: float


class PoolPicture(Line, frozen=True):
    """The pool as a whole."""

    at: float
    started_at: float
    version: str = ""
    network: str = ""
    shard: int = 0
    tag: str = ""
    #: What miners paste, with the pool's key; `key_temporary`: it is another one after the next start.
    url: str = ""
    key_temporary: bool = False
    #: Whom blocks pay, in words, and in which mode the pool is.
    mode: str = "pool"
    payout: str = ""
    #: Which user names may mine (`accounting/name.py`), and what of a block in solo mode is the operator's, in percent.
    names: str = "address"
    fee_percent: float = 0.0
    #: Of the block to be found; None before the first template.
    height: int | None = None
    prev_hash: str = ""
    network_difficulty: float = 0.0
    #: Why nothing is mined, and what to do, in one sentence; empty if something is.
    trouble: str = ""
    draining: bool = False
    template: TemplatePicture | None = None
    nodes: tuple[NodePicture, ...] = ()
    #: Those that are known to this process, the newest first; `blocks_alive` of them are not settled.
    blocks: tuple[BlockPicture, ...] = ()
    blocks_alive: int = 0
    blocks_accepted: int = 0
    #: Sockets that are open, those of them that have said who they are, and their channels.
    connections: int = 0
    miners: int = 0
    channels: int = 0
    max_connections: int = 0
    #: Connections that ended before they were anybody's, and after, by reason.
    turned_away: dict[str, int] = {}
    closings: dict[str, int] = {}
    #: All that is connected, together; nothing in a picture that is not `whole`.
    figures: Figures = field(default_factory=Figures)
    record: RecordPicture | None = None
    #: Where the files of found blocks lie.
    blocks_dir: str = ""
    #: Where the dashboard is; empty if there is none, or it is not up yet.
    dashboard: str = ""
    bans: tuple[BanPicture, ...] = ()
    fixed: tuple[FixedPicture, ...] = ()
    #: What this process counts and measures, for `/metrics`.
    counters: Counters = field(default_factory=Counters)
    #: Whether everything follows, or only what has changed.
    whole: bool = True
    #: Seconds since the start, by a clock that does not jump.
    uptime: float = 0.0


class Gone(Line, frozen=True):
    """Connections that ended since the picture before, by `peer`, and channels of others, by `peer` and `channel_id`."""

    peers: tuple[int, ...] = ()
    channels: tuple[tuple[int, int], ...] = ()


class MinerPictures(Line, frozen=True):
    """A part of the connections; one with many channels comes in parts, too (`pool/overview.joined`).

    In a picture that is not whole, a connection has only those of its channels that changed, and its `figures` are
    theirs. `uptime` is when that was so.
    """

    miners: tuple[MinerView, ...]
    uptime: float = 0.0


class PictureEnd(Line, frozen=True):
    """That was the picture; it took so many seconds of the pool's time to make."""

    seconds: float = 0.0


class Happened(Line, frozen=True):
    """Something happened: `name` and `facts` are a class of `pool/events.py` and its fields, `words` its name in words.

    `number` counts from 1 in each run.
    """

    number: int
    at: float
    name: str
    words: str
    level: str
    facts: dict[str, Fact]


Answer = Done | Refused | Watching | PoolPicture | Gone | MinerPictures | PictureEnd | Happened
