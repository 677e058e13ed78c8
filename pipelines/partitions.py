"""Daily partitions by business date (Asia/Dhaka), from the first order to today. Not here: which of them a run rebuilds.

The first date is remembered in a file beside Dagster's own state, so that building definitions asks no database.
"""

import json
from datetime import date, timedelta

import dagster as dg
import psycopg

from foundation.clock import DHAKA, business_date, system_clock
from foundation.settings import Settings

DEFAULT_HISTORY = timedelta(days=365)


def business_days(settings: Settings) -> dg.DailyPartitionsDefinition:
    """Partitions of everything that is rebuilt by business date; today's is open from midnight on."""
    return dg.DailyPartitionsDefinition(
        start_date=history_start(settings).isoformat(), timezone=DHAKA.key, end_offset=1
    )


def today() -> date:
    """The business date now."""
    return business_date(system_clock())


def history_start(settings: Settings) -> date:
    """First business date as remembered; a year ago before anything is."""
    path = settings.home.absolute() / "dagster" / "history.json"
    if not path.exists():
        return today() - DEFAULT_HISTORY
    return date.fromisoformat(json.loads(path.read_text())["first_on"])


def remember_history(settings: Settings) -> date:
    """Look up the first order in commerce and remember its date; it only ever moves back."""
    statement = "select (min(placed_at) at time zone 'Asia/Dhaka')::date from orders.order_groups"
    with psycopg.connect(settings.postgres("getit", role="getit_pipelines")) as connection:
        row = connection.execute(statement).fetchone()
    path = settings.folder("dagster") / "history.json"
    known = [history_start(settings)] if path.exists() else []
    first_on = min([*known, row[0] if row and row[0] else today()])
    path.write_text(json.dumps({"first_on": first_on.isoformat()}))
    return first_on
