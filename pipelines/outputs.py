"""Answers of models written back to the warehouse, schema `marts_ml`. Not here: the answers.

A table is replaced whole and at once: a reader sees the old content or the new one.
"""

import json

import psycopg
import pyarrow as pa
from adbc_driver_postgresql import dbapi

from foundation.settings import Settings
from models.family import BundleRef, Candidate
from pipelines.stamps import run_id, stamp

SCHEMA = "marts_ml"
REGISTRY = (
    "create table if not exists marts_ml.model_registry ("
    "family text not null, version text not null, alias text, metric text not null, value double precision,"
    " baseline_name text not null, baseline_value double precision, is_promoted boolean not null,"
    " trained_at timestamptz not null, primary key (family, version, metric, baseline_name))"
)
STAMPED = "alter table marts_ml.model_registry add column if not exists run_id text, add column if not exists data_version text"


def write_tables(settings: Settings, tables: dict[str, pa.Table], *, data_version: str) -> dict[str, int]:
    """Replace tables of `marts_ml` by these, each with its stamp as the table's comment; number of rows of each."""
    url = settings.postgres("getit_warehouse", role="getit_pipelines")
    for name, table in tables.items():
        with dbapi.connect(url) as connection, connection.cursor() as cursor:
            fresh = f"{name}__new"
            cursor.adbc_ingest(fresh, _plain(table), mode="replace", db_schema_name=SCHEMA)
            for column in _identifiers(table):
                cursor.execute(
                    f'alter table {SCHEMA}."{fresh}" alter column "{column}" type uuid using "{column}"::uuid'
                )
                cursor.execute(f'create index on {SCHEMA}."{fresh}" ("{column}")')
            cursor.execute(f"""comment on table {SCHEMA}."{fresh}" is '{json.dumps(stamp(data_version))}'""")
            cursor.execute(f'drop table if exists {SCHEMA}."{name}"')
            cursor.execute(f'alter table {SCHEMA}."{fresh}" rename to "{name}"')
            connection.commit()
    return {name: table.num_rows for name, table in tables.items()}


def record_version(settings: Settings, candidate: Candidate, bundle: BundleRef) -> None:
    """Keep a version's metrics beside its baselines, and which version is champion now."""
    rows = [
        (
            candidate.family,
            candidate.version,
            metric,
            value,
            name,
            baseline.get(metric),
            bundle.is_champion,
            candidate.trained_at,
            run_id(),
            candidate.data_version,
        )
        for metric, value in candidate.metrics.items()
        for name, baseline in (candidate.baselines.items() or {"": {}}.items())
    ]
    with psycopg.connect(settings.postgres("getit_warehouse", role="getit_pipelines")) as warehouse:
        warehouse.execute(REGISTRY)
        warehouse.execute(STAMPED)
        with warehouse.cursor() as cursor:
            cursor.executemany(
                "insert into marts_ml.model_registry"
                " (family, version, metric, value, baseline_name, baseline_value, is_promoted, trained_at, run_id, data_version)"
                " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
                rows,
            )
        if bundle.is_champion:
            warehouse.execute(
                "update marts_ml.model_registry set alias = case when version = %s then 'champion' end"
                " where family = %s",
                [candidate.version, candidate.family],
            )


def _plain(table: pa.Table) -> pa.Table:
    """Types that the driver writes as PostgreSQL's own: dictionaries as text, large and view strings as strings."""
    fields = [field.with_type(_type(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


def _type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _type(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", tz=kind.tz or "UTC")
    return kind


def _identifiers(table: pa.Table) -> list[str]:
    """Text columns that hold identifiers (`*_id`), which the warehouse keeps as uuid like every mart."""
    return [
        field.name for field in table.schema if field.name.endswith("_id") and pa.types.is_string(_type(field.type))
    ]
