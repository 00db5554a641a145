import sqlalchemy as sa

from sluice.ledger.schema import METADATA, VIEWS, WORK_BITS


def test_every_table_says_what_it_is() -> None:
    assert all(table.comment for table in METADATA.tables.values())
    assert all(str(view.comment).startswith("view: ") for view in VIEWS)


def test_work_has_both_its_columns_wherever_it_stands() -> None:
    for table in METADATA.tables.values():
        assert ("work_high" in table.columns) == ("work_low" in table.columns)
    assert WORK_BITS == 32


def test_every_row_that_is_numbered_lies_in_that_order_on_sqlite() -> None:
    dialect = sa.create_engine("sqlite://").dialect
    for name, column in (("shares", "share"), ("moves", "move"), ("channels", "channel")):
        assert METADATA.tables[name].columns[column].type.compile(dialect) == "INTEGER"
