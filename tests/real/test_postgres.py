"""The record on a real PostgreSQL: the same as on SQLite, and what happens when the server is not there."""

from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql

from sluice.ledger import compaction, views
from sluice.ledger.database import open_database
from sluice.ledger.export import FORMATS, WHAT, Extract, export
from sluice.ledger.reading import Reader
from sluice.ledger.record import Record
from sluice.ledger.replay import replay
from sluice.ledger.schema import DAY, EARNERS, METADATA, SHARES, SLOTS
from sluice.pool.ports import LedgerError, LedgerUnusable
from support.entries import NAMES, T0, began, credited, life, start
from support.postgres import PASSWORD, Postgres

#: Numbers of earners are each database's own; `replay` compares what stands under them.
NUMBERED_BY_ITSELF = {EARNERS, SLOTS}


@pytest.fixture
def url(postgres_server: Postgres) -> str:
    """An empty database of the test's own."""
    return postgres_server.url(postgres_server.new_database())


@pytest.fixture
def both(url: str, tmp_path: Path) -> tuple[str, str]:
    """A file of SQLite and a database of PostgreSQL."""
    return str(tmp_path / "r"), url


def is_comment(difference: Any) -> bool:
    """Comments are for docs/record.md; the database does not keep them."""
    words = {each[0] for each in difference} if isinstance(difference, list) else {difference[0]}
    return words <= {"modify_comment", "add_table_comment"}


def rows(record: Record) -> dict[str, list[Any]]:
    """Every row of every table."""
    with record.database.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for table in METADATA.sorted_tables
            if table not in NUMBERED_BY_ITSELF
        }


def told(where: str) -> dict[str, Any]:
    """Everything that a reader can be asked."""
    ever = 0, T0 * 2, 600
    with closing(Reader(where)) as reader:
        accounts = reader.accounts()
        names = [each.account for each in accounts.rows]
        blocks = reader.blocks()
        return {
            "totals": reader.totals(),
            "accounts": accounts,
            "workers": [reader.account(name) for name in names],
            "known": [reader.known(name) for name in (*names, "nobody", "'; DROP TABLE shares; --")],
            "bests": [reader.bests(), reader.bests(since=0), reader.bests(2, T0 + 5_000)],
            "charts": [reader.pool_chart(*ever), *(reader.worker_chart(name, None, *ever) for name in names)],
            "work": [reader.works_since(names, T0 + 4_000), reader.pool_work_since(T0)],
            "by worker": [reader.workers_work_since(name, T0) for name in names],
            "blocks": [blocks, *(reader.block(line.block_hash) for line in blocks.rows)],
            "rest": [reader.runs(), reader.settings(), reader.holes()],
        }


def kept_for_ever(where: str) -> dict[str, Any]:
    """What folding does not touch: slots by worker go, and what is asked of them."""
    answers = told(where)
    kept = {question: answers[question] for question in ("totals", "accounts", "workers", "blocks", "rest")}
    return kept | {"bests": answers["bests"][0], "chart": answers["charts"][0]}


def exported(record: Record) -> dict[tuple[str, str], list[str]]:
    """Every kind of row as other programs get it, in every format; runs write theirs in no order that matters."""
    seen = {}
    for what in WHAT:
        for form in FORMATS:
            file = BytesIO()
            export(record.database, Extract(what), form, file)
            seen[what, form] = sorted(
                map(repr, pq.read_table(BytesIO(file.getvalue())).to_pylist())
                if form == "parquet"
                else file.getvalue().decode().splitlines()
            )
    return seen


def live(where: str, seed: int, keep_days: int = 0) -> Record:
    """A whole life, in two runs; the views are brought up in between, and every third batch is told twice."""
    record = Record(where, keep_days)
    for life_seed in (seed, seed + 100):
        run = record.begin(start(T0, mode=str(life_seed)))
        for number, batch in enumerate(life(life_seed), 1):
            record.append(run, number, batch)
            if number % 3 == 0:
                record.append(run, number, batch)
            if number % 4 == 0:
                record.catch_up()
    while record.catch_up():
        pass
    return record


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_life_is_the_same_on_both(
    both: tuple[str, str], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "STEP", 50)
    seen = []
    for where in both:
        record = live(where, seed)
        with closing(record):
            done = replay(record.database)
            assert done.differences == []
            seen.append((rows(record), done, told(where), exported(record)))
    ours, theirs = seen
    assert ours[1].shares > 200
    for table, lines in ours[0].items():
        assert theirs[0][table] == lines, table
    assert ours[1] == theirs[1]
    assert all(ours[3].values())
    assert ours[3] == theirs[3]
    for question, answer in ours[2].items():
        assert theirs[2][question] == answer, question


