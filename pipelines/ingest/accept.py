"""`python -m pipelines.ingest.accept orders.orders` (or `--all`): forget what was landed of a table, to read it anew.

For the operator who has seen that a change of commerce is meant. Views on it go with the raw table; the next build of the
warehouse makes them again.
"""

import argparse
import sys
from collections.abc import Sequence

import psycopg

from foundation.settings import load_settings
from pipelines.ingest.batch import INGEST_LOCK
from pipelines.ingest.land import ensure_books
from pipelines.ingest.sources import SourceTable, source_tables


def accept(warehouse_url: str, tables: Sequence[SourceTable]) -> None:
    """Drop the raw tables and their cursors, in one transaction."""
    with psycopg.connect(warehouse_url, application_name="getit-ingest") as warehouse:
        warehouse.execute("select pg_advisory_xact_lock(%s)", [INGEST_LOCK])
        ensure_books(warehouse)
        for table in tables:
            warehouse.execute(f"drop table if exists {table.raw_name} cascade")
            warehouse.execute("delete from raw.extract_cursors where table_name = %s", [table.full_name])


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.ingest.accept", description=__doc__)
    parser.add_argument("tables", nargs="*", help="tables of commerce, such as orders.orders")
    parser.add_argument("--all", action="store_true", help="all of them")
    options = parser.parse_args(arguments)
    known = {table.full_name: table for table in source_tables()}
    unknown = set(options.tables) - set(known)
    if unknown or not (options.all or options.tables):
        parser.error(f"name tables among: {', '.join(known)}")
    chosen = list(known.values()) if options.all else [known[name] for name in options.tables]
    accept(load_settings().postgres("getit_warehouse", role="getit_pipelines"), chosen)
    return 0


if __name__ == "__main__":
    sys.exit(main())
