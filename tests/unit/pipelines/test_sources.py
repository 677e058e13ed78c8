"""What leaves commerce: every marked table with its change marker, no personal column."""

from foundation.tables import metadata
from pipelines.ingest.extract import select_batch
from pipelines.ingest.sources import source_tables

PERSONAL = ("_encrypted", "password", "full_name", "search_text")


def test_every_marked_table_is_extracted():
    extracted = {table.full_name for table in source_tables()}

    marked = {table.fullname for table in metadata.tables.values() if table.info.get("extracted")}

    assert marked - extracted <= {"scoring.decisions"}, "the tables of commerce, whatever else is loaded"
    assert extracted <= marked
    assert {"orders.order_lines", "payments.attempts", "risk.labels"} <= extracted


def test_no_personal_column_is_extracted():
    columns = [column.name for table in source_tables() for column in table.columns]

    assert [name for name in columns if any(part in name for part in PERSONAL)] == []


def test_every_table_has_a_key_and_a_change_marker():
    for table in source_tables():
        assert table.key
        assert "changed_xid" in [column.name for column in table.columns]


def test_a_batch_is_closed_below_its_upper_end():
    [orders] = [table for table in source_tables() if table.full_name == "orders.orders"]

    statement = select_batch(orders, 10, 20)

    assert "changed_xid >= '10'::xid8 and changed_xid < '20'::xid8" in statement
