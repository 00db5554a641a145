from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sluice.ledger.database import open_database
from sluice.ledger.schema import METADATA
from sluice.ledger.versions.r0001_the_record import down_revision, revision


def test_it_is_the_first_and_makes_the_schema_of_today(tmp_path: Path) -> None:
    database = open_database(str(tmp_path / "r"))
    try:
        with database.reading() as connection:
            made = set(sa.inspect(connection).get_table_names())
            differs = compare_metadata(MigrationContext.configure(connection), METADATA)
        assert (revision, down_revision) == ("0001", None)
        assert made == {*METADATA.tables, "alembic_version"}
        assert differs == []
    finally:
        database.close()
