"""Late rows, changed rows, vanished days: the incremental warehouse equals the one built anew, mart by mart."""

from dataclasses import replace

import pytest

from pipelines import transform
from pipelines.build import build_warehouse
from pipelines.ingest.batch import ingest
from pipelines.partitions import remember_history, today
from pipelines.window import Window

# Everything that is built for a window, and what is derived from it.
MARTS = (
    "fct_orders", "fct_order_lines", "fct_order_groups", "fct_payments", "fct_sales_daily_product", "agg_sales_day",
    "agg_sales_day_category", "agg_sales_day_seller", "agg_sales_day_district", "agg_payments_day", "agg_outcomes_day",
    "agg_risk_day", "fct_labels", "fct_stock", "fct_ledger_day", "fin_reconciliation",
)  # fmt: skip


@pytest.fixture(scope="module")
def contents(query):
    def read():
        return {mart: sorted(map(str, query(f"select * from marts.{mart}"))) for mart in MARTS}

    return read


@pytest.fixture(scope="module")
def first_build(warehouse, history):
    for day in range(12):
        for product in range(3):
            history.order(day=day, product=product, quantity=1 + day % 4)
    history.report_import()
    remember_history(warehouse)
    ingest(warehouse)
    return build_warehouse(warehouse)


@pytest.fixture(scope="module")
def later_build(warehouse, history, first_build):
    history.order(day=20, product=1)
    history.order(day=2, quantity=9, status="shipped")
    day_five = history.groups[15:18]
    history.execute("update orders.orders set status = 'cancelled' where group_id = any(%s)", day_five)
    history.execute("update orders.orders set status = 'refused' where group_id = %s", history.groups[21])
    history.execute(
        "insert into risk.labels (id, group_id, is_fraud, origin, occurred_at) values (%s, %s, true, 'analyst', now())",
        history.groups[0], history.groups[24],
    )  # fmt: skip
    ingest(warehouse)
    return build_warehouse(warehouse)


def failures(built):
    return [(node.name, node.message) for node in built.nodes if not node.is_ok]


def test_the_first_build_covers_all_history(first_build):
    assert failures(first_build) == []
    assert first_build.window.is_full


def test_a_later_build_reaches_back_to_the_oldest_changed_row(first_build, later_build):
    assert failures(later_build) == []
    assert not later_build.window.is_full
    assert later_build.window.min_on > first_build.window.min_on


def test_incremental_equals_full_refresh(warehouse, contents, later_build):
    incremental = contents()

    transform.build(warehouse, Window(later_build.window.min_on, today(), is_full=True))

    full = contents()
    for mart in MARTS:
        assert incremental[mart] == full[mart], mart


def test_a_window_that_misses_late_rows_would_differ(warehouse, history, contents, query):
    """The negative control: without the window that late rows ask for, marts go wrong, and the comparison sees it."""
    history.order(day=3, quantity=7)
    ingest(warehouse)

    transform.build(warehouse, Window(today(), today()))

    narrow = contents()
    build_warehouse(warehouse)
    assert narrow["agg_sales_day"] != contents()["agg_sales_day"]


def test_a_renamed_seller_rebuilds_everything(warehouse, history, query, later_build):
    history.execute("update sellers.sellers set name = 'Bhai Bhai Store'")
    ingest(warehouse)

    assert build_warehouse(warehouse).window.is_full
    assert query("select distinct seller_name from marts.fct_orders") == [("Bhai Bhai Store",)]


def test_a_day_without_sales_left_has_no_rows(query, history, later_build):
    cancelled = query("select distinct placed_on from marts.fct_orders where status = 'cancelled'")

    assert len(cancelled) == 1
    assert query("select * from marts.agg_sales_day where sold_on = %s", cancelled[0][0]) == []


def test_money_is_followed_to_the_poisha(query, later_build):
    steps = query("select step, count(*), sum(abs(difference)) from marts.fin_reconciliation group by step")

    assert {step for step, _, _ in steps} == {
        "file = commerce + rejected",
        "rejected = rows kept as rejects",
        "commerce = mart + no sale",
        "excluded: rejected at import",
        "excluded: no sale",
        "sales mart = order lines",
    }
    assert sum(difference for _, _, difference in steps) == 0


def test_fuel_is_no_piece(query, later_build):
    assert query("select is_countable from marts.dim_product where uom = 'gallon'") == [(False,)]


def test_midnight_in_dhaka_turns_the_day(query, later_build):
    wrong = query(
        "select group_id from marts.fct_order_groups"
        " where placed_on <> (placed_at at time zone 'Asia/Dhaka')::date or placed_on = (placed_at at time zone 'UTC')::date"
    )
    assert wrong == []


def test_the_unit_tests_of_the_project_pass(warehouse):
    parsed = transform._parse(warehouse)
    arguments = ["test", *transform._options(warehouse), "--resource-type", "unit_test"]

    results = list(transform._invoke(arguments, manifest=parsed))

    assert [(result.node.name, result.message) for result in results if str(result.status) != "pass"] == []
    assert len(list(results)) >= 6


def test_every_column_of_a_mart_is_described(warehouse):
    import json

    manifest = json.loads(transform.prepare_manifest(warehouse).read_text())
    silent = [
        f"{node['name']}.{column['name']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in {"marts", "staging"}
        for column in node["columns"].values()
        if not column["description"]
    ]

    assert silent == []
    marts = [
        node
        for node in manifest["nodes"].values()
        if node.get("schema") == "marts" and node["resource_type"] == "model"
    ]
    assert [node["name"] for node in marts if not node["contract"]["enforced"]] == []


def test_the_descriptions_name_every_column_there_is(warehouse, query, later_build):
    """All of them: a column that a view grew and nobody described is found in the database."""
    import json

    manifest = json.loads(transform.prepare_manifest(warehouse).read_text())
    described = {
        (node["schema"], node["name"], column)
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        for column in node["columns"]
    }
    there = set(
        query(
            "select n.nspname, c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid"
            " join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('staging', 'marts')"
            " and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped"
        )
    )

    assert there - described == set()
    assert len(there) > 700


def test_windows_are_remembered(query, first_build, later_build):
    builds = query("select min_on, max_on from quality.warehouse_builds order by built_at")

    assert builds[:2] == [
        (first_build.window.min_on, first_build.window.max_on),
        (later_build.window.min_on, later_build.window.max_on),
    ]
    assert replace(later_build.window, is_full=True) != later_build.window
