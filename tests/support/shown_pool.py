"""Pictures of made-up pools, for who shows them."""

from sluice.control.client import Picture
from sluice.control.words import (
    AnswerPicture,
    BanPicture,
    BlockPicture,
    ChannelView,
    Figures,
    FixedPicture,
    MinerView,
    NodePicture,
    PoolPicture,
    RecordPicture,
    TemplatePicture,
)

#: What a stranger may call himself: colours, a line of its own, another direction, half a letter spelt out.
RUDE = "\x1b[31mred\n\u202eevil\\xff"
NOW = 1_764_056_700.0
FIGURES = Figures(1_234, {"stale": 2, "duplicate": 1}, 2.0**60, 4_096.5, (1.2e12, 1.1e12, 1e12), 3.0, 2)


def channel(user: str = "alice.rig", rate: float = 1.1e12, **changes: object) -> ChannelView:
    figures = Figures(10, {}, 1e12, 5.0, (rate, rate, rate), 3.0)
    account, _, worker = user.partition(".")
    fields: dict[str, object] = {
        "channel_id": 2,
        "kind": "extended",
        "user": user,
        "difficulty": 1_024.0,
        "figures": figures,
        "account": account,
        "worker": worker,
    }
    return ChannelView(**fields | changes)  # type: ignore[arg-type]


def miner(peer: int = 1, *channels: ChannelView) -> MinerView:
    return MinerView(
        peer,
        f"192.0.2.1:{peer}",
        "bitaxe",
        "BM1370",
        "v2.9",
        3_600.0,
        1.0,
        FIGURES,
        channels or (channel(),),
        "Stratum V2",
        (2,),
    )


def pool(**changes: object) -> PoolPicture:
    fields: dict[str, object] = {
        "at": NOW,
        "started_at": NOW - 12_000,
        "version": "1.2.3",
        "network": "main",
        "tag": "Sluice",
        "url": "stratum2+tcp://pool.example:3333/key",
        "payout": "bc1qpool",
        "height": 900_000,
        "prev_hash": "00ab",
        "network_difficulty": 8.41e13,
        "template": TemplatePicture(3.0, 900_000, 312_500_000, 1_000, 2_500),
        "nodes": (NodePicture("core", "leading", next_height=900_000, template_age=3.0),),
        "blocks": (
            BlockPicture(899_999, "00cd", "bob", int(NOW) - 600, "in the chain", False, True, True),
            BlockPicture(
                899_998,
                "00ef",
                RUDE,
                int(NOW) - 900,
                "refused",
                False,
                False,
                True,
                (AnswerPicture("core", "rpc", "refused", RUDE),),
            ),
        ),
        "blocks_accepted": 1,
        "connections": 3,
        "miners": 2,
        "channels": 2,
        "max_connections": 10_000,
        "figures": FIGURES,
        "record": RecordPicture(7, 0.1),
        "bans": (BanPicture("mallory"), BanPicture("192.0.2.0/24", int(NOW) + 60)),
        "fixed": (FixedPicture("alice", 8.0),),
    }
    return PoolPicture(**fields | changes)  # type: ignore[arg-type]


def picture(*miners: MinerView, **changes: object) -> Picture:
    return Picture(pool(**changes), miners)
