"""Sixteen faults, each put into a real warehouse, each caught by the check that is named for it; none without a fault.

`python -m pytest tests/integration/pipelines/test_seeded_faults.py -s` prints fault and check.
"""

from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from warehouse_fixtures import an_id

from pipelines import findings, transform
from pipelines.build import build_warehouse
from pipelines.findings import find
from pipelines.ingest.batch import ingest
from pipelines.ingest.schema import IncompatibleSource
from pipelines.ingest.sources import source_tables
from pipelines.partitions import remember_history, today
from pipelines.window import Window

# A checkout every half hour until now (a test may run past Dhaka's midnight: yesterday is whole even then), two lines each,
# cash on delivery; a ledger transfer each day.
SHOP = """
create temp table times as
select n, md5('g' || n)::uuid as group_id, md5('r' || n)::uuid as order_id, at, at::date as on_utc
from generate_series(
    ((now() at time zone 'Asia/Dhaka')::date - 40)::timestamp at time zone 'Asia/Dhaka',
    now() - interval '1 second', interval '30 minutes'
) with ordinality as t (at, n);
insert into orders.order_groups (id, number, buyer_id, channel, payment_method, district_code, subtotal_poisha,
    total_poisha, placed_at)
select group_id, 'T' || n, '{buyer}', 'web', 'cod', 'BD-13', 30000, 30000, at from times;
insert into orders.orders (id, group_id, seller_id, status, subtotal_poisha, total_poisha, commission_poisha, vat_poisha,
    placed_at)
select order_id, group_id, '{seller}', 'delivered', 30000, 30000, 2400, 360, at from times;
insert into orders.order_lines (order_id, line_no, offer_id, product_id, quantity, subtotal_poisha, total_poisha)
select order_id, line_no, '{offer}', '{product}', line_no, line_no * 10000, line_no * 10000 from times, generate_series(1, 2) line_no;
insert into payments.attempts (id, group_id, order_id, provider, state, amount_poisha, merchant_reference, created_at)
select md5('a' || n)::uuid, group_id, order_id, 'cod', 'captured', 30000, 'M' || n, at from times;
insert into ledger.accounts (code, kind) values ('escrow', 'escrow'), ('courier_clearing:x', 'courier_clearing'),
    ('commission', 'commission'), ('vat_payable', 'vat_payable');
insert into ledger.transfers (id, kind, reference, business_on)
select md5('t' || on_utc)::uuid, 'test', on_utc::text, on_utc from (select distinct on_utc from times) as days;
insert into ledger.entries (transfer_id, entry_no, account_code, amount_poisha)
select md5('t' || on_utc)::uuid, entry_no, code, share * sold from (select on_utc, count(*) as sold from times group by 1) as days,
(values (1, 'courier_clearing:x', 30000), (2, 'escrow', -27240), (3, 'commission', -2400), (4, 'vat_payable', -360))
    as e (entry_no, code, share);
"""
YESTERDAY = "(placed_at at time zone 'Asia/Dhaka')::date = (now() at time zone 'Asia/Dhaka')::date - 1"


@dataclass(frozen=True)
class Fault:
    """What happens to a raw table (or to commerce), and the check that must see it."""

    name: str
    check: str
    tables: tuple[str, ...]
    statements: tuple[str, ...]
    # A check of whole tables that this fault gets past: why the finer one is needed.
    unseen_by: str | None = None


def a_fault(name, check, table, *statements, unseen_by=None):
    return Fault(name, check, tuple(table.split()), statements, unseen_by)


