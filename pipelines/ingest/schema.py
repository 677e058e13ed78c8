"""Does what commerce offers today fit what was declared and what was landed before? Asked before a row is moved.

A new column flows through: the raw table gets it and is read again in full. Whatever would make old and new rows mean
different things (another type, a column gone, another key) stops the whole batch. Not here: the moving.
"""

from collections.abc import Sequence
from typing import Any

import psycopg

from foundation.errors import GetItError
from pipelines.ingest.sources import SourceTable

Connection = psycopg.Connection[Any]

COLUMNS = """
select a.attname, format_type(a.atttypid, a.atttypmod)
from pg_attribute a where a.attrelid = to_regclass(%s) and a.attnum > 0 and not a.attisdropped
"""
KEY = """
select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
where i.indrelid = to_regclass(%s) and i.indisprimary
"""


OTHER_WORDS = {"float": "double precision", "timestamptz": "timestamp with time zone"}


class IncompatibleSource(GetItError):
    """Commerce's tables are not the declared ones, or not the ones that were landed; nothing was loaded."""

    code = "incompatible-source"
    message = (
        "The extract was stopped before it loaded anything: {causes}. Deploy commerce and pipelines from the same version; "
        "if the change is meant, adapt the staging model and run `python -m pipelines.ingest.accept <table>`."
    )


def check_sources(source: Connection, warehouse: Connection, tables: Sequence[SourceTable]) -> None:
    """Compare declared tables with those of commerce and of the warehouse.

    Raises:
        IncompatibleSource: with every difference that was found.
    """
    causes = [cause for table in tables for cause in differences(source, warehouse, table)]
    if causes:
        raise IncompatibleSource(causes="; ".join(causes))


def differences(source: Connection, warehouse: Connection, table: SourceTable) -> list[str]:
    """What does not fit, in words."""
    there, landed = _columns(source, table.full_name), _columns(warehouse, table.raw_name)
    if not there:
        return [f"{table.full_name} is missing in commerce"]
    wanted = {column.name: _plain(column.type) for column in table.columns}
    found = [
        f"{table.full_name}.{name} is missing in commerce"
        if name not in there
        else f"{table.full_name}.{name} is {there[name]} in commerce, declared as {kind}"
        for name, kind in wanted.items()
        if there.get(name) != kind and (there.get(name), kind) != ("xid8", "bigint")
    ]
    found += [
        f"{table.raw_name}.{name} was landed as {landed[name]}, commerce has {kind}"
        for name, kind in wanted.items()
        if name in landed and landed[name] != kind
    ]
    found += [
        f"{table.raw_name}.{name} was landed and is extracted no more"
        for name in landed
        if name not in wanted and not name.startswith("_")
    ]
    key = {row[0] for row in source.execute(KEY, [table.full_name])}
    return found + ([f"the key of {table.full_name} is {sorted(key)}"] if key != set(table.key) else [])


def _columns(connection: Connection, name: str) -> dict[str, str]:
    return dict(connection.execute(COLUMNS, [name]).fetchall())


def _plain(kind: str) -> str:
    """A declared type in the words of the database, such as `double precision` for `FLOAT`."""
    words = kind.lower().replace(", ", ",")
    return OTHER_WORDS.get(words, words)
