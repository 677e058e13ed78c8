"""The hidden truth about the market: who deceived and how. Only the role getit_market may read it, no pipeline may.

Not here: anything the shop knows.
"""

from collections.abc import Iterable
from datetime import datetime

import psycopg

from foundation.settings import Settings
from foundation.statements import load_statements

SQL = load_statements(__file__, "truth.sql")


def prepare(settings: Settings) -> None:
    """Make the hidden tables; safe to repeat."""
    with _connect(settings) as connection:
        for name in ("make_orders", "make_live_orders", "make_state"):
            connection.execute(SQL[name])


def keep_orders(settings: Settings, rows: Iterable[tuple[str, str, bool, str, str, datetime]]) -> None:
    """Remember order numbers with their account, truth, typology, actor and moment; a number is kept once."""
    with _connect(settings) as connection, connection.cursor() as cursor:
        cursor.execute(SQL["make_incoming"])
        with cursor.copy("copy incoming (number, account, is_fraud, typology, actor, placed_at) from stdin") as copying:
            for row in rows:
                copying.write_row(row)
        cursor.execute(SQL["take_incoming"])


def history_start(settings: Settings) -> datetime | None:
    """When the market's history began; None before there is one."""
    with _connect(settings) as connection:
        row = connection.execute(SQL["find_start"]).fetchone()
        return row[0] if row else None


def keep_history_start(settings: Settings, start: datetime) -> None:
    """Remember when the history began; the first word stands."""
    with _connect(settings) as connection:
        connection.execute(SQL["keep_start"], {"started_at": start})


def _connect(settings: Settings) -> psycopg.Connection[tuple[datetime]]:
    return psycopg.connect(settings.postgres("getit", role="getit_market"))
