"""Replaying a batch changes nothing; a change in commerce arrives once; a crash between file and commit leaves no trace."""

import psycopg
import pyarrow.parquet as pq
import pytest

from pipelines.checks import compare_tables
from pipelines.ingest.batch import ingest, replay
from pipelines.ingest.lake import batch_file
from pipelines.ingest.sources import source_tables

TABLES = {table.full_name: table for table in source_tables()}


@pytest.fixture(scope="module")
def loads(warehouse, history):
    for day in range(5):
        history.order(day=day)
    return {load.table.full_name: load for load in ingest(warehouse)}


def everything(query, table):
    """Every column of every row, stamps of the load included."""
    return sorted(map(str, query(f"select * from {table.raw_name}")))


def urls(settings):
    return (
        settings.postgres("getit", role="getit_pipelines"),
        settings.postgres("getit_warehouse", role="getit_pipelines"),
    )


@pytest.mark.parametrize("name", ["orders.orders", "orders.order_lines", "catalog.products"])
def test_a_replay_changes_nothing(warehouse, query, loads, name):
    load = loads[name]
    before = everything(query, load.table)

    rows = replay(*urls(warehouse), warehouse.folder("lake"), load.table, lo=load.lo, hi=load.hi)

    assert rows == 0
    assert before == everything(query, load.table)


def test_a_replay_brings_back_what_was_lost(warehouse, query, loads):
    load = loads["orders.orders"]
    before = len(query("select id from raw.orders__orders"))
    query("delete from raw.orders__orders where id = (select min(id::text)::uuid from raw.orders__orders)")

    rows = replay(*urls(warehouse), warehouse.folder("lake"), load.table, lo=load.lo, hi=load.hi)

    assert rows == 1
    assert before == len(query("select id from raw.orders__orders"))


def test_a_change_replaces_the_row(warehouse, history, query, loads):
    order = history.order(day=6)
    ingest(warehouse)
    history.execute("update orders.orders set status = 'refused' where id = %s", order)

    [orders] = [load for load in ingest(warehouse) if load.table.full_name == "orders.orders"]

    assert orders.rows == 1
    assert query("select status from raw.orders__orders where id = %s", order) == [("refused",)]


def test_the_lake_holds_what_was_landed(warehouse, loads):
    load = loads["orders.order_lines"]

    table = pq.read_table(batch_file(warehouse.folder("lake"), load.table, load.lo, load.hi))

    assert load.rows == table.num_rows
    assert str(table.schema.field("quantity").type) == "decimal128(14, 3)"


def test_a_file_without_its_commit_is_removed(warehouse, loads):
    orphan = batch_file(warehouse.folder("lake"), TABLES["orders.orders"], 10**15, 10**15 + 1)
    orphan.write_bytes(b"from a run that died before its commit")

    ingest(warehouse)

    assert not orphan.exists()


def test_a_new_column_is_read_for_all_rows(warehouse, query, loads):
    query("alter table raw.orders__orders drop column courier cascade")

    [orders] = [load for load in ingest(warehouse) if load.table.full_name == "orders.orders"]

    assert orders.lo == 0
    assert orders.rows == query("select count(*) from raw.orders__orders")[0][0] > 5


class TestComparisonWithCommerce:
    def test_is_equal_while_commerce_moves_on(self, warehouse, history, loads):
        ingest(warehouse)
        history.order(day=8)
        history.execute("update orders.orders set status = 'refused'")

        comparisons = compare_tables(*urls(warehouse), list(TABLES.values()))

        assert [found.detail for found in comparisons if not found.is_equal] == []

    def test_sees_a_missing_row(self, warehouse, query, loads):
        ingest(warehouse)
        query(
            "delete from raw.orders__order_lines where order_id = (select min(order_id::text)::uuid from raw.orders__order_lines)"
        )

        [lines] = compare_tables(*urls(warehouse), [TABLES["orders.order_lines"]])

        assert not lines.is_equal
        assert "rows" in lines.detail

    def test_sees_a_changed_amount(self, warehouse, query, loads):
        query("update raw.orders__orders set total_poisha = total_poisha + 1")

        [orders] = compare_tables(*urls(warehouse), [TABLES["orders.orders"]])

        assert not orders.is_equal
        assert "total_poisha" in orders.detail


def test_the_pipelines_cannot_read_the_hidden_truth(warehouse):
    with psycopg.connect(warehouse.postgres("getit")) as admin:
        admin.execute("create table if not exists sandbox.truth_probe (group_id uuid, is_fraud boolean)")
    with (
        psycopg.connect(warehouse.postgres("getit", role="getit_pipelines")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select * from sandbox.truth_probe")


def test_the_dashboards_cannot_read_raw_tables(warehouse, loads):
    with (
        psycopg.connect(warehouse.postgres("getit_warehouse", role="getit_dashboards")) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select * from raw.orders__orders")
