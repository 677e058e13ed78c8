"""Thirty random days with late data: the warehouse that was built step by step equals the one built anew, row by row.

Each day brings new orders, late ones, changed and refused ones, labels, payments, movements of stock, ledger postings,
prices, tiers and categories that change, carts that are emptied. GETIT_PROPERTY_SEED chooses other days.
"""

import os
import random
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from warehouse_fixtures import an_id

from pipelines import transform
from pipelines.build import build_warehouse
from pipelines.ingest.batch import ingest
from pipelines.partitions import remember_history, today
from pipelines.window import Window

SEED = int(os.environ.get("GETIT_PROPERTY_SEED", "7"))
DAYS, BUILDS = 30, 5
# What tells of its own making differs by nature.
OWN_BOOKS = {"ops_builds", "ops_checks", "ops_loads", "ops_queues"}
HISTORIES = ("dim_offer_history", "dim_product_history", "dim_seller_history")


def marts(query):
    return sorted(
        row[0]
        for row in query("select tablename from pg_tables where schemaname = 'marts' union select 'ops_quarantine'")
        if row[0] not in OWN_BOOKS
    )


def contents(query, names):
    return {name: sorted(map(str, query(f"select * from marts.{name}"))) for name in names}


class Days:
    """Random days of a shop, each a few transactions."""

    def __init__(self, history, seed):
        self.history, self.chooser, self.orders = history, random.Random(seed), []

    def live(self, day):
        chooser = self.chooser
        for _ in range(chooser.randint(1, 3)):
            self.orders.append(
                self.history.order(day=day, product=chooser.randrange(3), quantity=chooser.randint(1, 9))
            )
        if chooser.random() < 0.5:
            late = chooser.randint(min(1, day), day)
            self.orders.append(self.history.order(day=late, product=chooser.randrange(3), status="shipped"))
        for change in chooser.sample((self.turn, self.label, self.move, self.post, self.reprice, self.cart), 4):
            change(day)

    def turn(self, day):
        """An order of any day ends otherwise."""
        status = self.chooser.choice(["refused", "cancelled", "delivered"])
        self.history.execute(
            "update orders.orders set status = %s, shipped_at = placed_at + interval '5 hours',"
            " closed_at = placed_at + interval '50 hours' where id = %s",
            status, self.chooser.choice(self.orders),
        )  # fmt: skip

    def label(self, day):
        self.history.execute(
            "insert into risk.labels (id, group_id, is_fraud, origin, occurred_at) values (%s, %s, %s, 'wallet_dispute', now())"
            " on conflict do nothing",
            uuid4(), self.chooser.choice(self.history.groups), self.chooser.random() < 0.5,
        )  # fmt: skip

    def move(self, day):
        """Stock comes and goes; the shelf's trigger writes the movements."""
        self.history.execute(
            "insert into inventory.stock as s (offer_id, hub_id, received, on_hand) values (%s, %s, 5, 5)"
            " on conflict (offer_id, hub_id) do update set on_hand = case when s.on_hand > 0 then 0 else 5 end,"
            " shipped = s.shipped + case when s.on_hand > 0 then s.on_hand else 0 end,"
            " received = s.received + case when s.on_hand > 0 then 0 else 5 end",
            an_id("o", self.chooser.randrange(3)), an_id("hub"),
        )  # fmt: skip

    def post(self, day):
        """A ledger transfer, booked late: on a business date up to ten days back."""
        transfer, amount = uuid4(), self.chooser.randint(1, 10**6)
        on = (self.history.start + timedelta(days=day - self.chooser.randint(0, 10))).date()
        with psycopg.connect(self.history.settings.postgres("getit")) as connection:
            for code in ("escrow", "bank"):
                connection.execute("insert into ledger.accounts values (%s, %s) on conflict do nothing", [code, code])
            connection.execute(
                "insert into ledger.transfers (id, kind, reference, business_on) values (%s, 'test', %s, %s)",
                [transfer, str(transfer), on],
            )
            for number, (code, signed) in enumerate((("escrow", -amount), ("bank", amount))):
                connection.execute(
                    "insert into ledger.entries (transfer_id, entry_no, account_code, amount_poisha) values (%s, %s, %s, %s)",
                    [transfer, number, code, signed],
                )

    def reprice(self, day):
        chooser = self.chooser
        self.history.execute(
            "update catalog.offers set price_poisha = %s, status = %s where id = %s",
            chooser.randint(100, 10**5), chooser.choice(["active", "paused"]), an_id("o", chooser.randrange(3)),
        )  # fmt: skip
        self.history.execute(
            "update sellers.sellers set tier = %s where id = %s",
            chooser.choice(["new", "standard", "trusted"]), an_id("s", chooser.randrange(2)),
        )  # fmt: skip
        if chooser.random() < 0.15:
            name = chooser.choice(["GROCERY > RICE > MINIKET", "FUEL > FUEL > OCTANE"])
            self.history.execute(
                "update catalog.products set category_id = %s where id = %s",
                an_id("c", name), an_id("p", chooser.randrange(2)),
            )  # fmt: skip

    def cart(self, day):
        offer = an_id("o", self.chooser.randrange(3))
        self.history.execute(
            "insert into cart.cart_lines (buyer_id, offer_id, quantity, seen_price_poisha) values (%s, %s, 1, 100)"
            " on conflict do nothing", an_id("u"), offer,
        )  # fmt: skip
        if self.chooser.random() < 0.7:
            self.history.execute("delete from cart.cart_lines where offer_id = %s", offer)


