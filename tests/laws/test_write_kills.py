"""The tables of docs/record.md: figures over all kills, and nothing that went ill left out."""

import json
from dataclasses import asdict
from pathlib import Path

from scripts.write_kills import main, tables

from support.kills import Kill


def kill(number: int, database: str = "sqlite", **ill: int) -> Kill:
    """The kill with this number, of which the figures are easy to add up."""
    figures = {
        "load_ms": 1_500 + number,
        "acknowledged": 1_000 * number,
        "recorded": 990 * number,
        "missing": 10 * number,
        "oldest_missing_ms": 30 + number,
        "largest_batch": 60,
        "gaps": 0,
        "twice": 0,
        "strangers": 0,
        "replay": 0,
    }
    return Kill(database=database, seed=number, **(figures | ill))


def report(*kills: Kill) -> str:
    return "".join(json.dumps(asdict(kill)) + "\n" for kill in kills)


def test_a_row_has_the_least_the_median_and_the_most() -> None:
    text = tables(report(kill(3), kill(1), kill(2)), [3, 0])
    assert "SQLite: 3 of 3 kills judged." in text
    assert "| acknowledged and not in the record | 10 | 20 | 30 |" in text
    assert "| shares that miners saw acknowledged | 1,000 | 2,000 | 3,000 |" in text
    assert (
        "6,000 shares acknowledged: 0 recorded twice, 0 recorded that nobody sent, 0 miners with a gap; "
        "0 kills that cost more than the run's largest batch; `sluice replay` agreed after 3 of 3.\n" in text
    )


def test_what_went_ill_is_told() -> None:
    ill = kill(1, twice=2), kill(2, strangers=3, gaps=4), kill(7), kill(1, replay=1)
    text = tables(report(*ill), [5, 2])
    assert "SQLite: 4 of 5 kills judged." in text
    assert "2 recorded twice, 3 recorded that nobody sent, 4 miners with a gap; 1 kills" in text
    assert "agreed after 3 of 4." in text
    assert text.endswith("PostgreSQL: 0 of 2 kills judged.\n\n")


def test_databases_are_kept_apart() -> None:
    text = tables(report(kill(1), kill(5, "postgresql")), [1, 1])
    ours, theirs = text.split("PostgreSQL: 1 of 1 kills judged.")
    assert "| 1,000 | 1,000 | 1,000 |" in ours
    assert "| 5,000 | 5,000 | 5,000 |" in theirs


def test_only_what_stands_between_the_marks_is_replaced(tmp_path: Path) -> None:
    page, lines = tmp_path / "record.md", tmp_path / "kills.jsonl"
    page.write_text("before\n<!-- kills -->\nyesterday\n<!-- /kills -->\nafter \\1\n")
    lines.write_text(report(kill(1)))
    for _ in range(2):
        assert main(str(lines), str(page), "1", "0") == 0
        written = page.read_text()
        assert written.startswith("before\n<!-- kills -->\nSQLite: 1 of 1")
        assert written.endswith("<!-- /kills -->\nafter \\1\n")
        assert "yesterday" not in written


def test_a_kill_says_what_was_promised_and_is_not_so() -> None:
    assert kill(1).faults(31) == []
    assert kill(1).faults(30) == ["what is missing is younger than the bound"]
    assert kill(13).faults(1_000) == ["no more is missing than two batches hold"]
    assert len(kill(1, recorded=0, gaps=1, twice=1, strangers=1, replay=1).faults(1_000)) == 5
