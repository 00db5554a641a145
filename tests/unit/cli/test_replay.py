import json
from pathlib import Path

import pytest

from sluice.cli import main, replay
from sluice.ledger.schema import REASONS
from support.entries import recorded


def test_views_that_follow_from_the_record_are_said_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(tmp_path / "record.sqlite").close()
    assert main(["replay", "--data-dir", str(tmp_path)]) == 0
    assert "they agree, byte for byte" in capsys.readouterr().out
    assert main(["replay", "--json", "--data-dir", str(tmp_path)]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["agrees"] is True
    assert said["shares"] > 0
    assert replay.__doc__


def test_those_that_do_not_are_shown_and_no_name_reaches_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = recorded(tmp_path / "record.sqlite")
    with record.database.writing() as connection:
        connection.execute(REASONS.update().values(reason=REASONS.c.reason + "\x1b[31m"))
    record.close()
    assert main(["replay", "--data-dir", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "they DIFFER" in out
    assert "\x1b" not in out


def test_without_a_record_there_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "--data-dir", str(tmp_path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"sluice: the record cannot be read: there is no record yet at {tmp_path}/record.sqlite: "
    )
