"""A million changes (GETIT_INGEST_CHANGES; fewer in a usual run) by writers with transactions of random length, a long
runner among them, updates and deletes, while the extractor is killed at every one of its steps and batches are replayed
in random order: the warehouse equals the source, row by row. The twin with a watermark loses rows.

GETIT_INGEST_CHANGES=1000000 python -m pytest tests/integration/pipelines/test_closed_set_million.py -s
"""

import multiprocessing
import os
import random
import signal
import time

import psycopg
import pytest

from pipelines.ingest.batch import ingest_between, replay
from pipelines.ingest.sources import HISTORY, SourceColumn, SourceTable, source_tables

CHANGES = int(os.environ.get("GETIT_INGEST_CHANGES", "60000"))
WRITERS = 6
SEED = 20260
STREAM = SourceTable(
    "public",
    "stream",
    (
        SourceColumn("id", "bigint", '"id"'),
        SourceColumn("amount_poisha", "bigint", '"amount_poisha"'),
        SourceColumn("note", "text", '"note"'),
        SourceColumn("written_at", "timestamptz", '"written_at"'),
        SourceColumn("changed_xid", "bigint", "changed_xid::text::bigint as changed_xid"),
    ),
    ("id",),
    is_deletable=True,
)
TABLES = [next(table for table in source_tables() if table.full_name == HISTORY), STREAM]
# Where a run may die: before anything, amid the work of each table, with the file written, before and after the commit.
POINTS = (
    "checked", f"landed {HISTORY}", f"moved {HISTORY}", "landed public.stream", "stored public.stream",
    "moved public.stream", "buried", "complete", "committed",
)  # fmt: skip

# One number for all rows of a table, whatever their order.
HASH = (
    "select count(*), coalesce(sum(('x' || substr(md5(row(id, amount_poisha, note, written_at, changed_xid::text)::text), 1, 15))"
    "::bit(60)::bigint), 0), coalesce(sum(amount_poisha), 0) from {}"
)


@pytest.fixture(scope="module")
def urls(warehouse):
    with psycopg.connect(warehouse.postgres("getit")) as connection:
        connection.execute(
            "create table public.stream (id bigint generated always as identity primary key, amount_poisha bigint not null,"
            " note text, written_at timestamptz not null default now(),"
            " changed_xid xid8 not null default pg_current_xact_id())"
        )
        connection.execute("create index on public.stream (changed_xid)")
        connection.execute(
            "create trigger touch_changed_xid before update on public.stream for each row"
            " execute function platform.touch_changed_xid()"
        )
        connection.execute(
            "create trigger record_deletion after delete on public.stream for each row"
            " execute function platform.record_change('id', 'amount_poisha')"
        )
        connection.execute("grant select on public.stream to getit_pipelines")
        connection.execute("alter database " + connection.info.dbname + " set synchronous_commit = off")
    return (
        warehouse.postgres("getit"),
        warehouse.postgres("getit", role="getit_pipelines"),
        warehouse.postgres("getit_warehouse", role="getit_pipelines"),
    )


def write(url, number, changes, done):
    """A writer process: transactions of random size and length, some given up; counts what it committed."""
    chooser = random.Random(SEED + number)
    with psycopg.connect(url) as connection:
        committed = 0
        while committed < changes:
            rows = chooser.randint(1, 300)
            connection.execute(
                "insert into public.stream (amount_poisha, note)"
                " select (random() * 1e6)::bigint, md5(random()::text) from generate_series(1, %s)",
                [rows],
            )
            top = connection.execute("select last_value from public.stream_id_seq").fetchone()[0]
            lowest = chooser.randint(1, max(top - 100, 1))
            found = connection.execute(
                "with span as (select id from public.stream where id between %(lo)s and %(lo)s + 60 and id %% 6 = %(n)s"
                " order by id for update skip locked), gone as (delete from public.stream s using span"
                " where s.id = span.id and span.id %% 5 = 0 returning 1)"
                " update public.stream s set amount_poisha = amount_poisha + 1, note = 'again' from span"
                " where s.id = span.id and span.id %% 5 <> 0",
                {"lo": lowest, "n": number},
            )
            time.sleep(chooser.random() * 0.2)
            if chooser.random() < 0.05:
                connection.rollback()
                continue
            connection.commit()
            committed += rows + found.rowcount
        done.value = committed


def hold(url, stop):
    """The long runner: writes at once, commits late, again and again; everybody's horizon waits for it."""
    with psycopg.connect(url) as connection:
        while not stop.is_set():
            connection.execute("insert into public.stream (amount_poisha, note) values (1, 'late')")
            stop.wait(1.5)
            connection.commit()


def extract(urls, lake, dies_at):
    """An extractor process that is killed when it reaches a point."""

    def reached(point):
        if point == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    ingest_between(urls[1], urls[2], lake, TABLES, reached=reached)


