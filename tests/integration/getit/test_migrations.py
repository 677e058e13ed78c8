"""The migrations make exactly the tables that the code declares."""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from getit.schema import metadata


def differences(settings) -> list[object]:
    """What alembic would still do; schemas that migrations do not own (warehouse, Dagster, imports' scratch) are left out."""
    engine = create_engine(settings.postgres("getit").replace("postgresql://", "postgresql+psycopg://"))
    schemas = {table.schema for table in metadata.tables.values()}
    options = {
        "include_schemas": True,
        "compare_type": True,
        "include_name": lambda name, kind, _: name in schemas if kind == "schema" else name != "alembic_version",
    }
    try:
        with engine.connect() as connection:
            return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
    finally:
        engine.dispose()


def test_migrated_tables_are_the_declared_ones(settings):
    assert differences(settings) == []


@pytest.mark.parametrize(
    "change",
    [
        "alter table scoring.decisions alter column score drop not null",
        "drop index scoring.ix_decisions_decided_at",
        "alter table orders.orders add column forgotten text",
    ],
)
def test_a_difference_is_seen(settings, change):
    """The broken twin: a database that another hand has changed."""
    before = differences(settings)
    with psycopg.connect(settings.postgres("getit"), autocommit=True) as connection:
        connection.execute(change)
    assert len(differences(settings)) == len(before) + 1
