"""Bootstrap of the warehouse: database, roles, schemas, grants; repeatable at every start. Not here: tables (dbt, ingest)."""

from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from foundation.settings import Database, Settings
from pipelines import quality
from pipelines.ingest.sources import source_tables

ROLES = ("getit_pipelines", "getit_dashboards")
SCHEMAS = ("raw", "staging", "intermediate", "marts", "marts_ml", "quality")
READABLE_BY_DASHBOARDS = ("marts", "marts_ml")
# Two sessions that create the same role or grant on the same object at once fail with "tuple concurrently updated".
BOOTSTRAP_LOCK = 7_300_002


def prepare_warehouse(settings: Settings) -> None:
    """Bring databases, roles, schemas and grants of the warehouse to what the pipelines and dashboards need."""
    ensure_database(settings, "getit_warehouse")
    ensure_database(settings, "getit_dagster")
    with psycopg.connect(settings.postgres("getit_warehouse")) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", [BOOTSTRAP_LOCK])
        for role in ROLES:
            _ensure_role(connection, role)
        _prepare_schemas(connection)
    with psycopg.connect(settings.postgres("getit_warehouse", role="getit_pipelines")) as connection:
        quality.ensure_tables(connection)
    _grant_extract(settings)


def ensure_database(settings: Settings, database: Database) -> None:
    """Create a database of ours when the server lacks it."""
    name = settings.database_name(database)
    with psycopg.connect(settings.server(database), autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        if known is None:
            connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def _ensure_role(connection: psycopg.Connection, role: str) -> None:
    known = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
    if known is None:
        connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
    connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(role)))


def _prepare_schemas(connection: psycopg.Connection) -> None:
    database = connection.info.dbname
    connection.execute(
        sql.SQL("grant connect, create, temporary on database {} to getit_pipelines").format(sql.Identifier(database))
    )
    for schema in SCHEMAS:
        name = sql.Identifier(schema)
        connection.execute(sql.SQL("create schema if not exists {} authorization getit_pipelines").format(name))
    for schema in READABLE_BY_DASHBOARDS:
        name = sql.Identifier(schema)
        connection.execute(sql.SQL("grant usage on schema {} to getit_dashboards").format(name))
        connection.execute(sql.SQL("grant select on all tables in schema {} to getit_dashboards").format(name))
        connection.execute(
            sql.SQL(
                "alter default privileges for role getit_pipelines in schema {} grant select on tables to getit_dashboards"
            ).format(name)
        )


def _grant_extract(settings: Settings) -> None:
    """The pipelines read the schemas of commerce, and nothing else of that database: the hidden truth stays hidden."""
    with psycopg.connect(settings.postgres("getit")) as connection:
        connection.execute("select pg_advisory_xact_lock(%s)", [BOOTSTRAP_LOCK])
        for schema in sorted({table.schema for table in source_tables()}):
            if connection.execute("select to_regnamespace(%s)", [schema]).fetchone() != (None,):
                name = sql.Identifier(schema)
                connection.execute(sql.SQL("grant usage on schema {} to getit_pipelines").format(name))
                connection.execute(sql.SQL("grant select on all tables in schema {} to getit_pipelines").format(name))


def connection_parts(settings: Settings, database: Database) -> dict[str, str]:
    """Host, port, user, password and database of a URL, for tools that cannot take a URL."""
    url = urlsplit(settings.postgres(database))
    return {
        "host": url.hostname or "",
        "port": str(url.port or 5432),
        "user": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "dbname": settings.database_name(database),
    }
