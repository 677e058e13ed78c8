"""The whole loop on a small shop: green to the last check and partition, and red when something is wrong."""

import subprocess
import sys

import dagster as dg
import psycopg
import pyarrow.parquet as pq
import pytest

from getit.reference import PAGES, lineage_page
from pipelines import lineage
from pipelines.definitions import build_defs
from pipelines.instance import instance_folder
from pipelines.lineage import of_installation
from pipelines.manifest import prepare
from pipelines.partitions import business_days
from pipelines.run import run_loop
from pipelines.stamps import DATA_VERSION, RUN_ID


@pytest.fixture(scope="module")
def shop(warehouse, history):
    for day in range(38):
        history.order(day=day, product=day % 3)
    history.report_import()
    prepare(warehouse)
    return warehouse


@pytest.fixture(scope="module")
def first_run(shop):
    return run_loop(shop, model_families=())


@pytest.fixture
def instance(shop, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(instance_folder(shop)))
    with dg.DagsterInstance.get() as found:
        yield found


def test_the_first_run_succeeds(first_run):
    assert first_run


def test_every_asset_and_every_partition_is_there(shop, first_run, instance):
    graph = build_defs(shop, model_families=()).resolve_asset_graph()
    missing = [
        key.to_user_string()
        for key in graph.get_all_asset_keys()
        if graph.get(key).is_executable and instance.get_latest_materialization_event(key) is None
    ]
    days = set(business_days(shop).get_partition_keys())
    partitioned = [key for key in graph.get_all_asset_keys() if graph.get(key).partitions_def]

    assert missing == []
    assert len(partitioned) >= 11
    for key in partitioned:
        assert instance.get_materialized_partitions(key) >= days, key


def test_every_check_ran_and_passed(shop, first_run, instance):
    graph = build_defs(shop, model_families=()).resolve_asset_graph()
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(graph.asset_check_keys))

    assert len(latest) == len(graph.asset_check_keys) > 50
    assert {record.status.value for record in latest.values()} == {"SUCCEEDED"}


def test_a_later_run_prints_a_line_for_every_step(shop, first_run, history, capsys):
    history.order(day=39)

    assert run_loop(shop, model_families=())

    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("step ")]
    assert [line.split()[1:3] for line in lines] == [
        ["ingest", "start"],
        ["ingest", "done"],
        ["warehouse", "start"],
        ["warehouse", "done"],
    ]
    assert all(float(line.split()[3]) >= 0 for line in lines if line.split()[2] == "done")


def test_one_asset_can_be_run_alone(shop, first_run):
    assert run_loop(shop, select=["key:marts/dim_seller"], model_families=())


def test_a_row_lost_in_the_warehouse_stops_the_run(shop, first_run, query, capsys):
    query("delete from raw.payments__attempts")

    assert not run_loop(shop, model_families=())

    out = capsys.readouterr().out
    assert "step ingest failed" in out
    assert "step warehouse start" not in out
    assert "raw/payments__attempts rows_and_sums_equal_commerce failed" in out
    query("delete from raw.extract_cursors where table_name = 'payments.attempts'")
    assert run_loop(shop, model_families=())


def test_a_lost_poisha_fails_a_check(shop, first_run, history, capsys):
    """A mart that does not add up is a failed check of the run, not only a red number on a page."""
    with psycopg.connect(shop.postgres("getit"), autocommit=True) as connection:
        connection.execute("update imports.runs set report = jsonb_set(report, '{rejected,amount_poisha}', '701')")

    assert not run_loop(shop, model_families=())

    assert "assert_reconciliation_is_exact failed" in capsys.readouterr().out
    with psycopg.connect(shop.postgres("getit"), autocommit=True) as connection:
        connection.execute("update imports.runs set report = jsonb_set(report, '{rejected,amount_poisha}', '700')")
    assert run_loop(shop, model_families=())


def test_definitions_load_as_the_web_server_loads_them(shop, first_run, child_environment):
    done = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-m", "pipelines.definitions"],
        env={**child_environment(shop), "DAGSTER_HOME": str(instance_folder(shop))},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_the_lineage_page_says_what_was_built(shop, first_run):
    page = (PAGES / "lineage.md").read_text()
    assert page == lineage_page(of_installation(shop)), "run: make docs"


def test_lineage_on_the_command_line(shop, first_run, monkeypatch, capsys):
    monkeypatch.setenv("GETIT_HOME", str(shop.home))
    assert lineage.main(["marts.agg_sales_day.sales_poisha"]) == 0
    assert capsys.readouterr().out == "sales_poisha: orders.orders.discount_poisha, orders.orders.subtotal_poisha\n"
    assert lineage.main(["marts.nothing"]) == 1
    assert "no relation or column of the warehouse" in capsys.readouterr().out


def test_run_and_data_version_are_on_everything(shop, first_run, instance):
    """Loads, builds, checks and files name the run that made them and the load that they hold."""
    runs = {run.run_id for run in instance.get_runs()}
    with psycopg.connect(shop.postgres("getit_warehouse", role="getit_pipelines")) as warehouse:
        loads = dict(warehouse.execute("select load_no, run_id from raw.loads").fetchall())
        builds = warehouse.execute("select load_no, run_id from marts.ops_builds").fetchall()
        checks = {row[0] for row in warehouse.execute("select run_id from marts.ops_checks")}
        rows = {row[0] for row in warehouse.execute("select distinct _load_no from raw.orders__orders")}
    assert set(loads.values()) | checks | {run for _, run in builds} <= runs
    assert {load for load, _ in builds} | rows <= loads.keys()
    files = [*shop.folder("lake").rglob("batch=*.parquet")]
    stamps = [pq.read_metadata(path).metadata for path in files]
    assert files
    assert {stamp[RUN_ID.encode()].decode() for stamp in stamps} <= runs
    assert {int(stamp[DATA_VERSION.encode()]) for stamp in stamps} <= loads.keys()
    event = instance.get_latest_materialization_event(dg.AssetKey(["marts", "fct_orders"]))
    assert int(event.asset_materialization.tags["dagster/data_version"]) in loads
