"""What several commands read in the same way."""

from pathlib import Path

import pytest
import typer

from sluice.cli.values import a_difficulty, a_duration, an_endpoint, settings_of
from sluice.config.values import Endpoint


def test_an_endpoint_is_read() -> None:
    assert an_endpoint("[::1]:5", "--listen") == Endpoint("::1", 5)


def test_what_is_none_is_a_usage_error_that_names_the_flag() -> None:
    with pytest.raises(typer.BadParameter, match=r"must be host:port.* not 'x'") as caught:
        an_endpoint("x", "--listen")
    assert caught.value.param_hint == "--listen"


@pytest.mark.parametrize(
    ("text", "difficulty"),
    [
        ("auto", None),
        ("1", 1.0),
        ("0.001", 0.001),
        ("1e6", 1e6),
        ("1.5M", 1.5e6),
        ("2k", 2_000.0),
        ("84T", 84e12),
    ],
)
def test_a_difficulty_is_read(text: str, difficulty: float | None) -> None:
    assert a_difficulty(text) == (difficulty if difficulty is None else pytest.approx(difficulty))


@pytest.mark.parametrize("text", ["", "hard", "k", "1m", "--", "nan", "inf", "1e400"])
def test_what_is_no_difficulty_is_a_usage_error(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="must be a number"):
        a_difficulty(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("2h30m", 9_000), ("7d", 604_800), ("0s", 0)]
)
def test_a_time_is_read(text: str, seconds: float) -> None:
    assert a_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "s", "1.5h", "1h ", "-1s", "1w", "٣s"])
def test_what_is_no_time_is_a_usage_error(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="must be a time"):
        a_duration(text)


def test_the_data_directory_can_be_named(tmp_path: Path) -> None:
    assert settings_of(None, tmp_path).data.dir == tmp_path
