"""The lake's tables are the warehouse's raw tables: newest rows only, none that was deleted, in DuckDB and in polars."""

from datetime import timedelta

import duckdb
import polars as pl
import pytest
from warehouse_fixtures import an_id

from pipelines.assets.upkeep import UPKEEP
from pipelines.definitions import build_defs
from pipelines.ingest.batch import ingest
from pipelines.ingest.compact import compact, files, retire
from pipelines.ingest.sources import source_tables

TABLES = {table.full_name: table for table in source_tables()}
ORDERS, CART, TRANSFERS = TABLES["orders.orders"], TABLES["cart.cart_lines"], TABLES["ledger.transfers"]


@pytest.fixture(scope="module")
def lake(warehouse, history):
    for day in range(4):
        history.order(day=day)
    for offer in (0, 1):
        history.execute(
            "insert into cart.cart_lines (buyer_id, offer_id, quantity, seen_price_poisha) values (%s, %s, 1, 100)",
            an_id("u"), an_id("o", offer),
        )  # fmt: skip
    history.execute(
        "insert into ledger.transfers (id, kind, reference, business_on) values (%s, 'test', 'x', '2025-03-01')",
        an_id("t"),
    )
    ingest(warehouse)
    history.execute("update orders.orders set status = 'refused' where id = %s", an_id("r", 1))
    history.execute("delete from cart.cart_lines where offer_id = %s", an_id("o", 1))
    ingest(warehouse)
    return warehouse.folder("lake")


def in_duckdb(lake, table, columns="*"):
    pattern = files(lake, table.full_name)
    return duckdb.sql(f"select {columns} from read_parquet('{pattern}', hive_partitioning = true)").fetchall()


def test_a_lake_table_holds_the_newest_state(lake, query):
    assert compact(lake, ORDERS) == 4

    raw = query("select id::text, status, (placed_at at time zone 'Asia/Dhaka')::date::text from raw.orders__orders")
    assert sorted(in_duckdb(lake, ORDERS, "id::text, status, day::text")) == sorted(raw)
    assert compact(lake, ORDERS) == 0, "without news nothing is written"


def test_polars_reads_the_same(lake):
    compact(lake, ORDERS)

    frame = pl.scan_parquet(files(lake, "orders.orders"), hive_partitioning=True).collect()

    assert sorted(frame["status"].to_list()) == sorted(row[0] for row in in_duckdb(lake, ORDERS, "status"))
    assert frame["total_poisha"].sum() == sum(row[0] for row in in_duckdb(lake, ORDERS, "total_poisha"))


def test_a_deleted_row_is_gone(lake, query):
    compact(lake, CART)

    assert len(in_duckdb(lake, CART)) == len(query("select * from raw.cart__cart_lines")) == 1


def test_a_business_date_of_its_own_is_the_day(lake, history, warehouse):
    assert compact(lake, TRANSFERS) == 1
    history.execute(
        "insert into ledger.transfers (id, kind, reference, business_on) values (%s, 'test', 'y', '2025-03-02')",
        an_id("t", 2),
    )
    ingest(warehouse)

    assert compact(lake, TRANSFERS) == 2
    days = [tuple(map(str, row)) for row in in_duckdb(lake, TRANSFERS, "day, business_on")]
    assert sorted(days) == [("2025-03-01", "2025-03-01"), ("2025-03-02", "2025-03-02")]


def test_old_batches_go_and_later_ones_are_merged_into_what_was_kept(lake, warehouse, history, query):
    compact(lake, ORDERS)
    assert retire(lake, ORDERS) == 0, "they are young"
    assert retire(lake, ORDERS, keep=timedelta(0)) == 2

    history.order(day=5)
    ingest(warehouse)

    assert compact(lake, ORDERS) == 5
    assert sorted(row[0] for row in in_duckdb(lake, ORDERS, "id::text")) == sorted(
        row[0] for row in query("select id::text from raw.orders__orders")
    )
    assert not list(lake.glob("tables/*.partial"))


def test_the_nightly_job_merges_what_came_since(warehouse, history, lake):
    compact(lake, ORDERS)
    history.order(day=5)
    ingest(warehouse)

    job = build_defs(warehouse).resolve_job_def(UPKEEP)
    assert job.execute_in_process().success

    assert len(in_duckdb(lake, ORDERS)) == len(in_duckdb(lake, ORDERS, "distinct id"))
    assert compact(lake, ORDERS) == 0, "nothing was left to merge"