@pytest.fixture(scope="module")
def step_by_step(warehouse, history):
    days = Days(history, SEED)
    days.live(0)
    history.report_import()
    remember_history(warehouse)
    windows = []
    for day in range(1, DAYS + 1):
        days.live(day)
        if day % 2:
            ingest(warehouse)
        if day % (DAYS // BUILDS) == 0:
            ingest(warehouse)
            windows.append(build_warehouse(warehouse))
    return windows


def test_every_build_succeeded_and_not_all_were_full(step_by_step):
    assert [node.name for built in step_by_step for node in built.nodes if not node.is_ok] == []
    assert sum(not built.window.is_full for built in step_by_step) >= 1


def test_incremental_equals_full_refresh(warehouse, query, step_by_step):
    names = marts(query)
    assert len(names) > 40
    incremental = contents(query, names)
    window = step_by_step[-1].window

    transform.build(warehouse, Window(window.min_on, today(), is_full=True))

    full = contents(query, names)
    assert [name for name in names if incremental[name] != full[name]] == []
    assert all(full[name] for name in HISTORIES)
    assert len(full["dim_offer_history"]) > 3


def test_dimensions_over_time_say_what_was_when(history, query, step_by_step):
    """Beside what the triggers saw: the versions of an offer are its old prices in order, and today's."""
    was = history.execute(
        "select row_key ->> 'id', (was ->> 'price_poisha')::bigint from platform.row_history"
        " where table_name = 'catalog.offers' order by seq"
    )
    now = history.execute("select id::text, price_poisha from catalog.offers")
    for offer, price in now:
        versions = query(
            "select price_poisha from marts.dim_offer_history where offer_id = %s order by version_no", offer
        )
        assert [row[0] for row in versions] == [old for key, old in was if key == offer] + [price]


def test_a_snapshot_of_what_was_seen_would_have_missed_versions(query, step_by_step):
    """The broken twin, `dbt snapshot`: it has only the versions that held at the moment of some build."""
    kept = query("select count(*) from marts.dim_offer_history")[0][0]
    seen = query(
        "select count(*) from marts.dim_offer_history h where exists (select 1 from quality.warehouse_builds b"
        " where b.built_at >= h.valid_from and b.built_at < coalesce(h.valid_to, 'infinity'))"
    )[0][0]

    assert seen < kept


def test_a_step_that_looks_at_no_changed_rows_would_differ(warehouse, history, query, step_by_step):
    """The negative control: a build told that everything was built already keeps old versions, and it shows."""
    history.execute("update catalog.offers set price_poisha = 77 where id = %s", an_id("o", 0))
    ingest(warehouse)
    window = Window(today(), today())

    transform.build(warehouse, window, select=["dim_offer_history"], built_load=10**9)
    stale = contents(query, ["dim_offer_history"])
    transform.build(warehouse, window, select=["dim_offer_history"])

    assert stale != contents(query, ["dim_offer_history"])


def test_the_quarantine_is_empty(query, step_by_step):
    assert query("select * from marts.ops_quarantine") == []
