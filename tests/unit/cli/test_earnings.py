"""`sluice earnings` as it is typed; what it prints is in docs/accounts.md, and is what it says there."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from sluice.cli import main
from sluice.cli.earnings import WAYS_OUT
from sluice.ledger.earnings import Why
from support.rounds import REWARDS, SECOND_HASH, two_rounds

DOCS = Path(__file__).parents[3] / "docs/accounts.md"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    two_rounds(tmp_path / "record.sqlite").close()
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], place: Path, *words: str) -> str:
    assert main(["earnings", "--data-dir", str(place), *words]) == 0
    return capsys.readouterr().out


def test_the_worked_example_of_the_docs_is_what_is_printed(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = DOCS.read_text()
    for words in (("--fee", "1"), ("--scheme", "pplns", "--window", "200")):
        out = told(capsys, place, *words)
        assert f"$ sluice earnings {' '.join(words)}" in page
        for line in out.splitlines()[1:-1]:  # without the sentences at both ends, which are long
            assert line in page


def test_programs_get_all_of_it(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = json.loads(told(capsys, place, "--json", "--fee", "1", "--least", "1000000000"))
    assert (said["mode"], said["scheme"], said["block"]["hash"]) == ("pool", "proportional", SECOND_HASH)
    assert said["accounts"][1] == {
        "account": "bob",
        "work": "50",
        "ppm": 166_666,
        "satoshis": 0,
        "carried": 825_000_016,
    }
    assert said["paid"] + said["carried"] + said["fee"] + said["rest"] == said["reward"] == REWARDS[1]


def test_a_table_for_spreadsheets_adds_up(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(StringIO(told(capsys, place, "--csv", "--block", "7", "--fee", "0.0001"))))
    assert [row["what"] for row in rows] == ["account", "account", "fee", "rest"]
    assert sum(int(row["satoshis"]) for row in rows) == REWARDS[0]


def test_the_next_block_and_solo_ones_have_their_own_words(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(capsys, place, "--next").startswith("The next block, if it were found now and paid 50.000001")
    assert "paid 0.00000007" in told(capsys, place, "--reward", "7")
    solo = tmp_path / "solo"
    solo.mkdir()
    two_rounds(solo / "record.sqlite", {"accounts.mode": "solo"}).close()
    assert "its coinbase pays its finder, carol" in told(capsys, solo)
    assert "whoever finds it" in told(capsys, solo, "--next")


def test_every_reason_has_a_way_out(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert WAYS_OUT.keys() == {why.name for why in Why}
    assert main(["earnings", "--data-dir", str(place), "--block", "ffff"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("`sluice blocks` shows those that were")


@pytest.mark.parametrize(
    "words",
    [
        ("--scheme", "fpps"),
        ("--window", "2"),
        ("--scheme", "pplns", "--window", "0"),
        ("--scheme", "pplns", "--window", "two"),
        ("--scheme", "pplns", "--window", "1e9"),
        ("--fee", "101"),
        ("--fee", "-1"),
        ("--fee", "0.00001"),
        ("--block", "7", "--next"),
        ("--reward", "-1"),
    ],
)
def test_what_is_no_number_or_goes_with_nothing_is_refused(
    place: Path, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["earnings", "--data-dir", str(place), *words]) == 2
    assert capsys.readouterr().out == ""
