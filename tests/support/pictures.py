"""Pictures of a pool, as the control socket gives them."""

from sluice.control.words import ChannelView, Figures, MinerView, PoolPicture

NOW = 1_781_444_599.5
STARTED = NOW - 7_200
ACCOUNT = "bcrt1qaccount"


def figures(**more: object) -> Figures:
    """Figures of somebody who mines."""
    given = {
        "accepted": 12,
        "refused": {"stale": 2},
        "work": 12 * 2.0**32,
        "best_difficulty": 512.25,
        "hashrates": (1.5e12, 1.25e12, 1e12),
        "last_share_ago": 4.0,
        "late": 1,
    }
    return Figures(**(given | more))  # type: ignore[arg-type]


def channel(
    number: int = 1,
    account: str = ACCOUNT,
    worker: str = "rig",
    workers: dict[str, Figures] | None = None,
    **more: object,
) -> ChannelView:
    """An open channel."""
    return ChannelView(
        channel_id=number,
        kind="standard",
        user=f"{account}.{worker}" if worker else account,
        difficulty=256.0,
        figures=figures(**more),
        workers=workers or {},
        account=account,
        worker=worker,
    )


def miner(peer: int, *channels: ChannelView, **more: object) -> MinerView:
    """A connection with these channels."""
    given = {
        "peer": peer,
        "address": f"192.0.2.{peer % 256}",
        "vendor": "bitaxe",
        "hardware_version": "v1",
        "firmware": "2.9",
        "connected_for": 3_600.0,
        "heard_ago": 1.0,
        "figures": figures(),
        "channels": channels,
        "wire": "sv2",
    }
    return MinerView(**(given | more))  # type: ignore[arg-type]


def pool(**more: object) -> PoolPicture:
    """A pool that mines."""
    given = {
        "at": NOW,
        "started_at": STARTED,
        "version": "1.0",
        "network": "regtest",
        "url": "stratum2+tcp://192.0.2.1:3333/KEY",
        "payout": "bcrt1qpayout",
        "height": 101,
        "prev_hash": "00" * 32,
        "network_difficulty": 2_048.0,
        "connections": 2,
        "miners": 2,
        "channels": 2,
        "max_connections": 100,
        "figures": figures(),
    }
    return PoolPicture(**(given | more))  # type: ignore[arg-type]
