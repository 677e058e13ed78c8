"""Prepares PostgreSQL: databases, roles and their rights, migrations. May be run again at any time. Not here: tables."""

import time
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql

from foundation.settings import Database, Settings
from getit.schema import SCHEMAS

DATABASES: tuple[Database, ...] = ("getit", "getit_warehouse", "getit_dagster", "getit_mlflow")
# What the second wall guards: table → column of its owner.
OWNED = {
    "orders.order_groups": "buyer_id", "cart.cart_lines": "buyer_id", "returns.requests": "buyer_id",
    "returns.disputes": "buyer_id", "identity.addresses": "user_id", "identity.sessions": "user_id",
    "identity.devices": "user_id", "identity.api_keys": "user_id", "notifications.notices": "user_id",
}  # fmt: skip
ROLES = ("getit_app", "getit_serving", "getit_pipelines", "getit_dashboards", "getit_market", "getit_shopper")
# What the scoring service may read to rebuild its online features; the rest of the shop is not its business.
SERVING_READS = ("orders", "payments", "risk", "promotions", "platform")


def wait_for_postgres(settings: Settings, *, timeout_s: float = 60.0) -> None:
    """Return once PostgreSQL answers.

    Raises:
        TimeoutError: it did not in time; the message carries its last answer.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            for url in servers(settings):
                psycopg.connect(url, connect_timeout=3).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise TimeoutError(f"PostgreSQL does not answer: {error}") from error
            time.sleep(0.05)
        else:
            return


def servers(settings: Settings) -> dict[str, list[Database]]:
    """GetIt's databases by the server that holds them (connection URL)."""
    found: dict[str, list[Database]] = {}
    for database in DATABASES:
        found.setdefault(settings.server(database), []).append(database)
    return found


def prepare_databases(settings: Settings) -> None:
    """Create what is missing and migrate: databases, roles, tables, rights."""
    for url, databases in servers(settings).items():
        _prepare_server(url, [settings.database_name(database) for database in databases])
    migrate(settings)
    grant_rights(settings)


def _prepare_server(url: str, databases: list[str]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        existing = {row[0] for row in connection.execute("select datname from pg_database")}
        for name in databases:
            if name not in existing:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        known = {row[0] for row in connection.execute("select rolname from pg_roles")}
        for role in ROLES:
            if role not in known:
                connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
            connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(role)))


def alembic_config(settings: Settings) -> Config:
    """Alembic's configuration for this installation."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    url = settings.postgres("getit").replace("postgresql://", "postgresql+psycopg://", 1)
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def migrate(settings: Settings) -> None:
    """Bring the commerce database to the newest revision."""
    with psycopg.connect(settings.postgres("getit"), autocommit=True) as connection:
        for schema in (*SCHEMAS, "sandbox"):
            connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    command.upgrade(alembic_config(settings), "head")


def grant_rights(settings: Settings) -> None:
    """Give each role what it needs and no more; safe to repeat."""
    with psycopg.connect(settings.postgres("getit"), autocommit=True) as connection:
        for schema in SCHEMAS:
            name = sql.Identifier(schema)
            _grant_schema(connection, name)
            if schema in SERVING_READS:
                connection.execute(sql.SQL("grant usage on schema {} to getit_serving").format(name))
                connection.execute(sql.SQL("grant select on all tables in schema {} to getit_serving").format(name))
        # Append-only: what is written there is never changed, a correction is a new row.
        connection.execute(
            "revoke update, delete, truncate on ledger.transfers, ledger.entries, inventory.movements, audit.records, "
            "audit.links, audit.checkpoints, engagement.coin_entries, platform.row_history, "
            "payouts.transitions, currencies.rates from getit_app, getit_shopper"
        )
        connection.execute("grant select, insert, update on platform.consumer_cursors to getit_serving")
        connection.execute("grant select, insert on platform.inbox to getit_serving")
        connection.execute("grant usage, create on schema scoring to getit_serving")
        connection.execute("grant select, insert, update on all tables in schema scoring to getit_serving")
        connection.execute("grant delete on scoring.feature_states, scoring.feature_cursors to getit_serving")
        connection.execute("alter schema sandbox owner to getit_market")
        connection.execute("revoke all on schema sandbox from public, getit_pipelines, getit_app, getit_serving")
        _build_wall(connection)
    with psycopg.connect(settings.postgres("getit_warehouse"), autocommit=True) as connection:
        warehouse = sql.Identifier(settings.database_name("getit_warehouse"))
        connection.execute(sql.SQL("grant create, temporary on database {} to getit_pipelines").format(warehouse))


def _build_wall(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Guard shoppers' tables row by row; every role of ours but the shoppers' passes (needs the right to say so)."""
    for role in ROLES:
        if role != "getit_shopper":
            connection.execute(sql.SQL("alter role {} bypassrls").format(sql.Identifier(role)))
    for table, owner in OWNED.items():
        name = sql.Identifier(*table.split("."))
        connection.execute(sql.SQL("alter table {} enable row level security").format(name))
        connection.execute(sql.SQL("drop policy if exists own_rows on {}").format(name))
        connection.execute(
            sql.SQL(
                "create policy own_rows on {} to getit_shopper using ({} = current_setting('getit.rows_of')::uuid)"
            ).format(name, sql.Identifier(owner))
        )


def _grant_schema(connection: psycopg.Connection[tuple[object, ...]], name: sql.Identifier) -> None:
    for statement in (
        "grant usage on schema {} to getit_app, getit_pipelines",
        "grant usage on schema {} to getit_shopper",
        "grant select, insert, update, delete on all tables in schema {} to getit_app, getit_shopper",
        "grant usage, select on all sequences in schema {} to getit_app, getit_shopper, getit_serving",
        "grant select on all tables in schema {} to getit_pipelines",
    ):
        connection.execute(sql.SQL(statement).format(name))
