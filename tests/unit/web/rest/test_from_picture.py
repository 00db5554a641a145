import msgspec
import pytest

from sluice.control.words import NodePicture, RecordPicture, TemplatePicture
from sluice.web.devices import devices_of
from sluice.web.rest.from_picture import (
    channel_answer,
    connection_answer,
    expected_seconds,
    hashrates,
    last_share_at,
    network_answer,
    newest,
    node_answer,
    record_answer,
    summed,
)
from support.pictures import ACCOUNT, NOW, channel, figures, miner, pool


def test_a_connection_tells_where_it_comes_from_only_to_an_operator() -> None:
    one = miner(7, channel(1), channel(2), extensions=(2,))
    assert connection_answer(pool(), one, operator=True).address == "192.0.2.7"
    said = connection_answer(pool(), one, operator=False)
    assert said.address is None
    assert b"192.0.2" not in msgspec.json.encode(said)
    assert (said.id, said.channels, said.extensions) == (7, 2, [2])
    assert (said.connected_at, said.heard_at) == (NOW - 3_600, NOW - 1)
    assert said.hashrates.five_minutes == 1.25e12


def test_a_channel() -> None:
    [device] = devices_of(pool(), [miner(7, channel(3))]).all
    said = channel_answer(device)
    assert (said.session, said.connection, said.channel_id) == (device.session, 7, 3)
    assert (said.account, said.worker, said.difficulty) == (ACCOUNT, "rig", 256.0)
    assert (said.accepted, said.refused, said.last_share_at) == (12, {"stale": 2}, NOW - 4)


def test_the_network_is_that_of_the_newest_block() -> None:
    template = TemplatePicture(age=2.0, height=101, reward=5_000, fees=5, transactions=3)
    said = network_answer(pool(template=template))
    assert (said.height, said.difficulty) == (100, 2_048.0)
    assert said.hashrate == pytest.approx(2_048 * 2**32 / 600)
    assert said.template is not None
    assert (said.template.reward, said.template.age_seconds) == (5_000, 2.0)
    assert network_answer(pool(height=None)).height is None
    assert network_answer(pool()).template is None


def test_a_node_is_told_field_by_field() -> None:
    node = NodePicture(
        "home",
        "leads",
        "its template is mined",
        "",
        5.0,
        101,
        "00",
        0,
        0.25,
        3.0,
        5_000,
        {"accepted": 1},
        "accepted",
    )
    assert list(msgspec.to_builtins(node_answer(node)).values()) == list(msgspec.to_builtins(node).values())


def test_the_record() -> None:
    assert record_answer(pool()) is None
    said = record_answer(pool(record=RecordPicture(3, 0.5, 7, "the disk is full")))
    assert said is not None
    assert (said.queued, said.lag_seconds, said.lost, said.failing) == (3, 0.5, 7, "the disk is full")


def test_rates_are_added_up() -> None:
    devices = devices_of(pool(), [miner(1, channel(1), channel(2))]).all
    assert summed(devices) == (3e12, 2.5e12, 2e12)
    assert summed(()) == (0.0, 0.0, 0.0)
    assert hashrates((1.0, 2.0, 3.0), 4.0).one_day == 4.0


@pytest.mark.parametrize(
    ("rates", "expected"),
    [((1.0, 2.0, 4.0), 2_048 * 2**32 / 4), ((1.0, 2.0, 0.0), 2_048 * 2**32 / 2), ((0.0, 0.0, 0.0), None)],
)
def test_how_long_a_block_takes(rates: tuple[float, float, float], expected: float | None) -> None:
    assert expected_seconds(pool(figures=figures(hashrates=rates))) == expected


def test_the_newest_of_several_devices_and_the_latest_share() -> None:
    devices = devices_of(
        pool(),
        [
            miner(1, channel(1, last_share_ago=9.0), connected_for=10.0),
            miner(2, channel(1, last_share_ago=3.0), connected_for=100.0),
            miner(3, channel(1, last_share_ago=None), connected_for=1.0),
        ],
    ).all
    found = newest(devices)
    assert found is not None
    assert found.miner.peer == 3
    assert last_share_at(devices) == NOW - 3
    assert newest(()) is None
    assert last_share_at(devices[2:]) is None
