"""The record when its PostgreSQL hangs, is shared, or is told what it cannot store; the last on SQLite as well."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from sluice.ledger import compaction, views
from sluice.ledger.impatient import Impatient
from sluice.ledger.reading import Reader
from sluice.ledger.record import Record
from sluice.ledger.replay import replay
from sluice.ledger.schema import DAY, SHARES
from sluice.pool.inputs import RecordFailed, RecordKnows, RecordWorks
from sluice.pool.journal import Entry, Lost, TemplateSeen
from sluice.server.pen import Pen
from sluice.server.scribe import Recording, Scribe
from support.entries import T0, began, credited, life, start
from support.postgres import Postgres


@pytest.fixture
def url(postgres_server: Postgres) -> str:
    """An empty database of the test's own."""
    return postgres_server.url(postgres_server.new_database())


@contextmanager
def stopped(server: Postgres) -> Iterator[None]:
    """No process of the server does anything; the kernel goes on taking what is sent to it."""
    children = Path(f"/proc/{server.process}/task/{server.process}/children").read_text().split()
    processes = [server.process, *map(int, children)]
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in reversed(processes):
            os.kill(process, signal.SIGCONT)


async def until(done: Callable[[], bool]) -> None:
    """Wait until it is so: several times as long as connecting to a server that hangs may take."""
    deadline = time.monotonic() + 90
    while not done():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def write_all(pen: Pen) -> None:
    """Without a pause: nothing is tried again later."""
    while pen.queued:
        assert pen.step() == 0.0


def shares(where: str) -> int:
    with closing(Record(where)) as record, record.database.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(SHARES)).scalar_one())


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_what_no_database_takes_is_put_aside_and_the_rest_recorded(
    kind: str, url: str, tmp_path: Path
) -> None:
    where = url if kind == "PostgreSQL" else str(tmp_path / "r")
    news: list[object] = []
    with closing(Record(where)) as record:
        pen = Pen(record, start(), 0.0, news.append)
        batch: list[Entry] = [began(1, "alice"), *(credited(1) for _ in range(50))]
        batch[20] = credited(1, template_id=1 << 63)
        batch[40] = Lost(T0, 1 << 70)
        pen.give(batch)
        write_all(pen)
        pen.give([credited(1)])
        write_all(pen)
        while record.catch_up():
            pass
        assert replay(record.database).differences == []
    assert shares(where) == 49
    assert news.count(RecordWorks(1)) == 2
    assert sum(isinstance(each, RecordFailed) for each in news) == 2


def test_a_server_that_hangs_holds_up_nobody_and_gets_everything_once_it_goes_on(
    postgres_server: Postgres, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Impatient, "silent_seconds", 1.0)

    async def scenario() -> None:
        scribe = Scribe(Recording(Record(url), start(), batch_seconds=0.02))
        told: list[object] = []
        async with asyncio.TaskGroup() as group:
            task = group.create_task(scribe.run(told.append))
            scribe.read([began(1, "alice"), *(credited(1) for _ in range(10))])
            await until(lambda: scribe.entries == 11 and RecordKnows({}) in told)
            await asyncio.sleep(0.5)  # what else it does now and then is done
            with stopped(postgres_server):
                before = time.monotonic()
                for _ in range(20):
                    scribe.read([credited(1)])
                    await asyncio.sleep(0.01)
                assert time.monotonic() - before < 1.0
                await until(lambda: any("has not said a word" in str(each) for each in told))
                assert scribe.queued == 20
            await until(lambda: scribe.queued == 0)
            await until(lambda: scribe.failing == "")
            assert scribe.lost == 0
            task.cancel()
        await scribe.finish()

    asyncio.run(scenario())
    assert shares(url) == 30
    with closing(Record(url)) as record:
        assert replay(record.database).differences == []


def test_two_pools_on_one_database_keep_one_record(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "STEP", 40)
    monkeypatch.setattr(compaction, "STEP", 100)
    failed: list[BaseException] = []
    told = {seed: list(life(seed, 30)) for seed in (1, 2)}

    records = {seed: Record(url, keep_days=1) for seed in told}
    for record in records.values():
        record.open()

    def pool(seed: int) -> None:
        try:
            with closing(records[seed]) as record:
                run = record.begin(start())
                for number, batch in enumerate(told[seed], 1):
                    record.append(run, number, batch)
                    record.catch_up()
                    if number % 5 == 0:
                        record.compact(T0 + DAY // 2 + 9 * DAY * (number // 20))
        except BaseException as error:  # noqa: BLE001 - it is the test's to judge
            failed.append(error)

    threads = [threading.Thread(target=pool, args=(seed,)) for seed in told]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failed == []
    with closing(Record(url)) as record:
        while record.catch_up():
            pass
        assert replay(record.database).differences == []
    said = sum(
        type(entry).__name__ == "Credited"
        for batches in told.values()
        for batch in batches
        for entry in batch
    )
    with closing(Reader(url)) as reader:
        assert reader.totals().accepted == said


@pytest.mark.parametrize("kind", ["SQLite", "PostgreSQL"])
def test_an_idle_pool_does_not_lose_the_names_of_its_channels_to_a_busy_one(
    kind: str, url: str, tmp_path: Path
) -> None:
    where = url if kind == "PostgreSQL" else str(tmp_path / "r")
    with closing(Record(where, keep_days=1)) as idle, closing(Record(where, keep_days=1)) as busy:
        first, second = idle.begin(start()), busy.begin(start())
        later = T0 + 20 * DAY
        idle.append(first, 1, [began(1, "alice")])
        idle.append(first, 2, [TemplateSeen(later, 9, 9, bytes(32), bytes(32), 1, 1, 1)])
        busy.append(second, 1, [began(1, "bob", T0), credited(1, T0), credited(1, later)])
        while busy.compact(later):
            pass
        assert shares(where) == 1  # the other is a sum by now
        idle.append(first, 3, [credited(1, later)])
        idle.catch_up()
        assert replay(idle.database).differences == []
    with closing(Reader(where)) as reader:
        assert {each.account: each.accepted for each in reader.accounts().rows} == {"alice": 1, "bob": 2}
