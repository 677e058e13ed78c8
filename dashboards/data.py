"""Reads marts for the pages: named statements, the dashboards' role, small frames kept for a minute. Not here: SQL.

The role may read `marts` and `marts_ml` and nothing else. A table that no pipeline has written yet reads as empty.
"""

from typing import Any

import pandas as pd
import psycopg
import streamlit as st
from psycopg_pool import ConnectionPool, PoolTimeout

from foundation.errors import Unavailable
from foundation.settings import load_settings
from foundation.statements import load_statements

TTL_S = 60
#: Frames in the cache of one process; each is aggregated, at most a few thousand rows.
MAX_FRAMES = 300


class WarehouseAway(Unavailable):
    code = "warehouse-away"
    message = "The warehouse cannot be reached. Check with `getit status`, then reload this page."


@st.cache_resource(show_spinner=False)
def _pool(url: str) -> ConnectionPool[psycopg.Connection[Any]]:
    options = {"autocommit": True, "options": "-c role=getit_dashboards -c statement_timeout=10s"}
    return ConnectionPool(url, min_size=1, max_size=4, kwargs=options, timeout=5.0, open=True, name="dashboards")


@st.cache_resource(show_spinner=False)
def _statements() -> dict[str, str]:
    return dict(load_statements(__file__))


@st.cache_data(ttl=TTL_S, max_entries=MAX_FRAMES, show_spinner=False)
def _read(url: str, name: str, params: dict[str, Any]) -> pd.DataFrame:
    try:
        with _pool(url).connection() as connection:
            cursor = connection.execute(_statements()[name], params)
            columns = [column.name for column in cursor.description or ()]
            return pd.DataFrame(cursor.fetchall(), columns=columns)
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        return pd.DataFrame()
    except (psycopg.OperationalError, PoolTimeout) as error:
        raise WarehouseAway from error


def read(name: str, **params: Any) -> pd.DataFrame:
    """Rows of a named statement.

    Raises:
        WarehouseAway: PostgreSQL does not answer.
    """
    return _read(load_settings().postgres("getit_warehouse"), name, params)


def read_first(name: str, **params: Any) -> dict[str, Any]:
    """First row of a named statement; empty when there is none."""
    frame = read(name, **params)
    return {} if frame.empty else dict(frame.iloc[0])
