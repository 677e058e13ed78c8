"""Signs that something is wrong, read as plain SQL: Dagster's storage and the pipelines' own books. Not here: alerts.

SQL and not Dagster's Python: importing that costs more memory than everything else here. Its tables are read only, and
the test of the alerts runs a real daemon on them, so that a new version which moves a column is noticed. A storage that
does not exist yet makes its kinds blind.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from foundation.settings import Settings
from pipelines import freshness
from pipelines.alerts.rules import Kind, Look, Sighting

Connection = psycopg.Connection[Any]
MISSING = (psycopg.errors.UndefinedTable, psycopg.errors.InvalidCatalogName, psycopg.errors.UndefinedColumn)
SHOWN = 8

FAILED_STEPS = """
select step_key, count(*), max(id), (array_agg(run_id order by id desc))[1], (array_agg(event order by id desc))[1]
from event_logs as failure
where dagster_event_type = 'STEP_FAILURE' and timestamp > %(since)s and id > coalesce((
  select max(id) from event_logs as success
  where success.dagster_event_type = 'STEP_SUCCESS' and success.step_key = failure.step_key), 0)
group by step_key
"""
# Runs that failed without a step to blame: they could not be started, or their process died.
FAILED_RUNS = """
select pipeline_name, count(*), (array_agg(run_id order by id desc))[1]
from runs as run
where status = 'FAILURE' and create_timestamp > %(since)s and id > coalesce((
  select max(id) from runs as good where good.status = 'SUCCESS' and good.pipeline_name = run.pipeline_name), 0)
and not exists (select 1 from event_logs e where e.run_id = run.run_id and e.dagster_event_type = 'STEP_FAILURE')
group by pipeline_name
"""
# The last tick of each schedule and sensor.
TICKS = """
select distinct on (selector_id) status, tick_body from job_ticks
where timestamp > %(since)s and status <> 'STARTED' order by selector_id, id desc
"""
LAST_TICK = "select max(timestamp) from job_ticks where type = 'SCHEDULE' and status in ('SUCCESS', 'SKIPPED')"
FAILED_CHECKS = """
select case when check_name = 'dbt_test' then check_name || ':' || subject else check_name end, min(check_name),
  string_agg(subject || ' (' || left(detail, 200) || ')', '; ' order by subject)
