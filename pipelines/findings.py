"""What every ingest is checked for: named findings about raw tables, each passed or not. Not here: tests of marts (dbt).

Blocking ones are about rows and money: nothing is built on a batch that fails one. The others warn: a day that is
unlike the days before may be a festival or a fault, and a person must look.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from pipelines.checks import compare_tables, measure_lag
from pipelines.ingest.extract import closed_set
from pipelines.ingest.sources import SourceTable
from pipelines.reconciliation import LEDGER, compare_days, compare_ledger, dated

Connection = psycopg.Connection[Any]

COMPLETE = "rows_and_sums_equal_commerce"
DAYS = "days_equal_commerce"
ACCOUNTS = "ledger_equals_commerce"
HORIZON = "tables_end_at_one_horizon"
FRESH = "is_fresh"
VOLUME = "volume_is_usual"
COMPLETENESS = "completeness_is_usual"
BLOCKING = frozenset({COMPLETE, DAYS, ACCOUNTS, HORIZON})
GROUPS = "orders.order_groups"

# A day is unusual below a third or above three times the middle of the four weeks before; small shops vary more.
USUAL, LEAST_DAYS, LEAST_ORDERS = 3.0, 14, 20
# Columns whose emptiness says something, and by how much the last day's share may differ from the four weeks before.
FILLED, USUAL_SHARE = ("district_code", "phone_index", "device_index"), 0.25


@dataclass(frozen=True)
class Finding:
    """What one check found out about one raw table."""

    check: str
    table: str
    is_passed: bool
    detail: str

    @property
    def is_blocking(self) -> bool:
        return self.check in BLOCKING


def expected(tables: Sequence[SourceTable]) -> list[tuple[str, str]]:
    """Check and table of every finding that `find` will return."""
    names = [table.full_name for table in tables]
    found = [(COMPLETE, name) for name in names] + [(DAYS, table.full_name) for table in dated(tables)]
    found += [(ACCOUNTS, LEDGER)] if LEDGER in names else []
    return found + [(check, GROUPS) for check in (HORIZON, FRESH, VOLUME, COMPLETENESS) if GROUPS in names]


def find(source_url: str, warehouse_url: str, tables: Sequence[SourceTable]) -> list[Finding]:
    """Run every check of raw tables."""
    names = {table.full_name for table in tables}
    found = [
        Finding(COMPLETE, one.table.full_name, one.is_equal, one.detail)
        for one in compare_tables(source_url, warehouse_url, tables)
    ]
    with closed_set(source_url) as source, psycopg.connect(warehouse_url) as warehouse:
        for table in dated(tables):
            wrong = compare_days(source.connection, warehouse, table)
            found.append(Finding(DAYS, table.full_name, not wrong, _first(wrong)))
        if LEDGER in names:
            wrong = compare_ledger(source.connection, warehouse)
            found.append(Finding(ACCOUNTS, LEDGER, not wrong, _first(wrong)))
    if GROUPS in names:
        found += _about_groups(source_url, warehouse_url, tables)
    return found


def _about_groups(source_url: str, warehouse_url: str, tables: Sequence[SourceTable]) -> Iterator[Finding]:
    lag = measure_lag(source_url, warehouse_url)
    yield Finding(FRESH, GROUPS, lag.is_fresh, f"{lag.behind} behind")
    with psycopg.connect(warehouse_url) as warehouse:
        yield _horizon(warehouse, tables)
        yield _volume(warehouse)
        yield _completeness(warehouse)


def _first(wrong: Sequence[str]) -> str:
    return "; ".join(wrong[:5]) + (f" and {len(wrong) - 5} more" if len(wrong) > 5 else "") if wrong else "equal"


def _horizon(warehouse: Connection, tables: Sequence[SourceTable]) -> Finding:
    names = [table.full_name for table in tables]
    rows = warehouse.execute(
        "select changed_xid, min(name), count(*) from unnest(%s::text[]) as name"
        " left join raw.extract_cursors on table_name = name group by changed_xid order by changed_xid desc nulls last",
        [names],
    ).fetchall()
    detail = "; ".join(f"{row[2]} tables at {row[0]} (such as {row[1]})" for row in rows)
    return Finding(HORIZON, GROUPS, len(rows) == 1, detail)


def _volume(warehouse: Connection) -> Finding:
    row: Any = warehouse.execute(
        "with days as (select day::date, count(g.id) as orders from generate_series("
        " (now() at time zone 'Asia/Dhaka')::date - 29, (now() at time zone 'Asia/Dhaka')::date - 1, interval '1 day') day"
        " left join raw.orders__order_groups g on (g.placed_at at time zone 'Asia/Dhaka')::date = day::date group by 1)"
        " select (select orders from days order by day desc limit 1),"
        " percentile_cont(0.5) within group (order by orders), count(*) filter (where orders > 0)"
        " from (select * from days order by day limit 28) as before"
    ).fetchone()
    last, middle, days = int(row[0]), float(row[1]), int(row[2])
    is_usual = middle / USUAL <= last <= middle * USUAL
    detail = f"{last} checkouts yesterday, {middle:.0f} on the middle day of four weeks"
    return Finding(VOLUME, GROUPS, is_usual or days < LEAST_DAYS or middle < LEAST_ORDERS, detail)


def _completeness(warehouse: Connection) -> Finding:
    shares = ", ".join(
        f"avg(({name} is null)::int) filter (where is_last), avg(({name} is null)::int) filter (where not is_last)"
        for name in FILLED
    )
    row: Any = warehouse.execute(
        f"select count(*) filter (where is_last), count(*) filter (where not is_last), {shares} from ("
        " select *, (placed_at at time zone 'Asia/Dhaka')::date = (now() at time zone 'Asia/Dhaka')::date - 1 as is_last"
        " from raw.orders__order_groups where (placed_at at time zone 'Asia/Dhaka')::date"
        " between (now() at time zone 'Asia/Dhaka')::date - 29 and (now() at time zone 'Asia/Dhaka')::date - 1) as days"
    ).fetchone()
    if min(row[0], row[1]) < LEAST_ORDERS:
        return Finding(COMPLETENESS, GROUPS, is_passed=True, detail="too few checkouts to tell")
    pairs = [(name, float(row[2 + 2 * n]), float(row[3 + 2 * n])) for n, name in enumerate(FILLED)]
    wrong = [f"{name} empty in {now:.0%}, before {before:.0%}" for name, now, before in pairs if _differs(now, before)]
    return Finding(COMPLETENESS, GROUPS, not wrong, _first(wrong))


def _differs(now: float, before: float) -> bool:
    return abs(now - before) > USUAL_SHARE