FAULTS = [
    a_fault(
        "duplicated batch", findings.COMPLETE, "orders__order_lines", "drop index raw.uq_orders__order_lines",
        "insert into raw.orders__order_lines select * from raw.orders__order_lines limit 100",
    ),
    a_fault(
        "missing hour", findings.DAYS, "orders__order_groups",
        "delete from raw.orders__order_groups where date_trunc('hour', placed_at) = (select date_trunc('hour',"
        " percentile_disc(0.5) within group (order by placed_at)) from raw.orders__order_groups)",
    ),
    a_fault(
        "wrong time zone", findings.DAYS, "orders__order_groups",
        "update raw.orders__order_groups set placed_at = placed_at + interval '6 hours'", unseen_by=findings.COMPLETE,
    ),
    a_fault(
        "negative price", "assert_prices_are_positive", "catalog__offers",
        f"update raw.catalog__offers set price_poisha = -price_poisha where id = '{an_id('o', 0)}'",
    ),
    a_fault(
        "orphan line", "assert_lines_belong_to_orders", "orders__orders",
        "delete from raw.orders__orders where id = (select id from raw.orders__orders limit 1)",
    ),
    a_fault(
        "currency mix", "assert_payments_are_in_poisha", "payments__attempts",
        "update raw.payments__attempts set amount_poisha = amount_poisha / 100 where merchant_reference like 'M1%'",
    ),
    a_fault(
        "half-loaded batch", findings.HORIZON, "extract_cursors",
        "update raw.extract_cursors set changed_xid = changed_xid - 1 where table_name = 'orders.order_lines'",
        unseen_by=findings.COMPLETE,
    ),
    a_fault(
        "altered amount", findings.COMPLETE, "orders__orders",
        "update raw.orders__orders set total_poisha = total_poisha + 1"
        " where id = (select id from raw.orders__orders limit 1)",
    ),
    a_fault(
        "amount moved to another day", findings.DAYS, "orders__orders",
        "update raw.orders__orders set placed_at = placed_at - interval '3 days' where id = (select id from"
        " raw.orders__orders order by placed_at desc limit 1)", unseen_by=findings.COMPLETE,
    ),
    a_fault(
        "lost ledger entry", "assert_transfers_balance", "ledger__entries",
        "delete from raw.ledger__entries where entry_no = 3 and transfer_id = (select id from raw.ledger__transfers limit 1)",
    ),
    a_fault(
        "ledger booked to another account", findings.ACCOUNTS, "ledger__entries",
        "update raw.ledger__entries set account_code = 'commission' where account_code = 'vat_payable'"
        " and transfer_id = (select id from raw.ledger__transfers limit 1)", unseen_by="assert_transfers_balance",
    ),
    a_fault(
        "entry without its transfer", "assert_entries_have_their_transfer", "ledger__transfers",
        "delete from raw.ledger__transfers where id = (select id from raw.ledger__transfers limit 1)",
        unseen_by="assert_transfers_balance",
    ),
    a_fault(
        "volume drop", findings.VOLUME, "orders__order_groups",
        f"update raw.orders__order_groups set placed_at = placed_at - interval '1 day' where {YESTERDAY}"
        " and extract(hour from placed_at) <> 7",
    ),
    a_fault(
        "column emptied", findings.COMPLETENESS, "orders__order_groups",
        f"update raw.orders__order_groups set district_code = null where {YESTERDAY}", unseen_by=findings.DAYS,
    ),
]  # fmt: skip


def urls(settings):
    return (
        settings.postgres("getit", role="getit_pipelines"),
        settings.postgres("getit_warehouse", role="getit_pipelines"),
    )


@pytest.fixture(scope="module")
def shop(warehouse, history):
    names = {"buyer": an_id("u"), "seller": an_id("s", 0), "offer": an_id("o", 0), "product": an_id("p", 0)}
    with psycopg.connect(warehouse.postgres("getit")) as connection:
        for statement in SHOP.split(";\n"):
            if statement.strip():
                connection.execute(statement.format(**names))
    remember_history(warehouse)
    ingest(warehouse)
    built = build_warehouse(warehouse)
    assert [(node.name, node.message) for node in built.nodes if not node.is_ok] == []
    return warehouse


@pytest.fixture(scope="module")
def raw(shop):
    """Put a fault in and take it out again, rows and indexes as they were."""

    @contextmanager
    def broken(fault):
        with psycopg.connect(urls(shop)[1]) as connection:
            for table in fault.tables:
                connection.execute(f"drop table if exists quality.kept_{table}")
                connection.execute(f"create table quality.kept_{table} as select * from raw.{table}")
            for statement in fault.statements:
                connection.execute(statement)
        try:
            yield
        finally:
            with psycopg.connect(urls(shop)[1]) as connection:
                for table in fault.tables:
                    connection.execute(f"truncate raw.{table}")
                    connection.execute(f"insert into raw.{table} select * from quality.kept_{table}")
                    connection.execute(f"drop table quality.kept_{table}")
                if "duplicated" in fault.name:
                    connection.execute(
                        "create unique index uq_orders__order_lines on raw.orders__order_lines (order_id, line_no)"
                    )

    return broken


