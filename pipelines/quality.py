"""What the pipelines remember about their own work: builds that succeeded and results of checks. Not here: the checks."""

from datetime import date
from typing import Any

import psycopg

from pipelines.stamps import run_id

Connection = psycopg.Connection[Any]

TABLES = (
    "create table if not exists quality.warehouse_builds ("
    "built_at timestamptz primary key default clock_timestamp(), batch_hi bigint not null,"
    " min_on date not null, max_on date not null, seconds double precision not null)",
    # Added later: the number of the last load that the marts hold.
    "alter table quality.warehouse_builds add column if not exists load_no bigint not null default 0",
    "alter table quality.warehouse_builds add column if not exists run_id text",
    "create table if not exists quality.queue_samples ("
    "sampled_at timestamptz not null default now(), queue text not null, waiting bigint not null,"
    " oldest_s double precision not null, primary key (sampled_at, queue))",
    "create table if not exists quality.api_samples ("
    "sampled_at timestamptz not null default now(), service text not null, method text not null, route text not null,"
    " requests bigint not null, client_errors bigint not null, server_errors bigint not null,"
    " seconds double precision not null, within_100ms bigint not null,"
    " primary key (service, method, route, sampled_at))",
    "create table if not exists quality.check_results ("
    "check_name text not null, subject text not null, is_passed boolean not null, detail text not null,"
    " checked_at timestamptz not null default now(), primary key (check_name, subject))",
    "alter table quality.check_results add column if not exists run_id text",
    # One row a cause, open or over; and what each sink is still to hear of it.
    "create table if not exists quality.alerts ("
    "cause text primary key, kind text not null, title text not null, detail text not null,"
    " opened_at timestamptz not null, last_seen_at timestamptz not null, count bigint not null,"
    " earlier bigint not null default 0, clear_since timestamptz, notified_at timestamptz, resolved_at timestamptz)",
    "create table if not exists quality.alert_notices ("
    "notice_id uuid not null, sink text not null, cause text not null, news text not null, title text not null,"
    " detail text not null, happened_at timestamptz not null, tries int not null default 0,"
    " next_try_at timestamptz, sent_at timestamptz, primary key (notice_id, sink))",
)


def ensure_tables(warehouse: Connection) -> None:
    """Make the tables of this module; the connection must act as the pipelines' role."""
    for statement in TABLES:
        warehouse.execute(statement)


def record_build(
    warehouse: Connection, *, load_no: int, batch_hi: int, min_on: date, max_on: date, seconds: float
) -> None:
    """Remember that marts hold everything up to load `load_no`, and that is all below `batch_hi`."""
    warehouse.execute(
        "insert into quality.warehouse_builds (load_no, batch_hi, min_on, max_on, seconds, run_id)"
        " values (%s, %s, %s, %s, %s, %s)",
        [load_no, batch_hi, min_on, max_on, seconds, run_id()],
    )


def last_built(warehouse: Connection) -> int:
    """Number of the load that the last successful build held; 0 before the first."""
    row = warehouse.execute("select coalesce(max(load_no), 0) from quality.warehouse_builds").fetchone()
    return int(row[0]) if row else 0


def record_check(warehouse: Connection, name: str, subject: str, *, is_passed: bool, detail: str) -> None:
    """Keep the latest result of a check."""
    warehouse.execute(
        "insert into quality.check_results (check_name, subject, is_passed, detail, run_id) values (%s, %s, %s, %s, %s)"
        " on conflict (check_name, subject) do update set is_passed = excluded.is_passed, detail = excluded.detail,"
        " run_id = excluded.run_id, checked_at = now()",
        [name, subject, is_passed, detail, run_id()],
    )
