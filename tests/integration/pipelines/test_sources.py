"""Rows that commerce deletes leave the warehouse; a changed table flows through or stops the batch; history is kept."""

from dataclasses import replace

import psycopg
import pytest
from warehouse_fixtures import an_id

from pipelines.checks import compare_tables
from pipelines.ingest.accept import accept
from pipelines.ingest.batch import SourceWentBack, ingest, ingest_between
from pipelines.ingest.schema import IncompatibleSource
from pipelines.ingest.sources import HISTORY, SourceColumn, source_tables

TABLES = {table.full_name: table for table in source_tables()}
CART, WISHES = TABLES["cart.cart_lines"], TABLES["engagement.wishes"]


def urls(settings):
    return settings.postgres("getit", role="getit_pipelines"), settings.postgres(
        "getit_warehouse", role="getit_pipelines"
    )


def unequal(settings, *tables):
    return [found.detail for found in compare_tables(*urls(settings), tables) if not found.is_equal]


def put_in_cart(history, *offers):
    for offer in offers:
        history.execute(
            "insert into cart.cart_lines (buyer_id, offer_id, quantity, seen_price_poisha) values (%s, %s, 1, 100)",
            an_id("u"), an_id("o", offer),
        )  # fmt: skip


def offers_in_cart(query):
    return sorted(row[0] for row in query("select offer_id from raw.cart__cart_lines"))


def test_every_extracted_table_keeps_its_marker_and_its_dead(settings):
    with psycopg.connect(settings.postgres("getit")) as connection:
        triggers = set(
            connection.execute(
                "select c.relnamespace::regnamespace || '.' || c.relname, t.tgname from pg_trigger t"
                " join pg_class c on c.oid = t.tgrelid where not t.tgisinternal"
            ).fetchall()
        )

    assert {name for name in TABLES if (name, "touch_changed_xid") not in triggers} == set()
    assert {name for name, table in TABLES.items() if table.is_deletable} == {
        name for name in TABLES if (name, "record_deletion") in triggers
    }


class TestDeletedRows:
    def test_leave_the_warehouse(self, warehouse, history, query):
        put_in_cart(history, 0, 1, 2)
        ingest(warehouse)
        assert offers_in_cart(query) == sorted([an_id("o", 0), an_id("o", 1), an_id("o", 2)])

        history.execute("delete from cart.cart_lines where offer_id = %s", an_id("o", 1))
        [cart] = [load for load in ingest(warehouse) if load.table == CART]

        assert cart.gone == 1
        assert offers_in_cart(query) == sorted([an_id("o", 0), an_id("o", 2)])
        assert unequal(warehouse, CART) == []

    def test_come_back_when_written_again_in_the_same_transaction(self, warehouse, history, query):
        with psycopg.connect(warehouse.postgres("getit")) as connection:
            connection.execute("delete from cart.cart_lines where offer_id = %s", [an_id("o", 0)])
            connection.execute(
                "insert into cart.cart_lines (buyer_id, offer_id, quantity, seen_price_poisha) values (%s, %s, 7, 1)",
                [an_id("u"), an_id("o", 0)],
            )
        ingest(warehouse)

        assert query("select quantity from raw.cart__cart_lines where offer_id = %s", an_id("o", 0)) == [(7,)]

    def test_that_no_batch_ever_saw_are_no_trouble(self, warehouse, history, query):
        put_in_cart(history, 1)
        history.execute("delete from cart.cart_lines where offer_id = %s", an_id("o", 1))
        ingest(warehouse)

        assert an_id("o", 1) not in offers_in_cart(query)

    def test_do_not_make_the_comparison_with_commerce_fail(self, warehouse, history, query):
        ingest(warehouse)
        history.execute("delete from cart.cart_lines where offer_id = %s", an_id("o", 2))

        assert unequal(warehouse, CART) == []

    def test_would_stay_for_ever_without_tombstones(self, warehouse, history, query):
        """The broken twin: an extract of changed rows alone never learns of a deletion, and the comparison says so."""
        put_in_cart(history, 1)
        ingest(warehouse)
        history.execute("delete from cart.cart_lines where offer_id = %s", an_id("o", 1))

        ingest_between(*urls(warehouse), warehouse.folder("lake"), [replace(CART, is_deletable=False)])

        assert an_id("o", 1) in offers_in_cart(query)
        assert unequal(warehouse, CART) != []
        accept(urls(warehouse)[1], [CART])
        ingest(warehouse)
        assert an_id("o", 1) not in offers_in_cart(query)