def failing(settings, *tests):
    """Names of the checks that are red: those of raw tables, and these dbt tests."""
    red = {one.check for one in find(*urls(settings), source_tables()) if not one.is_passed}
    if tests:
        red |= {node.name for node in transform.run_tests(settings, tests) if not node.is_ok}
    return red


def test_without_a_fault_every_check_is_green(shop):
    """The control: what catches everything by being always red would be caught here."""
    assert failing(shop) == set()
    assert [node.name for node in transform.run_tests(shop) if not node.is_ok] == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_is_caught_by_the_check_named_for_it(shop, raw, fault):
    wanted = [name for name in (fault.check, fault.unseen_by) if name and name.startswith("assert_")]
    with raw(fault):
        red = failing(shop, *wanted)

    print(f"\n{fault.name:34} -> {fault.check}{f' (not by {fault.unseen_by})' if fault.unseen_by else ''}")
    assert fault.check in red
    assert fault.unseen_by not in red


def test_a_stale_source_is_caught(shop):
    """Commerce has sold for hours and nothing came: the clock of the last checkout that the warehouse lacks tells."""
    with psycopg.connect(urls(shop)[1]) as warehouse:
        warehouse.execute("create table quality.kept as select * from raw.orders__order_groups")
        warehouse.execute("delete from raw.orders__order_groups where placed_at > now() - interval '2 days'")

    red = failing(shop)

    print(f"\n{'stale source':34} -> {findings.FRESH}")
    assert findings.FRESH in red
    with psycopg.connect(urls(shop)[1]) as warehouse:
        warehouse.execute("truncate raw.orders__order_groups")
        warehouse.execute("insert into raw.orders__order_groups select * from quality.kept")


def test_a_changed_type_is_caught(shop, history):
    history.execute("alter table inventory.receipts alter column quantity type numeric")

    with pytest.raises(IncompatibleSource) as stopped:
        ingest(shop)

    print(f"\n{'changed type':34} -> {stopped.value.code}")
    history.execute("alter table inventory.receipts alter column quantity type integer")


def test_every_day_and_account_of_the_ledger_is_in_the_finance_mart_to_the_poisha(shop, query):
    """From commerce's own database, past everything between."""
    with psycopg.connect(shop.postgres("getit")) as connection:
        ledger = connection.execute(
            "select t.business_on, e.account_code, sum(e.amount_poisha)::bigint,"
            " sum(sum(e.amount_poisha)) over (partition by e.account_code order by t.business_on)::bigint"
            " from ledger.entries e join ledger.transfers t on t.id = e.transfer_id group by 1, 2 order by 1, 2"
        ).fetchall()
    mart = query(
        "select business_on, account_code, debit_poisha - credit_poisha, balance_poisha"
        " from marts.fct_ledger_account_day order by 1, 2"
    )

    assert len(ledger) > 150
    assert mart == ledger
    assert query("select count(*) from marts.fin_ledger_reconciliation where difference_poisha <> 0") == [(0,)]
    positions = query(
        "select escrow_poisha, vat_payable_poisha from marts.fin_position_day order by business_on desc limit 1"
    )
    assert positions == [
        tuple(-row[3] for row in ledger if row[0] == ledger[-1][0] and row[1] in {"escrow", "vat_payable"})
    ]


def test_a_poisha_off_in_the_mart_is_seen(shop, query):
    """The broken twin: a mart that rounds."""
    query("update marts.fct_ledger_account_day set debit_poisha = debit_poisha + 1 where account_code = 'escrow'")
    built = transform.build(shop, Window(today(), today()), select=["fin_ledger_reconciliation"])

    assert {node.name for node in built if not node.is_ok} == {"assert_ledger_mart_equals_ledger"}