class Watermark:
    """The broken twin: after each read it remembers the greatest time it has seen, and deletions it never sees."""

    def __init__(self, url):
        self.url, self.last, self.rows = url, None, {}

    def read(self):
        with psycopg.connect(self.url) as connection:
            found = connection.execute(
                "select id, written_at, changed_xid::text from public.stream where %s::timestamptz is null or written_at > %s",
                [self.last, self.last],
            ).fetchall()
        self.rows.update({row[0]: row[2] for row in found})
        self.last = max([row[1] for row in found], default=self.last)


def run_extractor(fork, urls, lake, dies_at=None):
    process = fork.Process(target=extract, args=(urls, lake, dies_at))
    process.start()
    process.join(300)
    return process.exitcode


def differences(urls):
    """Rows missing in the warehouse, rows too many or different there, keys there twice."""
    with psycopg.connect(urls[0]) as source, psycopg.connect(urls[2]) as target:
        here = dict(
            source.execute("select id, md5(row(amount_poisha, note, changed_xid::text)::text) from public.stream")
        )
        there = target.execute(
            "select id, md5(row(amount_poisha, note, changed_xid::text)::text) from raw.public__stream"
        ).fetchall()
        hashes = (
            source.execute(HASH.format("public.stream")).fetchone(),
            target.execute(HASH.format("raw.public__stream")).fetchone(),
        )
    landed = dict(there)
    return {
        "missing": len(here.keys() - landed.keys()),
        "different": sum(1 for key, value in landed.items() if here.get(key) != value),
        "duplicate": len(there) - len(landed),
        "hashes": hashes[0] == hashes[1],
        "rows": len(here),
    }


def test_after_a_million_changes_the_warehouse_is_the_source(warehouse, urls):
    fork, lake = multiprocessing.get_context("fork"), warehouse.folder("lake")
    chooser, started, twin = random.Random(SEED), time.monotonic(), Watermark(urls[0])
    counts = [fork.Value("q", 0) for _ in range(WRITERS)]
    writers = [
        fork.Process(target=write, args=(urls[0], number, CHANGES // WRITERS, counts[number]))
        for number in range(WRITERS)
    ]
    stop = fork.Event()
    holder = fork.Process(target=hold, args=(urls[0], stop))
    for process in (*writers, holder):
        process.start()
    killed, runs, bounds = [], 0, []
    while any(writer.is_alive() for writer in writers) or set(killed) != set(POINTS):
        due = [point for point in POINTS if point not in killed] or POINTS
        point = due[runs // 2 % len(due)] if runs % 2 == 0 else None
        code = run_extractor(fork, urls, lake, point)
        if code == -signal.SIGKILL:
            killed.append(point)
        else:
            assert code == 0
        runs += 1
        twin.read()
    stop.set()
    holder.join()
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    loads = ingest_between(urls[1], urls[2], lake, TABLES)
    twin.read()
    seconds = time.monotonic() - started

    found = differences(urls)
    with psycopg.connect(urls[2]) as target:
        bounds = target.execute("select distinct _batch_lo, _batch_hi from raw.public__stream").fetchall()
        buried = target.execute("select count(*) from raw.platform__row_history where is_deleted").fetchone()[0]
    changes = sum(count.value for count in counts) + buried
    chooser.shuffle(bounds)
    replayed = sum(replay(urls[1], urls[2], lake, STREAM, lo=lo, hi=hi) for lo, hi in bounds[:40])
    print(
        f"\n{changes:,} changes ({buried:,} deletions), {runs} runs, {len(killed)} of them killed at {len(set(killed))} points,"
        f" {len(loads)} tables, {len(bounds[:40])} replays in {seconds:.0f} s: {found}"
    )

    assert changes >= CHANGES
    assert found == {"missing": 0, "different": 0, "duplicate": 0, "hashes": True, "rows": found["rows"]}
    assert replayed == 0
    assert differences(urls) == found
    assert not set(lake.glob("raw/*/*.partial"))
    with psycopg.connect(urls[0]) as source:
        true = dict(source.execute("select id, changed_xid::text from public.stream"))
    lost = len(true.keys() - twin.rows.keys())
    stale = sum(1 for key, xid in twin.rows.items() if key in true and true[key] != xid)
    undead = len(twin.rows.keys() - true.keys())
    print(f"the watermark twin: {lost:,} rows lost, {stale:,} stale, {undead:,} deleted ones kept")
    assert lost
    assert stale
    assert undead


def test_batches_lost_from_the_warehouse_come_back_in_any_order(warehouse, urls):
    """All that was loaded is forgotten but the bounds; the batches are run again in random order."""
    with psycopg.connect(urls[2]) as target:
        bounds = target.execute("select distinct _batch_lo, _batch_hi from raw.public__stream").fetchall()
        target.execute("delete from raw.public__stream where id % 3 = 0")
    random.Random(SEED).shuffle(bounds)
    highest = max(hi for _, hi in bounds)

    for lo, hi in bounds:
        replay(*urls[1:], warehouse.folder("lake"), STREAM, lo=lo, hi=hi)
    replay(*urls[1:], warehouse.folder("lake"), STREAM, lo=0, hi=highest + 1)

    found = differences(urls)
    assert (found["missing"], found["different"], found["duplicate"], found["hashes"]) == (0, 0, 0, True)
