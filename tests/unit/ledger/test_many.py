import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
import sqlalchemy as sa

from sluice.ledger import many
from sluice.ledger.many import Many

TABLE = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("weight", sa.Integer),
)


@pytest.fixture
def driver() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE things (number INTEGER PRIMARY KEY, name TEXT, weight INT)")
        connection.execute("CREATE TABLE names (name TEXT, number INT)")
        yield connection


def stored(driver: sqlite3.Connection) -> list[tuple[int, str, int]]:
    return driver.execute("SELECT number, name, weight FROM things ORDER BY number").fetchall()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 255, 256, 257, 1_000])
def test_any_number_of_rows_is_written_each_once(driver: sqlite3.Connection, count: int) -> None:
    rows = [(number, str(number), 2 * number) for number in range(count)]
    Many(TABLE).write(driver, "?", rows)
    assert stored(driver) == rows


def test_few_statements_are_made_however_many_rows_come(driver: sqlite3.Connection) -> None:
    said: list[str] = []
    driver.set_trace_callback(said.append)
    Many(TABLE).write(driver, "?", [(number, "", 0) for number in range(2 * many.MOST + 50)])
    assert [text.count("(") - 1 for text in said if text.startswith("INSERT")] == [256, 256, 32, 16, 2]


def test_what_is_there_already_is_done_as_the_tail_says(driver: sqlite3.Connection) -> None:
    added = Many(TABLE, "ON CONFLICT (number) DO UPDATE SET weight = things.weight + excluded.weight")
    for _ in range(3):
        added.write_named(driver, "?", [{"name": "a", "weight": 5, "number": 1}])
    assert stored(driver) == [(1, "a", 15)]


def test_a_column_can_be_left_to_the_database_or_looked_up_there(driver: sqlite3.Connection) -> None:
    driver.execute("INSERT INTO names VALUES ('x', 7), ('y', 8)")
    by_name = {"number": ("(SELECT number FROM names WHERE name = {})", ("known_as",))}
    found = Many(TABLE, looked_up=by_name)
    assert found.values == ("known_as", "name", "weight")
    found.write_named(driver, "?", [{"known_as": word, "name": word * 2, "weight": 1} for word in "yx"])
    Many(TABLE, without="number").write(driver, "?", [("new", 2)])
    assert stored(driver) == [(7, "xx", 1), (8, "yy", 1), (9, "new", 2)]
