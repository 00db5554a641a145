"""Who mined, over a restart: a file that is only a memory."""

from pathlib import Path

import pytest

from sluice.alarms.roll import MOST_BYTES, MOST_REMEMBERED, NAME, WEEK, Roll, called, load, save
from support.alarms import HOSTILE, NOW

ROLL = Roll(NOW, ("alice.rig", "bob"), {"carol": 0.0, "dave.5": 720.5, "\u202egnp\x00\n": 0.0})


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "data" / NAME
    assert load(file, NOW) == Roll()
    save(file, ROLL)
    assert load(file, NOW + 60) == ROLL


@pytest.mark.parametrize("unix_time", [NOW + WEEK, NOW - 1])
def test_what_is_old_or_of_another_clock_is_passed_over(tmp_path: Path, unix_time: int) -> None:
    save(tmp_path / NAME, ROLL)
    assert load(tmp_path / NAME, unix_time) == Roll()


@pytest.mark.parametrize(
    "data", [b"", b"nonsense", b'{"gone": 5}', b'{"here": {"a": "b"}}', b"\xff", b"[" * 10_000]
)
def test_what_cannot_be_read_is_told_and_replaced(
    tmp_path: Path, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / NAME
    file.write_bytes(data)
    assert load(file, NOW) == Roll()
    assert "who mined before the restart is not known" in caplog.text
    save(file, ROLL)
    assert load(file, NOW) == ROLL


def test_a_file_that_is_too_long_is_none(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with (tmp_path / NAME).open("wb") as opened:
        opened.truncate(MOST_BYTES + 1)
    assert load(tmp_path / NAME, NOW) == Roll()
    assert "more than" in caplog.text


def test_a_roll_is_bounded_and_the_longest_gone_are_left_out_first() -> None:
    many = [f"w{number}" for number in range(MOST_REMEMBERED + 5)]
    roll = called(NOW, many, ((f"here-{name}", 0.0) for name in many))
    assert roll.gone == tuple(many[5:])
    assert len(roll.here) == MOST_REMEMBERED


def test_who_is_gone_is_not_here_and_a_name_that_is_no_text_is_not_remembered(tmp_path: Path) -> None:
    roll = called(NOW, ["alice", HOSTILE], [("alice", 0.0), ("bob", 1.0), (HOSTILE, 0.0)])
    assert roll == Roll(NOW, ("alice",), {"bob": 1.0})
    save(tmp_path / NAME, roll)


def test_the_longest_roll_can_be_read_again(tmp_path: Path) -> None:
    names = [f"{number:05}".ljust(255, "\x01") for number in range(MOST_REMEMBERED)]
    roll = called(NOW, names, ((f"h{name[1:]}", 1.0) for name in names))
    save(tmp_path / NAME, roll)
    assert load(tmp_path / NAME, NOW) == roll
