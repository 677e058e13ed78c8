"""The closed-set extract loses nothing under concurrent writers; cursors on an id or a time (the naive twins) do."""

import itertools
import random
import threading
import time

import psycopg
import pytest

from pipelines.ingest.batch import ingest_between
from pipelines.ingest.extract import closed_set, select_batch
from pipelines.ingest.sources import SourceColumn, SourceTable

WRITERS, SECONDS = 10, 4.0
TABLE = SourceTable(
    "public",
    "arrivals",
    (
        SourceColumn("id", "bigint", '"id"'),
        SourceColumn("writer", "integer", '"writer"'),
        SourceColumn("written_at", "timestamptz", '"written_at"'),
        SourceColumn("changed_xid", "bigint", "changed_xid::text::bigint as changed_xid"),
    ),
    ("id",),
)


@pytest.fixture(scope="module")
def source_url(warehouse):
    with psycopg.connect(warehouse.postgres("getit")) as connection:
        connection.execute(
            "create table public.arrivals (id bigint generated always as identity primary key, writer integer,"
            " written_at timestamptz not null default now(), changed_xid xid8 not null default pg_current_xact_id())"
        )
        connection.execute("grant select on public.arrivals to getit_pipelines")
    return warehouse.postgres("getit", role="getit_pipelines")


@pytest.fixture(scope="module")
def warehouse_url(warehouse):
    return warehouse.postgres("getit_warehouse", role="getit_pipelines")


def write(url, number, deadline):
    """Transactions of random length: rows get their id, time and transaction long before others can see them."""
    chooser = random.Random(number)
    with psycopg.connect(url) as connection:
        while time.monotonic() < deadline:
            connection.execute("insert into public.arrivals (writer) values (%s), (%s)", [number, number])
            threading.Event().wait(chooser.random() * 0.03)
            if chooser.random() < 0.1:
                connection.rollback()
            else:
                connection.commit()


class NaiveReader:
    """The broken twin: remembers the largest value of a column that it has seen."""

    def __init__(self, url, column):
        self.url, self.column, self.last, self.seen = url, column, None, set()

    def read(self):
        with psycopg.connect(self.url) as connection:
            after, last = ("true", []) if self.last is None else (f"{self.column} > %s", [self.last])
            rows = connection.execute(
                f"select id, {self.column} from public.arrivals where {after} order by {self.column}", last
            ).fetchall()
        self.seen |= {row[0] for row in rows}
        self.last = rows[-1][1] if rows else self.last


def test_the_extract_loses_nothing_and_the_naive_twins_do(warehouse, source_url, warehouse_url, query):
    admin, lake = warehouse.postgres("getit"), warehouse.folder("lake")
    deadline = time.monotonic() + SECONDS
    writers = [threading.Thread(target=write, args=(admin, number, deadline)) for number in range(WRITERS)]
    twins = [NaiveReader(admin, "id"), NaiveReader(admin, "written_at")]
    batches = 0
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        ingest_between(source_url, warehouse_url, lake, [TABLE])
        batches += 1
        for twin in twins:
            twin.read()
    ingest_between(source_url, warehouse_url, lake, [TABLE])
    for twin in twins:
        twin.read()

    with psycopg.connect(admin) as connection:
        written = {row[0] for row in connection.execute("select id from public.arrivals")}
    landed = [row[0] for row in query("select id from raw.public__arrivals")]

    assert batches > 10
    assert len(written) > 500
    assert len(landed) == len(set(landed))
    assert written == set(landed)
    for twin in twins:
        assert written - twin.seen, f"a cursor on {twin.column} should have lost rows: the test proves nothing"


def test_batches_follow_each_other_without_gap_or_overlap(warehouse, query):
    bounds = query("select distinct _batch_lo, _batch_hi from raw.public__arrivals order by 1")

    for (_, hi), (lo, _) in itertools.pairwise(bounds):
        assert hi <= lo
    files = list((warehouse.folder("lake") / "raw" / "public.arrivals").glob("batch=*.parquet"))
    assert len(bounds) == len(files)


def test_a_row_changed_while_others_work_is_still_there(warehouse, source_url, warehouse_url, query):
    """A long transaction holds the horizon back; a row that was there before it is changed meanwhile. Without the open
    end the batch would hold neither its old state nor its new one, and what belongs to it would point at nothing."""
    admin, lake = warehouse.postgres("getit"), warehouse.folder("lake")
    with psycopg.connect(admin, autocommit=True) as connection, psycopg.connect(admin) as long:
        row = connection.execute("insert into public.arrivals (writer) values (77) returning id").fetchone()
        long.execute("insert into public.arrivals (writer) values (78)")
        connection.execute(
            "update public.arrivals set writer = 79, changed_xid = pg_current_xact_id() where id = %s", row
        )
        ingest_between(source_url, warehouse_url, lake, [TABLE])
        landed = query(f"select writer from raw.public__arrivals where id = {row[0]}")
        with closed_set(source_url) as source:
            twin = source.connection.execute(select_batch(TABLE, 0, source.horizon)).fetchall()
        long.rollback()
    ingest_between(source_url, warehouse_url, lake, [TABLE])

    assert landed == [(79,)]
    assert row[0] not in {found[0] for found in twin}, "the closed twin should miss it: the test proves nothing"
    assert query(f"select writer from raw.public__arrivals where id = {row[0]}") == [(79,)]
