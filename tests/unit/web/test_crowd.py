"""Connections put together to accounts and workers."""

from sluice.control.words import PoolPicture
from sluice.pool.overview import ChannelView, Figures, MinerView
from sluice.web.crowd import Crowd, crowd_of
from sluice.web.devices import devices_of


def figures(rate: float = 0.0, accepted: int = 1, **refused: int) -> Figures:
    return Figures(accepted, refused, 0.0, float(rate), (rate, rate, rate), 1.0)


def channel(number: int, account: str, worker: str, rate: float, **more: object) -> ChannelView:
    given = {"difficulty": float(number)} | more
    return ChannelView(
        number,
        "extended",
        f"{account}.{worker}",
        figures=figures(rate, stale=1),
        account=account,
        worker=worker,
        **given,  # type: ignore[arg-type]
    )


def miner(peer: int, *channels: ChannelView) -> MinerView:
    return MinerView(
        peer, "10.0.0.1", "Maker", "S 19", "1.0", 60.0 * peer, 0.0, figures(), channels, wire="Stratum V2"
    )


def crowd(*miners: MinerView) -> Crowd:
    return crowd_of(devices_of(PoolPicture(1_000.0, 0.0), miners))


def test_a_worker_with_several_connections_is_one() -> None:
    met = crowd(
        miner(1, channel(1, "alice", "a", 10), channel(2, "alice", "b", 5)),
        miner(2, channel(3, "alice", "a", 20)),
    )
    assert met.workers == 2
    rig = met.accounts["alice"]["a"]
    assert (rig.connections, rig.figures.hashrates[0], rig.refused, rig.difficulty) == (2, 30, 2, 3.0)
    assert (rig.device, rig.firmware, rig.wire, rig.connected_for) == (
        "Maker S 19",
        "1.0",
        "Stratum V2",
        120.0,
    )
    assert [each.worker for each in met.rigs] == ["a", "b"]


def test_workers_behind_a_proxy_are_themselves() -> None:
    proxy = channel(1, "alice", "", 30, workers={"x": figures(10), "y": figures(20)})
    met = crowd(miner(1, proxy))
    assert {name: rig.figures.hashrates[0] for name, rig in met.accounts["alice"].items()} == {
        "x": 10,
        "y": 20,
    }


def test_nobody_is_nobody() -> None:
    assert crowd().workers == 0
    assert list(crowd().rigs) == []
