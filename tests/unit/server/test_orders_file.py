"""Orders over a restart."""

import stat
from pathlib import Path

import pytest

from sluice.pool.orders import Orders, Standing
from sluice.server.orders_file import MOST_BYTES, NAME, OrdersFile

NOW = 1_000_000
STANDING = Standing({"alice": 8.0}, {"192.0.2.0/24": None, "bob": NOW + 9, "gone": NOW - 1})


def test_what_was_ordered_holds_again(tmp_path: Path) -> None:
    file = OrdersFile(tmp_path / "data" / NAME)
    assert file.load(Orders(), NOW) == []
    file.save(STANDING)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    orders = Orders()
    assert OrdersFile(file.path).load(orders, NOW) == []
    assert orders.standing(NOW) == Standing({"alice": 8.0}, {"192.0.2.0/24": None, "bob": NOW + 9})
    file.save(Standing())
    assert Orders().standing(NOW) == Standing()
    assert [path.name for path in file.path.parent.iterdir()] == [NAME]


@pytest.mark.parametrize("data", [b"", b"nonsense", b'{"fixed":{"a":"x"}}', b"\xff", b"[" * 10_000])
def test_a_file_that_cannot_be_read_stays_as_it_is(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / NAME
    path.write_bytes(data)
    file = OrdersFile(path)
    [words] = file.load(Orders(), NOW)
    assert "move it away" in words
    with pytest.raises(OSError, match="move it away"):
        file.save(STANDING)
    assert path.read_bytes() == data


def test_a_file_that_is_too_long_is_none(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with path.open("wb") as opened:
        opened.truncate(MOST_BYTES + 1)
    assert len(OrdersFile(path).load(Orders(), NOW)) == 1


def test_orders_that_cannot_be_any_more_are_told_and_the_others_hold(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text('{"fixed": {"alice": -1, "bob": 2}, "bans": {"0.0.0.0/0": null}}')
    orders = Orders()
    assert len(OrdersFile(path).load(orders, NOW)) == 2
    assert orders.standing(NOW) == Standing({"bob": 2.0})


def test_a_disk_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    file = OrdersFile(tmp_path / NAME)
    file.save(STANDING)
    (tmp_path / "orders.new").mkdir()
    before = file.path.read_bytes()
    with pytest.raises(OSError):
        file.save(Standing())
    assert file.path.read_bytes() == before
