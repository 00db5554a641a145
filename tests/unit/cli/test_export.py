import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from sluice.cli import main
from sluice.cli.export import FORMS, KINDS
from sluice.ledger.export import FORMATS, WHAT
from support.entries import T0, recorded


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    recorded(tmp_path / "record.sqlite").close()
    return tmp_path


def test_the_words_are_those_of_the_room_below() -> None:
    assert tuple(WHAT) == KINDS
    assert sorted(FORMS) == sorted(FORMATS)


@pytest.mark.parametrize("name", ["s.csv", "s.ndjson", "s.parquet"])
def test_a_file_is_there_when_it_is_whole(
    directory: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = directory / name
    assert main(["export", str(file), "--data-dir", str(directory)]) == 0
    assert f"shares in {file}" in capsys.readouterr().err
    assert file.stat().st_size > 1_000
    assert [path.name for path in directory.glob("s.*")] == [name]


def test_from_and_to_are_times_of_people(directory: Path) -> None:
    file = directory / "s.csv"
    arguments = ["export", str(file), "--data-dir", str(directory), "--from", "2023-12-09T00:20"]
    assert main([*arguments, "--to", str(T0 + 7_000)]) == 0
    times = [int(row["at"]) for row in csv.DictReader(StringIO(file.read_text()))]
    assert times
    assert T0 + 1_200 <= min(times) <= max(times) < T0 + 7_000


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--from", "yesterday"], "is a time such as"),
        (["--what", "secrets"], "is one of shares"),
        (["--format", "xml"], "is one of csv"),
    ],
)
def test_what_cannot_be_meant_is_said(
    directory: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert main(["export", str(directory / "x"), "--data-dir", str(directory), *arguments]) == 2
    assert words in " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert not (directory / "x").exists()


def test_a_place_that_cannot_be_written_is_one_sentence(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(directory / "no" / "x.csv"), "--data-dir", str(directory)]) == 2
    assert "cannot be written: No such file or directory" in capsys.readouterr().err


def test_it_can_go_to_standard_output(directory: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", "-", "--what", "runs", "--data-dir", str(directory)]) == 0
    assert capfdbinary.readouterr().out.startswith(b"run,at,version,network,shard\r\n1,")


def test_for_programs_what_was_written_is_an_object(
    directory: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    file = directory / "runs.csv"
    given = ("--what", "runs", "--data-dir", str(directory), "--json")
    assert main(["export", str(file), *given]) == 0
    told = json.loads(capfdbinary.readouterr().out)
    assert told == {"rows": 1, "kind": "runs", "format": "csv", "file": str(file)}
    assert main(["export", "-", "--format", "csv", *given]) == 0
    said = capfdbinary.readouterr()
    assert said.out.startswith(b"run,at")
    assert json.loads(said.err)["rows"] == 1