def test_old_values_of_tracked_columns_are_kept(warehouse, history, query):
    history.execute("update catalog.offers set price_poisha = 11000 where id = %s", an_id("o", 0))
    history.execute("update catalog.offers set handling_days = 3 where id = %s", an_id("o", 0))
    history.execute("update catalog.offers set price_poisha = 12000, status = 'paused' where id = %s", an_id("o", 0))
    ingest(warehouse)

    was = query("select was from raw.platform__row_history where table_name = 'catalog.offers' order by seq")
    assert [row[0] for row in was] == [
        {"price_poisha": 10000, "status": "active"},
        {"price_poisha": 11000, "status": "active"},
    ]


def test_rows_seen_under_a_held_horizon_belong_to_a_later_load(warehouse, history, query):
    """A long transaction holds the horizon back through two runs: what the second one brought must have its number."""
    with psycopg.connect(warehouse.postgres("getit")) as long:
        long.execute("insert into catalog.categories (id, path, name_en) values (%s, 'X', 'X')", [an_id("long")])
        ingest(warehouse)
        [before] = query("select max(load_no), max(horizon) from raw.loads")
        put_in_cart(history, 1)
        ingest(warehouse)
        long.rollback()

    assert query("select max(horizon) from raw.loads") == [(before[1],)]
    assert query("select count(*) from raw.cart__cart_lines where _load_no > %s", before[0]) == [(1,)]


class TestChangedTables:
    def test_a_new_column_flows_through_for_all_rows(self, warehouse, history, query):
        history.execute("alter table engagement.wishes add column mood text not null default 'glad'")
        history.execute(
            "insert into engagement.wishes (user_id, product_id, added_at) values (%s, %s, now())",
            an_id("u"), an_id("p", 0),
        )  # fmt: skip
        ingest(warehouse, [TABLES[HISTORY], WISHES])
        grown = replace(WISHES, columns=(*WISHES.columns, SourceColumn("mood", "text", '"mood"')))

        ingest(warehouse, [TABLES[HISTORY], grown])

        assert query("select distinct mood from raw.engagement__wishes") == [("glad",)]
        accept(urls(warehouse)[1], [WISHES])

    @pytest.mark.parametrize(
        ("change", "undo", "says"),
        [
            (
                "alter table inventory.receipts alter column quantity type text using quantity::text",
                "alter table inventory.receipts alter column quantity type integer using quantity::integer",
                "inventory.receipts.quantity is text in commerce, declared as integer",
            ),
            (
                "alter table inventory.receipts rename column quantity to pieces",
                "alter table inventory.receipts rename column pieces to quantity",
                "inventory.receipts.quantity is missing in commerce",
            ),
            (
                "alter table inventory.receipts drop constraint pk_receipts",
                "alter table inventory.receipts add constraint pk_receipts primary key (id)",
                "the key of inventory.receipts is []",
            ),
        ],
        ids=["type", "column", "key"],
    )
    def test_an_incompatible_change_stops_the_batch_and_nothing_is_loaded(
        self, warehouse, history, query, change, undo, says
    ):
        ingest(warehouse)
        before = query("select * from raw.extract_cursors order by 1")
        order = history.order(day=1)
        history.execute(change)

        with pytest.raises(IncompatibleSource) as stopped:
            ingest(warehouse)

        history.execute(undo)
        assert says in str(stopped.value)
        assert query("select * from raw.extract_cursors order by 1") == before
        assert query("select 1 from raw.orders__orders where id = %s", order) == []
        ingest(warehouse)
        assert query("select 1 from raw.orders__orders where id = %s", order) == [(1,)]

    def test_a_column_that_was_landed_otherwise_stops_the_batch_until_it_is_accepted(self, warehouse, query):
        receipts = TABLES["inventory.receipts"]
        query("alter table raw.inventory__receipts alter column quantity type text")
        query("alter table raw.inventory__receipts add column colour text")

        with pytest.raises(IncompatibleSource, match=r"was landed as text.*extracted no more"):
            ingest(warehouse)

        accept(urls(warehouse)[1], [receipts])
        ingest(warehouse)
        assert unequal(warehouse, receipts) == []


def test_a_commerce_that_was_restored_from_a_dump_is_noticed(warehouse, query):
    query("update raw.extract_cursors set changed_xid = 9e15 where table_name = 'orders.orders'")

    with pytest.raises(SourceWentBack, match="restored from a dump"):
        ingest(warehouse)

    query("update raw.extract_cursors set changed_xid = 3 where table_name = 'orders.orders'")
    ingest(warehouse)