from quality.check_results where not is_passed group by 1
"""


@dataclass(frozen=True)
class Limits:
    """How long things may stay silent; the graces spare what has just been started."""

    dead: timedelta = timedelta(seconds=45)
    tick: timedelta = timedelta(minutes=30)
    raw: timedelta = freshness.RAW_LATE
    mart: timedelta = freshness.MART_LATE
    start_grace: timedelta = timedelta(minutes=2)
    stale_grace: timedelta = timedelta(minutes=20)
    memory: timedelta = timedelta(days=14)


def look(settings: Settings, limits: Limits, *, now: datetime, started_at: datetime) -> Look:
    """Everything that is wrong at `now`; `started_at` is when the looking began."""
    sightings: list[Sighting] = []
    blind: set[Kind] = set()
    awake = now - started_at
    kinds: tuple[tuple[Kind, bool], ...] = (
        ("dead", awake >= limits.start_grace), ("failed", True), ("check", True), ("stale", awake >= limits.stale_grace),
    )  # fmt: skip
    for kind, is_due in kinds:
        if not is_due:
            blind.add(kind)
            continue
        try:
            with _connect(settings, is_dagster=kind in {"dead", "failed"}) as connection:
                sightings += list(_READERS[kind](connection, limits, now, started_at))
        except MISSING:
            blind.add(kind)
        except psycopg.OperationalError as error:
            # A database that was never made is not an outage; that nobody answers is told by the caller.
            if "does not exist" not in str(error):
                raise
            blind.add(kind)
    return Look(sightings, frozenset(blind))


def _connect(settings: Settings, *, is_dagster: bool) -> Connection:
    url = (
        settings.postgres("getit_dagster")
        if is_dagster
        else settings.postgres("getit_warehouse", role="getit_pipelines")
    )
    connection = psycopg.connect(url, connect_timeout=5, autocommit=True, application_name="getit-watch")
    connection.execute("set statement_timeout = '10s'")
    connection.execute("set default_transaction_read_only = on")
    return connection


def _dead(storage: Connection, limits: Limits, now: datetime, started_at: datetime) -> Iterator[Sighting]:
    beat, tick = (
        _instant(storage.execute(statement).fetchone())
        for statement in ("select max(timestamp) from daemon_heartbeats", LAST_TICK)
    )
    silent = None if beat is None else now - beat
    if silent is None or silent > limits.dead:
        since = "it never gave a sign of life" if silent is None else f"silent for {_told(silent)}"
        detail = f"The scheduler (Dagster's daemon) starts no run: {since}. See `getit status`, `getit logs scheduler`."
        yield Sighting(
            "dead:daemon", "dead", "Start the scheduler again: Dagster's daemon is dead", detail, is_sure=False
        )
    elif tick is not None and now - max(tick, started_at) > limits.tick:
        detail = f"The daemon lives, but no schedule has ticked for {_told(now - tick)}. See `getit logs scheduler`."
        yield Sighting(
            "dead:daemon", "dead", "Restart the scheduler: no schedule ticks any more", detail, is_sure=False
        )


def _failed(storage: Connection, limits: Limits, now: datetime, _: datetime) -> Iterator[Sighting]:
    since = {"since": (now - limits.memory).astimezone(UTC).replace(tzinfo=None)}
    for step, count, _last, run, event in storage.execute(FAILED_STEPS, since).fetchall():
        detail = f"{_cause_of(event)} Run {run}; see the run in /dagster."
        yield Sighting(f"failed:{step}", "failed", f"Mend the step {step}: its runs fail", detail, int(count))
    for job, count, run in storage.execute(FAILED_RUNS, since).fetchall():
        detail = f"Run {run} failed before or beside its steps; see the run in /dagster and `getit logs scheduler`."
        yield Sighting(f"failed:job:{job}", "failed", f"Look at the job {job}: its runs die", detail, int(count))
    for status, body in storage.execute(TICKS, since).fetchall():
        if status == "FAILURE":
            document = json.loads(body)
            name, error = document.get("instigator_name"), (document.get("error") or {}).get("message", "")
            title = f"Mend the schedule {name}: it cannot be evaluated"
            yield Sighting(f"failed:tick:{name}", "failed", title, error.strip()[:500])


def _failed_checks(warehouse: Connection, _: Limits, __: datetime, ___: datetime) -> Iterator[Sighting]:
    for cause, check, subjects in warehouse.execute(FAILED_CHECKS).fetchall():
        name = cause.partition(":")[2] or check
        detail = f"{subjects[:1500]}. See data health in the dashboards."
        yield Sighting(f"check:{cause}", "check", f"Look at the data: check {name} fails", detail)


def _stale(warehouse: Connection, limits: Limits, now: datetime, _: datetime) -> Iterator[Sighting]:
    rows = warehouse.execute(
        "select table_name, loaded_at from raw.extract_cursors where loaded_at < %s order by loaded_at",
        [now - limits.raw],
    ).fetchall()
    if rows:
        names = ", ".join(row[0] for row in rows[:SHOWN]) + (
            f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
        )
        title = f"Start ingest again: {len(rows)} sources were not read for {_told(now - rows[0][1])}"
        detail = (
            f"{names}. Their layer may be {_told(limits.raw)} old. See `getit logs scheduler` and the runs in /dagster."
        )
        yield Sighting("stale:raw", "stale", title, detail)
    row = warehouse.execute("select max(built_at) from quality.warehouse_builds").fetchone()
    built = row[0] if row else None
    if built is not None and now - built > limits.mart:
        detail = f"Marts may be {_told(limits.mart)} old; a build counts when every model and test of it passed."
        title = f"Build the warehouse: marts are {_told(now - built)} old"
        yield Sighting("stale:marts", "stale", title, detail)


_READERS = {"dead": _dead, "failed": _failed, "check": _failed_checks, "stale": _stale}


def _instant(row: tuple[Any, ...] | None) -> datetime | None:
    """Dagster stores instants in UTC without saying so."""
    return None if row is None or row[0] is None else row[0].replace(tzinfo=UTC)


def _told(duration: timedelta) -> str:
    seconds = round(duration.total_seconds())
    minutes = seconds // 60
    return f"{seconds} s" if minutes < 3 else f"{minutes} min" if minutes < 180 else f"{minutes // 60} h"


def _cause_of(event: str) -> str:
    """Innermost message of a stored step failure."""
    document = json.loads(event)
    try:
        error = document["dagster_event"]["event_specific_data"]["error"]
        while error.get("cause"):
            error = error["cause"]
        return str(error["message"]).strip().replace("\n", " ")[:500]
    except (KeyError, TypeError):
        return "The step failed."
