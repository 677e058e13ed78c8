"""Alerts and their notices in the warehouse's `quality` schema (tables: `pipelines.quality`). Not here: decisions.

A notice is stored with the change it tells of, one a sink, and sent afterwards: whatever dies in between, each sink hears
of it, with the same id each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import psycopg
from psycopg.rows import class_row

from pipelines.alerts.rules import Alert, Change, Look, decide, pause_s

Connection = psycopg.Connection[Any]
SPACE = UUID("5f1c3f0e-2d39-4a44-9a3b-6a8b8f1f2a10")
LOCK = 7_300_011
COLUMNS = "cause, kind, title, detail, opened_at, last_seen_at, count, earlier, clear_since, resolved_at"
FIELDS = tuple(COLUMNS.split(", "))


@dataclass(frozen=True)
class Notice:
    """What one sink is to hear."""

    notice_id: UUID
    sink: str
    cause: str
    news: str
    title: str
    detail: str
    happened_at: datetime
    tries: int


def open_alerts(warehouse: Connection) -> dict[str, Alert]:
    """Alerts that are not over, by cause."""
    with warehouse.cursor(row_factory=class_row(Alert)) as cursor:
        found = cursor.execute(
            f"select {COLUMNS} from quality.alerts where resolved_at is null order by cause"
        ).fetchall()
    return {alert.cause: alert for alert in found}


def take_in(
    warehouse: Connection, look: Look, now: datetime, *, settle: timedelta, sinks: Sequence[str]
) -> list[Change]:
    """Bring the stored alerts to what was seen, in one transaction; the changes that are news."""
    with warehouse.transaction():
        # Two watches decide one after the other, so that a cause is opened once.
        warehouse.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        changes = decide(open_alerts(warehouse), look, now, settle=settle)
        for change in changes:
            _store(warehouse, change.alert)
        news = [change for change in changes if change.news is not None]
        for change in news:
            _announce(warehouse, change, now, sinks)
    return news


def _store(warehouse: Connection, alert: Alert) -> None:
    told = ", ".join(f"{name} = excluded.{name}" for name in FIELDS[1:])
    # A cause that comes back after it was over is a new alert.
    warehouse.execute(
        f"insert into quality.alerts as a ({COLUMNS}) values ({', '.join(['%s'] * len(FIELDS))}) on conflict (cause)"
        f" do update set {told}, notified_at = case when a.opened_at = excluded.opened_at then a.notified_at end",
        [getattr(alert, name) for name in FIELDS],
    )


def _announce(warehouse: Connection, change: Change, now: datetime, sinks: Sequence[str]) -> None:
    alert = change.alert
    notice_id = uuid5(SPACE, f"{alert.cause} {alert.opened_at.isoformat()} {change.news}")
    title = alert.title if change.news == "opened" else f"Recovered: {alert.title}"
    for sink in sinks:
        warehouse.execute(
            "insert into quality.alert_notices (notice_id, sink, cause, news, title, detail, happened_at, next_try_at)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            [notice_id, sink, alert.cause, change.news, title, alert.detail, now, now],
        )


def take_due(warehouse: Connection, now: datetime, *, sinks: Sequence[str], limit: int = 20) -> list[Notice]:
    """Notices to send now, oldest first; each is due again after a pause unless `mark_sent` is told."""
    with warehouse.transaction(), warehouse.cursor(row_factory=class_row(Notice)) as cursor:
        due = cursor.execute(
            "select notice_id, sink, cause, news, title, detail, happened_at, tries + 1 as tries"
            " from quality.alert_notices where sent_at is null and next_try_at <= %s and sink = any(%s)"
            " order by happened_at limit %s for update skip locked",
            [now, list(sinks), limit],
        ).fetchall()
        for notice in due:
            pause = pause_s(notice.tries)
            cursor.execute(
                "update quality.alert_notices set tries = %s, next_try_at = %s where notice_id = %s and sink = %s",
                [
                    notice.tries,
                    None if pause is None else now + timedelta(seconds=pause),
                    notice.notice_id,
                    notice.sink,
                ],
            )
    return due


def mark_sent(warehouse: Connection, notice: Notice, now: datetime) -> None:
    """A sink has heard."""
    with warehouse.transaction():
        warehouse.execute(
            "update quality.alert_notices set sent_at = %s, next_try_at = null where notice_id = %s and sink = %s",
            [now, notice.notice_id, notice.sink],
        )
        warehouse.execute(
            "update quality.alerts set notified_at = %s where cause = %s and notified_at is null", [now, notice.cause]
        )


def forget_old(warehouse: Connection, before: datetime) -> None:
    """Drop notices that were sent or given up before an instant; the alerts themselves stay."""
    warehouse.execute("delete from quality.alert_notices where happened_at < %s and next_try_at is null", [before])
