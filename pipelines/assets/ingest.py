"""Assets of the raw layer: one per commerce table, all brought to one horizon in one step. Not here: how (see ingest/)."""

from collections.abc import Iterator

import dagster as dg
import psycopg

from foundation.settings import Settings
from pipelines import quality
from pipelines.automation import RAW_FRESHNESS, ingest_when_late
from pipelines.findings import BLOCKING, expected, find
from pipelines.ingest.batch import TableLoad, ingest
from pipelines.ingest.sources import SourceTable, source_tables
from pipelines.queues import sample_queues
from pipelines.retries import judged
from pipelines.traffic import sample_traffic

DISTRICTS = dg.AssetKey(["raw", "reference__districts"])


def raw_key(table: SourceTable) -> dg.AssetKey:
    """Asset of a raw table; dbt's sources have the same keys."""
    return dg.AssetKey(["raw", f"{table.schema}__{table.name}"])


def ingest_assets() -> dg.AssetsDefinition:
    """The extract as one step with one asset per table, each with blocking checks against commerce."""
    keys = {raw_key(table): table for table in source_tables()}
    specs = [_spec(key, f"`{table.full_name}` of commerce.") for key, table in keys.items()]
    specs.append(_spec(DISTRICTS, "Districts and divisions of Bangladesh."))
    assets = {table.full_name: key for key, table in keys.items()}
    checks = [
        dg.AssetCheckSpec(check, asset=assets[table], blocking=check in BLOCKING)
        for check, table in expected(source_tables())
    ]

    @dg.multi_asset(name="ingest", specs=specs, check_specs=checks)
    @judged
    def ingest_all(settings: dg.ResourceParam[Settings]) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        for load in ingest(settings):
            yield _materialized(load)
        yield dg.MaterializeResult(asset_key=DISTRICTS)
        yield from _check(settings)

    return ingest_all


def _spec(key: dg.AssetKey, description: str) -> dg.AssetSpec:
    return dg.AssetSpec(
        key, description=description, group_name="raw", kinds={"postgres"}, freshness_policy=RAW_FRESHNESS,
        automation_condition=ingest_when_late(),
    )  # fmt: skip


def _materialized(load: TableLoad) -> dg.MaterializeResult[None]:
    metadata = {
        "dagster/row_count": load.rows,
        "load_no": load.load_no,
        "lo": load.lo,
        "hi": load.hi,
        "seconds": round(load.seconds, 3),
    }
    return dg.MaterializeResult(
        asset_key=raw_key(load.table), metadata=metadata, data_version=dg.DataVersion(str(load.load_no))
    )


def _check(settings: Settings) -> Iterator[dg.AssetCheckResult]:
    source_url = settings.postgres("getit", role="getit_pipelines")
    warehouse_url = settings.postgres("getit_warehouse", role="getit_pipelines")
    sample_queues(source_url, warehouse_url)
    sample_traffic(settings, warehouse_url)
    keys = {table.full_name: raw_key(table) for table in source_tables()}
    found = find(source_url, warehouse_url, source_tables())
    with psycopg.connect(warehouse_url) as warehouse:
        for one in found:
            quality.record_check(warehouse, one.check, one.table, is_passed=one.is_passed, detail=one.detail)
    for one in found:
        yield dg.AssetCheckResult(
            asset_key=keys[one.table],
            check_name=one.check,
            passed=one.is_passed,
            severity=dg.AssetCheckSeverity.ERROR if one.is_blocking else dg.AssetCheckSeverity.WARN,
            metadata={"detail": one.detail},
        )
