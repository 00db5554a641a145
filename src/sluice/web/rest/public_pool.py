"""public-pool's API, as its devices, widgets and integrations read it: same paths, same fields, same forms.

Source: benjamin-wilson/public-pool at b971e9c, field by field in docs/api.md. What it calls a client is one of our
channels, or one worker of it; what it calls a session is ours, too.
Rule: a field has the type that the project gives it, text where that is text.
"""

from collections.abc import Iterable, Sequence

from msgspec import UNSET, Struct, UnsetType

from sluice.control.words import PoolPicture
from sluice.web.devices import Device
from sluice.web.rest.from_picture import chain_of, network_hashrate, summed
from sluice.web.rest.numbers import iso_time, js_number, sql_time

Number = int | float

#: Seconds of a step of its charts, and how many a chart has: a day.
STEP, MOST_STEPS = 600, 144
#: Entries of its list of best shares.
MOST_SCORES = 10


class Camel(Struct, frozen=True, rename="camel"):
    """Fields as JavaScript writes them: `session_id` is `sessionId`."""


class Session(Camel, frozen=True):
    """A worker of /api/client/ADDRESS: one of its sessions. `bestDifficulty` is a text with two decimals."""

    session_id: str
    name: str
    best_difficulty: str
    hash_rate: Number
    start_time: str
    last_seen: str


class Client(Camel, frozen=True):
    """/api/client/ADDRESS. An address that never came has no `bestDifficulty`, and no workers."""

    best_difficulty: Number | UnsetType
    workers_count: int
    workers: list[Session]


class Point(Camel, frozen=True):
    """A step of a chart: when it began, and the mean hash rate."""

    label: str
    data: Number


class Group(Camel, frozen=True):
    """/api/client/ADDRESS/WORKER."""

    name: str
    best_difficulty: int
    chart_data: list[Point]


class SessionChart(Camel, frozen=True):
    """/api/client/ADDRESS/WORKER/SESSION."""

    session_id: str
    name: str
    best_difficulty: int
    chart_data: list[Point]
    start_time: str


class FoundBlock(Camel, frozen=True):
    """A block of the pool's."""

    height: int
    miner_address: str
    worker: str
    session_id: str


class UserAgent(Camel, frozen=True):
    """A kind of device."""

    user_agent: str
    count: int
    best_difficulty: Number
    total_hash_rate: Number


class HighScore(Camel, frozen=True):
    """One of the best shares."""

    updated_at: str
    best_difficulty: Number
    best_difficulty_user_agent: str


class Info(Camel, frozen=True):
    """/api/info. `uptime` is the moment of the start."""

    block_data: list[FoundBlock]
    user_agents: list[UserAgent]
    high_scores: list[HighScore]
    uptime: str


class PoolInfo(Camel, frozen=True):
    """/api/pool."""

    total_hash_rate: Number
    block_height: int
    total_miners: int
    blocks_found: list[FoundBlock]
    fee: Number


class NetworkInfo(Camel, frozen=True):
    """/api/network: what a node's getmininginfo says, as far as we know it."""

    blocks: int
    difficulty: Number
    networkhashps: Number
    chain: str
    warnings: str
    currentblocktx: int | UnsetType = UNSET
    pooledtx: int = 0


#: What it calls a worker whose miner gave none.
UNNAMED = "worker"


def client(best: float | None, devices: Iterable[Device], at: float) -> Client:
    """An account: its best share ever, None if it never had one, and its sessions of now."""
    sessions = [_session(device, at) for device in devices]
    return Client(UNSET if best is None else js_number(best), len(sessions), sessions)


def session_chart(device: Device, chart: list[Point]) -> SessionChart:
    """One session; its chart is the worker's, as the record keeps none by connection."""
    return SessionChart(
        device.session,
        device.worker or UNNAMED,
        int(device.figures.best_difficulty),
        chart,
        iso_time(device.since),
    )


def points(chart: Iterable[tuple[float, float]]) -> list[Point]:
    """(unix seconds, hashes a second), whole steps of ten minutes, those without a share left out."""
    return [Point(iso_time(at), js_number(rate)) for at, rate in chart if rate > 0][-MOST_STEPS:]


def user_agents(devices: Iterable[Device]) -> list[UserAgent]:
    """Kinds of devices that are connected, the most frequent first."""
    kinds: dict[str, list[Device]] = {}
    for device in devices:
        kinds.setdefault(user_agent(device), []).append(device)
    return [
        UserAgent(
            kind,
            len(group),
            js_number(max(device.figures.best_difficulty for device in group)),
            js_number(summed(group)[1]),
        )
        for kind, group in sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def user_agent(device: Device) -> str:
    """What a device calls itself."""
    return device.miner.vendor or "unknown"


def info(
    pool: PoolPicture, blocks: Sequence[FoundBlock], devices: Iterable[Device], scores: Sequence[HighScore]
) -> Info:
    """The whole site."""
    return Info(list(blocks), user_agents(devices), list(scores), iso_time(pool.started_at))


def high_score(at: float, difficulty: float, agent: str) -> HighScore:
    """One of the best shares."""
    return HighScore(sql_time(at), js_number(difficulty), agent)


def pool_info(pool: PoolPicture, blocks: Sequence[FoundBlock], devices: Sequence[Device]) -> PoolInfo:
    """The pool in five numbers. Sluice takes no fee of its own."""
    return PoolInfo(
        total_hash_rate=js_number(pool.figures.hashrates[1]),
        block_height=_blocks(pool),
        total_miners=len(devices),
        blocks_found=list(blocks),
        fee=0,
    )


def network_info(pool: PoolPicture) -> NetworkInfo:
    """The chain."""
    template = pool.template
    return NetworkInfo(
        blocks=_blocks(pool),
        difficulty=js_number(pool.network_difficulty),
        networkhashps=js_number(network_hashrate(pool)),
        chain=chain_of(pool),
        warnings=pool.trouble,
        currentblocktx=UNSET if template is None else template.transactions,
        pooledtx=0 if template is None else template.transactions,
    )


def _blocks(pool: PoolPicture) -> int:
    return 0 if pool.height is None else pool.height - 1


def _session(device: Device, at: float) -> Session:
    return Session(
        session_id=device.session,
        name=device.worker or UNNAMED,
        best_difficulty=f"{device.figures.best_difficulty:.2f}",
        hash_rate=js_number(device.figures.hashrates[1]),
        start_time=iso_time(device.since),
        last_seen=iso_time(
            at - device.miner.heard_ago if device.last_share_at is None else device.last_share_at
        ),
    )
