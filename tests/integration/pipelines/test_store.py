"""The lake in a store: read with one call by DuckDB and polars, as one state whole also while the next is published."""

import shutil

import duckdb
import fsspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import store

ORDERS = "orders.orders"


@pytest.fixture(params=["file", "memory"])
def settings(request, base_settings, tmp_path):
    url = f"file://{tmp_path}/store" if request.param == "file" else f"memory://lake-{tmp_path.name}"
    return base_settings.model_copy(update={"home": tmp_path / "home", "lake_url": url})


def write(settings, state, days=("2026-01-01", "2026-01-02")):
    """The local lake, as compaction leaves it: `state` is in every row."""
    table = settings.folder("lake") / "tables" / ORDERS
    shutil.rmtree(table, ignore_errors=True)
    for place, day in enumerate(days):
        (table / f"day={day}").mkdir(parents=True)
        rows = pa.table({"id": [place * 2, place * 2 + 1], "state": [state, state]})
        pq.write_table(rows, table / f"day={day}" / "data_0.parquet")
    settings.folder("lake", "marts")
    pq.write_table(pa.table({"sales": [state]}), settings.folder("lake", "marts") / "fct_orders.parquet")


def states(settings):
    return set(store.dataset(ORDERS, settings).to_table()["state"].to_pylist())


def files(settings):
    filesystem, root = fsspec.core.url_to_fs(settings.lake_url)
    return [path for path in filesystem.find(root) if path.endswith(".parquet")]


def test_duckdb_and_polars_read_it_by_one_call(settings):
    write(settings, 1)
    assert store.publish(settings, store.TABLES) == 2
    assert store.publish(settings, store.MARTS) == 1
    shutil.rmtree(settings.folder("lake"))

    orders = store.dataset(ORDERS, settings)

    assert duckdb.sql("select day, count(*) from orders group by day order by day").fetchall() == [
        ("2026-01-01", 2), ("2026-01-02", 2),
    ]  # fmt: skip
    assert pl.scan_pyarrow_dataset(orders).filter(pl.col("day") == "2026-01-02").collect()["id"].to_list() == [2, 3]
    assert store.dataset("fct_orders", settings).to_table().to_pydict() == {"sales": [1]}


def test_without_a_store_the_same_call_reads_the_local_lake(settings):
    local = settings.model_copy(update={"lake_url": None})
    write(local, 1)
    assert store.publish(local, store.TABLES) == 0
    assert states(local) == {1}
    assert store.dataset("fct_orders", local).count_rows() == 1


def test_what_did_not_change_is_not_sent_again_and_what_nobody_reads_is_deleted(settings):
    write(settings, 1)
    store.publish(settings, store.TABLES)
    assert store.publish(settings, store.TABLES) == 0
    write(settings, 2)
    assert store.publish(settings, store.TABLES) == 2
    assert (states(settings), len(files(settings))) == ({2}, 4)
    write(settings, 3)
    store.publish(settings, store.TABLES)
    assert (states(settings), len(files(settings))) == ({3}, 4)


def test_whoever_dies_while_publishing_leaves_the_state_before(settings, monkeypatch):
    write(settings, 1)
    store.publish(settings, store.TABLES)
    reading = store.dataset(ORDERS, settings)
    write(settings, 2)
    die_after_one(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        store.publish(settings, store.TABLES)
    assert states(settings) == {1}
    monkeypatch.undo()
    store.publish(settings, store.TABLES)
    assert states(settings) == {2}
    assert set(reading.to_table()["state"].to_pylist()) == {1}, "who began before still reads his state"


def test_a_twin_that_writes_over_its_files_is_seen_half(settings, monkeypatch):
    """Negative control: names without their content."""
    monkeypatch.setattr(store, "_published_name", lambda _, relative: relative)
    write(settings, 1)
    store.publish(settings, store.TABLES)
    write(settings, 2)
    filesystem, root = fsspec.core.url_to_fs(settings.lake_url)
    lake = settings.folder("lake")
    (first, *_) = store._local(lake, store.TABLES)[f"tables/{ORDERS}"]
    store._put(filesystem, lake / first, f"{root}/{first}")
    assert states(settings) == {1, 2}


def test_a_name_that_is_not_there_is_told_what_is(settings):
    write(settings, 1)
    store.publish(settings, store.MARTS)
    with pytest.raises(store.NotInTheLake, match="nothing is not in the lake; there is: fct_orders"):
        store.dataset("nothing", settings)


def die_after_one(monkeypatch):
    put, calls = store._put, []

    def dying(*arguments):
        if calls:
            raise KeyboardInterrupt
        calls.append(1)
        put(*arguments)

    monkeypatch.setattr(store, "_put", dying)
