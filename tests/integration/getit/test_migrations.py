"""The migrations make exactly the tables that the code declares."""

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, create_engine

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


def checks_declared() -> set[str]:
    return {
        f"{table.schema}.{constraint.name}"
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }


def checks_migrated(settings) -> set[str]:
    with psycopg.connect(settings.postgres("getit")) as connection:
        rows = connection.execute(
            "select n.nspname || '.' || c.conname from pg_constraint c join pg_namespace n on n.oid = c.connamespace "
            "where c.contype = 'c' and n.nspname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
    return {row[0] for row in rows}


def test_every_declared_check_is_in_the_database(settings):
    """Alembic compares no checks: a forgotten one would only show on the day it was needed."""
    assert checks_declared() - checks_migrated(settings) == set()
    assert "orders.ck_orders_status" in checks_declared()


def test_a_missing_check_is_seen(settings):
    """The broken twin."""
    with psycopg.connect(settings.postgres("getit"), autocommit=True) as connection:
        connection.execute("alter table sellers.members drop constraint ck_members_role")
    assert checks_declared() - checks_migrated(settings) == {"sellers.ck_members_role"}


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
