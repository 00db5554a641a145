"""The options of the record, and the place that comes of them."""

from pathlib import Path

import pytest

from sluice.config.ledger_table import Ledger
from sluice.config.table import OPTIONS

HERE = Path("/var/lib/sluice")
URL = OPTIONS["ledger.url"]


@pytest.mark.parametrize(
    ("url", "password", "place"),
    [
        ("", "", "/var/lib/sluice/record.sqlite"),
        ("off", "", ""),
        ("sqlite:///srv/record.sqlite", "", "/srv/record.sqlite"),
        ("postgresql://db.lan/pool", "", "postgresql://db.lan/pool"),
        ("postgresql://sluice@db.lan:5433/pool", "", "postgresql://sluice@db.lan:5433/pool"),
        ("postgresql://sluice@[::1]:5433/pool", "a b", "postgresql://sluice:a%20b@[::1]:5433/pool"),
        ("postgresql://sluice@db.lan/pool", "p@ss/w:rd", "postgresql://sluice:p%40ss%2Fw%3Ard@db.lan/pool"),
        ("postgresql://sluice@/pool?host=/run/pg", "", "postgresql://sluice@/pool?host=/run/pg"),
    ],
)
def test_a_place(url: str, password: str, place: str) -> None:
    assert Ledger(url=URL.decode(url), password=password).place(HERE) == place


@pytest.mark.parametrize(
    "url",
    [
        "record.sqlite",
        "sqlite://here/file",
        "sqlite:///",
        "mysql://db.lan/pool",
        "postgresql:///pool",
        "postgresql://db.lan",
        "postgresql://db.lan:99999/pool",
        "on",
    ],
)
def test_no_place(url: str) -> None:
    with pytest.raises(ValueError, match="must be like postgresql://"):
        URL.decode(url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://sluice:secret@db.lan/pool",
        "postgresql://sluice@db.lan/pool?sslmode=require&password=secret",
        "postgresql://sluice@db.lan/pool?sslpassword=secret",
    ],
)
def test_a_password_is_not_part_of_a_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"ledger\.password") as refused:
        URL.decode(url)
    assert "secret" not in str(refused.value)
    assert OPTIONS["ledger.password"].flag == ""


def test_what_a_crash_can_lose_is_a_tenth_of_a_second() -> None:
    assert Ledger().batch_milliseconds == 100