def test_folding_is_the_same_on_both(both: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "STEP", 40)
    seen = []
    for where in both:
        record = live(where, 4, keep_days=1)
        with closing(record):
            before = kept_for_ever(where)
            steps = 1
            while record.compact(T0 + 2 * DAY):
                steps += 1
                assert replay(record.database).differences == []
            assert steps > 3
            done = replay(record.database)
            assert (done.differences, done.shares) == ([], 0)
            assert kept_for_ever(where) == before
            seen.append((rows(record), done, before))
    assert seen[0] == seen[1]


def test_names_of_the_hostile_are_kept_apart_and_harm_nothing(both: tuple[str, str]) -> None:
    hostile = (
        *NAMES,
        "'; DROP TABLE shares; --",
        "\\.",
        "a\tb\nc",
        "\\N",
        "%s %(x)s :y",
        "\udc80" * 255,
        "é" * 2_000,
    )
    seen = []
    for where in both:
        with closing(Record(where)) as record:
            run = record.begin(start())
            record.append(run, 1, [began(channel, name) for channel, name in enumerate(hostile, 1)])
            shares = [
                credited(channel, worker=name, share_hash=bytes([channel]) * 32)
                for channel, name in enumerate(hostile, 1)
            ]
            record.append(run, 2, shares)
            record.catch_up()
            assert replay(record.database).differences == []
            seen.append((rows(record), told(where)))
    assert seen[0] == seen[1]
    assert seen[0][1]["totals"].accepted == len(hostile)


def test_a_batch_told_twice_counts_once(url: str) -> None:
    with closing(Record(url)) as record:
        run = record.begin(start())
        for _ in range(2):
            record.append(run, 1, [began(1, "alice"), credited(1)])
            record.catch_up()
        with record.database.reading() as connection:
            assert connection.execute(sa.select(sa.func.count()).select_from(SHARES)).scalar_one() == 1
        assert told(url)["totals"].accepted == 1


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_a_server_that_goes_away_is_a_failure_that_passes(
    postgres_server: Postgres, url: str, how: str
) -> None:
    with closing(Record(url)) as record, closing(Reader(url)) as reader:
        run = record.begin(start())
        record.append(run, 1, [began(1, "alice"), credited(1)])
        record.catch_up()
        assert reader.totals().accepted == 1
        postgres_server.stop(how)
        try:
            for ask in (
                lambda: record.append(run, 2, [credited(1)]),
                record.catch_up,
                reader.totals,
                lambda: open_database(url),
            ):
                with pytest.raises(LedgerError, match=r"\w"):
                    ask()
        finally:
            postgres_server.start()
        record.append(run, 2, [credited(1)])
        record.catch_up()
        assert replay(record.database).differences == []
        assert reader.totals().accepted == 2


def test_what_waiting_does_not_mend_is_said_with_the_way_out(postgres_server: Postgres) -> None:
    database = postgres_server.new_database()
    postgres_server.say(
        sql.SQL("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD {}").format(
            sql.Literal(PASSWORD)
        )
    )
    for url, way_out in (
        (postgres_server.url(database, password="wrong"), r"password in ledger\.url"),
        (postgres_server.url(database, user="nobody"), r"password in ledger\.url"),
        (postgres_server.url("elsewhere"), "create the database"),
        (postgres_server.url(database, user="guest"), "GRANT CREATE"),
    ):
        with pytest.raises(LedgerUnusable, match=way_out) as said:
            open_database(url)
        assert PASSWORD not in str(said.value)
        assert "\n" not in str(said.value)


def test_from_nothing_it_comes_to_the_schema_that_the_code_has(url: str) -> None:
    with closing(Reader(url)) as reader, pytest.raises(LedgerError, match="no record in it yet"):
        reader.totals()
    for _ in range(2):
        with closing(open_database(url)) as database, database.reading() as connection:
            differences = compare_metadata(MigrationContext.configure(connection), METADATA)
            assert [each for each in differences if not is_comment(each)] == []
    with closing(Reader(url)) as reader:
        assert reader.totals().accepted == 0
